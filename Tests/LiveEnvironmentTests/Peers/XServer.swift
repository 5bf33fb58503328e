import Foundation

@testable import RemoteFramebuffer

/// An X server without a screen, whose picture lies in a file (Xvfb -fbdir).
final class XServer {
  let display: Int
  private let server: PeerProcess
  private let folder: URL

  init(width: Int, height: Int) throws {
    folder = try PeerProcess.temporaryFolder()
    // Xvfb refuses a display that is taken: try the next.
    for display in (200 + Int(getpid()) % 300)..<700
    where !FileManager.default.fileExists(atPath: "/tmp/.X11-unix/X\(display)") {
      let server = try PeerProcess(
        "Xvfb",
        [
          ":\(display)", "-screen", "0", "\(width)x\(height)x24", "-fbdir", folder.path, "-nolisten", "tcp", "-nocursor",
        ])
      let socket = "/tmp/.X11-unix/X\(display)"
      if eventually(within: 20, { FileManager.default.fileExists(atPath: socket) || !server.process.isRunning }),
        server.process.isRunning
      {
        self.display = display
        self.server = server
        return
      }
      server.stop()
    }
    throw PeerMissing(description: "no X server starts here")
  }

  var environment: [String: String] { ["DISPLAY": ":\(display)"] }

  func stop() {
    server.stop()
    try? FileManager.default.removeItem(at: folder)
  }

  /// The screen as it is now, from the X window dump.
  func picture() throws -> Framebuffer {
    let dump = Array(try Data(contentsOf: folder.appendingPathComponent("Xvfb_screen0")))
    func word(_ index: Int) -> Int {
      dump[(4 * index)..<(4 * index + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    // X window dump, version 7: header size, version, format, depth, width, height, ..., bytes per line, ..., colours.
    let width = word(4)
    let height = word(5)
    let start = word(0) + word(19) * 12
    let bytesPerLine = word(12)
    var picture = Framebuffer(width: width, height: height)
    for y in 0..<height {
      for x in 0..<width {
        let place = start + y * bytesPerLine + x * 4
        // Little-endian B, G, R, X, which is what Xvfb writes on the machines this runs on.
        picture[x, y] = UInt32(dump[place + 2]) << 16 | UInt32(dump[place + 1]) << 8 | UInt32(dump[place])
      }
    }
    return picture
  }
}
