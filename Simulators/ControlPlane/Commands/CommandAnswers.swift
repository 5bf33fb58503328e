import SimulationRuntime
import StreamSpaceProtocol

/// What agents answer moves the rows, and with them the sessions, in one transaction (C9, C11, C13).
extension CommandDispatcher {
  /// Wait before an answer that could not be stored is tried again.
  static let answerRetry = TimeSpan.seconds(1)
  private static let retryLabel = EventLabel("controlplane.dispatch.answer")

  private func owner(_ commandID: String, _ connection: AgentConnection) -> [SQLValue] {
    [
      .text(commandID), .text(connection.agentID), .text(replica.podName), .integer(connection.identity.epoch),
    ]
  }

  /// `ack`: the agent has the command.
  func acknowledged(_ ack: CommandAck, from connection: AgentConnection, _ done: @escaping () -> Void) {
    let isGuarded = policies.answerUpdate == .forwardOnly
    var statement = isGuarded ? CommandStatements.acknowledged : CommandStatements.acknowledgedUnconditionally
    if policies.transitions == .columnMissing { statement = CommandStatements.acknowledgedWithoutColumn }
    let parameters = Array(owner(ack.commandID, connection).prefix(isGuarded ? 4 : 2))
    replica.database.execute(statement, parameters) { [unowned self] result in
      switch result {
      case .failure:
        retry(connection, done) { [unowned self] in acknowledged(ack, from: connection, done) }
      case .success(let result):
        judged(ack.commandID, connection, isAccepted: result.rowCount > 0)
        if result.rowCount > 0 {
          replica.sink?.commandAcknowledged(commandID: ack.commandID, from: connection.identity)
        }
        done()
      }
    }
  }

  /// `complete`: the work is done.
  func completed(_ completion: CommandCompletion, from connection: AgentConnection, _ done: @escaping () -> Void) {
    let outcome = FinishedCommand.Outcome.completed(completion.result)
    finish(completion.commandID, outcome, from: connection, done)
  }

  /// `failed`: the agent gave up.
  func failed(_ failure: CommandFailure, from connection: AgentConnection, _ done: @escaping () -> Void) {
    finish(failure.commandID, .failed(failure.error), from: connection, done)
  }

  private func finish(
    _ commandID: String, _ outcome: FinishedCommand.Outcome, from connection: AgentConnection,
    _ done: @escaping () -> Void
  ) {
    let isGuarded = policies.answerUpdate == .forwardOnly
    var parameters = Array(owner(commandID, connection).prefix(isGuarded ? 4 : 2))
    var statement: SQLStatement
    switch outcome {
    case .completed:
      statement = isGuarded ? CommandStatements.completed : CommandStatements.completedUnconditionally
    case .failed(let reason):
      statement = isGuarded ? CommandStatements.failed : CommandStatements.failedUnconditionally
      parameters.append(.text(reason))
    }
    if policies.transitions == .columnMissing { statement = Self.withoutColumn(outcome) }
    let store = connection.sessionlessCommands.contains(commandID) ? endAlone : end
    store(commandID, connection.agentID, statement, parameters, outcome) { [unowned self] result in
      switch result {
      case .failure:
        retry(connection, done) { [unowned self] in finish(commandID, outcome, from: connection, done) }
      case .success(let command?):
        connection.sessionlessCommands.remove(commandID)
        judged(commandID, connection, isAccepted: true)
        replica.sink?.commandFinishCommitted(command)
        windowFreed(connection)
        done()
      case .success(nil):
        connection.sessionlessCommands.remove(commandID)
        judged(commandID, connection, isAccepted: false)
        tellLate(commandID, outcome, from: connection, done)
      }
    }
  }

  private func judged(_ commandID: String, _ connection: AgentConnection, isAccepted: Bool) {
    replica.tell(.answerJudged(agentID: connection.agentID, commandID: commandID, isAccepted: isAccepted))
  }

  private static func withoutColumn(_ outcome: FinishedCommand.Outcome) -> SQLStatement {
    switch outcome {
    case .completed: CommandStatements.completedWithoutColumn
    case .failed: CommandStatements.failedWithoutColumn
    }
  }

  /// Moves a row to its end and lets the session follow in the same transaction; nil if no row was moved.
  private func end(
    _ commandID: String, _ agentID: String?, _ statement: SQLStatement, _ parameters: [SQLValue],
    _ outcome: FinishedCommand.Outcome, _ done: @escaping (Result<FinishedCommand?, DatabaseError>) -> Void
  ) {
    replica.database.transaction { [unowned self] opened in
      guard case .success(let transaction) = opened else { return done(opened.map { _ in nil }) }
      transaction.execute(statement, parameters) { [unowned self] result in
        switch result {
        case .failure(let error): transaction.fail(error, done)
        case .success(let result):
          guard let row = result.firstRow, let command = try? FinishedCommand(commandID, agentID, row, outcome) else {
            return transaction.rollback { done(.success(nil)) }
          }
          follow(command, transaction, done)
        }
      }
    }
  }

  /// The same for a command of no session: one statement, which keeps no other writer waiting.
  private func endAlone(
    _ commandID: String, _ agentID: String?, _ statement: SQLStatement, _ parameters: [SQLValue],
    _ outcome: FinishedCommand.Outcome, _ done: @escaping (Result<FinishedCommand?, DatabaseError>) -> Void
  ) {
    replica.database.execute(statement, parameters) { result in
      done(result.map { $0.firstRow.flatMap { try? FinishedCommand(commandID, agentID, $0, outcome) } })
    }
  }

  private func follow(
    _ command: FinishedCommand, _ transaction: DatabaseTransaction,
    _ done: @escaping (Result<FinishedCommand?, DatabaseError>) -> Void
  ) {
    let commit = { transaction.commit { result in done(result.map { command }) } }
    guard let sink = replica.sink else { return commit() }
    sink.commandFinished(command, in: transaction) { result in
      switch result {
      case .success: commit()
      case .failure(let error): transaction.fail(error, done)
      }
    }
  }

  /// No row was moved: it is final, foreign, or the connection is not the agent's any more.
  private func tellLate(
    _ commandID: String, _ outcome: FinishedCommand.Outcome, from connection: AgentConnection,
    _ done: @escaping () -> Void
  ) {
    guard let sink = replica.sink else { return done() }
    replica.database.execute(CommandStatements.identify, [.text(commandID), .text(connection.agentID)]) {
      result in
      if case .success(let result) = result, let row = result.firstRow,
        let status = try? row.optionalText("status"), CommandStatus(rawValue: status)?.isFinal == true,
        let command = try? FinishedCommand(commandID, connection.agentID, row, outcome)
      {
        sink.lateAnswer(command, from: connection.identity)
      }
      done()
    }
  }

  /// Tries again while the connection lives; its agent repeats the answer on the next one.
  private func retry(_ connection: AgentConnection, _ done: @escaping () -> Void, _ again: @escaping () -> Void) {
    // A column that is not there will not come by waiting.
    if policies.transitions == .columnMissing { return done() }
    replica.incarnation.after(Self.answerRetry, Self.retryLabel) {
      if connection.isOpen { again() } else { done() }
    }
  }

  /// Gives a row up whose time is over; the session follows. Another replica may have been faster.
  func give(up commandID: String, _ statement: SQLStatement, _ reason: String) {
    end(commandID, nil, statement, [.text(commandID), .text(reason)], .failed(reason)) { [unowned self] result in
      guard case .success(let command?) = result else { return }
      replica.sink?.commandFinishCommitted(command)
      if let connection = replica.hub.connection(of: command.agentID) { windowFreed(connection) }
    }
  }
}

extension FinishedCommand {
  /// A row that has just ended. `agentID`: who answered; nil where the control plane gave up, then the row tells, and a
  /// row without agent is nobody's.
  init(_ commandID: String, _ agentID: String?, _ row: SQLRow, _ outcome: Outcome) throws(SQLRowError) {
    let owner = if let agentID { agentID } else { try row.optionalText("agent_id") ?? "" }
    self.init(
      commandID: commandID, agentID: owner, sessionID: try row.optionalText("session_id"),
      actionName: try row.text("action"), outcome: outcome)
  }
}
