import Dispatch
import Foundation
import StreamSpaceProtocol
import Testing

/// The built executable, run as a user runs it.
struct CommandLineTool {
  /// How a command ended, and what it said.
  struct Result {
    var status: Int32
    var output: String
    var complaints: String

    /// Lines of standard error.
    var complaintLines: [Substring] { complaints.split(separator: "\n", omittingEmptySubsequences: false).dropLast() }

    /// Standard output as the one JSON object it must be.
    func json() throws -> JSONValue { try JSONParser.parse(output) }
  }

  /// The executable lies beside the test bundle, where the build puts all products.
  static func executable(_ product: String = "streamspace-sim") throws -> URL {
    let candidates = Bundle.allBundles.map(\.bundleURL) + [Bundle.main.executableURL].compactMap(\.self)
    let found = candidates.flatMap { [$0, $0.deletingLastPathComponent()] }
      .map { $0.appendingPathComponent(product) }
      .first { FileManager.default.isExecutableFile(atPath: $0.path) }
    return try #require(found, "the executable \(product) is not beside the tests")
  }

  /// Runs it to its end.
  static func run(_ arguments: [String], in folder: URL? = nil) throws -> Result {
    let running = try Running(arguments, in: folder)
    return running.wait()
  }

  /// A command under way. What it writes goes to files, so that no pipe can fill up and stop it.
  final class Running {
    private let process = Process()
    private let scratch: ScratchFolder

    init(_ arguments: [String], in folder: URL? = nil, product: String = "streamspace-sim") throws {
      scratch = try ScratchFolder()
      process.executableURL = try CommandLineTool.executable(product)
      process.arguments = arguments
      process.currentDirectoryURL = folder ?? scratch.url
      process.standardInput = FileHandle.nullDevice
      process.standardOutput = try scratch.file("output")
      process.standardError = try scratch.file("complaints")
      try process.run()
    }

    /// What it has written on standard output so far.
    var output: String { scratch.text("output") }

    var isRunning: Bool { process.isRunning }

    func interrupt() { process.interrupt() }

    func signal(_ number: Int32) { if process.isRunning { kill(process.processIdentifier, number) } }

    /// Waits for its end; one that takes longer than `limit` seconds is killed, and shows as status -9.
    func wait(limit: Int = 120) -> Result {
      let deadline = DispatchTime.now() + .seconds(limit)
      while process.isRunning, DispatchTime.now() < deadline { usleep(10_000) }
      if process.isRunning { kill(process.processIdentifier, SIGKILL) }
      process.waitUntilExit()
      return Result(
        status: process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus,
        output: scratch.text("output"), complaints: scratch.text("complaints"))
    }
  }
}

/// A folder that goes away with its owner.
final class ScratchFolder {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("streamspace-sim-tests-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  /// A path inside it; nothing is made.
  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  /// Writes a file and returns its path.
  func write(_ name: String, _ text: String) throws -> String {
    let path = path(name)
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return path
  }

  func file(_ name: String) throws -> FileHandle {
    _ = try write(name, "")
    return try FileHandle(forWritingTo: url.appendingPathComponent(name))
  }

  func text(_ name: String) -> String {
    String(decoding: FileManager.default.contents(atPath: path(name)) ?? Data(), as: UTF8.self)
  }

  /// Files below it, as paths inside it, sorted.
  func files(below name: String) -> [String] {
    let paths = FileManager.default.enumerator(atPath: path(name))?.compactMap { $0 as? String } ?? []
    var isFolder: ObjCBool = false
    return paths.filter {
      FileManager.default.fileExists(atPath: path("\(name)/\($0)"), isDirectory: &isFolder) && !isFolder.boolValue
    }.sorted()
  }
}

extension JSONValue {
  /// Keys of an object, in their order.
  var keys: [String] { members?.members.map(\.key) ?? [] }
}
