import SimulationRuntime
import StreamSpaceProtocol

/// `POST /api/v1/agents/register`: enrolment with the bootstrap key, registration with the agent's own (spec/02 §5.12,
/// spec/00 Enrolment).
final class AgentRegistrationHandler {
  private unowned let replica: Replica
  private let authenticator: AgentAuthenticator
  private let stream: DecisionStream

  private static let work = EventLabel("controlplane.registration")

  init(_ replica: Replica, _ authenticator: AgentAuthenticator) {
    self.replica = replica
    self.authenticator = authenticator
    stream = replica.incarnation.decisions.stream("controlplane.handlers")
  }

  private var policies: EnrolmentPolicies { replica.behaviour.enrolment }

  func handle(_ exchange: HTTPExchange) {
    // The authentication reads the id from the body; what cannot be read has none (spec/01 §1.1).
    let body = try? exchange.request.body.decode(as: AgentRegistrationRequest.self)
    let names = [exchange.request.query["agent_id"] ?? "", body?.agentID ?? ""]
    authenticator.watch(exchange, .register, names: names)
    authenticator.admit(exchange, names: names, scope: .registration) { [self] caller, agentID in
      if policies.bodyAfterCheck == .consumed {
        return exchange.respond(.badRequest, ErrorBody.invalidRequestFormat("EOF"))
      }
      guard
        let request = exchange.decodeBody(as: AgentRegistrationRequest.self, structName: "AgentRegistrationRequest")
      else { return }
      if let refusal = FieldRules.registration(request) { return exchange.respond(.badRequest, refusal) }
      let cost = replica.incarnation.decisions.draw(stream, replica.configuration.costs.registration)
      replica.incarnation.after(cost, Self.work) { [weak self] in self?.register(exchange, caller, request) }
    }
  }

  private func register(
    _ exchange: HTTPExchange, _ caller: AgentAuthenticator.Caller, _ request: AgentRegistrationRequest
  ) {
    guard exchange.isPending else { return }
    switch caller {
    case .bootstrap(nil): enrol(exchange, request)
    case .bootstrap(let known?):
      if let refusal = refusal(of: request, known) { return exchange.respond(refusal) }
      update(exchange, request) { [self] agent in answerPoll(exchange, known, agent) }
    case .agent(let known):
      if let refusal = refusal(of: request, known) { return exchange.respond(refusal) }
      update(exchange, request) { [self] agent in
        exchange.respond(.ok, RegistrationAnswer.registered(agent, protocolVersion: offeredProtocol))
      }
    }
  }

  /// What the contract refuses at a re-registration (spec/00, Answers).
  private func refusal(of request: AgentRegistrationRequest, _ known: AgentCredentials) -> HTTPResponse? {
    if policies.platformCheck == .strict {
      if request.platform != known.platform { return HTTPResponse(.conflict, ErrorBody.agentPlatformMismatch) }
      if let refusal = Self.protocolRefusal(of: request) { return refusal }
    }
    let term = request.metadata?.leaderTerm
    if policies.termFence == .refusesOlder, let term, term < known.leaderTerm {
      return HTTPResponse(.conflict, ErrorBody.staleLeaderTerm(current: known.leaderTerm))
    }
    let isNewerTerm = term.map { $0 > known.leaderTerm } ?? false
    if policies.takeoverLock == .afterThree, !isNewerTerm,
      known.takeovers.refuses(request.metadata?.instanceID, at: known.now)
    {
      return HTTPResponse(.conflict, ErrorBody.agentIDInUse)
    }
    return nil
  }

  /// A Docker agent without protocol can decode no command (C33).
  private static func protocolRefusal(of request: AgentRegistrationRequest) -> HTTPResponse? {
    guard request.platform == Platform.docker.rawValue, request.metadata?.protocolVersion == nil else { return nil }
    return HTTPResponse(.badRequest, ErrorBody.unsupportedAgentProtocol)
  }

  private func parameters(_ request: AgentRegistrationRequest) -> [SQLValue] {
    [
      .text(request.agentID), .text(request.platform), .optional(request.region),
      .optional((request.capacity?.stored).map { JSONWriter.text(of: $0.json) }),
      .optional(request.metadata.map { JSONWriter.text(of: $0.json) }),
    ]
  }

  private func enrol(_ exchange: HTTPExchange, _ request: AgentRegistrationRequest) {
    if policies.platformCheck == .strict, let refusal = Self.protocolRefusal(of: request) {
      return exchange.respond(refusal)
    }
    let countsAsHeartbeat = SQLValue.boolean(policies.registrationStatus == .setsOnline)
    replica.database.execute(AgentStatements.enrol, parameters(request) + [countsAsHeartbeat]) { [self] result in
      guard case .success(let result) = result, let row = result.firstRow,
        let agent = try? AgentRow.record(row, withApproval: false)
      else { return Self.fail(exchange, result, "Failed to register agent") }
      replica.tell(.enrolment(agentID: agent.agentID, .registered))
      exchange.respond(.accepted, poll(agent, .pending, key: nil))
    }
  }

  /// Writes what the agent says about itself; absent fields become NULL [rec 08].
  private func update(
    _ exchange: HTTPExchange, _ request: AgentRegistrationRequest, _ next: @escaping (AgentRecord) -> Void
  ) {
    let statement =
      policies.registrationStatus == .untouched ? AgentStatements.register : AgentStatements.registerOnline
    let term = policies.termFence == .refusesOlder ? request.metadata?.leaderTerm : nil
    replica.database.execute(statement, parameters(request) + [.optional(term)]) { [self] result in
      guard case .success(let result) = result else {
        return Self.fail(exchange, result, "Failed to re-register agent")
      }
      guard let row = result.firstRow, let agent = try? AgentRow.record(row, withApproval: false) else {
        // Another registration brought a newer term meanwhile.
        return answerStaleTerm(exchange, request)
      }
      next(agent)
    }
  }

  private func answerStaleTerm(_ exchange: HTTPExchange, _ request: AgentRegistrationRequest) {
    replica.database.execute(AgentStatements.credentials, [.text(request.agentID)]) { [policies] result in
      guard case .success(let result) = result, let row = result.firstRow,
        let known = try? AgentCredentials(row, policies)
      else { return Self.fail(exchange, result, "Failed to re-register agent") }
      exchange.respond(.conflict, ErrorBody.staleLeaderTerm(current: known.leaderTerm))
    }
  }

  private func answerPoll(_ exchange: HTTPExchange, _ known: AgentCredentials, _ agent: AgentRecord) {
    switch known.approval {
    case .pending: exchange.respond(.accepted, poll(agent, .pending, key: nil))
    case .approved where known.keyHash != nil:
      let key = policies.keyDelivery == .overPoll ? known.issuedKey : nil
      exchange.respond(.ok, poll(agent, .approved, key: key))
    case .approved, .rejected: exchange.respond(.forbidden, poll(agent, .rejected, key: nil))
    }
  }

  private func poll(_ agent: AgentRecord, _ status: ApprovalStatus, key: String?) -> RegistrationAnswer {
    .enrolment(
      .init(agent: agent, approvalStatus: status, apiKey: key, protocolVersion: offeredProtocol))
  }

  /// What the answer tells the agent of this control plane (C33).
  private var offeredProtocol: String? {
    policies.protocolOffer == .contract ? AgentMetadata.contractProtocol : nil
  }

  private static func fail(_ exchange: HTTPExchange, _ result: Result<SQLResult, DatabaseError>, _ text: String) {
    guard case .failure(let error) = result else { return exchange.respond(.internalServerError, ErrorBody(text)) }
    exchange.respond(failure: error, ErrorBody(text, details: error.description))
  }
}
