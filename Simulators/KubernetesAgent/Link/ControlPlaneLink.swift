import SimulationRuntime
import StreamSpaceProtocol

/// The agent's connection to the control plane: registers, dials, and connects again for ever (C26).
///
/// Every attempt is: inventory, `POST /api/v1/agents/register`, then the WebSocket. What travels on it is the matter of
/// ``AgentSocket``.
final class ControlPlaneLink {
  private enum State {
    case stopped
    /// Until the next attempt or poll.
    case waiting(EventToken)
    /// Inventory, registration or dial.
    case attempting
    case connected(AgentSocket)
  }

  private let context: PlatformContext
  private let key: AgentKey
  private var schedule: ReconnectSchedule
  private let jitter: DecisionStream
  private var state = State.stopped
  /// Counts attempts and stops, so that an answer of an old one is known as such.
  private var generation = 0
  private var endpointIndex = 0
  /// What the last registration was answered.
  private var peerProtocol: String?
  private var endpoints: [Endpoint] { context.configuration.controlPlane }
  /// Since when there is no connection; nil while there is one.
  private(set) var disconnectedSince: Instant?
  /// Sockets that this process has not closed yet. What the other end closes stays open here until it is closed here, too.
  private var held = 0
  /// One writer and its clockwork over all connections of this life.
  let writer: SocketWriter

  /// The leader's term, with an election only.
  var term: () -> Int64? = { nil }
  /// Whether this process may present itself as the agent now. With an election only who has authority may (C28): a
  /// registration or a connection without a term would be fenced by nobody, and would take the leader's place.
  var mayPresent: () -> Bool = { true }
  var inventoryTaken: (Inventory) -> Void = { _ in }
  /// A connection stands; whether its control plane speaks the contract's frames (C33).
  var connected: (_ speaksContract: Bool) -> Void = { _ in }
  /// The connection is gone.
  var disconnected: () -> Void = {}
  var received: (ServerMessage) -> Void = { _ in }
  /// The control plane knows a newer term; with an election, somebody else decides what follows.
  var staleTerm: ((Int64) -> Void)?
  /// An administrator rejected this agent.
  var rejected: () -> Void = {}

  private static let next = EventLabel("agent.connect")

  init(_ context: PlatformContext, key: AgentKey) {
    self.context = context
    self.key = key
    schedule = ReconnectSchedule(context.behaviour.reconnect, context.behaviour.backOff)
    jitter = context.incarnation.decisions.stream("agent.reconnect")
    writer = SocketWriter(context)
  }

  private var incarnation: Incarnation { context.incarnation }

  /// Whether a WebSocket stands.
  var isConnected: Bool { socket != nil }

  var socket: AgentSocket? { if case .connected(let socket) = state { socket } else { nil } }

  // MARK: Start and stop

  /// Connects now.
  func start() {
    guard case .stopped = state else { return }
    disconnectedSince = incarnation.monotonicNow
    schedule = ReconnectSchedule(context.behaviour.reconnect, context.behaviour.backOff)
    attempt(0)
  }

  /// Ends the connection in order and makes no other.
  func stop(_ reason: String) {
    generation += 1
    if case .waiting(let timer) = state { incarnation.cancel(timer) }
    let socket = self.socket
    state = .stopped
    writer.detach()
    guard let socket else { return }
    socket.close(.goingAway, reason)
    hold(-1)
    disconnected()
    context.observe(.disconnected(reason: reason))
  }

  /// Tries again now instead of later: the reason for the last refusal is gone.
  func retryNow() {
    guard case .waiting(let timer) = state else { return }
    incarnation.cancel(timer)
    attempt(schedule.attempts)
  }

  // MARK: Attempts

  private func attempt(_ number: Int) {
    generation += 1
    let round = generation
    state = .attempting
    context.observe(.attempt(number))
    guard context.behaviour.reportsInventory else { return register(nil, number, round) }
    Inventory.take(context) { [weak self] inventory in
      guard let self, self.generation == round else { return }
      if let inventory { self.inventoryTaken(inventory) }
      self.register(inventory, number, round)
    }
  }

  private func register(_ inventory: Inventory?, _ number: Int, _ round: Int) {
    guard !endpoints.isEmpty else { return failed(number, "no control plane is configured") }
    guard mayPresent() else { return failed(number, Self.notLeading) }
    let body = registration(inventory)
    let request = HTTPRequest(
      .post, "/api/v1/agents/register",
      headers: [
        HTTPHeaderName.contentType: "application/json", HTTPHeaderName.agentAPIKey: key.current.text,
      ], body: .typed(body))
    open(request, round) { link, outcome in
      guard case .reply(let payload) = outcome, let response = (payload as? Frame<HTTPResponse>)?.value else {
        return link.failed(number, "HTTP request failed: \(Self.text(of: outcome))")
      }
      link.take(response, number, round)
    }
  }

  private func registration(_ inventory: Inventory?) -> AgentRegistrationRequest {
    let configuration = context.configuration
    var metadata = AgentMetadata()
    metadata.fields.add("namespace", configuration.namespace)
    metadata.fields.add("kubernetes", true)
    if context.behaviour.namesProtocol {
      metadata.protocolVersion = AgentMetadata.contractProtocol
      metadata.instanceID = configuration.instanceID
      metadata.leaderTerm = term()
      metadata.sessions = inventory?.items.map(\.report)
    }
    return AgentRegistrationRequest(
      agentID: configuration.agentID, platform: .kubernetes, region: configuration.region,
      capacity: context.capacityReport, metadata: metadata)
  }

  private func take(_ response: HTTPResponse, _ number: Int, _ round: Int) {
    if response.status == .conflict, let current = staleTerm(in: response), let staleTerm {
      failed(number, "stale leader term, the control plane knows \(current)")
      return staleTerm(current)
    }
    guard response.status.isSuccess || response.status == .forbidden else {
      return failed(number, "registration failed with status \(response.status): \(Self.text(of: response))")
    }
    let answer: RegistrationAnswer
    do throws(WireError) {
      answer = try response.body.decode()
    } catch {
      return refused(response, number, round)
    }
    peerProtocol = answer.protocolVersion
    switch answer {
    case .registered: dial(number, round)
    case .enrolment(let enrolment): take(enrolment, number, round)
    }
  }

  private func take(_ enrolment: RegistrationAnswer.Enrolment, _ number: Int, _ round: Int) {
    switch enrolment.approvalStatus {
    case .pending:
      context.observe(.approvalPending)
      wait(AgentTiming.approvalPoll, then: number)
    case .rejected:
      generation += 1
      state = .stopped
      context.observe(.gaveUp(reason: "agent registration was rejected by administrator"))
      rejected()
    case .approved:
      guard let issued = enrolment.apiKey, context.behaviour.issuedKey == .stored else { return dial(number, round) }
      key.store(issued) { [weak self] isStored in
        guard let self, self.generation == round else { return }
        guard isStored else { return self.failed(number, "the issued key could not be stored") }
        self.context.observe(.keyReceived)
        self.attempt(number)
      }
    }
  }

  /// Neither an enrolment nor a registration: a refused key may have been replaced by another replica.
  private func refused(_ response: HTTPResponse, _ number: Int, _ round: Int) {
    let reason = "registration failed with status \(response.status): \(Self.text(of: response))"
    guard response.status == .forbidden else { return failed(number, reason) }
    key.load { [weak self] in
      guard let self, self.generation == round else { return }
      self.failed(number, reason)
    }
  }

  private func dial(_ number: Int, _ round: Int) {
    guard mayPresent() else { return failed(number, Self.notLeading) }
    var query = HTTPQuery()
    query["agent_id"] = context.configuration.agentID
    if let term = term() { query["term"] = String(term) }
    // The row may hold the metadata of another replica by now (C1).
    if context.behaviour.namesProtocol { query["instance"] = context.configuration.instanceID }
    let request = HTTPRequest(
      .get, "/api/v1/agents/connect", query: query,
      headers: [
        "Connection": "Upgrade", HTTPHeaderName.upgrade: "websocket", "Sec-WebSocket-Version": "13",
        HTTPHeaderName.agentAPIKey: key.current.text,
      ])
    open(request, round) { link, outcome in
      switch outcome {
      case .connected(let socket): link.established(socket)
      case .reply(let payload):
        guard let response = (payload as? Frame<HTTPResponse>)?.value else {
          return link.failed(number, "WebSocket dial failed: unexpected answer")
        }
        let reason = "WebSocket dial failed: bad handshake (status \(response.status)): \(Self.text(of: response))"
        link.failed(number, reason)
        if let current = link.staleTerm(in: response) { link.staleTerm?(current) }
      default: link.failed(number, "WebSocket dial failed: \(Self.text(of: outcome))")
      }
    }
  }

  private func open(
    _ request: HTTPRequest, _ round: Int, _ completion: @escaping (ControlPlaneLink, CallOutcome) -> Void
  ) {
    let endpoint = endpoints[endpointIndex % endpoints.count]
    incarnation.simulation.network.open(
      from: incarnation, to: endpoint, hello: Frame(request, byteCount: request.byteCount),
      timeout: AgentTiming.callLimit
    ) { [weak self] outcome in
      guard let self, self.generation == round else {
        if case .connected(let socket) = outcome { socket.reset() }
        return
      }
      completion(self, outcome)
    }
  }

  // MARK: Outcome

  private func failed(_ number: Int, _ reason: String) {
    endpointIndex += 1
    if number == 0, context.configuration.hasElection, context.behaviour.election.firstConnect == .givenUp {
      generation += 1
      state = .stopped
      return context.observe(.gaveUp(reason: reason))
    }
    retry(after: reason, number)
  }

  private func retry(after reason: String, _ number: Int) {
    let nanoseconds = schedule.nextWait { [self] low, high in
      incarnation.decisions.draw(jitter, from: .nanoseconds(low), to: .nanoseconds(high)).nanoseconds
    }
    guard let wait = nanoseconds.map(TimeSpan.nanoseconds) else {
      generation += 1
      state = .stopped
      context.observe(.gaveUp(reason: reason))
      return
    }
    context.observe(.attemptFailed(number, reason: reason, wait: wait))
    self.wait(wait, then: schedule.attempts)
  }

  private func wait(_ span: TimeSpan, then number: Int) {
    generation += 1
    state = .waiting(incarnation.after(span, Self.next) { [weak self] in self?.attempt(number) })
  }

  private func established(_ socket: Socket) {
    let connection = AgentSocket(context, socket)
    connection.received = { [weak self] message in self?.received(message) }
    connection.ended = { [weak self] ended, reason in self?.lost(ended, reason) }
    state = .connected(connection)
    disconnectedSince = nil
    schedule.succeeded()
    writer.attach(connection)
    connection.open()
    hold(1)
    context.observe(.connected)
    connected(context.behaviour.namesProtocol && peerProtocol == AgentMetadata.contractProtocol)
  }

  private func lost(_ connection: AgentSocket, _ reason: String) {
    guard socket === connection else { return }
    disconnectedSince = connection.lostSince ?? incarnation.monotonicNow
    if context.behaviour.oldSocket == .closed {
      connection.abandon()
      hold(-1)
    }
    state = .attempting
    context.observe(.disconnected(reason: reason))
    disconnected()
    retry(after: reason, 0)
  }

  private func hold(_ more: Int) {
    held += more
    context.observe(.socketsHeld(held))
  }

  // MARK: Texts

  private static let notLeading = "this replica does not lead any more"

  private func staleTerm(in response: HTTPResponse) -> Int64? {
    guard response.status == .conflict else { return nil }
    let body: ErrorBody? = try? response.body.decode()
    return body?.currentTerm
  }

  private static func text(of response: HTTPResponse) -> String {
    let body: ErrorBody? = try? response.body.decode()
    return body?.error ?? ""
  }

  private static func text(of outcome: CallOutcome) -> String {
    switch outcome {
    case .reply, .connected: "unexpected answer"
    case .refused: "connect: connection refused"
    case .reset: "connection reset by peer"
    case .timedOut: "context deadline exceeded"
    }
  }
}
