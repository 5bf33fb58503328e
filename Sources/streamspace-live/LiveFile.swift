import ArgumentParser
import Foundation
import LiveEnvironment
import StreamSpaceProtocol

/// What the commands that read an environment file have in common.
enum LiveFile {
  static func say(_ line: String) { write(line, to: .standardOutput) }
  static func complain(_ line: String) { write(line, to: .standardError) }

  private static func write(_ line: String, to handle: FileHandle) {
    // A closed pipe (`| head`) is no failure of ours.
    try? handle.write(contentsOf: Data((line + "\n").utf8))
  }

  static func json(_ value: JSONValue) { say(String(decoding: JSONWriter.bytes(of: value), as: UTF8.self)) }

  #if Live
    /// The file, or all that is wrong with it, a line each, and status 2.
    static func read(_ path: String) throws -> EnvironmentFile {
      do throws(EnvironmentFileError) {
        return try EnvironmentFile.read(path: path)
      } catch {
        for problem in error.problems { complain("error: \(problem)") }
        throw ExitCode(2)
      }
    }

    /// Asks what the file names. Commands are synchronous; the questions are not.
    static func probe(_ file: EnvironmentFile) -> EnvironmentProbe.Report {
      wait { await EnvironmentProbe(file).run() }
    }

    static func wait<Answer: Sendable>(_ work: @escaping @Sendable () async -> Answer) -> Answer {
      let box = Box<Answer>()
      Task {
        box.answer = await work()
        box.done.signal()
      }
      box.done.wait()
      guard let answer = box.answer else { preconditionFailure("signalled without an answer") }
      return answer
    }

    /// Unchecked: written before the semaphore is signalled, read after it was waited for.
    private final class Box<Answer>: @unchecked Sendable {
      let done = DispatchSemaphore(value: 0)
      var answer: Answer?
    }
  #endif
}
