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
          ":\(display)", "-screen", "0", "\(width)x\(height)x24", "-fbdir", folder.path, "-nolisten", "tcp",
          "-nocursor",
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

  /// The screen as it is now.
  func picture() throws -> Framebuffer {
    try XWindowDump.picture(Array(try Data(contentsOf: folder.appendingPathComponent("Xvfb_screen0"))))
  }
}

/// The format of `xwd`, version 7.
enum XWindowDump {
  static func picture(_ dump: [UInt8]) throws -> Framebuffer {
    guard dump.count > 100 else { throw PeerMissing(description: "no window dump") }
    func word(_ index: Int) -> Int {
      dump[(4 * index)..<(4 * index + 4)].reduce(0) { $0 << 8 | Int($1) }
    }
    // Header size, version, format, depth, width, height, ..., bytes per line, ..., number of colours (12 bytes each).
    let width = word(4)
    let height = word(5)
    let start = word(0) + word(19) * 12
    let bytesPerLine = word(12)
    guard dump.count >= start + height * bytesPerLine else { throw PeerMissing(description: "half a window dump") }
    var picture = Framebuffer(width: width, height: height)
    dump.withUnsafeBufferPointer { dump in
      picture.withRows(of: picture.bounds) { y, row in
        for x in 0..<width {
          let place = start + y * bytesPerLine + x * 4
          // Little-endian B, G, R, X, which is what these servers write on the machines this runs on.
          row[x] = UInt32(dump[place + 2]) << 16 | UInt32(dump[place + 1]) << 8 | UInt32(dump[place])
        }
      }
    }
    return picture
  }
}

extension Framebuffer {
  /// Where `part` stands in this picture, pixel for pixel; nil: nowhere.
  func place(of part: Framebuffer) -> (x: Int, y: Int)? {
    guard part.width <= width, part.height <= height else { return nil }
    for y in 0...(height - part.height) {
      for x in 0...(width - part.width) where stands(part, x, y) { return (x, y) }
    }
    return nil
  }

  private func stands(_ part: Framebuffer, _ x: Int, _ y: Int) -> Bool {
    for row in 0..<part.height {
      let start = (y + row) * width + x
      let other = row * part.width
      // The first pixel alone decides nearly always.
      guard pixels[start] == part.pixels[other],
        pixels[start..<(start + part.width)] == part.pixels[other..<(other + part.width)]
      else { return false }
    }
    return true
  }
}
