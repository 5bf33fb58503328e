import StreamSpaceProtocol

/// The verbs of a session: stop, hibernate, wake. REST, batches, PATCH, the idle sweep and a connect to a hibernated
/// session all come here (C13, C18, C20): the change of state and its command are one transaction (C9).
final class SessionVerbs {
  /// What a verb was allowed to do.
  struct Accepted {
    let session: String
    let commandID: String
  }

  private let services: SessionServices

  init(_ services: SessionServices) { self.services = services }

  /// The session if `user` may see it (C16): a foreign one is absent.
  func find(
    _ id: String, for user: AuthenticatedUser, absent: ErrorBody, failure: String,
    _ done: @escaping (Result<StoredSession, Refusal>) -> Void
  ) {
    services.database.execute(SessionStatements.find, [.text(id)]) { [self] result in
      do {
        let row = try result.get().rows.first.map { try StoredSession($0) }
        guard let row, services.policies.lets(user, touch: row) else {
          return done(.failure(Refusal(.notFound, absent)))
        }
        done(.success(row))
      } catch let error as DatabaseError {
        done(.failure(.database(error, failure)))
      } catch {
        done(.failure(Refusal(.internalServerError, ErrorBody(failure, message: "\(error)"))))
      }
    }
  }

  /// The session that the path of a request names, or the refusal as the answer.
  func find(_ exchange: HTTPExchange, for user: AuthenticatedUser, _ found: @escaping (StoredSession) -> Void) {
    find(
      exchange[parameter: "id"], for: user, absent: .sessionNotFound, failure: "Failed to get session"
    ) { result in
      switch result {
      case .failure(let refusal): exchange.answer(refusal)
      case .success(let row): found(row)
      }
    }
  }

  /// Does what `user` asks for.
  func perform(
    _ action: AgentAction, on id: String, by user: AuthenticatedUser,
    _ done: @escaping (Result<Accepted, Refusal>) -> Void
  ) {
    find(id, for: user, absent: .sessionDoesNotExist, failure: "Failed to query session") { [self] found in
      switch found {
      case .failure(let refusal): done(.failure(refusal))
      case .success(let row): perform(action, on: row, done)
      }
    }
  }

  /// Does it to a session that was looked up: the checks on what was seen, in their order, then the guarded change.
  func perform(_ action: AgentAction, on row: StoredSession, _ done: @escaping (Result<Accepted, Refusal>) -> Void) {
    if row.agentID == nil, action != .stopSession || !Self.canStop(row.state) {
      return done(.failure(Refusal(.conflict, .sessionNotReady(for: action))))
    }
    if let refusal = Self.refusal(of: action, in: row.state) { return done(.failure(refusal)) }
    guard let agent = row.agentID else { return terminateWithoutAgent(row, done) }
    if action == .stopSession, services.policies.verbCommand == .forgottenByStop {
      return done(.success(Accepted(session: row.id, commandID: services.identifiers.requestedCommand())))
    }
    let statement = Self.statement(for: action)
    guard action == .stopSession, services.policies.schema.holder == .controller else {
      return change(action, row.id, agent: agent, guardedBy: statement, [.text(row.id)], done)
    }
    services.database.execute(SchemaStatements.controller, [.text(row.id)]) { [self] result in
      do {
        _ = try result.get().singleRow().text("controller_id")
        change(action, row.id, agent: agent, guardedBy: statement, [.text(row.id)], done)
      } catch {
        done(.failure(.failure(error, "Failed to query session")))
      }
    }
  }

  /// The transaction: change of state where `statement` finds the state legal, command, commit. A session that has gone
  /// on since it was looked up is refused by its present state.
  func change(
    _ action: AgentAction, _ id: String, agent: String, guardedBy statement: SQLStatement, _ parameters: [SQLValue],
    _ done: @escaping (Result<Accepted, Refusal>) -> Void
  ) {
    let failure = "Failed to create \(action.verb) command"
    var commandID = ""
    let terms = TransactionTerms(start: services.incarnation.monotonicNow, failure: failure, marker: { commandID })
    services.transact(
      terms,
      body: { [self] (steps: StatementSteps, end: @escaping (TransactionEnd<Accepted>) -> Void) in
        let refuse: (Refusal) -> Void = { end(.refuse($0)) }
        steps.execute(statement, parameters) { [self] result in
          switch result {
          case .failure(let error): refuse(.database(error, failure))
          case .success(let moved) where moved.rowCount == 0: explain(action, id, steps, refuse)
          case .success:
            insert(action, id, agent, steps, failure) { result in
              switch result {
              case .failure(let refusal): refuse(refusal)
              case .success(let written):
                commandID = written
                end(.commit(Accepted(session: id, commandID: written)))
              }
            }
          }
        }
      },
      done: { [self] result in
        switch result {
        case .failure(let refusal): done(.failure(refusal))
        case .success(let accepted):
          let payload = CommandPayload.session(SessionCommandPayload(sessionID: id))
          let command = AgentCommand(commandID: accepted.commandID, action: action, payload: payload)
          services.committed(commandFor: agent, command) { done(.success(accepted)) }
        }
      })
  }

  private func insert(
    _ action: AgentAction, _ id: String, _ agent: String, _ steps: StatementSteps, _ failure: String,
    _ done: @escaping (Result<String, Refusal>) -> Void
  ) {
    let commandID = services.identifiers.requestedCommand()
    let parameters: [SQLValue] = [
      .text(commandID), .text(agent), .text(id), .text(action.rawValue),
      .text(JSONWriter.text(of: SessionCommandPayload(sessionID: id).json)),
    ]
    steps.execute(SessionStatements.insertCommand, parameters) { [self] result in
      switch result {
      case .failure(let error): done(.failure(.database(error, failure)))
      case .success(let inserted) where inserted.rowCount == 0: insert(action, id, agent, steps, failure, done)
      case .success: done(.success(commandID))
      }
    }
  }

  /// Why the guarded change found nothing: another request was faster.
  private func explain(
    _ action: AgentAction, _ id: String, _ steps: StatementSteps, _ done: @escaping (Refusal) -> Void
  ) {
    steps.execute(CommandResultStatements.standing, [.text(id)]) { result in
      do {
        guard let row = try result.get().rows.first, let state = try row.optionalText("state") else {
          return done(Refusal(.notFound, .sessionDoesNotExist))
        }
        done(Self.refusal(of: action, in: state) ?? Self.raced(action, state))
      } catch {
        done(Refusal(.internalServerError, ErrorBody("Failed to query session", message: "\(error)")))
      }
    }
  }

  /// A session whose agent was deregistered has nobody to tell: both edges at once.
  private func terminateWithoutAgent(_ row: StoredSession, _ done: @escaping (Result<Accepted, Refusal>) -> Void) {
    let failure = "Failed to create stop command"
    services.database.transaction { [self] opened in
      guard case .success(let transaction) = opened else {
        return done(.failure(Refusal(.internalServerError, ErrorBody(failure))))
      }
      transaction.execute(SessionStatements.beginTermination, [.text(row.id)]) { [self] result in
        guard case .success(let moved) = result, moved.rowCount > 0 else {
          return transaction.rollback { done(.failure(Self.raced(.stopSession, row.state))) }
        }
        transaction.execute(SessionStatements.terminateWithoutAgent, [.text(row.id)]) { [self] result in
          guard case .success = result else {
            return transaction.rollback { done(.failure(Refusal(.internalServerError, ErrorBody(failure)))) }
          }
          transaction.commit { [self] result in
            if case .failure(let error) = result { return done(.failure(.database(error, failure))) }
            services.committed(commandFor: nil) { done(.success(Accepted(session: row.id, commandID: ""))) }
          }
        }
      }
    }
  }

  // MARK: The state guard

  private static func statement(for action: AgentAction) -> SQLStatement {
    switch action {
    case .hibernateSession: SessionStatements.beginHibernation
    case .wakeSession, .startSession: SessionStatements.beginWake
    case .stopSession: SessionStatements.beginTermination
    }
  }

  private static func canStop(_ state: String) -> Bool {
    SessionState(rawValue: state).map { !$0.isFinal && $0 != .terminating } ?? true
  }

  /// The 409 of a verb in a state it is not legal from, nil where it is (C13, spec/02 §5.3, §5.4).
  private static func refusal(of action: AgentAction, in state: String) -> Refusal? {
    switch action {
    case .stopSession:
      canStop(state) ? nil : Refusal(.conflict, .alreadyTerminating(state: state))
    case .hibernateSession:
      state == SessionState.running.rawValue ? nil : Refusal(.conflict, .cannotHibernate(state: state))
    case .wakeSession, .startSession:
      state == SessionState.hibernated.rawValue ? nil : Refusal(.conflict, .cannotWake(state: state))
    }
  }

  /// The same for a session that was in the right state for a moment.
  private static func raced(_ action: AgentAction, _ state: String) -> Refusal {
    switch action {
    case .stopSession: Refusal(.conflict, .alreadyTerminating(state: state))
    case .hibernateSession: Refusal(.conflict, .cannotHibernate(state: state))
    case .wakeSession, .startSession: Refusal(.conflict, .cannotWake(state: state))
    }
  }
}

extension SessionPolicies {
  /// Whether `user` may see and touch a session (C16).
  func lets(_ user: AuthenticatedUser, touch row: StoredSession) -> Bool {
    if users.ownership == .anyUser { return true }
    return row.userID == user.id || (user.isAdministrator && row.organisationID == user.organisation)
  }
}

extension AgentAction {
  /// The word of the handlers' texts (spec/01 §4.3).
  var verb: String {
    switch self {
    case .startSession: "start"
    case .stopSession: "stop"
    case .hibernateSession: "hibernate"
    case .wakeSession: "wake"
    }
  }
}

extension ErrorBody {
  /// The 409 of a session without agent.
  static func sessionNotReady(for action: AgentAction) -> ErrorBody {
    let verb = action == .stopSession ? "terminate" : action.verb
    return ErrorBody(
      "Session not ready",
      message:
        "Session has no agent assigned - cannot \(verb). Session may still be pending or failed to start.")
  }
}
