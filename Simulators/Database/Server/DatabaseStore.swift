import SimulationRuntime
import StreamSpaceProtocol

/// What outlives the server's process: the committed data, the faults in force, and who watches.
final class DatabaseStore {
  private(set) var engine: DatabaseEngine
  let behaviour: DatabaseBehaviour
  let faults: FaultPlan
  var onChange: ((DatabaseChange) -> Void)?
  var statementsServed = 0
  /// The copy and the log that past states are made from, once ``startArchive()`` was called.
  private var archive: DatabaseArchive?
  /// Told of every transaction that commits.
  var followers: [(CommittedTransaction) -> Void] = []
  /// Whether clients may only read.
  var isStandby = false
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

  /// The host's clock in microseconds since 1970.
  var now: Int64 { Epoch.unixSeconds * 1_000_000 + host.localTime.nanoseconds / 1_000 }

  /// A number no client has had before.
  func newSession() -> DatabaseSession {
    defer { nextSession += 1 }
    let session = DatabaseSession(nextSession)
    if isStandby { engine.makeReadOnly(session) }
    return session
  }

  // MARK: - Past states

  /// Keeps from now on what past states can be made from.
  func startArchive() throws(SQLError) {
    archive = DatabaseArchive(base: try engine.copy(), since: now)
    follow()
  }

  /// Tells the archive and the followers of what commits.
  func follow() {
    engine.onCommit = { [unowned self] transaction in
      archive?.transactions.append(transaction)
      for follower in followers { follower(transaction) }
    }
  }

  /// Puts the state of a past instant in place of the present one; what committed after it is lost, and the log goes on
  /// from there.
  func restore(to instant: Int64) throws(SQLError) {
    guard let archive else { throw .unsupported("restoring without an archive") }
    let seed = simulation.decisions.draw(simulation.decisions.stream("database.identifiers"), below: 0)
    engine = try archive.engine(at: instant, identifierSeed: seed, locking: behaviour.locking)
    self.archive?.transactions.removeAll { $0.time > instant }
    follow()
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
