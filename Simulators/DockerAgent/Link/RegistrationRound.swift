import SimulationRuntime
import StreamSpaceProtocol

/// One attempt to connect: `POST /api/v1/agents/register`, then the WebSocket (spec/03 §1.2, §1.3; C7, C14, C33).
///
/// It ends once, with an outcome; dropped before, it ends nothing.
final class RegistrationRound {
  enum Outcome {
    case connected(Socket)
    /// The administrator has not yet decided.
    case pending
    case rejected
    /// A key came with the approval and is stored.
    case keyIssued
    /// The control plane knows a newer leader.
    case staleTerm(Int64)
    /// Another instance holds the agent's id (C1).
    case idInUse(String)
    case failed(String)
  }

  private let context: DockerAgentContext
  private let endpoint: Endpoint
  private let key: AgentKeyring
  /// The leader's term when it is asked for; it may be gone by the time of the dial.
  var term: () -> Int64? = { nil }
  /// Whether this process may present itself as the agent now: with an election only who has authority may (C28).
  var mayPresent: () -> Bool = { true }
  /// The protocol that the control plane named in its answer.
  private(set) var peerProtocol: String?
  /// Told once how the attempt ended.
  var ended: ((Outcome) -> Void)?

  init(_ context: DockerAgentContext, to endpoint: Endpoint, key: AgentKeyring) {
    self.context = context
    self.endpoint = endpoint
    self.key = key
  }

  /// Begins with the inventory that goes into the registration; nil when it is not known.
  func begin(_ inventory: ContainerInventory?) {
    guard mayPresent() else { return end(.failed(Self.notLeading)) }
    let body = registration(inventory)
    let request = HTTPRequest(
      .post, "/api/v1/agents/register",
      headers: [
        HTTPHeaderName.contentType: "application/json", HTTPHeaderName.agentAPIKey: key.current.text,
      ], body: .typed(body))
    call(request) { [weak self] outcome in
      guard let self, self.ended != nil else { return }
      guard case .reply(let payload) = outcome, let response = (payload as? Frame<HTTPResponse>)?.value else {
        return self.end(.failed("HTTP request failed: \(Self.text(of: outcome))"))
      }
      self.take(response)
    }
  }

  /// Nothing comes of it any more.
  func cancel() { ended = nil }

  private func end(_ outcome: Outcome) {
    let ended = self.ended
    self.ended = nil
    ended?(outcome)
  }

  private func call(_ request: HTTPRequest, _ step: @escaping (CallOutcome) -> Void) {
    context.incarnation.simulation.network.open(
      from: context.incarnation, to: endpoint, hello: Frame(request, byteCount: request.byteCount),
      timeout: DockerAgentTiming.callLimit, step)
  }

  // MARK: Registration

  private func registration(_ inventory: ContainerInventory?) -> AgentRegistrationRequest {
    let configuration = context.configuration
    var metadata = AgentMetadata()
    metadata.fields.add("dockerHost", "tcp://\(configuration.docker.host):\(configuration.docker.port)")
    metadata.fields.add("networkName", configuration.network)
    metadata.fields.add("volumeDriver", configuration.volumeDriver)
    if context.behaviour.namesProtocol {
      metadata.protocolVersion = AgentMetadata.contractProtocol
      metadata.instanceID = configuration.instanceID
      metadata.leaderTerm = term()
      metadata.sessions = inventory?.items.map(\.report)
    }
    return AgentRegistrationRequest(
      agentID: configuration.agentID, platform: .docker, region: configuration.region,
      capacity: context.capacityReport, metadata: metadata)
  }

  private func take(_ response: HTTPResponse) {
    let text = Self.text(of: response)
    let reason = "registration failed with status \(response.status): \(text)"
    if let conflict = Self.conflict(response, reason) { return end(conflict) }
    guard response.status.isSuccess || response.status == .forbidden else { return end(.failed(reason)) }
    let answer: RegistrationAnswer
    do throws(WireError) {
      answer = try response.body.decode()
    } catch {
      return response.status == .forbidden ? retryWithStoredKey(reason) : end(.failed(reason))
    }
    peerProtocol = answer.protocolVersion
    switch answer {
    case .registered: dial()
    case .enrolment(let enrolment): take(enrolment, reason)
    }
  }

  private func take(_ enrolment: RegistrationAnswer.Enrolment, _ reason: String) {
    let isWaiting = enrolment.approvalStatus != .approved
    if isWaiting, context.behaviour.pendingApproval == .isFailure { return end(.failed(reason)) }
    switch enrolment.approvalStatus {
    case .pending: end(.pending)
    case .rejected: end(.rejected)
    case .approved:
      guard let issued = enrolment.apiKey, context.behaviour.issuedKey == .stored else { return dial() }
      key.store(issued) { [weak self] isStored in
        self?.end(isStored ? .keyIssued : .failed("the issued key could not be stored"))
      }
    }
  }

  /// A refused key may have been replaced by one that another replica stored.
  private func retryWithStoredKey(_ reason: String) {
    key.load { [weak self] in self?.end(.failed(reason)) }
  }

  // MARK: WebSocket

  private func dial() {
    guard mayPresent() else { return end(.failed(Self.notLeading)) }
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
    call(request) { [weak self] outcome in
      guard let self, self.ended != nil else {
        if case .connected(let socket) = outcome { socket.reset() }
        return
      }
      self.dialled(outcome)
    }
  }

  private func dialled(_ outcome: CallOutcome) {
    let prefix = "WebSocket connection failed: WebSocket dial failed:"
    switch outcome {
    case .connected(let socket): end(.connected(socket))
    case .reply(let payload):
      guard let response = (payload as? Frame<HTTPResponse>)?.value else {
        return end(.failed("\(prefix) unexpected answer"))
      }
      let reason = "\(prefix) bad handshake (status \(response.status)): \(Self.text(of: response))"
      if let conflict = Self.conflict(response, reason) { return end(conflict) }
      if response.status == .forbidden { retryWithStoredKey(reason) } else { end(.failed(reason)) }
    case .refused, .reset, .timedOut: end(.failed("\(prefix) \(Self.text(of: outcome))"))
    }
  }

  // MARK: Texts

  private static let notLeading = "this replica does not lead any more"

  /// What a 409 about leadership means; nil for any other answer.
  private static func conflict(_ response: HTTPResponse, _ reason: String) -> Outcome? {
    guard response.status == .conflict, let body: ErrorBody = try? response.body.decode() else { return nil }
    if let term = body.currentTerm { return .staleTerm(term) }
    return body.error == ErrorBody.agentIDInUse.error ? .idInUse(reason) : nil
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

extension DockerAgentContext {
  /// What the agent says it can carry.
  var capacityReport: CapacityReport {
    switch behaviour.capacityShape {
    case .standard: .standard(configuration.capacity)
    case .numbers:
      .shippedDocker(DockerCapacity(maxCPU: 100, maxMemory: 128, maxSessions: configuration.capacity.maxSessions))
    }
  }
}
