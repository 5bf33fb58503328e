import SimulationRuntime
import StreamSpaceProtocol

@testable import Database

/// A client program with one connection to the database, driven step by step from tests.
final class TestClient: Program {
  /// What the client saw, in order.
  enum Event: Equatable {
    case connected
    case refused
    case rejected(SQLError)
    case answer(SQLResponse)
    case closed(SQLError?)
    case reset
  }

  let incarnation: Incarnation
  private let endpoint: Endpoint
  private var socket: Socket?
  private(set) var events: [Event] = []
  private(set) var times: [Instant] = []

  init(_ incarnation: Incarnation, endpoint: Endpoint) {
    self.incarnation = incarnation
    self.endpoint = endpoint
  }

  func start() { connect() }
  func terminate() { incarnation.exit("terminated") }

  func connect() {
    incarnation.simulation.network.open(from: incarnation, to: endpoint) { [unowned self] outcome in
      switch outcome {
      case .connected(let socket):
        self.socket = socket
        socket.onReceive = { [unowned self] payload in
          if let response = (payload as? Frame<SQLResponse>)?.value { note(.answer(response)) }
        }
        socket.onClose = { [unowned self] reason in
          switch reason {
          case .closed(let farewell): note(.closed(error(in: farewell)))
          case .reset: note(.reset)
          }
        }
        note(.connected)
      case .reply(let payload): if let error = error(in: payload) { note(.rejected(error)) }
      case .refused: note(.refused)
      case .reset: note(.reset)
      case .timedOut: break
      }
    }
  }

  func send(_ requests: SQLRequest...) {
    for request in requests { socket?.send(Frame(request, byteCount: request.wireSize)) }
  }

  func sendBytes(_ bytes: [UInt8]) { socket?.send(Bytes(bytes)) }

  func close() { socket?.close() }

  var answers: [SQLResponse] {
    events.compactMap { event in
      if case .answer(let response) = event { return response }
      return nil
    }
  }

  private func note(_ event: Event) {
    events.append(event)
    times.append(incarnation.simulation.now)
  }

  private func error(in payload: (any Payload)?) -> SQLError? {
    guard case .failure(let error)? = (payload as? Frame<SQLResponse>)?.value else { return nil }
    return error
  }
}

/// A simulation with a database and some connected clients, each on a host of its own.
final class TestDeployment {
  let simulation: Simulation
  let database: SimulatedDatabase
  private(set) var clients: [TestClient] = []
  private var made: [String: TestClient] = [:]

  init(
    seed: UInt64 = 1, clients count: Int = 2, behaviour: DatabaseBehaviour = DatabaseBehaviour()
  ) throws {
    simulation = Simulation(.init(seed: seed))
    database = try SimulatedDatabase(image: TestDatabase.image(), in: simulation, behaviour: behaviour)
    database.process.start()
    for number in 1...count {
      let name = "api-\(number)"
      let endpoint = database.endpoint
      let process = try simulation.addProcess(name, on: simulation.host(name)) { [unowned self] incarnation in
        let client = TestClient(incarnation, endpoint: endpoint)
        made[name] = client
        return client
      }
      process.start()
      clients += [made[name]].compactMap { $0 }
    }
    try simulation.run(for: .seconds(1))
  }

  deinit { simulation.tearDown() }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  /// Value of a configuration row as committed; nil when it is not there.
  func committed(_ key: String) throws -> String? {
    try database.query(Self.read, [.text(key)]).firstRow?.text("value")
  }

  static let read = SQLStatement("readConfiguration", "SELECT value FROM configuration WHERE key = $1")
  static let insert = SQLStatement("insertConfiguration", "INSERT INTO configuration (key, value) VALUES ($1, $2)")

  static func insert(_ key: String) -> SQLRequest { .execute(insert, [.text(key), "v"]) }
}
