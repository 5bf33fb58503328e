import SimulationRuntime
import StreamSpaceProtocol

/// The administrator's routes for agents: list, get, delete, approve, reject, keys, command (spec/02 §4.3, §5.12, §5.13).
final class AgentAdministrationHandler {
  private unowned let replica: Replica
  private let identifiers: DecisionStream

  init(_ replica: Replica) {
    self.replica = replica
    identifiers = replica.incarnation.decisions.stream("controlplane.identifiers")
  }

  func list(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let filters = ["platform", "status", "region"].map { name in
      SQLValue.optional(exchange.request.query[name].flatMap { $0.isEmpty ? nil : $0 })
    }
    replica.database.execute(AgentStatements.list, filters) { result in
      switch result {
      case .failure(let error):
        exchange.respond(failure: error, ErrorBody("Failed to retrieve agents", details: error.description))
      case .success(let result):
        exchange.respond(.ok, AgentList(result.rows.compactMap { try? AgentRow.record($0, withApproval: true) }))
      }
    }
  }

  func get(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let agentID = exchange[parameter: "agent_id"]
    replica.database.execute(AgentStatements.get, [.text(agentID)]) { result in
      switch result {
      case .failure(let error):
        exchange.respond(failure: error, ErrorBody("Failed to retrieve agent", details: error.description))
      case .success(let result):
        guard let agent = result.firstRow.flatMap({ try? AgentRow.record($0, withApproval: false) }) else {
          return exchange.respond(.notFound, ErrorBody.agentNotFound(agentID))
        }
        exchange.respond(.ok, agent)
      }
    }
  }

  /// Refused while a session names the agent. Under contract the agent's connection ends with its row: here at once, on
  /// another replica with its next sweep.
  func delete(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let agentID = exchange[parameter: "agent_id"]
    replica.database.execute(AgentStatements.delete, [.text(agentID)]) { [self] result in
      switch result {
      case .failure(let error):
        exchange.respond(failure: error, ErrorBody("Failed to deregister agent", details: error.description))
      case .success(let result):
        guard result.rowCount > 0 else { return exchange.respond(.notFound, ErrorBody.agentNotFound(agentID)) }
        replica.hub.deregistered(agentID)
        exchange.respond(.ok, AgentMessageAnswer.deregistered(agentID))
      }
    }
  }

  // MARK: Keys

  /// A key is made first, 290 ms of the core, even if there is nothing to approve [rec 02].
  func approve(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let agentID = exchange[parameter: "agent_id"]
    makeKey(exchange) { [self] key in
      let issued: SQLValue = replica.behaviour.enrolment.keyDelivery == .overPoll ? .text(key) : .null
      replica.database.execute(
        AgentStatements.approve,
        [.text(agentID), .text(TaggedHash.ofAgentKey(key)), issued, .text(user.username)]
      ) { [self] result in
        tell(result, .keyIssued(agentID: agentID, key: key))
        tell(result, .enrolment(agentID: agentID, .approved))
        Self.answer(exchange, result, "Failed to approve agent") {
          ApproveAgentAnswer(agentID: agentID, apiKey: key)
        }
      }
    }
  }

  func reject(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let agentID = exchange[parameter: "agent_id"]
    replica.database.execute(AgentStatements.reject, [.text(agentID)]) { [self] result in
      tell(result, .enrolment(agentID: agentID, .rejected))
      Self.answer(exchange, result, "Failed to reject agent") { AgentMessageAnswer.rejected(agentID) }
    }
  }

  private func tell(_ result: Result<SQLResult, DatabaseError>, _ event: ControlPlaneEvent) {
    if case .success(let result) = result, result.rowCount > 0 { replica.tell(event) }
  }

  func generateKey(_ exchange: HTTPExchange, _ user: AuthenticatedUser) { replaceKey(exchange, rotated: false) }

  func rotateKey(_ exchange: HTTPExchange, _ user: AuthenticatedUser) { replaceKey(exchange, rotated: true) }

  /// The old key fails at once (spec/07 §2).
  private func replaceKey(_ exchange: HTTPExchange, rotated: Bool) {
    let agentID = exchange[parameter: "agent_id"]
    makeKey(exchange) { [self] key in
      replica.database.execute(AgentStatements.replaceKey, [.text(agentID), .text(TaggedHash.ofAgentKey(key))]) {
        [self] result in
        tell(result, .keyIssued(agentID: agentID, key: key))
        switch result {
        case .failure(let error):
          exchange.respond(failure: error, ErrorBody("Failed to update agent", details: error.description))
        case .success(let result):
          guard let row = result.firstRow, let created = try? row.microseconds("api_key_created_at") else {
            return exchange.respond(.notFound, ErrorBody.agentNotFound(agentID))
          }
          exchange.respond(
            .ok,
            AgentKeyAnswer(
              agentID: agentID, apiKey: key, createdAt: AgentRow.timestamp(created), rotated: rotated))
        }
      }
    }
  }

  private func makeKey(_ exchange: HTTPExchange, _ next: @escaping (String) -> Void) {
    let key = replica.incarnation.decisions.hex(identifiers, digits: 64)
    replica.keyCheck.run(replica.configuration.costs.keyCheck, for: exchange) { next(key) }
  }

  private static func answer(
    _ exchange: HTTPExchange, _ result: Result<SQLResult, DatabaseError>, _ failure: String,
    _ body: () -> some WireEncodable
  ) {
    switch result {
    case .failure(let error): exchange.respond(failure: error, ErrorBody(failure, details: error.description))
    case .success(let result):
      guard result.rowCount > 0 else { return exchange.respond(.notFound, ErrorBody.agentNotPending) }
      exchange.respond(.ok, body())
    }
  }

  // MARK: Commands

  /// An ad-hoc command; the agent must be connected somewhere (spec/02 §5.13).
  func command(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let agentID = exchange[parameter: "agent_id"]
    guard let request = exchange.decodeBody(as: AdminCommandRequest.self, structName: "AgentCommandRequest") else {
      return
    }
    if let refusal = FieldRules.command(request) { return exchange.respond(.badRequest, refusal) }
    replica.hub.locate(agentID) { [self] presence in
      if case .nowhere = presence { return refuse(exchange, agentID) }
      insert(exchange, agentID, request)
    }
  }

  /// No command for an agent that is connected nowhere, or not known.
  private func refuse(_ exchange: HTTPExchange, _ agentID: String) {
    replica.database.execute(AgentStatements.get, [.text(agentID)]) { result in
      guard case .success(let result) = result else {
        return exchange.respond(.internalServerError, ErrorBody.databaseError)
      }
      guard let agent = result.firstRow.flatMap({ try? AgentRow.record($0, withApproval: false) }) else {
        return exchange.respond(.notFound, ErrorBody.agentNotFound(agentID))
      }
      exchange.respond(.serviceUnavailable, ErrorBody.agentNotConnected(agentID, status: agent.status))
    }
  }

  private func insert(_ exchange: HTTPExchange, _ agentID: String, _ request: AdminCommandRequest) {
    let commandID = "cmd-" + replica.incarnation.decisions.uuid(identifiers)
    let payload = request.payload ?? JSONObject()
    replica.database.execute(
      CommandStatements.insert,
      [
        .text(commandID), .text(agentID), .optional(request.sessionID), .text(request.action),
        .text(JSONWriter.text(of: .object(payload))),
      ]
    ) { [self] result in
      if case .failure(.sql(let error)) = result, case .foreignKeyViolation(_, referencing: true) = error.kind,
        request.sessionID == nil
      {
        return exchange.respond(.notFound, ErrorBody.agentNotFound(agentID))
      }
      guard case .success(let result) = result, let row = result.firstRow, let id = try? row.text("id"),
        let created = try? row.microseconds("created_at")
      else {
        return exchange.respond(.internalServerError, ErrorBody("Failed to create command"))
      }
      let record = CommandRecord(
        id: id, commandID: commandID, agentID: agentID, sessionID: request.sessionID, action: request.action,
        payload: request.payload, createdAt: AgentRow.timestamp(created))
      exchange.respond(.created, record)
      let command = AgentCommand(
        commandID: commandID, actionName: request.action,
        payload: CommandPayload(action: AgentAction(rawValue: request.action), json: .object(payload)))
      replica.dispatcher.commandCommitted(command, agentID: agentID)
    }
  }
}
