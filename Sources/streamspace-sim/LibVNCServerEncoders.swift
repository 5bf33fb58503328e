import Fixtures
import Foundation
import RemoteFramebuffer

/// LibVNCServer's encoders, measured by a C program that is compiled where the package is installed.
struct LibVNCServerEncoders {
  struct Measurement {
    /// As ours are called: `ZRLE`.
    let encoding: String
    /// Processor time of one picture.
    let nanoseconds: Int64
    let bytes: Int64
  }

  struct Failure: Error, CustomStringConvertible {
    let description: String
  }

  private static let header = "/usr/include/rfb/rfb.h"
  private let folder: URL
  private var program: URL { folder.appendingPathComponent("vnc_encode") }

  /// Nil: the package is not installed.
  static func find() -> Result<LibVNCServerEncoders, Failure>? {
    guard FileManager.default.fileExists(atPath: header) else { return nil }
    do {
      return .success(try LibVNCServerEncoders())
    } catch {
      return .failure(error)
    }
  }

  private init() throws(Failure) {
    folder = FileManager.default.temporaryDirectory.appendingPathComponent("vnc-encode-\(UUID().uuidString)")
    let source = folder.appendingPathComponent("vnc_encode.c")
    do {
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      try Data(Fixtures.vncEncodeProgram).write(to: source)
    } catch {
      throw Failure(description: "\(folder.path) cannot be written")
    }
    let (status, _) = try Self.run("/usr/bin/cc", ["-O1", "-o", program.path, source.path, "-lvncserver", "-lpthread"])
    guard status == 0 else { throw Failure(description: "its program does not compile") }
  }

  /// What it needs for one picture with each encoding.
  func measure(_ picture: Framebuffer, rounds: Int) throws(Failure) -> [Measurement] {
    var pixels = Data(capacity: picture.pixels.count * 4)
    for pixel in picture.pixels { withUnsafeBytes(of: pixel.littleEndian) { pixels.append(contentsOf: $0) } }
    let input = folder.appendingPathComponent("pixels")
    do { try pixels.write(to: input) } catch { throw Failure(description: "\(input.path) cannot be written") }
    let (status, output) = try Self.run(
      program.path, ["\(picture.width)", "\(picture.height)", "\(rounds)"], input: input)
    guard status == 0 else { throw Failure(description: "its program ended with status \(status)") }
    return output.split(separator: "\n").compactMap { line in
      let words = line.split(separator: " ")
      guard words.count == 3, let nanoseconds = Int64(words[1]), let bytes = Int64(words[2]) else { return nil }
      return Measurement(encoding: String(words[0]), nanoseconds: nanoseconds, bytes: bytes)
    }
  }

  func remove() { try? FileManager.default.removeItem(at: folder) }

  private static func run(
    _ program: String, _ arguments: [String], input: URL? = nil
  ) throws(Failure) -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: program)
    process.arguments = arguments
    let pipe = Pipe()
    process.standardOutput = pipe
    process.standardError = FileHandle.nullDevice
    do {
      if let input { process.standardInput = try FileHandle(forReadingFrom: input) }
      try process.run()
    } catch {
      throw Failure(description: "\(program) does not start")
    }
    let output = pipe.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return (process.terminationStatus, String(decoding: output, as: UTF8.self))
  }
}
