import Foundation

/// A program of the machine, run to its end within a time limit.
package struct CommandRun: Sendable {
  /// Its exit status, or 128 and the signal that ended it.
  package var status: Int32
  package var output: String
  package var complaint: String

  /// The last line of what it complained of, for a message.
  package var reason: String {
    let text = complaint.isEmpty ? output : complaint
    let line = text.split(whereSeparator: \.isNewline).last.map(String.init) ?? "status \(status)"
    return String(line.prefix(300))
  }

  package enum Refusal: Error, Sendable, Hashable, CustomStringConvertible {
    /// There is no such program on PATH.
    case absent(String)
    case failed(String, String)
    case tookTooLong(String, Duration)

    package var description: String {
      switch self {
      case .absent(let program): "the program \(program) is not installed, or not on PATH"
      case .failed(let program, let reason): "\(program): \(reason)"
      case .tookTooLong(let program, let limit): "\(program) gave no answer within \(limit.components.seconds) s"
      }
    }
  }

  /// More output than this is thrown away: nothing that is asked for here is longer.
  private static let maximumOutput = 4 << 20

  /// The file of a program: a path as it is, a name as PATH has it.
  package static func find(
    _ program: String, path: String = ProcessInfo.processInfo.environment["PATH"] ?? ""
  ) -> String? {
    let manager = FileManager.default
    if program.contains("/") { return manager.isExecutableFile(atPath: program) ? program : nil }
    return path.split(separator: ":").map { "\($0)/\(program)" }.first { manager.isExecutableFile(atPath: $0) }
  }

  /// Runs a program. Nothing is read from the terminal. What it writes goes to files, so that neither a full pipe nor a
  /// grandchild that holds one open can stop it.
  ///
  /// - Parameter variables: beside those of this process.
  package static func run(
    _ words: [String], variables: [String: String] = [:], limit: Duration = .seconds(10)
  ) throws(Refusal) -> CommandRun {
    let environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
    guard let program = words.first, let file = find(program, path: environment["PATH"] ?? "") else {
      throw .absent(words.first ?? "")
    }
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("ssim-\(UUID().uuidString)")
    defer { try? FileManager.default.removeItem(at: folder) }
    guard (try? FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)) != nil,
      let output = try? scratch("output", in: folder), let complaint = try? scratch("complaint", in: folder),
      let child = ChildProcess(
        file, arguments: Array(words.dropFirst()), variables: environment, output: output.fileDescriptor,
        complaint: complaint.fileDescriptor)
    else { throw .failed(program, "cannot be started") }
    guard let status = child.wait(limit) else {
      child.killGroup()
      throw .tookTooLong(program, limit)
    }
    return CommandRun(
      status: status, output: text("output", in: folder), complaint: text("complaint", in: folder))
  }

  /// As ``run(_:variables:limit:)``, and a status other than 0 is thrown with what the program complained of.
  package static func output(
    of words: [String], variables: [String: String] = [:], limit: Duration = .seconds(10)
  ) throws(Refusal) -> String {
    let run = try run(words, variables: variables, limit: limit)
    guard run.status == 0 else { throw .failed(words.first ?? "", run.reason) }
    return run.output
  }

  private static func scratch(_ name: String, in folder: URL) throws -> FileHandle {
    let url = folder.appendingPathComponent(name)
    try Data().write(to: url)
    return try FileHandle(forWritingTo: url)
  }

  private static func text(_ name: String, in folder: URL) -> String {
    guard let handle = try? FileHandle(forReadingFrom: folder.appendingPathComponent(name)) else { return "" }
    return String(decoding: (try? handle.read(upToCount: maximumOutput)) ?? Data(), as: UTF8.self)
  }
}
