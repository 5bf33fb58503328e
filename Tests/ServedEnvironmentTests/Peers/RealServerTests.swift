import Foundation
import Testing

@testable import RemoteFramebuffer

/// Our viewer draws what servers of other people show.
@Suite("Our viewer draws real desktops", .serialized)
struct RealServerTests {
  private static let encodings: [Encoding] = [.raw, .rre, .hextile, .zlib, .tight, .zrle]

  /// A few windows to look at, and the programs that draw them.
  private func paint(_ environment: [String: String]) throws -> [PeerProcess] {
    try [
      PeerProcess("xlogo", ["-geometry", "120x90+10+20", "-fg", "red", "-bg", "white"], environment: environment),
      PeerProcess("xeyes", ["-geometry", "100x70+150+60", "-fg", "navy"], environment: environment),
    ]
  }

  /// Which encodings do not bring our viewer to the picture that the server itself has.
  private func disagreements(_ port: Int, with picture: () throws -> Framebuffer) throws -> [Encoding] {
    // An empty screen proves nothing.
    guard try eventually(within: 30, { try Set(picture().pixels).count > 2 }) else { return Self.encodings }
    return try Self.encodings.filter { encoding in
      let configuration = ViewerConfiguration(encodings: [encoding, .copyRect, .raw, .desktopSize, .lastRectangle])
      var viewer: SocketViewer?
      _ = eventually(within: 20) {
        viewer = try? SocketViewer(port: port, configuration)
        return viewer != nil
      }
      guard let viewer else { return true }
      defer { viewer.close() }
      return try !viewer.follow(within: 20) { shown in
        try viewer.session.updateCount > 0 && shown.difference(from: picture()) == nil
      }
    }
  }

  @Test("of x11vnc")
  func x11vnc() throws {
    do { for name in ["x11vnc", "Xvfb", "xlogo"] { _ = try PeerProcess.path(of: name) } } catch {
      try Test.cancel("\(error) (Debian packages x11vnc, xvfb, x11-apps)")
    }
    let screen = try XServer(width: 320, height: 200)
    defer { screen.stop() }
    let windows = try paint(screen.environment)
    defer { for window in windows { window.stop() } }
    let port = try PeerProcess.freePort()
    let server = try PeerProcess(
      "x11vnc",
      [
        "-display", ":\(screen.display)", "-rfbport", "\(port)", "-localhost", "-forever", "-nopw", "-shared",
        "-noxdamage", "-nocursor", "-quiet",
      ])
    defer { server.stop() }
    #expect(try disagreements(port) { try screen.picture() } == [], "\(server.log.suffix(300))")
  }

  @Test("of Xtigervnc")
  func xtigervnc() throws {
    do { for name in ["Xtigervnc", "xwd", "xlogo"] { _ = try PeerProcess.path(of: name) } } catch {
      try Test.cancel("\(error) (Debian packages tigervnc-standalone-server, x11-apps)")
    }
    let port = try PeerProcess.freePort()
    let server = try XServer(
      "Xtigervnc",
      [
        "-geometry", "320x200", "-depth", "24", "-SecurityTypes", "None", "-rfbport", "\(port)", "-localhost",
        "-nolisten", "tcp", "-nocursor",
      ])
    defer { server.stop() }
    let windows = try paint(server.environment)
    defer { for window in windows { window.stop() } }
    let disagreements = try disagreements(port) {
      try XWindowDump.picture(
        PeerProcess.run("xwd", ["-root", "-silent", "-display", ":\(server.display)"], within: 10).output)
    }
    #expect(disagreements == [], "\(server.process.log.suffix(300))")
  }
}
