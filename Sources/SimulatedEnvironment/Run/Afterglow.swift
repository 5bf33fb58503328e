import SimulationRuntime
import TestEnvironment

/// How long a deployment goes on after its case, healed and without load: until what the case left has settled.
///
/// Nothing is judged of what goes on by itself (heart-beats, renewals). The wait depends on what is observed alone, so that
/// runs that nobody judges last as long as those that somebody does.
final class Afterglow {
  /// Quiet begins then (spec/05 §1), and what is judged by it.
  static let quiet = TimeSpan.seconds(61)
  /// What has stood so long is settled: the longest wait of an invariant but those of open commands (`Timing.settled`).
  static let settled = TimeSpan.seconds(91)
  /// The longest wait for what does not settle.
  static let limit = TimeSpan.seconds(130)
  /// How much longer it goes on while commands are open: their deadline of 5 min, and 30 s (I-CMD-LIVE).
  static let lateCommands = TimeSpan.seconds(420)

  /// When something last changed.
  private var lastChange = Instant.start
  /// What the lock of each agent last said.
  private var locks: [String: String] = [:]
  private var statuses: [String: String] = [:]
  private var routes: [String: String] = [:]

  /// Lets the run go on.
  func pass(in simulation: Simulation, whileOpen hasOpenCommands: () throws -> Bool) throws {
    let end = simulation.now + Self.limit
    try simulation.run(for: Self.quiet)
    var isOpen = try hasOpenCommands()
    while simulation.now < end, isOpen || simulation.now < lastChange + Self.settled {
      try simulation.run(until: min(max(lastChange + Self.settled, simulation.now + .seconds(5)), end))
      isOpen = try hasOpenCommands()
    }
    if isOpen { try simulation.run(until: end + Self.lateCommands) }
  }

  func observe(_ event: TimedObservation) {
    if isChange(event.observation) { lastChange = Instant.start + TimeSpan(event.time) }
  }

  private func isChange(_ observation: Observation) -> Bool {
    switch observation {
    case .heartbeat, .hubQueued, .hubServed, .requestAnswered, .pushed, .platformWrite, .enrolment, .schemaCompared,
      .statementPrepared, .migrationRepeated, .migrationInterrupted, .migrationsTogether, .contentsCompared,
      .loadStopped, .loadResumed, .streamCompared:
      false
    case .agentRow(let agent, let status, _): statuses.updateValue(status, forKey: agent) != status
    case .route(let agent, let key, let value):
      routes.updateValue(value ?? "", forKey: "\(agent) \(key)") != (value ?? "")
    case .lockChanged(let agent, let holder, let term):
      locks.updateValue("\(holder ?? "") \(term)", forKey: agent) != "\(holder ?? "") \(term)"
    default: true
    }
  }
}
