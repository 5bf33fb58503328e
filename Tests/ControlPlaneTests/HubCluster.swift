import Database
import Redis
import SimulationRuntime
import StreamSpaceProtocol

@testable import ControlPlane

/// A small deployment: database, Redis, replicas `api-1` .. and scripted agents, over the simulated network.
final class HubCluster {
  static let jwtSecret = "a-secret-of-at-least-32-characters"
  static let bootstrapKey = String(repeating: "b0", count: 32)

  let simulation: Simulation
  let database: SimulatedDatabase
  let redis: RedisServer?
  private(set) var replicas: [SimulatedProcess] = []
  private(set) var agents: [ScriptedAgent] = []
  /// Everything the replicas told, in order.
  private(set) var events: [Told] = []
  private var programs: [String: Replica] = [:]
  /// Told of each request of a replica to the database.
  var onRequest: ((SQLRequest) -> Void)?

  struct Told {
    let time: Instant
    let replica: String
    let event: ControlPlaneEvent
  }

  /// The key of an agent of the standard image.
  static func key(of agentID: String) -> String { SHA256.hex("key of \(agentID)") }

  private static let insertAgent = SQLStatement(
    "testAgent",
    "INSERT INTO agents (agent_id, platform, status, approval_status, api_key_hash) VALUES ($1, $2, 'offline', 'approved', $3)"
  )

  /// `approved`: agents whose rows and keys are there from the start.
  init(
    replicas count: Int = 2, redis hasRedis: Bool = true, approved: [String] = ["k8s-1"], seed: UInt64 = 1,
    named: Bool = true, behaviour: ControlPlaneBehaviour = .contract,
    configure: (inout ReplicaConfiguration) -> Void = { _ in }
  ) throws {
    simulation = Simulation(.init(seed: seed))
    let rows = approved.map { agentID in
      (Self.insertAgent, [.text(agentID), "kubernetes", .text(TaggedHash.ofAgentKey(Self.key(of: agentID)))])
        as (SQLStatement, [SQLValue])
    }
    let image = try DatabaseImage(schema: .contract, at: Epoch.unixSeconds * 1_000_000, rows: rows)
    database = try SimulatedDatabase(image: image, in: simulation)
    redis = hasRedis ? try RedisServer("redis", on: simulation.host("redis"), of: simulation) : nil
    for number in 1...count {
      let name = "api-\(number)"
      var configuration = ReplicaConfiguration(
        podName: named ? name : nil, database: database.endpoint, redis: redis?.endpoint, jwtSecret: Self.jwtSecret,
        bootstrapKey: Self.bootstrapKey)
      configuration.behaviour = behaviour
      configuration.observer = { [unowned self] event in
        events.append(Told(time: simulation.now, replica: name, event: event))
      }
      configuration.onDatabaseRequest = { [unowned self] in onRequest?($0) }
      configure(&configuration)
      let made = configuration
      replicas.append(
        try simulation.addProcess(name, on: simulation.host(name)) { [unowned self] incarnation in
          let replica = Replica(incarnation, made, extensions: { [TestExtension($0)] })
          programs[name] = replica
          return replica
        })
    }
  }

  deinit { simulation.tearDown() }

  /// Starts database, Redis and replicas.
  func start() throws {
    database.process.start()
    redis?.process.start()
    for replica in replicas { replica.start() }
    try run(1)
  }

  func run(_ seconds: Int64) throws { try simulation.run(for: .seconds(seconds)) }
  func run(milliseconds: Int64) throws { try simulation.run(for: .milliseconds(milliseconds)) }
  func run(toSecond second: Int64) throws { try simulation.run(until: Instant(nanoseconds: second * 1_000_000_000)) }

  func replica(_ number: Int) -> Replica? { programs["api-\(number)"] }

  /// Adds an agent's process; it runs from `start()` on.
  @discardableResult
  func agent(
    _ agentID: String, to number: Int = 1, process name: String? = nil, configure: (AgentScript) -> Void = { _ in }
  ) throws -> ScriptedAgent {
    let script = AgentScript(agentID: agentID, key: Self.key(of: agentID), target: "api-\(number)")
    configure(script)
    let agent = try ScriptedAgent(name ?? agentID, script, in: simulation)
    agents.append(agent)
    return agent
  }

  // MARK: Rows

  func rows(_ text: String, _ parameters: [SQLValue] = []) throws -> [SQLRow] {
    try database.query(SQLStatement(text, text), parameters).rows
  }

  func agentStatus(_ agentID: String) throws -> String? {
    try rows("SELECT status FROM agents WHERE agent_id = $1", [.text(agentID)]).first?.text("status")
  }

  func commandStatus(_ commandID: String) throws -> String? {
    try rows("SELECT status FROM agent_commands WHERE command_id = $1", [.text(commandID)]).first?.text("status")
  }

  /// Commits a command row as a replica's transaction would, without telling any replica.
  func insertCommand(
    _ commandID: String, agent agentID: String, session: String? = nil, action: AgentAction = .stopSession
  ) throws {
    let payload = session.map { "{\"sessionId\":\"\($0)\"}" } ?? "{}"
    _ = try database.query(
      CommandStatements.insert,
      [.text(commandID), .text(agentID), .optional(session), .text(action.rawValue), .text(payload)])
  }

  /// As ``insertCommand(_:agent:session:action:)``, with the database's own error.
  func insert(_ commandID: String, agent agentID: String) throws(SQLError) {
    _ = try database.query(
      CommandStatements.insert,
      [.text(commandID), .text(agentID), .null, .text(AgentAction.stopSession.rawValue), "{}"])
  }

  /// Commits a command and tells a replica, as a request handler does.
  func issue(
    _ commandID: String, agent agentID: String, session: String? = nil, action: AgentAction = .stopSession,
    via number: Int = 1
  ) throws {
    try insertCommand(commandID, agent: agentID, session: session, action: action)
    let payload = session.map { CommandPayload.session(SessionCommandPayload(sessionID: $0)) } ?? .none
    replica(number)?.dispatcher.commandCommitted(
      AgentCommand(commandID: commandID, action: action, payload: payload), agentID: agentID)
  }

  // MARK: Routes

  /// The pod key of an agent's route.
  func route(_ agentID: String) -> String? { redis?.value(of: RouteKeys.pod(agent: agentID), database: 1) }

  /// Whether both keys stand, or none.
  func routeIsWhole(_ agentID: String) -> Bool {
    let connected = redis?.value(of: RouteKeys.connected(agent: agentID), database: 1)
    return (route(agentID) == nil) == (connected == nil)
  }

  // MARK: Requests

  private var requester: Incarnation?

  /// Sends one request from a client host and waits for the answer.
  func request(
    _ method: HTTPMethod, _ target: String, to number: Int = 1, headers: HTTPHeaders = HTTPHeaders(),
    body: HTTPBody = .empty
  ) throws -> HTTPResponse? {
    if requester == nil {
      let process = try simulation.addProcess("client", on: simulation.host("client")) { _ in HubRequester() }
      process.start()
      requester = process.current
    }
    guard let requester else { return nil }
    var answer: HTTPResponse?
    let request = HTTPRequest(method, target: target, headers: headers, body: body)
    simulation.network.open(
      from: requester, to: Endpoint(host: "api-\(number)", port: 8000),
      hello: Frame(request, byteCount: request.byteCount), timeout: .seconds(40)
    ) { outcome in
      if case .reply(let payload) = outcome { answer = (payload as? Frame<HTTPResponse>)?.value }
    }
    for _ in 0..<400 where answer == nil { try run(milliseconds: 100) }
    return answer
  }

  func post(
    _ target: String, to number: Int = 1, key: String, _ body: some WireEncodable
  ) throws -> HTTPResponse? {
    try request(
      .post, target, to: number, headers: [HTTPHeaderName.agentAPIKey: key], body: .typed(body))
  }

  /// A request of the administrator.
  func administer(
    _ method: HTTPMethod, _ target: String, to number: Int = 1, body: HTTPBody = .empty
  ) throws -> HTTPResponse? {
    try request(method, target, to: number, headers: [HTTPHeaderName.authorization: "Bearer admin"], body: body)
  }

  // MARK: Events

  func told(_ isWanted: (ControlPlaneEvent) -> Bool) -> [Told] { events.filter { isWanted($0.event) } }

  /// Registrations of an agent so far.
  func registrations(_ agentID: String) -> Int {
    told { if case .agentRegistered(let identity) = $0 { identity.agentID == agentID } else { false } }.count
  }

  func forgetEvents() { events.removeAll() }
}

/// Lets the bearer `admin` in and keeps what agents said.
final class TestExtension: ReplicaExtension, RequestAuthenticator {
  private unowned let replica: Replica

  init(_ replica: Replica) { self.replica = replica }

  func install() { replica.authenticator = self }
  func replicaBecameReady() {}
  func replicaStops(_ done: @escaping () -> Void) { done() }

  func authenticate(_ exchange: HTTPExchange, role: UserRole?, next: @escaping (AuthenticatedUser) -> Void) {
    guard exchange.request.bearerToken == "admin" else {
      return exchange.respond(.unauthorized, ErrorBody.authorizationRequired)
    }
    next(AuthenticatedUser(id: "admin", username: "admin", role: "admin", organisation: "default-org"))
  }
}

/// A process that only sends what the test asks for.
final class HubRequester: Program {
  func start() {}
  func terminate() {}
}
