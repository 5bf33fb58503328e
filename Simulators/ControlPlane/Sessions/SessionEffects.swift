import SimulationRuntime
import StreamSpaceProtocol

/// Moves sessions as their agents say (C13): results of commands, status reports, inventories.
package final class SessionEffects: AgentMessageSink {
  private let services: SessionServices
  /// Status reports of one session take effect in the order in which they came.
  private let reports = EffectLanes()
  /// Commands whose transaction, still open or just committed, wrote a correction.
  private var corrected: [String] = []
  /// Takes the `vnc_*` messages, and what ends with a connection; set by the part that relays streams.
  package var streams: ((AgentMessage, AgentConnectionIdentity) -> Void)?
  package var onConnectionLost: ((AgentConnectionIdentity) -> Void)?
  /// Told of a session that a result or a report of its agent may have moved.
  package var onSessionMoved: ((String) -> Void)?

  static let failure = "Failed to move session"
  private static let refused = EventLabel("controlplane.session.report-refused")
  private static let late = EventLabel("controlplane.session.late-answer")
  private static let again = EventLabel("controlplane.session.effect-retry")
  /// Between two tries of an effect that the database did not take.
  private static let pause = TimeSpan.seconds(1)
  /// Tries of an effect: 10 min, after which the reconciler has the session (C14).
  private static let tries = 600

  package init(_ services: SessionServices) { self.services = services }

  // MARK: Results of commands

  package func commandFinished(
    _ command: FinishedCommand, in transaction: DatabaseTransaction,
    _ done: @escaping (Result<Void, DatabaseError>) -> Void
  ) {
    guard services.policies.progress.follows(command), let action = command.action,
      let session = command.sessionID, let edge = SessionEdge(action, command.outcome)
    else { return done(.success(())) }
    let statement = edge.statement(session: session, agent: command.agentID)
    transaction.execute(statement.statement, statement.parameters) { [self] result in
      switch result {
      case .failure(let error): done(.failure(error))
      case .success(let moved) where moved.rowCount == 0 && edge.isTermination:
        endUnasked(session, command.agentID, statement.statement, in: transaction, done)
      case .success where edge.isTermination && services.policies.quotaCount == .storedNumber:
        transaction.execute(QuotaNumberStatements.lower, [.text(session)]) { done($0.map { _ in }) }
      case .success(let moved)
      where moved.rowCount > 0 || !edge.leavesWorkload || services.policies.lateResults == .ignored:
        done(.success(()))
      case .success: correct(command, action, session: session, in: transaction, done)
      }
    }
  }

  /// A stop was carried out on a session that nobody had asked to end.
  private func endUnasked(
    _ session: String, _ agent: String, _ end: SQLStatement, in transaction: DatabaseTransaction,
    _ done: @escaping (Result<Void, DatabaseError>) -> Void
  ) {
    let keys: [SQLValue] = [.text(session), .text(agent)]
    transaction.execute(CommandResultStatements.becomeTerminating, keys) { result in
      switch result {
      case .failure(let error): done(.failure(error))
      case .success(let moved) where moved.rowCount == 0: done(.success(()))
      case .success: transaction.execute(end, keys) { done($0.map { _ in }) }
      }
    }
  }

  package func commandFinishCommitted(_ command: FinishedCommand) {
    if let index = corrected.firstIndex(of: command.commandID) {
      corrected.remove(at: index)
      services.onCommandWritten?(nil, command.agentID)
    }
    services.invalidate?({})
    if let session = command.sessionID { onSessionMoved?(session) }
  }

  /// A success that its session did not take: what now runs, or does not, must fit the session again.
  private func correct(
    _ command: FinishedCommand, _ action: AgentAction, session: String, in transaction: DatabaseTransaction,
    _ done: @escaping (Result<Void, DatabaseError>) -> Void
  ) {
    transaction.execute(CommandResultStatements.standing, [.text(session)]) { [self] result in
      do throws(DatabaseError) {
        let standing = try SessionStanding(result.get())
        guard let correction = standing.correction(after: action, by: command.agentID) else {
          return done(.success(()))
        }
        let parameters = services.correction(correction, session: session, agent: command.agentID)
        transaction.execute(CommandResultStatements.correct, parameters) { [self] result in
          if case .success = result, !corrected.contains(command.commandID) { corrected.append(command.commandID) }
          done(result.map { _ in })
        }
      } catch {
        done(.failure(error))
      }
    }
  }

  package func lateAnswer(_ command: FinishedCommand, from connection: AgentConnectionIdentity) {
    services.incarnation.note(Self.late, ("command", .text(command.commandID)), ("agent", .text(command.agentID)))
    guard services.policies.progress.follows(command), services.policies.lateResults == .corrected,
      case .completed = command.outcome,
      let action = command.action, let session = command.sessionID
    else { return }
    perform(in: session) { [self] done in
      judge(session: session, agent: connection.agentID, { $0.correction(after: action, by: connection.agentID) }, done)
    }
  }

  package func commandAcknowledged(commandID: String, from connection: AgentConnectionIdentity) {}

  // MARK: Reports

  package func sessionReported(
    _ report: SessionStatusReport, from connection: AgentConnectionIdentity, _ taken: @escaping () -> Void
  ) {
    perform(in: report.sessionID, taken) { [self] done in
      if services.policies.reports == .verbatim { return storeVerbatim(report, connection, done) }
      if services.policies.reports == .ignored { return done(.success(())) }
      if services.policies.progress == .exceptHibernation, report.sessionState == .hibernated {
        return done(.success(()))
      }
      guard let state = report.sessionState,
        let effect = ReportEffect(report, state: state, agent: connection.agentID)
      else {
        refuse(report, connection)
        return done(.success(()))
      }
      let next: (Result<SQLResult, DatabaseError>) -> Void = { [self] result in
        switch result {
        case .failure(let error): done(.failure(error))
        case .success(let moved) where moved.rowCount > 0:
          judged(report, connection, isAccepted: true)
          if state != .running { onSessionMoved?(report.sessionID) }
          services.committed(commandFor: state == .failed ? connection.agentID : nil) { done(.success(())) }
        case .success:
          refuse(report, connection)
          judge(
            session: report.sessionID, agent: connection.agentID,
            { $0.correction(afterReport: state, by: connection.agentID) }, done)
        }
      }
      if state == .failed { return failSession(effect, report.sessionID, connection.agentID, next) }
      services.database.execute(effect.statement, effect.parameters, next)
    }
  }

  /// A session whose workload was lost leaves a definition behind: the same transaction sees to its removal
  /// (I-NO-ORPHAN). Gives the result of the change of state.
  private func failSession(
    _ effect: ReportEffect, _ session: String, _ agent: String,
    _ done: @escaping (Result<SQLResult, DatabaseError>) -> Void
  ) {
    services.database.transaction { [self] opened in
      guard case .success(let transaction) = opened else { return done(opened.map { _ in SQLResult(rowCount: 0) }) }
      transaction.execute(effect.statement, effect.parameters) { [self] moved in
        guard case .success(let result) = moved, result.rowCount > 0 else {
          return transaction.rollback { done(moved) }
        }
        let parameters = services.correction(.stopSession, session: session, agent: agent)
        transaction.execute(CommandResultStatements.correct, parameters) { written in
          if case .failure(let error) = written { return transaction.fail(error, done) }
          transaction.commit { done($0.map { result }) }
        }
      }
    }
  }

  private func storeVerbatim(
    _ report: SessionStatusReport, _ connection: AgentConnectionIdentity,
    _ done: @escaping (Result<Void, DatabaseError>) -> Void
  ) {
    let parameters: [SQLValue] = [
      .text(report.sessionID), .text(report.state), .text(report.platformMetadata?.podName ?? ""),
      .boolean(report.isReachable),
    ]
    services.database.execute(CommandResultStatements.reportedVerbatim, parameters) { [self] result in
      if case .success(let moved) = result { judged(report, connection, isAccepted: moved.rowCount > 0) }
      done(result.map { _ in })
    }
  }

  private func judged(_ report: SessionStatusReport, _ connection: AgentConnectionIdentity, isAccepted: Bool) {
    services.tell(
      .reportJudged(agentID: connection.agentID, sessionID: report.sessionID, isAccepted: isAccepted))
  }

  private func refuse(_ report: SessionStatusReport, _ connection: AgentConnectionIdentity) {
    judged(report, connection, isAccepted: false)
    services.incarnation.note(
      Self.refused, ("session", .text(report.sessionID)), ("state", .text(report.state)),
      ("agent", .text(connection.agentID)))
  }

  /// Looks at the session and writes the command that puts its workload right, if it needs one.
  private func judge(
    session: String, agent: String, _ decide: @escaping (SessionStanding) -> AgentAction?,
    _ done: @escaping (Result<Void, DatabaseError>) -> Void
  ) {
    services.database.execute(CommandResultStatements.standing, [.text(session)]) { [self] result in
      do throws(DatabaseError) {
        guard let action = decide(try SessionStanding(result.get())) else { return done(.success(())) }
        let parameters = services.correction(action, session: session, agent: agent)
        services.database.execute(CommandResultStatements.correct, parameters) { [self] result in
          if case .success(let written) = result, written.rowCount > 0 { services.onCommandWritten?(nil, agent) }
          done(result.map { _ in })
        }
      } catch {
        done(.failure(error))
      }
    }
  }

  // MARK: Connections

  package func agentConnected(_ connection: AgentConnectionIdentity, inventory: [SessionInventoryItem]?) {
    guard services.policies.comparesInventory, let inventory else { return }
    InventoryReconciliation(services, agent: connection.agentID, inventory: inventory).start()
  }

  package func agentDisconnected(_ connection: AgentConnectionIdentity) { onConnectionLost?(connection) }

  package func streamMessage(_ message: AgentMessage, from connection: AgentConnectionIdentity) {
    streams?(message, connection)
  }

  // MARK: Order and persistence

  private typealias Effect = (@escaping (Result<Void, DatabaseError>) -> Void) -> Void

  /// An agent says a thing once: what the database does not take now is tried again, in order within its session.
  /// `attempted` is called after the first try, so that a database that is away holds up nothing else.
  private func perform(in lane: String, _ attempted: (() -> Void)? = nil, _ effect: @escaping Effect) {
    reports.enter(lane) { [self] leave in attempt(Self.tries, effect, attempted, leave) }
  }

  private func attempt(
    _ triesLeft: Int, _ effect: @escaping Effect, _ attempted: (() -> Void)?, _ leave: @escaping () -> Void
  ) {
    effect { [self] result in
      attempted?()
      guard case .failure(let error) = result, error.isPassing, triesLeft > 1 else { return leave() }
      services.incarnation.after(Self.pause, Self.again) { [self] in attempt(triesLeft - 1, effect, nil, leave) }
    }
  }
}

extension SessionPolicies.Progress {
  /// Whether the session follows the end of a command.
  func follows(_ command: FinishedCommand) -> Bool {
    switch self {
    case .resultsAndReports: return true
    case .reportsOnly: return false
    case .exceptFailures:
      if case .failed = command.outcome { return false }
      return true
    case .exceptHibernation: return command.action != .hibernateSession && command.action != .wakeSession
    case .exceptStops: return command.action != .stopSession
    }
  }
}

/// Runs the effects of one lane one after the other, those of different lanes side by side.
final class EffectLanes {
  private var lanes: [String: [(@escaping () -> Void) -> Void]] = [:]

  /// Runs `body` when those before it in the lane have left; it leaves by calling its argument, once.
  func enter(_ lane: String, _ body: @escaping (@escaping () -> Void) -> Void) {
    guard lanes[lane] == nil else {
      lanes[lane]?.append(body)
      return
    }
    lanes[lane] = []
    run(lane, body)
  }

  private func run(_ lane: String, _ body: (@escaping () -> Void) -> Void) {
    body { [self] in
      guard let waiting = lanes[lane], !waiting.isEmpty else {
        lanes[lane] = nil
        return
      }
      let next = waiting[0]
      lanes[lane]?.removeFirst()
      run(lane, next)
    }
  }
}
