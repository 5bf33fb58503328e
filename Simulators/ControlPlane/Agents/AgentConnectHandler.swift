import SimulationRuntime
import StreamSpaceProtocol

/// `GET /api/v1/agents/connect`: the handshake of an agent's WebSocket (spec/01 §1.3; C1, C7, C28).
final class AgentConnectHandler {
  private unowned let replica: Replica
  private let authenticator: AgentAuthenticator
  private let stream: DecisionStream

  private static let work = EventLabel("controlplane.handshake")

  init(_ replica: Replica, _ authenticator: AgentAuthenticator) {
    self.replica = replica
    self.authenticator = authenticator
    stream = replica.incarnation.decisions.stream("controlplane.handlers")
  }

  private var policies: EnrolmentPolicies { replica.behaviour.enrolment }

  func handle(_ exchange: HTTPExchange) {
    let agentID = exchange.request.query["agent_id"] ?? ""
    authenticator.watch(exchange, .connect, names: [agentID])
    authenticator.admit(exchange, names: [agentID], scope: .service) { [self] caller, agentID in
      let cost = replica.incarnation.decisions.draw(stream, replica.configuration.costs.handshake)
      switch caller {
      case .agent(let known):
        replica.incarnation.after(cost, Self.work) { [weak self] in self?.connect(exchange, known) }
      case .bootstrap(let known?):
        replica.incarnation.after(cost, Self.work) { [weak self] in self?.lookAgain(exchange, known) }
      case .bootstrap(nil): exchange.respond(.notFound, ErrorBody.agentMustRegister(agentID))
      }
    }
  }

  /// The key check took a third of a second: another instance may have locked the id, or a leader raised the term, since
  /// the row was read (C1, C28). Who comes with the agent's own key has its row from after the check.
  private func lookAgain(_ exchange: HTTPExchange, _ known: AgentCredentials) {
    guard policies.takeoverLock == .afterThree || policies.termFence == .refusesOlder else {
      return connect(exchange, known)
    }
    let policies = replica.behaviour.enrolment
    replica.database.execute(AgentStatements.credentials, [.text(known.agentID)]) { [weak self] result in
      switch result {
      case .failure(let error): exchange.respond(failure: error, ErrorBody.databaseError)
      case .success(let result):
        guard let row = result.firstRow, let fresh = try? AgentCredentials(row, policies) else {
          return exchange.respond(.notFound, ErrorBody.agentMustRegister(known.agentID))
        }
        self?.connect(exchange, fresh)
      }
    }
  }

  private func connect(_ exchange: HTTPExchange, _ known: AgentCredentials) {
    guard exchange.isPending else { return }
    // A replica that is about to end has closed its agents: another one would be lost with it in the same moment (C8).
    if case .draining = replica.health, replica.behaviour.lifeCycle.shutdown == .graceful {
      return exchange.respond(.serviceUnavailable, ErrorBody("Server is shutting down"))
    }
    let term = exchange.request.query["term"].flatMap(Int64.init)
    let instance = exchange.request.query["instance"] ?? known.metadata.instanceID
    if let refusal = refusal(of: known, term: term, instance: instance) { return exchange.respond(refusal) }
    guard let socket = exchange.accept() else { return }
    let identity = AgentConnectionIdentity(
      agentID: known.agentID, connection: socket.connection, epoch: replica.hub.nextEpoch(), replica: replica.podName,
      instanceID: instance)
    let connection = AgentConnection(
      hub: replica.hub, incarnation: replica.incarnation, socket: socket, identity: identity, term: term,
      speaksContract: known.metadata.speaksContract, inventory: known.metadata.sessions,
      writing: replica.behaviour.hub.frameWriting, queue: replica.behaviour.streaming.agentQueue)
    replica.hub.register(connection)
  }

  private func refusal(of known: AgentCredentials, term: Int64?, instance: String?) -> HTTPResponse? {
    if policies.bootstrapKey == .untilFirstUse, known.approval != .approved {
      return HTTPResponse(.forbidden, ErrorBody.agentNotApproved(known.agentID))
    }
    if policies.platformCheck == .strict, known.platform == Platform.docker.rawValue,
      known.metadata.protocolVersion == nil
    {
      return HTTPResponse(.badRequest, ErrorBody.unsupportedAgentProtocol)
    }
    if policies.termFence == .refusesOlder, let term, term < known.leaderTerm {
      return HTTPResponse(.conflict, ErrorBody.staleLeaderTerm(current: known.leaderTerm))
    }
    let isNewerTerm = term.map { $0 > known.leaderTerm } ?? false
    if policies.takeoverLock == .afterThree, !isNewerTerm, known.takeovers.refuses(instance, at: known.now) {
      return HTTPResponse(.conflict, ErrorBody.agentIDInUse)
    }
    return nil
  }
}
