import SimulationRuntime
import StreamSpaceProtocol

/// The statement faults in force. For each request it says once, on arrival, what is to happen to it.
final class FaultPlan {
  /// What becomes of one request.
  enum Fate {
    case served
    case failing(SQLError)
    case losingReply(DatabaseFault.Outcome)
  }

  private final class Active {
    let fault: DatabaseFault
    let record: FaultRecord
    var seen = 0

    init(fault: DatabaseFault, record: FaultRecord) {
      self.fault = fault
      self.record = record
    }
  }

  private var active: [Active] = []
  private let simulation: Simulation
  private let stream: DecisionStream

  init(simulation: Simulation) {
    self.simulation = simulation
    stream = simulation.decisions.stream("database.faults")
  }

  func add(_ fault: DatabaseFault, record: FaultRecord) { active.append(Active(fault: fault, record: record)) }

  func remove(_ record: FaultRecord) { active.removeAll { $0.record === record } }

  /// The fate of a request and the time it takes longer. The first fault that fails it or loses its answer wins.
  func judge(_ request: SQLRequest, from client: String) -> (fate: Fate, delay: TimeSpan) {
    var fate = Fate.served
    var delay = TimeSpan.zero
    guard !active.isEmpty, request != .ping else { return (fate, delay) }
    var spent: [FaultRecord] = []
    for fault in active where touches(fault, request, client) {
      fault.record.touch(at: simulation.now)
      if case .nth = fault.fault.scope.occurrence { spent.append(fault.record) }
      switch fault.fault.effect {
      case .slow(let model): delay = delay + simulation.decisions.draw(stream, model)
      case .fail(let sqlState):
        if case .served = fate { fate = .failing(.injected(sqlState: sqlState)) }
      case .loseReply(let outcome):
        if case .served = fate { fate = .losingReply(outcome) }
      case .down, .pause: continue
      }
    }
    for record in spent {
      remove(record)
      simulation.faults.end(record, at: simulation.now)
    }
    return (fate, delay)
  }

  /// Whether a statement whose answer is lost is done.
  func isDone(_ outcome: DatabaseFault.Outcome) -> Bool {
    switch outcome {
    case .done: true
    case .notDone: false
    case .either: simulation.decisions.choose(stream, 2) == 0
    }
  }

  private func touches(_ active: Active, _ request: SQLRequest, _ client: String) -> Bool {
    let scope = active.fault.scope
    if let clients = scope.clients, !clients.contains(client) { return false }
    if let statements = scope.statements, !statements.contains(request.name) { return false }
    active.seen += 1
    switch scope.occurrence {
    case .every: return true
    case .share(let part, let whole): return simulation.decisions.happens(stream, part, in: whole)
    case .nth(let number): return active.seen == number
    }
  }
}
