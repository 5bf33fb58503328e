import Foundation
import Testing

@testable import LiveEnvironment

/// A folder that goes away with its owner.
final class Scratch: Sendable {
  let url: URL

  init() throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent("ssim-tests-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  func path(_ name: String) -> String { url.appendingPathComponent(name).path }

  @discardableResult
  func write(_ name: String, _ text: String) throws -> String {
    try Data(text.utf8).write(to: url.appendingPathComponent(name))
    return path(name)
  }

  func text(_ name: String) -> String { (try? String(contentsOfFile: path(name), encoding: .utf8)) ?? "" }

  /// A program that writes its arguments to `calls`, one line a call, and then does what `script` says.
  func program(_ name: String, _ script: String) throws {
    try write(name, "#!/bin/sh\nprintf '%s\\n' \"$*\" >> '\(path("calls"))'\n\(script)\n")
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path(name))
  }

  /// What the programs were called with.
  var calls: [String] { text("calls").split(separator: "\n").map(String.init) }
}

/// A process that does nothing until it is told to end, and ends with its owner.
final class Sleeper {
  let process: ChildProcess

  /// - Parameter ignoring: it does not end at SIGTERM.
  init(ignoring: Bool = false) throws {
    process = try #require(
      ChildProcess(
        "/bin/sh", arguments: ["-c", ignoring ? "trap '' TERM; while :; do sleep 0.05; done" : "exec sleep 600"],
        variables: ["PATH": "/usr/bin:/bin"], output: nil, complaint: nil))
    // The trap must be set, the program replaced.
    usleep(50_000)
  }

  deinit { process.killGroup() }

  var pid: Int32 { process.pid }
  var isRunning: Bool { process.status == nil }
  /// 128 and the signal that ended it.
  var ending: Int32? { process.wait(.seconds(5)) }
}
