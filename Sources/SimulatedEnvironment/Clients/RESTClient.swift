import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// REST as one user does it, over the simulated network. It lives on the user's own host.
///
/// Unchecked: used by case bodies, which all run on the simulation's thread; the case layer traps anything else.
final class RESTClient: SessionClient, @unchecked Sendable {
  /// A client waits so long for an answer: the control plane's own limit is 30 s (spec/01 §0.3).
  static let timeout = TimeSpan.seconds(35)

  private static let refused = EventLabel("client.refused")

  let name: String
  private let deployment: Deployment
  private let report: (RequestRecord) -> Void
  private var token: String?

  init(_ name: String, _ deployment: Deployment, report: @escaping (RequestRecord) -> Void) {
    self.name = name
    self.deployment = deployment
    self.report = report
  }

  private var simulation: Simulation { deployment.simulation }

  // MARK: Requests

  func create(_ session: SessionRequest, at replica: String?) async throws -> Answer {
    let body = CreateSessionRequest(
      user: name, template: session.template,
      resources: ResourceAmounts(cpu: session.cpu, memory: session.memory), persistentHome: session.persistentHome,
      idleTimeout: session.idleTimeout, platform: session.platform)
    return try await perform(.post, "/api/v1/sessions", body: .typed(body), session: nil, at: replica)
  }

  func get(_ session: String, at replica: String?) async throws -> Answer {
    try await perform(.get, "/api/v1/sessions/\(session)", session: session, at: replica)
  }

  func list(at replica: String?) async throws -> Answer {
    try await perform(.get, "/api/v1/sessions", session: nil, at: replica)
  }

  func stop(_ session: String, at replica: String?) async throws -> Answer {
    try await perform(.delete, "/api/v1/sessions/\(session)", session: session, at: replica)
  }

  func hibernate(_ session: String, at replica: String?) async throws -> Answer {
    try await perform(.put, "/api/v1/sessions/\(session)/hibernate", session: session, at: replica)
  }

  func wake(_ session: String, at replica: String?) async throws -> Answer {
    try await perform(.put, "/api/v1/sessions/\(session)/wake", session: session, at: replica)
  }

  func heartbeat(_ session: String, connection: String?, at replica: String?) async throws -> Answer {
    let query = connection.map { "?connectionId=\($0)" } ?? ""
    return try await perform(.post, "/api/v1/sessions/\(session)/heartbeat\(query)", session: session, at: replica)
  }

  func connect(_ session: String, at replica: String?) async throws -> Answer {
    try await perform(.get, "/api/v1/sessions/\(session)/connect?user=\(name)", session: session, at: replica)
  }

  func patch(_ session: String, state: String, at replica: String?) async throws -> Answer {
    let body: JSONValue = ["state": .string(state)]
    return try await perform(
      .patch, "/api/v1/sessions/\(session)", body: .typed(body), session: session, at: replica)
  }

  func decide(agent: String, approve: Bool, at replica: String?) async throws -> Answer {
    try await perform(
      .post, "/api/v1/admin/agents/\(agent)/\(approve ? "approve" : "reject")", session: nil, at: replica)
  }

  func send(_ method: String, _ path: String, body: String?, at replica: String?) async throws -> RawAnswer {
    guard let verb = HTTPMethod(rawValue: method) else { throw EnvironmentError("\(method) is no method of HTTP") }
    let (_, response) = try await observed(
      verb, path, body: body.map { .text($0) } ?? .empty, session: Self.session(in: path), at: replica)
    return RawAnswer(response)
  }

  func refresh(at replica: String?) async throws -> Bool {
    guard let old = try await ownToken(at: replica) else { return false }
    let (response, _) = try await exchange(
      .post, "/api/v1/auth/refresh", body: .typed(RefreshRequest(token: old)), at: replica)
    guard let response, response.status == .ok, let answer = try? response.body.decode(as: LoginAnswer.self) else {
      return false
    }
    token = answer.token
    return true
  }

  func browse(
    _ method: String, _ path: String, headers more: [HeaderField], cookies: [HeaderField], at replica: String?
  ) async throws -> RawAnswer {
    guard let verb = HTTPMethod(rawValue: method) else { throw EnvironmentError("\(method) is no method of HTTP") }
    guard let token = try await ownToken(at: replica) else { throw EnvironmentError("\(name) cannot log in") }
    var fields = HTTPHeaders()
    let all = [HeaderField("streamspace_proxy_token", token)] + cookies
    fields.add(HTTPHeaderName.cookie, all.map { "\($0.name)=\($0.value)" }.joined(separator: "; "))
    for header in more { fields.add(header.name, header.value) }
    let (response, _) = try await send(HTTPRequest(verb, target: path, headers: fields), at: replica)
    return RawAnswer(response)
  }

  func listen(at replica: String?) async throws -> any FeedListener {
    try await listen("/api/v1/ws/sessions", at: replica)
  }

  func listenToFigures(at replica: String?) async throws -> any FeedListener {
    try await listen("/api/v1/ws/cluster", at: replica)
  }

  private func listen(_ path: String, at replica: String?) async throws -> any FeedListener {
    guard let token = try await ownToken(at: replica) else { throw EnvironmentError("\(name) cannot log in") }
    let request = HTTPRequest(
      .get, path, query: ["token": token], headers: [HTTPHeaderName.upgrade: "websocket"])
    let endpoint = replica.map { Endpoint(host: $0, port: Deployment.replicaPort) } ?? Balancer.endpoint
    let incarnation = try deployment.client(for: name)
    let network = simulation.network
    return try await simulation.cases.wait("feed of \(name)") { (handle: WaitHandle<BrowserFeed>) in
      network.open(
        from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.byteCount), timeout: Self.timeout
      ) { [self] outcome in
        guard case .connected(let socket) = outcome else {
          return handle.fail(EnvironmentError("the feed was refused"))
        }
        handle.succeed(
          BrowserFeed(socket, simulation) { [self] in
            deployment.recorder.add(.pushed(user: name, sessions: $0))
          })
      }
    }
  }

  /// The user's own token, fetched by a login at first; nil: no login.
  func ownToken(at replica: String?) async throws -> String? {
    if token == nil { token = try await logIn(at: replica) }
    return token
  }

  /// Any document, for probes that an administrator makes.
  func document(_ path: String, at replica: String?) async throws -> JSONValue? {
    let (response, _) = try await exchange(.get, path, body: .empty, at: replica)
    guard let response, response.status == .ok else { return nil }
    return try? response.body.json()
  }

  // MARK: Exchange

  private func perform(
    _ method: HTTPMethod, _ target: String, body: HTTPBody = .empty, session: String?, at replica: String?
  ) async throws -> Answer {
    try await observed(method, target, body: body, session: session, at: replica).answer
  }

  /// The session that a path such as `/api/v1/sessions/ID/…` names.
  private static func session(in path: String) -> String? {
    let parts = path.prefix { $0 != "?" }.split(separator: "/")
    return parts.count >= 4 && parts[2] == "sessions" ? String(parts[3]) : nil
  }

  private func observed(
    _ method: HTTPMethod, _ target: String, body: HTTPBody, session: String?, at replica: String?
  ) async throws -> (answer: Answer, response: HTTPResponse?) {
    let started = simulation.now
    let (response, answered) = try await exchange(method, target, body: body, at: replica)
    let ended = simulation.now
    var answer = Answer(
      status: response.map { Int($0.status.rawValue) }, replica: answered, latency: Duration(ended - started))
    if let response { answer.read(response, session: session) }
    if !answer.isAccepted {
      simulation.note(
        Self.refused, ("request", .text("\(method.rawValue) \(target)")), ("user", .text(name)),
        ("status", .integer(Int64(answer.status ?? 0))), ("error", .text(answer.error ?? "")),
        ("message", .text(answer.message ?? "")))
    }
    let path = target.split(separator: "?").first.map(String.init) ?? target
    report(
      RequestRecord(
        method: method.rawValue, path: path, user: name, replica: answered,
        status: response.map { Int($0.status.rawValue) },
        session: session ?? answer.session, state: answer.isAccepted && method == .get ? answer.state : nil,
        // A narrowed list says nothing of what it leaves out.
        listed: answer.isAccepted && target == "/api/v1/sessions" && method == .get ? answer.sessions : nil,
        error: answer.error, started: Duration(started), ended: Duration(ended)))
    return (answer, response)
  }

  /// One request with a token; a missing token is fetched first.
  private func exchange(
    _ method: HTTPMethod, _ target: String, body: HTTPBody, at replica: String?
  ) async throws -> (HTTPResponse?, replica: String?) {
    guard let token = try await ownToken(at: replica) else { return (nil, nil) }
    let request = HTTPRequest(
      method, target: target, headers: [HTTPHeaderName.authorization: "Bearer \(token)"], body: body)
    return try await send(request, at: replica)
  }

  private func logIn(at replica: String?) async throws -> String? {
    let request = HTTPRequest(
      .post, "/api/v1/auth/login", body: .typed(LoginRequest(username: name, password: FixtureRows.password(of: name))))
    let (response, _) = try await send(request, at: replica)
    guard let response, response.status == .ok else { return nil }
    return try? response.body.decode(as: LoginAnswer.self).token
  }

  private func send(_ request: HTTPRequest, at replica: String?) async throws -> (HTTPResponse?, replica: String?) {
    let endpoint = replica.map { Endpoint(host: $0, port: Deployment.replicaPort) } ?? Balancer.endpoint
    let incarnation = try deployment.client(for: name)
    let network = simulation.network
    let response: HTTPResponse? = try await simulation.cases.wait(
      "\(request.method.rawValue) \(request.path) by \(name)"
    ) { (handle: WaitHandle<HTTPResponse?>) in
      network.open(
        from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.byteCount), timeout: Self.timeout
      ) { outcome in
        if case .reply(let payload) = outcome {
          handle.succeed((payload as? Frame<HTTPResponse>)?.value)
        } else {
          handle.succeed(nil)
        }
      }
    }
    return (response, replica)
  }
}

extension RawAnswer {
  fileprivate init(_ response: HTTPResponse?) {
    self.init(
      status: response.map { Int($0.status.rawValue) },
      body: response.map { String(decoding: $0.body.bytes, as: UTF8.self) } ?? "",
      headers: response?.headers.fields.map { HeaderField($0.name, $0.value) } ?? [])
  }
}

extension Answer {
  /// Takes what cases look at from the body.
  fileprivate mutating func read(_ response: HTTPResponse, session: String?) {
    self.session = session
    guard let document = try? response.body.json() else { return }
    if isAccepted {
      if let name = document["name"]?.text { self.session = name }
      state = document["state"]?.text
      commandID = document["commandId"]?.text
      connectionID = document["connectionId"]?.text
      if let list = document["sessions"]?.elements { sessions = list.compactMap { $0["name"]?.text } }
    } else {
      error = document["error"]?.text
      message = document["message"]?.text
    }
  }
}

extension Duration {
  init(_ span: TimeSpan) { self = .nanoseconds(span.nanoseconds) }
  init(_ instant: Instant) { self = .nanoseconds(instant.nanoseconds) }
}

extension TimeSpan {
  init(_ duration: Duration) {
    let (seconds, attoseconds) = duration.components
    self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
  }
}
