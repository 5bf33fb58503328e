import SimulationRuntime
import StreamSpaceProtocol

/// What outlives the server's process: the committed data, the faults in force, and who watches.
final class DatabaseStore {
  private(set) var engine: DatabaseEngine
  let behaviour: DatabaseBehaviour
  let faults: FaultPlan
  var onChange: ((DatabaseChange) -> Void)?
  var statementsServed = 0
  /// What it can be restored from; nil: nobody took a backup.
  var archive: DatabaseArchive? { didSet { follow() } }
  /// Told of every transaction that has committed.
  var standbys: [(CommittedTransaction) -> Void] = [] { didSet { follow() } }
  private let simulation: Simulation
  private let host: Host
  private var nextSession = 1

  private static let session = EventLabel("database.session")
  private static let command = EventLabel("database.command")
  private static let agent = EventLabel("database.agent")

  init(
    image: DatabaseImage, in simulation: Simulation, on host: Host, behaviour: DatabaseBehaviour
  ) throws(SQLError) {
    self.simulation = simulation
    self.host = host
    self.behaviour = behaviour
    let identifiers = simulation.decisions.stream("database.identifiers")
    engine = try DatabaseEngine(
      image: image, identifierSeed: simulation.decisions.draw(identifiers, below: 0), locking: behaviour.locking)
    faults = FaultPlan(simulation: simulation)
  }

  /// Only who is there listens: a log that nobody reads costs nothing.
  private func follow() {
    guard archive != nil || !standbys.isEmpty else { return }
    engine.onCommit = { [unowned self] transaction in
      archive?.add(transaction)
      for standby in standbys { standby(transaction) }
    }
  }

  /// Goes on with another content; clients must have been disconnected.
  func replaceEngine(
    _ make: (_ identifierSeed: UInt64, TransactionLocking) throws(SQLError) -> (engine: DatabaseEngine, last: Int64)
  ) throws(SQLError) -> Int64 {
    let identifiers = simulation.decisions.stream("database.identifiers")
    let (engine, last) = try make(simulation.decisions.draw(identifiers, below: 0), behaviour.locking)
    self.engine = engine
    follow()
    return last
  }

  /// The host's clock in microseconds since 1970.
  var now: Int64 { Epoch.unixSeconds * 1_000_000 + host.localTime.nanoseconds / 1_000 }

  /// A number no client has had before.
  func newSession() -> DatabaseSession {
    defer { nextSession += 1 }
    return DatabaseSession(nextSession)
  }

  /// Tells of committed changes, in order.
  func publish(_ changes: [DatabaseChange]) {
    for change in changes {
      note(change)
      onChange?(change)
    }
  }

  /// Writes states into the trace; a heartbeat alone is not worth a line.
  private func note(_ change: DatabaseChange) {
    switch change {
    case .session(let before, let after):
      simulation.note(
        Self.session, ("id", .text(after?.id ?? before?.id ?? "")),
        ("state", .text(after.map { $0.state ?? "null" } ?? "deleted")),
        ("agent", .text(after?.agentID ?? "")), ("connections", .integer(after?.activeConnections ?? 0)))
    case .command(let before, let after):
      simulation.note(
        Self.command, ("id", .text(after?.commandID ?? before?.commandID ?? "")),
        ("action", .text(after?.action ?? before?.action ?? "")),
        ("status", .text(after.map { $0.status ?? "null" } ?? "deleted")))
    case .agent(let before, let after):
      guard before?.status != after?.status || before == nil || after == nil else { return }
      simulation.note(
        Self.agent, ("id", .text(after?.agentID ?? before?.agentID ?? "")),
        ("status", .text(after.map { $0.status ?? "null" } ?? "deleted")))
    }
  }
}
