import Foundation

@testable import RemoteFramebuffer

/// An X server of its own display number.
final class XServer {
  let display: Int
  let process: PeerProcess
  private let folder: URL

  /// Xvfb, whose picture lies in a file.
  convenience init(width: Int, height: Int) throws {
    let folder = try PeerProcess.temporaryFolder()
    try self.init(
      "Xvfb",
      ["-screen", "0", "\(width)x\(height)x24", "-fbdir", folder.path, "-nolisten", "tcp", "-nocursor"], folder)
    guard eventually(within: 20, { (try? self.picture()) != nil }) else {
      throw PeerMissing(description: "Xvfb has no picture: \(process.log.suffix(200))")
    }
  }

  /// Any X server; it chooses a free display itself and says which.
  init(_ program: String, _ arguments: [String], _ folder: URL? = nil) throws {
    self.folder = try folder ?? PeerProcess.temporaryFolder()
    let said = Pipe()
    process = try PeerProcess(program, ["-displayfd", "1"] + arguments, output: said)
    // It closes the pipe or says its number when it is ready.
    let line = String(decoding: said.fileHandleForReading.availableData, as: UTF8.self)
    guard let display = Int(line.filter(\.isNumber)) else {
      process.stop()
      throw PeerMissing(description: "\(program) does not start here: \(process.log.suffix(200))")
    }
    self.display = display
  }

  var environment: [String: String] { ["DISPLAY": ":\(display)"] }

  func stop() {
    process.stop()
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
