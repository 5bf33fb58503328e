import SimulationRuntime
import StreamSpaceProtocol

/// One life of the database server: it accepts connections, serves each one's requests in order, and takes time.
final class DatabaseServer: Program {
  private let incarnation: Incarnation
  private let store: DatabaseStore
  private var connections: [DatabaseSession: DatabaseConnection] = [:]
  private var dialling = 0
  private let latencies: DecisionStream

  private static let accepting = EventLabel("database.accept")
  private static let statement = EventLabel("database.statement")
  private static let idleTimeout = EventLabel("database.idleInTransaction")
  private static let lockTimeout = EventLabel("database.lockTimeout")
  private static let failed = EventLabel("database.error")

  init(_ incarnation: Incarnation, store: DatabaseStore) {
    self.incarnation = incarnation
    self.store = store
    latencies = incarnation.decisions.stream("database.latency")
  }

  private var behaviour: DatabaseBehaviour { store.behaviour }
  private var engine: DatabaseEngine { store.engine }

  func start() {
    // Crash recovery: what the last life had not committed is gone.
    engine.disconnectAll()
    engine.holdsForWork = true
    incarnation.simulation.network.listen(incarnation, port: SimulatedDatabase.port) { [unowned self] call in
      accept(call)
    }
  }

  /// A fast shutdown: every client is told, nothing is finished.
  func terminate() {
    for connection in connections.values.sorted(by: { $0.session.number < $1.session.number }) {
      connection.socket.close(farewell: frame(.failure(.administratorShutdown)))
    }
    engine.disconnectAll()
    incarnation.exit("shut down")
  }

  // MARK: - Connections

  private func accept(_ call: IncomingCall) {
    guard connections.count + dialling < behaviour.maximumConnections else {
      return call.reply(frame(.failure(.tooManyClients)))
    }
    dialling += 1
    incarnation.after(draw(), Self.accepting) { [unowned self] in
      dialling -= 1
      guard let socket = call.accept() else { return }
      add(DatabaseConnection(socket: socket, session: store.newSession()))
    }
  }

  private func add(_ connection: DatabaseConnection) {
    connections[connection.session] = connection
    connection.socket.onReceive = { [unowned self, unowned connection] payload in
      // A real server ends a connection that does not speak its protocol.
      guard let request = (payload as? Frame<SQLRequest>)?.value else { return close(connection) }
      connection.pending.append(request)
      if !connection.isBusy { serveNext(connection) }
    }
    connection.socket.onClose = { [unowned self, unowned connection] _ in lost(connection) }
  }

  /// The client is gone.
  private func lost(_ connection: DatabaseConnection) {
    connection.isLost = true
    connection.pending.removeAll()
    if case .inService(let request, _) = connection.activity {
      let stays = behaviour.abandonedStatements != .dropped && finishes(request, of: connection)
      if stays { return }
    }
    forget(connection)
  }

  /// Whether a request whose client is gone has a lasting effect once it is done.
  private func finishes(_ request: SQLRequest, of connection: DatabaseConnection) -> Bool {
    switch request {
    case .commit: true
    case .execute: !engine.isInTransaction(connection.session)
    default: false
    }
  }

  /// Ends a connection from this side, without a word.
  private func close(_ connection: DatabaseConnection) {
    connection.socket.reset()
    connection.isLost = true
    forget(connection)
  }

  private func forget(_ connection: DatabaseConnection) {
    incarnation.cancel(connection.timer)
    if case .inService(_, let token) = connection.activity { incarnation.cancel(token) }
    guard connections.removeValue(forKey: connection.session) != nil else { return }
    carryOut(
      engine.disconnect(
        connection.session, at: store.now, finishingStatement: behaviour.abandonedStatements == .done))
  }

  // MARK: - Requests

  private func serveNext(_ connection: DatabaseConnection) {
    guard !connection.pending.isEmpty else { return }
    let request = connection.pending.removeFirst()
    incarnation.cancel(connection.timer)
    let (fate, delay) = store.faults.judge(request, from: connection.socket.remoteHost)
    var time = draw() + delay
    if engine.commits(request, of: connection.session) { time = time + behaviour.commitLatency }
    engine.beginService(of: request, from: connection.session)
    let work = engine.estimatedWork(of: request, from: connection.session)
    if work > 0 { time = time + .microseconds(work) }
    let token = incarnation.after(time, Self.statement) { [unowned self, unowned connection] in
      perform(request, fate, connection)
    }
    connection.activity = .inService(request, token)
  }

  private func perform(_ request: SQLRequest, _ fate: FaultPlan.Fate, _ connection: DatabaseConnection) {
    store.statementsServed += 1
    connection.activity = .waiting(request)
    switch fate {
    case .served:
      let effects = engine.submit(request, from: connection.session, at: store.now)
      carryOut(effects)
      if case .waiting = connection.activity, effects.answer(to: connection.session) == nil {
        armLockTimeout(connection)
      }
      if connection.isLost { forget(connection) }
    case .failing(let error):
      carryOut(engine.fail(request, of: connection.session, with: error, at: store.now))
      if connection.isLost { forget(connection) }
    case .losingReply(let outcome):
      connection.isLost = true
      if store.faults.isDone(outcome) {
        carryOut(engine.submit(request, from: connection.session, at: store.now))
      }
      close(connection)
    }
  }

  /// Publishes what was committed and answers whoever has an answer.
  private func carryOut(_ effects: DatabaseEffects) {
    store.publish(effects.changes)
    for answer in effects.answers {
      guard let connection = connections[answer.session] else { continue }
      incarnation.cancel(connection.timer)
      guard answer.work > 0 else {
        finish(connection, with: answer.response)
        continue
      }
      incarnation.after(.microseconds(answer.work), Self.statement) { [unowned self, unowned connection] in
        guard connections[connection.session] != nil else { return }
        finish(connection, with: answer.response)
        carryOut(engine.release(connection.session, at: store.now))
      }
    }
  }

  /// Sends an answer and goes on with the connection's next request.
  private func finish(_ connection: DatabaseConnection, with response: SQLResponse) {
    connection.activity = .idle
    if connection.isLost { return }
    if case .failure(let error) = response {
      incarnation.note(Self.failed, ("state", .text(error.sqlState)), ("message", .text(error.message)))
    }
    connection.socket.send(frame(response))
    armIdleTimeout(connection)
    serveNext(connection)
  }

  private func armIdleTimeout(_ connection: DatabaseConnection) {
    guard let timeout = behaviour.idleInTransactionTimeout, connection.pending.isEmpty,
      engine.isInTransaction(connection.session)
    else { return }
    connection.timer = incarnation.after(timeout, Self.idleTimeout) { [unowned self, unowned connection] in
      connection.socket.close(farewell: frame(.failure(.idleInTransactionTimeout)))
      connection.isLost = true
      forget(connection)
    }
  }

  private func armLockTimeout(_ connection: DatabaseConnection) {
    let asked = engine.lockTimeout(of: connection.session).map { TimeSpan.milliseconds(Int64($0)) }
    guard let timeout = asked ?? behaviour.lockTimeout else { return }
    connection.timer = incarnation.after(timeout, Self.lockTimeout) { [unowned self, unowned connection] in
      carryOut(engine.cancel(connection.session, with: .lockTimeout, at: store.now))
    }
  }

  private func draw() -> TimeSpan { incarnation.decisions.draw(latencies, behaviour.statementLatency) }

  private func frame(_ response: SQLResponse) -> Frame<SQLResponse> {
    Frame(response, byteCount: response.wireSize)
  }
}

/// A client's connection as the server keeps it.
final class DatabaseConnection {
  enum Activity {
    case idle
    /// The request takes its time.
    case inService(SQLRequest, EventToken)
    /// The request waits for the transaction or lock of another.
    case waiting(SQLRequest)
  }

  let socket: Socket
  let session: DatabaseSession
  /// Requests that arrived while another was served.
  var pending: [SQLRequest] = []
  var activity = Activity.idle
  /// The idle or lock time-out, whichever runs.
  var timer = EventToken.none
  /// Nobody is there to answer any more.
  var isLost = false

  init(socket: Socket, session: DatabaseSession) {
    self.socket = socket
    self.session = session
  }

  var isBusy: Bool {
    if case .idle = activity { return false }
    return true
  }
}
