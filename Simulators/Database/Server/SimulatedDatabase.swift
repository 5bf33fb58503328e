import SimulationRuntime
import StreamSpaceProtocol

/// The database of a deployment: a process that listens on port 5432, what it keeps over crashes, and its faults.
///
/// Clients open a bare connection (`network.open` without a hello), send `Frame<SQLRequest>` and get one
/// `Frame<SQLResponse>` for each, in order. A server that is full answers the opening itself with a failure; one that
/// ends a connection on its own says why in the farewell.
package final class SimulatedDatabase {
  package static let port = 5432

  /// Runs from `start()` on; kill, pause and restart it like any process. What was committed stays.
  package let process: SimulatedProcess
  let store: DatabaseStore
  let simulation: Simulation
  /// Faults of the whole server that last, so that the first to end does not end the others.
  private var downs: [FaultRecord] = []
  private var pauses: [FaultRecord] = []

  private static let faultBegun = EventLabel("database.fault.begun")
  private static let faultEnded = EventLabel("database.fault.ended")

  /// Adds the process `name` on the host of the same name; it does not run yet.
  ///
  /// - Throws: `SQLError` when the image cannot be opened, `SimulationError` when the name is taken.
  package init(
    image: DatabaseImage, in simulation: Simulation, name: String = "postgres",
    behaviour: DatabaseBehaviour = DatabaseBehaviour()
  ) throws {
    self.simulation = simulation
    let host = simulation.host(name)
    let store = try DatabaseStore(image: image, in: simulation, on: host, behaviour: behaviour)
    self.store = store
    process = try simulation.addProcess(name, on: host) { DatabaseServer($0, store: store) }
  }

  /// Where clients connect.
  package var endpoint: Endpoint { Endpoint(host: process.host.name, port: Self.port) }

  /// Told of every committed row change, in commit order.
  package var onChange: ((DatabaseChange) -> Void)? {
    get { store.onChange }
    set { store.onChange = newValue }
  }

  /// Requests performed so far, of all clients: by how much it grows tells how many crash points a workload has.
  package var statementsServed: Int { store.statementsServed }

  /// The host's clock in microseconds since 1970: what `now()` shows.
  package var now: Int64 { store.now }

  // MARK: - Faults

  /// Begins a fault; it lasts until `end` or, with `duration`, until that has passed.
  @discardableResult
  package func begin(_ fault: DatabaseFault, lasting duration: TimeSpan? = nil) -> FaultRecord {
    let record = simulation.faults.begin(fault.text, at: simulation.now)
    simulation.note(Self.faultBegun, ("fault", .text(fault.text)))
    switch fault.effect {
    case .down:
      if process.current != nil { record.touch(at: simulation.now) }
      downs.append(record)
      process.crash()
    case .pause:
      if process.isRunning { record.touch(at: simulation.now) }
      pauses.append(record)
      process.pause()
    case .slow, .fail, .loseReply: store.faults.add(fault, record: record)
    }
    if let duration {
      simulation.schedule(after: duration, Self.faultEnded) { [self] in end(record) }
    }
    return record
  }

  /// Ends a fault: the server comes back, or statements are as before. Does nothing if it has ended.
  package func end(_ record: FaultRecord) {
    guard record.end == nil else { return }
    simulation.faults.end(record, at: simulation.now)
    simulation.note(Self.faultEnded, ("fault", .text(record.name)))
    store.faults.remove(record)
    if let position = downs.firstIndex(where: { $0 === record }) {
      downs.remove(at: position)
      if downs.isEmpty { process.start() }
    }
    if let position = pauses.firstIndex(where: { $0 === record }) {
      pauses.remove(at: position)
      if pauses.isEmpty { process.resume() }
    }
  }

  // MARK: - Without the network

  /// Runs a statement at once, past network, latency and faults: for oracles, and to put rows in place. It sees what
  /// is committed; a write while a client's transaction is open throws `SQLError.lockTimeout`.
  package func query(_ statement: SQLStatement, _ parameters: [SQLValue] = []) throws(SQLError) -> SQLResult {
    if process.current == nil { store.engine.disconnectAll() }
    let session = store.newSession()
    let effects = store.engine.submit(.execute(statement, parameters), from: session, at: now)
    store.publish(effects.changes)
    // What is put in place takes no time.
    _ = store.engine.release(session, at: now)
    guard let response = effects.answer(to: session) else {
      _ = store.engine.disconnect(session, at: now, finishingStatement: false)
      throw .lockTimeout
    }
    return try response.get()
  }
}
