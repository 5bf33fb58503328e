import StreamSpaceProtocol

/// `POST /api/v1/agents/:agent_id/heartbeat`: neither hub nor Redis notice it (spec/01 §1.2).
final class AgentHeartbeatHandler {
  private unowned let replica: Replica
  private let authenticator: AgentAuthenticator

  init(_ replica: Replica, _ authenticator: AgentAuthenticator) {
    self.replica = replica
    self.authenticator = authenticator
  }

  func handle(_ exchange: HTTPExchange) {
    let names = [exchange.request.query["agent_id"] ?? "", exchange[parameter: "agent_id"]]
    authenticator.admit(exchange, names: names, scope: .service) { [self] caller, agentID in
      if case .bootstrap = caller, replica.behaviour.enrolment.bootstrapKey == .untilFirstUse {
        return exchange.respond(.forbidden, ErrorBody.agentNotApproved(agentID))
      }
      guard let beat = exchange.decodeBody(as: AgentHeartbeatRequest.self, structName: "AgentHeartbeatRequest")
      else { return }
      if let refusal = FieldRules.heartbeat(beat) { return exchange.respond(.badRequest, refusal) }
      write(exchange, beat, exchange[parameter: "agent_id"])
    }
  }

  private func write(_ exchange: HTTPExchange, _ beat: AgentHeartbeatRequest, _ agentID: String) {
    let statement =
      replica.behaviour.enrolment.registrationStatus == .untouched
      ? AgentStatements.httpHeartbeat : AgentStatements.httpHeartbeatAsShipped
    replica.database.execute(statement, [.text(agentID), .text(beat.status)]) { [self] result in
      switch result {
      case .failure(let error): exchange.respond(failure: error, ErrorBody.databaseError)
      case .success(let result):
        guard let row = result.firstRow, let status = try? AgentRow.status(row) else {
          return exchange.respond(.notFound, ErrorBody.agentNotFound(agentID))
        }
        let time = ((try? row.optionalMicroseconds("last_heartbeat")) ?? nil).map(AgentRow.timestamp)
        let answer = AgentHeartbeatAnswer(
          agentID: agentID, lastHeartbeat: time ?? replica.clock.now, status: status)
        guard let capacity = beat.capacity else { return exchange.respond(.ok, answer) }
        let parameters: [SQLValue] = [.text(agentID), .text(JSONWriter.text(of: capacity.stored.json))]
        replica.database.execute(AgentStatements.capacity, parameters) { _ in exchange.respond(.ok, answer) }
      }
    }
  }
}
