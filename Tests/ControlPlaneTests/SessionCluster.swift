import ControlPlane
import Database
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// Replicas with a real database (and Redis, when the cache is on), a client that speaks HTTP to them, and agents that
/// exist as rows and speak at the sink.
final class SessionCluster {
  static let secret = "a-secret-of-thirty-two-characters!"
  let simulation: Simulation
  let database: SimulatedDatabase
  let redis: RedisServer?
  private(set) var replicas: [Replica] = []
  private(set) var sides: [UserSide] = []
  private(set) var relays: [StreamRelay] = []
  private(set) var events: [(replica: String, event: ControlPlaneEvent)] = []
  private(set) var processes: [SimulatedProcess] = []
  private(set) var client: Incarnation?
  /// Agents with connections, kept alive.
  var agents: [ScriptedAgent] = []

  struct Options {
    var seed: UInt64 = 1
    var replicas = 1
    var isCacheEnabled = false
    /// Multi-pod mode: routes in Redis.
    var hasRedis = false
    var policies = SessionPolicies()
    var rows: [(SQLStatement, [SQLValue])] = []
    var hasAgent = true
    var maxSessions = 100
    var licence: Int64 = 100_000
    /// Changes the configuration of each replica; serves streams if it is set.
    var streams: ((inout ReplicaConfiguration) -> Void)?
  }

  init(_ options: Options = Options()) throws {
    simulation = Simulation(.init(seed: options.seed))
    var rows = Self.fixture(options)
    rows += options.rows
    let image = try DatabaseImage(schema: .contract, at: Epoch.unixSeconds * 1_000_000, rows: rows)
    database = try SimulatedDatabase(image: image, in: simulation)
    database.process.start()
    if options.isCacheEnabled || options.hasRedis {
      redis = try RedisServer(on: simulation.host("redis"), of: simulation)
      redis?.process.start()
    } else {
      redis = nil
    }
    try simulation.run(for: .seconds(8))
    for number in 1...options.replicas { try addReplica("api-\(number)", options) }
    let process = try simulation.addProcess("client", on: simulation.host("client")) { [unowned self] incarnation in
      client = incarnation
      return ClientProgram()
    }
    process.start()
    try simulation.run(for: .seconds(2))
    if options.hasAgent { try addAgent("k8s-1", maxSessions: options.maxSessions) }
  }

  deinit { simulation.tearDown() }

  private func addReplica(_ name: String, _ options: Options) throws {
    var configuration = ReplicaConfiguration(
      podName: name, database: database.endpoint, redis: redis?.endpoint, jwtSecret: Self.secret)
    configuration.isCacheEnabled = options.isCacheEnabled
    configuration.behaviour.sessions = options.policies
    let index = replicas.count
    configuration.observer = { [unowned self] in events.append((name, $0)) }
    options.streams?(&configuration)
    let process = try simulation.addProcess(name, on: simulation.host(name)) { [unowned self] incarnation in
      let replica = Replica(incarnation, configuration) { [unowned self] replica in
        let side = UserSide(replica)
        if index < sides.count { sides[index] = side } else { sides.append(side) }
        guard options.streams != nil else { return [side] }
        let relay = StreamRelay(replica, side)
        if index < relays.count { relays[index] = relay } else { relays.append(relay) }
        return [side, relay]
      }
      if index < replicas.count { replicas[index] = replica } else { replicas.append(replica) }
      return replica
    }
    process.start()
    processes.append(process)
  }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  // MARK: Requests

  static func token(_ user: String, role: UserRole = .user, organisation: String = "default-org", at now: Timestamp)
    -> String
  {
    var claims = AccessClaims(
      userID: user, username: user, email: "\(user)@example.org", role: role.rawValue,
      tokenID: SHA256.hex(user), now: now)
    claims.organisationID = organisation
    return claims.token(secret: secret)
  }

  /// As the fixture has it.
  static func organisation(of user: String) -> String {
    user == "u99" || user == "admin-other" ? "other-org" : "default-org"
  }

  var now: Timestamp {
    Timestamp(nanosecondsSince1970: Epoch.unixSeconds * 1_000_000_000 + simulation.now.nanoseconds)
  }

  /// An answer that comes later.
  final class Pending {
    var response: HTTPResponse?
    var outcome: String?

    var status: Int? { response?.status.rawValue }
    var json: JSONValue { (try? response?.body.json()) ?? .null }
    subscript(key: String) -> JSONValue? { json[key] }
    var text: String { JSONWriter.text(of: json.sortedByKey) }
  }

  /// Sends a request and does not wait. `user` nil: without a token.
  @discardableResult
  func send(
    _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, as user: String? = "u01", at replica: Int = 0,
    headers: HTTPHeaders = HTTPHeaders()
  ) -> Pending {
    var request = HTTPRequest(method, target: target, headers: headers)
    if let body { request.body = .typed(body) }
    if let user {
      let role: UserRole = user.hasPrefix("admin") ? .admin : user.hasPrefix("op") ? .operator : .user
      request.headers["Authorization"] =
        "Bearer " + Self.token(user, role: role, organisation: Self.organisation(of: user), at: now)
    }
    let pending = Pending()
    guard let client else { return pending }
    let endpoint = Endpoint(host: "api-\(replica + 1)", port: 8000)
    simulation.network.open(
      from: client, to: endpoint, hello: Frame(request, byteCount: request.byteCount), timeout: .seconds(60)
    ) { outcome in
      switch outcome {
      case .reply(let payload): pending.response = (payload as? Frame<HTTPResponse>)?.value
      case .connected: pending.outcome = "connected"
      case .refused: pending.outcome = "refused"
      case .reset: pending.outcome = "reset"
      case .timedOut: pending.outcome = "timed out"
      }
    }
    return pending
  }

  /// Sends a request and runs until it is answered.
  @discardableResult
  func ask(
    _ method: HTTPMethod, _ target: String, _ body: JSONValue? = nil, as user: String? = "u01", at replica: Int = 0,
    headers: HTTPHeaders = HTTPHeaders()
  ) throws -> Pending {
    let pending = send(method, target, body, as: user, at: replica, headers: headers)
    for _ in 0..<2000 where pending.response == nil && pending.outcome == nil { try run(.milliseconds(50)) }
    return pending
  }

  /// A browser that listens to the feed.
  final class FeedListener {
    var feeds: [SessionFeed] = []
    var closeCode: WebSocketCloseCode?
    var socket: Socket?
  }

  func listen(as user: String, at replica: Int = 0) -> FeedListener {
    let listener = FeedListener()
    let role: UserRole = user.hasPrefix("admin") ? .admin : .user
    let token = Self.token(user, role: role, organisation: Self.organisation(of: user), at: now)
    let request = HTTPRequest(
      .get, "/api/v1/ws/sessions", query: ["token": token], headers: ["Upgrade": "websocket"])
    guard let client else { return listener }
    simulation.network.open(
      from: client, to: Endpoint(host: "api-\(replica + 1)", port: 8000),
      hello: Frame(request, byteCount: request.byteCount)
    ) { outcome in
      guard case .connected(let socket) = outcome else { return }
      listener.socket = socket
      socket.onReceive = { payload in
        guard let message = (payload as? Frame<WebSocketMessage>)?.value else { return }
        if let feed = try? message.decode(as: SessionFeed.self) { listener.feeds.append(feed) }
      }
      socket.onClose = { end in
        guard case .closed(let farewell) = end,
          case .close(let code, _)? = (farewell as? Frame<AgentSocketFrame>)?.value
        else { return }
        listener.closeCode = code
      }
    }
    return listener
  }

  static func create(
    _ user: String = "u01", template: String = "xterm-vnc", cpu: String = "250m", memory: String = "512Mi"
  ) -> JSONValue {
    [
      "user": .string(user), "template": .string(template),
      "resources": ["cpu": .string(cpu), "memory": .string(memory)],
    ]
  }

  /// Creates a session and gives its name.
  func create(as user: String = "u01", _ body: JSONValue? = nil) throws -> String {
    let answer = try ask(.post, "/api/v1/sessions", body ?? Self.create(user), as: user)
    try #require(answer.status == 202, "\(answer.text)")
    return try #require(answer["name"]?.text)
  }

  /// Creates a session and lets its agent bring it up.
  func running(as user: String = "u01") throws -> String {
    let name = try create(as: user)
    try complete(try openCommand(of: name), pod: "pod-1")
    try #require(try state(of: name) == "running")
    return name
  }

  // MARK: Rows

  func query(_ text: String, _ parameters: [SQLValue] = []) throws -> [SQLRow] {
    try database.query(SQLStatement(text, text), parameters).rows
  }

  func count(_ table: String) throws -> Int64 {
    try query("SELECT COUNT(*) AS n FROM \(table)")[0].integer("n")
  }

  func state(of session: String) throws -> String? {
    try query("SELECT state FROM sessions WHERE id = $1", [.text(session)]).first?.text("state")
  }

  func reason(of session: String) throws -> String? {
    try query("SELECT termination_reason FROM sessions WHERE id = $1", [.text(session)]).first?
      .optionalText("termination_reason")
  }

  /// `action:status` of the commands of a session, oldest first.
  func commands(of session: String) throws -> [String] {
    try query(
      "SELECT action, status FROM agent_commands WHERE session_id = $1 ORDER BY created_at, command_id",
      [.text(session)]
    ).map { "\(try $0.text("action")):\(try $0.text("status"))" }
  }

  /// Id of the newest command of a session that is not final.
  func openCommand(of session: String) throws -> String {
    let rows = try query(
      """
      SELECT command_id FROM agent_commands WHERE session_id = $1 AND status IN ('pending', 'sent', 'ack') \
      ORDER BY created_at DESC LIMIT 1
      """, [.text(session)])
    return try #require(rows.first).text("command_id")
  }

  func addAgent(
    _ id: String, maxSessions: Int = 100, status: String = "online", platform: String = "kubernetes",
    approval: String = "approved"
  ) throws {
    _ = try query(
      """
      INSERT INTO agents (agent_id, platform, status, capacity, last_heartbeat, approval_status) \
      VALUES ($1, $2, $3, $4, NOW(), $5)
      """,
      [.text(id), .text(platform), .text(status), .text("{\"maxSessions\":\(maxSessions)}"), .text(approval)])
  }

  /// Keeps the rows of agents as those of connected ones for a while.
  func run(_ span: TimeSpan, withAgentsOnline ids: [String]) throws {
    let end = simulation.now + span
    while simulation.now < end {
      for id in ids {
        _ = try query("UPDATE agents SET last_heartbeat = NOW(), status = 'online' WHERE agent_id = $1", [.text(id)])
      }
      try run(min(.seconds(10), end - simulation.now))
    }
  }

  // MARK: Agents at the sink

  static func identity(_ agent: String) -> AgentConnectionIdentity {
    AgentConnectionIdentity(agentID: agent, connection: 1, epoch: 1, replica: "api-1", instanceID: nil)
  }

  static let finish = SQLStatement(
    "testFinishCommand",
    """
    UPDATE agent_commands SET status = $2, completed_at = NOW() WHERE command_id = $1 \
    AND status IN ('pending', 'sent', 'ack') RETURNING agent_id, session_id, action
    """)

  /// Ends a command as the hub does: its row and, in the same transaction, its session.
  func end(_ command: String, _ outcome: FinishedCommand.Outcome) throws {
    let replica = replicas[0]
    let effects = sides[0].effects
    var done = false
    let status: SQLValue = if case .completed = outcome { "completed" } else { "failed" }
    replica.database.transaction { opened in
      guard case .success(let transaction) = opened else { return }
      transaction.execute(Self.finish, [.text(command), status]) { result in
        guard let row = try? result.get().firstRow, let agent = try? row.text("agent_id"),
          let action = try? row.text("action")
        else { return transaction.rollback { done = true } }
        let finished = FinishedCommand(
          commandID: command, agentID: agent, sessionID: try? row.optionalText("session_id"), actionName: action,
          outcome: outcome)
        effects.commandFinished(finished, in: transaction) { _ in
          transaction.commit { _ in
            effects.commandFinishCommitted(finished)
            done = true
          }
        }
      }
    }
    for _ in 0..<200 where !done { try run(.milliseconds(20)) }
    #expect(done)
  }

  func complete(_ command: String, pod: String? = nil) throws {
    try end(command, .completed(CommandResult(podName: pod, vncPort: pod == nil ? nil : 5900)))
  }

  func fail(_ command: String, _ error: String) throws { try end(command, .failed(error)) }

  func report(_ report: SessionStatusReport, by agent: String = "k8s-1") throws {
    var done = false
    sides[0].effects.sessionReported(report, from: Self.identity(agent)) { done = true }
    for _ in 0..<200 where !done { try run(.milliseconds(20)) }
    try run(.milliseconds(200))
    #expect(done)
  }

  func connect(_ agent: String, inventory: [SessionInventoryItem]) throws {
    sides[0].effects.agentConnected(Self.identity(agent), inventory: inventory)
    try run(.seconds(1))
  }
}

/// A process that only owns connections.
final class ClientProgram: Program {
  func start() {}
  func terminate() {}
}

extension SessionCluster {
  /// Users, templates and the licence of spec/06 §0.1.
  private static func fixture(_ options: Options) -> [(SQLStatement, [SQLValue])] {
    var rows: [(SQLStatement, [SQLValue])] = [
      (SQLStatement("licence", "UPDATE licenses SET max_sessions = $1"), [.integer(options.licence)]),
      (
        SQLStatement("otherOrganisation", "INSERT INTO organizations (id, name, display_name) VALUES ($1, $2, $3)"),
        ["other-org", "other", "Other"]
      ),
      (
        SQLStatement("password", "UPDATE users SET password_hash = $1 WHERE id = 'admin'"),
        [.text(TaggedHash.ofPassword("fake-admin-password"))]
      ),
    ]
    let user = SQLStatement(
      "user",
      """
      INSERT INTO users (id, username, email, full_name, role, org_id, password_hash) \
      VALUES ($1, $2, $3, $2, $4, $5, $6)
      """)
    let users = [
      ("u01", "user", "default-org"), ("u02", "user", "default-org"), ("op1", "operator", "default-org"),
      ("u99", "user", "other-org"), ("admin-other", "admin", "other-org"),
    ]
    let quota = SQLStatement(
      "quota", "INSERT INTO user_quotas (user_id, max_sessions, max_cpu, max_memory) VALUES ($1, 5, '4000m', '8192Mi')")
    for (name, role, organisation) in users {
      let id: SQLValue = .text(name)
      let password: SQLValue = .text(TaggedHash.ofPassword("password-of-\(name)"))
      rows.append((user, [id, .text(name), .text("\(name)@example.org"), .text(role), .text(organisation), password]))
      rows.append((quota, [id]))
    }
    // A user made over the API: id and name differ (R-04).
    rows.append(
      (user, ["9d6e0d3c-0001", "mira", "mira@example.org", "user", "default-org", "x"]))
    let template = SQLStatement(
      "template",
      """
      INSERT INTO catalog_templates (repository_id, name, display_name, description, category, icon_url, manifest, \
      tags, platform) VALUES (2, $1, $2, $3, 'Testing', '', $4, $5, $6)
      """)
    rows.append(
      (
        template,
        [
          "xterm-vnc", "XTerm over VNC", "plain RFB desktop", .text(manifest("example.invalid/xterm-vnc:1", 5900)),
          .array(["test", "vnc"]), .null,
        ]
      ))
    rows.append(
      (
        template,
        [
          "firefox-ls", "Firefox", "browser", .text(manifest("lscr.io/linuxserver/firefox:latest", 3000)),
          .array(["test"]), .null,
        ]
      ))
    rows.append(
      (
        template,
        [
          "on-docker", "Docker desktop", "desktop", .text(manifest("example.invalid/xvnc:1", 5900)), .array(["test"]),
          "docker",
        ]
      ))
    return rows
  }

  private static func manifest(_ image: String, _ port: Int) -> String {
    """
    {"kind":"Template","spec":{"vnc":{"port":\(port),"enabled":true},"ports":[{"name":"vnc","protocol":"TCP",\
    "containerPort":\(port)}],"baseImage":"\(image)","displayName":"D"},"metadata":{"name":"t","namespace":\
    "streamspace"},"apiVersion":"stream.space/v1alpha1"}
    """
  }
}
