import Foundation

/// A server that was started here, is watched, and is ended here by its process id. A thread of its own waits for its end.
///
/// Unchecked: `child` is waited for by one thread; everything else is behind `condition`.
package final class ServerProcess: @unchecked Sendable {
  /// The program could not be started, or did not do what it must.
  package struct Failure: Error, Sendable, CustomStringConvertible {
    package var description: String
  }

  package let id: Int32
  private let child: ChildProcess
  private let condition = NSCondition()
  /// Its exit status, or 128 and the signal that ended it; nil while it runs.
  private var end: Int32?

  /// Starts `program` with a new environment; what it says is appended to `log`. `onEnd` is called once, on its thread.
  package init(
    _ program: String, _ arguments: [String], environment: [String: String], log: String,
    onEnd: @escaping @Sendable (_ reason: String) -> Void = { _ in }
  ) throws {
    let descriptor = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Failure(description: "cannot write \(log)") }
    defer { close(descriptor) }
    guard
      let child = ChildProcess(
        program, arguments: arguments, variables: environment, output: descriptor, complaint: descriptor)
    else { throw Failure(description: "cannot start \(program)") }
    self.child = child
    id = child.pid
    Thread.detachNewThread { [self] in
      let status = waitForChild()
      condition.withLock {
        end = status
        condition.broadcast()
      }
      onEnd(status > 128 ? "ended by signal \(status - 128)" : "exited with status \(status)")
    }
  }

  private func waitForChild() -> Int32 {
    while true {
      if let status = child.wait(.seconds(3_600)) { return status }
    }
  }

  package var isRunning: Bool { condition.withLock { end == nil } }

  /// Sends a signal; nothing happens if it has ended.
  package func send(_ signal: Int32) {
    condition.withLock {
      if end == nil { kill(id, signal) }
    }
  }

  /// Returns when it has ended; false if it has not within `seconds`.
  @discardableResult
  package func waitForEnd(seconds: Double) -> Bool {
    let deadline = Date(timeIntervalSinceNow: seconds)
    return condition.withLock {
      while end == nil {
        if !condition.wait(until: deadline) { return end != nil }
      }
      return true
    }
  }

  /// SIGTERM, and after `seconds` SIGKILL; returns when it has ended.
  package func stop(within seconds: Double = 5) {
    send(SIGCONT)
    send(SIGTERM)
    if !waitForEnd(seconds: seconds) {
      send(SIGKILL)
      waitForEnd(seconds: 10)
    }
  }
}
