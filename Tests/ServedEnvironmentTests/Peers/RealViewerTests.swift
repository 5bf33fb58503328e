#if Live
  import Foundation
  import Testing

  @testable import ServedEnvironment
  @testable import RemoteFramebuffer
  @testable import VNCServer

  /// Viewers of other people draw what the server shows: their windows are read from the X server's memory.
  @Suite("Real viewers draw the simulated desktop", .serialized)
  struct RealViewerTests {
    private func serve() throws -> ServedDesktop {
      var configuration = VNCServerConfiguration(width: 400, height: 300)
      // noVNC up to 1.3 draws Raw pixels with a random opacity.
      configuration.videoEncoding = nil
      return try ServedDesktop(.desktop(configuration), seed: 11)
    }

    /// Types and moves, so that the picture is not the first one; then waits until all clients know.
    private func use(_ desktop: ServedDesktop) throws {
      let viewer = try SocketViewer(port: desktop.port)
      defer { viewer.close() }
      try viewer.receive(within: 10) { $0.updateCount > 0 }
      for (index, character) in "framebuffer".utf8.enumerated() {
        viewer.session.pointer(buttons: 0, x: 60 + 9 * index, y: 120 + 5 * index)
        viewer.session.key(isDown: true, keysym: UInt32(character))
        viewer.session.key(isDown: false, keysym: UInt32(character))
      }
      viewer.session.requestUpdate(isIncremental: true)
      try viewer.flush()
      #expect(
        try viewer.follow(within: 10) { viewer.session.framebuffer.difference(from: desktop.picture ?? $0) == nil })
    }

    @Test("TigerVNC's vncviewer draws the same picture", arguments: ["ZRLE", "Tight"])
    func vncviewer(encoding: String) throws {
      do {
        _ = try PeerProcess.path(of: "vncviewer")
        _ = try PeerProcess.path(of: "Xvfb")
      } catch { try Test.cancel("\(error) (Debian packages tigervnc-viewer, xvfb)") }
      let desktop = try serve()
      defer { desktop.stop() }
      let screen = try XServer(width: 700, height: 500)
      defer { screen.stop() }
      let viewer = try PeerProcess(
        "vncviewer",
        [
          "-SecurityTypes", "None", "-AutoSelect=0", "-PreferredEncoding", encoding, "-NoJPEG=1", "-FullColor=1",
          "-RemoteResize=0", "-Shared=1", "127.0.0.1::\(desktop.port)",
        ], environment: screen.environment)
      defer { viewer.stop() }
      try use(desktop)
      // The viewer shows a hint about its menu for 5 s.
      #expect(try agree(screen, desktop, within: 60), "\(encoding): \(viewer.log)")
    }

    @Test("noVNC in Chromium draws the same picture")
    func noVNC() throws {
      let page = "/usr/share/novnc/vnc_lite.html"
      do {
        for program in ["chromium", "websockify", "Xvfb"] { _ = try PeerProcess.path(of: program) }
        guard FileManager.default.fileExists(atPath: page) else { throw PeerMissing(description: "needs \(page)") }
      } catch { try Test.cancel("\(error) (Debian packages chromium, novnc, websockify, xvfb)") }
      let desktop = try serve()
      defer { desktop.stop() }
      let screen = try XServer(width: 700, height: 500)
      defer { screen.stop() }
      let port = try PeerProcess.freePort()
      let websockify = try PeerProcess(
        "websockify", ["--web", "/usr/share/novnc", "127.0.0.1:\(port)", "127.0.0.1:\(desktop.port)"])
      defer { websockify.stop() }
      let profile = try PeerProcess.temporaryFolder()
      defer { try? FileManager.default.removeItem(at: profile) }
      let chromium = try PeerProcess(
        "chromium",
        [
          "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-dev-shm-usage", "--force-color-profile=srgb",
          "--force-device-scale-factor=1", "--window-position=0,0", "--window-size=700,500", "--kiosk",
          "--user-data-dir=\(profile.path)",
          "http://127.0.0.1:\(port)/vnc_lite.html?host=127.0.0.1&port=\(port)&path=websockify",
        ], environment: screen.environment)
      defer { chromium.stop() }
      try use(desktop)
      #expect(try agree(screen, desktop, within: 90), "\(chromium.log.suffix(400))")
    }

    /// Whether the screen comes to show what the desktop shows. The viewers tell the desktop where their pointer is, so
    /// its picture goes on changing.
    private func agree(_ screen: XServer, _ desktop: ServedDesktop, within seconds: Double) throws -> Bool {
      try eventually(within: seconds) {
        guard let shown = desktop.picture else { return false }
        return try screen.picture().place(of: shown) != nil
      }
    }
  }
#endif
