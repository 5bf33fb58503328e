/// Why a simulation could not go on.
public enum SimulationError: Error, Sendable, Equatable {
  case duplicateProcess(String)
  /// Nothing is left to run, yet a case waits. `waiting` names what cases wait for, then the calls that
  /// nobody answers.
  case deadlock(at: Instant, waiting: [String])
  /// Too many events without time passing. `busiest` names what ran last, the most frequent first.
  case livelock(at: Instant, events: Int, busiest: [String])
  /// The run took more events than it may: it would not end in any time that somebody waits.
  case eventLimit(at: Instant, events: Int)
  /// The case did not end within its virtual time.
  case timeLimit(at: Instant, waiting: [String])
  /// A run was started from within an event or a case body.
  case alreadyRunning
}

extension SimulationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .duplicateProcess(let name): "a process named \(name) exists already"
    case .deadlock(let time, let waiting):
      "deadlock at \(time): nothing is left to run, but these wait: \(waiting.joined(separator: ", "))"
    case .livelock(let time, let events, let busiest):
      "livelock at \(time): \(events) events without time passing, mostly \(busiest.joined(separator: ", "))"
    case .eventLimit(let time, let events): "event limit reached at \(time): \(events) events were run"
    case .timeLimit(let time, let waiting):
      "time limit reached at \(time) while waiting for: \(waiting.joined(separator: ", "))"
    case .alreadyRunning: "the simulation is running: events and case bodies must not run it again"
    }
  }
}
