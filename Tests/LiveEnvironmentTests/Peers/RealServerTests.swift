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

  /// Opens a viewer and compares its picture with the server's own until they are equal.
  private func agree(_ port: Int, _ encoding: Encoding, with picture: () throws -> Framebuffer) throws -> Bool {
    let configuration = ViewerConfiguration(encodings: [encoding, .copyRect, .raw, .desktopSize, .lastRectangle])
    var viewer: SocketViewer?
    _ = eventually(within: 20) {
      viewer = try? SocketViewer(port: port, configuration)
      return viewer != nil
    }
    guard let viewer else { return false }
    defer { viewer.close() }
    return try viewer.follow(within: 20) { shown in
      guard viewer.session.updateCount > 0 else { return false }
      let real = try picture()
      // An empty screen proves nothing.
      return Set(real.pixels).count > 2 && shown.difference(from: real) == nil
    }
  }

  @Test("of x11vnc", arguments: encodings)
  func x11vnc(encoding: Encoding) throws {
    do { for name in ["x11vnc", "Xvfb", "xlogo"] { _ = try PeerProcess.path(of: name) } } catch {
      try Test.cancel("\(error) (Debian packages x11vnc, xvfb, x11-apps)")
    }
    let screen = try XServer(width: 320, height: 200)
    defer { screen.stop() }
    let windows = try paint(screen.environment)
    defer { windows.forEach { $0.stop() } }
    let port = try PeerProcess.freePort()
    let server = try PeerProcess(
      "x11vnc",
      [
        "-display", ":\(screen.display)", "-rfbport", "\(port)", "-localhost", "-forever", "-nopw", "-shared",
        "-noxdamage", "-nocursor", "-quiet",
      ])
    defer { server.stop() }
    #expect(try agree(port, encoding) { try screen.picture() }, "\(server.log.suffix(300))")
  }

  @Test("of Xtigervnc", arguments: encodings)
  func xtigervnc(encoding: Encoding) throws {
    do { for name in ["Xtigervnc", "xwd", "xlogo"] { _ = try PeerProcess.path(of: name) } } catch {
      try Test.cancel("\(error) (Debian packages tigervnc-standalone-server, x11-apps)")
    }
    let port = try PeerProcess.freePort()
    let display = 700 + Int(getpid()) % 200
    let server = try PeerProcess(
      "Xtigervnc",
      [
        ":\(display)", "-geometry", "320x200", "-depth", "24", "-SecurityTypes", "None", "-rfbport", "\(port)",
        "-localhost", "-nolisten", "tcp", "-nocursor",
      ])
    defer { server.stop() }
    #expect(eventually(within: 20) { FileManager.default.fileExists(atPath: "/tmp/.X11-unix/X\(display)") })
    let windows = try paint(["DISPLAY": ":\(display)"])
    defer { windows.forEach { $0.stop() } }
    let agreed = try agree(port, encoding) {
      try XWindowDump.picture(
        PeerProcess.run("xwd", ["-root", "-silent", "-display", ":\(display)"], within: 10).output)
    }
    #expect(agreed, "\(server.log.suffix(300))")
  }
}
