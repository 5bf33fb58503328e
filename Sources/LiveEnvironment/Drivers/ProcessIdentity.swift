import Foundation

/// A process of this machine by its number and its start: numbers are used again, starts are not.
package struct ProcessIdentity: Sendable, Hashable, CustomStringConvertible {
  package let pid: Int32
  /// Clock ticks after the machine's start: field 22 of `/proc/PID/stat`.
  package let start: UInt64

  package init(pid: Int32, start: UInt64) {
    self.pid = pid
    self.start = start
  }

  package var description: String { "process \(pid)" }

  /// The process that has this number now; nil: none, or one that has ended and is only waited for.
  package static func current(_ pid: Int32) -> ProcessIdentity? {
    guard pid > 0, let status = status(of: pid), !"ZX".contains(status.state) else { return nil }
    return ProcessIdentity(pid: pid, start: status.start)
  }

  /// Whether it runs, and is not another that was given its number.
  package var isAlive: Bool { Self.current(pid) == self }

  /// Whether it is stopped by a signal.
  package var isStopped: Bool { isAlive && "Tt".contains(Self.status(of: pid)?.state ?? " ") }

  /// Sends a signal to it, and to no other.
  ///
  /// - Returns: false when it has gone, or when its number belongs to another.
  package func signal(_ number: Int32) -> Bool { isAlive && kill(pid, number) == 0 }

  /// When it began, in seconds since 1970: one tick is a hundredth of a second. Nil: the machine does not tell.
  package var began: Double? {
    guard let text = try? String(contentsOfFile: "/proc/stat", encoding: .utf8),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("btime ") }),
      let boot = Double(line.dropFirst("btime ".count))
    else { return nil }
    return boot + Double(start) / Double(sysconf(Int32(_SC_CLK_TCK)))
  }

  /// State letter and start. The second field, the program's name, may hold spaces and brackets: what counts begins
  /// behind the last one.
  private static func status(of pid: Int32) -> (state: Character, start: UInt64)? {
    guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
      let bracket = text.lastIndex(of: ")")
    else { return nil }
    let fields = text[text.index(after: bracket)...].split(separator: " ")
    // Field 3 is the first here, field 22 the twentieth.
    guard fields.count > 19, let state = fields[0].first, let start = UInt64(fields[19]) else { return nil }
    return (state, start)
  }
}
