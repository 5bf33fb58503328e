import SimulationRuntime
import StreamSpaceProtocol

/// Looks after sessions that are stuck on their way, and hibernates idle ones (C14, C18).
///
/// Every replica ticks every 60 s; who gets the advisory lock does the round. The lock belongs to a database
/// connection, so it goes when its holder dies.
package final class SessionReconciler {
  /// Between two rounds (C14).
  package static let period = TimeSpan.seconds(60)
  /// Key of the advisory lock; the next after that of the migrations (C30).
  package static let lockKey: Int64 = 5_837_002
  /// How long a replica must have been ready before it holds an agent's absence against it (C12).
  package static let settling = TimeSpan.minutes(5)

  private static let tick = EventLabel("controlplane.reconciler")
  private static let gaveUp = EventLabel("controlplane.reconciler.gave-up")
  private static let redrove = EventLabel("controlplane.reconciler.redrove")

  private let services: SessionServices
  private let verbs: SessionVerbs
  private let orphans: OrphanRemoval
  private var readySince: Instant?
  private var isBusy = false

  init(_ services: SessionServices, _ verbs: SessionVerbs, _ orphans: OrphanRemoval) {
    self.services = services
    self.verbs = verbs
    self.orphans = orphans
  }

  /// Ticks from now on; the first round is at once, as recorded (spec/01 §4.4).
  func begin() {
    readySince = services.incarnation.monotonicNow
    guard services.policies.reconciliation != .off || services.policies.hibernatesIdleSessions else { return }
    services.incarnation.every(Self.period, first: .zero, Self.tick) { [weak self] in self?.round() }
  }

  // MARK: One round

  private func round() {
    guard !isBusy else { return }
    isBusy = true
    services.database.execute(ReconcilerStatements.work) { [self] result in
      guard let row = try? result.get().firstRow, let stuck = try? row.integer("stuck"),
        let idle = try? row.integer("idle"), let lost = try? row.integer("lost"), stuck > 0 || idle > 0 || lost > 0
      else {
        isBusy = false
        return
      }
      if services.policies.reconciliation == .everyReplicaUnbounded {
        reconcile { [self] in isBusy = false }
      } else {
        underLock { [self] done in
          reconcile { [self] in sweepIdle { [self] in lost > 0 ? orphans.removeDue(done) : done() } }
        }
      }
    }
  }

  /// Does `work` if no other replica is at it.
  private func underLock(_ work: @escaping (@escaping () -> Void) -> Void) {
    services.database.session { [self] lent in
      guard case .success(let session) = lent else {
        isBusy = false
        return
      }
      session.send(.tryAdvisoryLock(Self.lockKey)) { [self] result in
        guard let row = try? result.get().firstRow, (try? row.boolean("pg_try_advisory_lock")) == true else {
          session.release()
          isBusy = false
          return
        }
        work { [self] in
          session.send(.advisoryUnlock(Self.lockKey)) { [self] _ in
            session.release()
            isBusy = false
          }
        }
      }
    }
  }

  private func reconcile(_ done: @escaping () -> Void) {
    guard services.policies.reconciliation != .off else { return done() }
    services.database.execute(ReconcilerStatements.stuck) { [self] result in
      guard let rows = try? result.get().rows else { return done() }
      treat(rows.compactMap { try? StuckSession(row: $0) }[...], done)
    }
  }

  private func treat(_ sessions: ArraySlice<StuckSession>, _ done: @escaping () -> Void) {
    guard let session = sessions.first else { return done() }
    let next = { [self] in treat(sessions.dropFirst(), done) }
    let isHibernation = session.state == .hibernating || session.state == .waking
    if isHibernation, services.policies.reconciliation == .exceptHibernation { return next() }
    let isSettled = readySince.map { services.incarnation.monotonicNow - $0 >= Self.settling } ?? false
    let isShipped = services.policies.reconciliation == .everyReplicaUnbounded
    switch isShipped ? session.shippedRemedy() : session.remedy(mayGiveUpOnAbsent: isSettled) {
    case .wait: next()
    case .redrive(let action): redrive(session, action, next)
    case .giveUp(let state, let reason): giveUp(session, state, reason, next)
    }
  }

  private func redrive(_ session: StuckSession, _ action: AgentAction, _ done: @escaping () -> Void) {
    let command = SQLValue.text(services.identifiers.ownCommand())
    let finish: (Result<SQLResult, DatabaseError>) -> Void = { [self] result in
      if case .success(let written) = result, written.rowCount > 0, let agent = session.agentID {
        services.incarnation.note(
          Self.redrove, ("session", .text(session.id)), ("action", .text(action.rawValue)))
        services.onCommandWritten?(nil, agent)
      }
      done()
    }
    if services.policies.reconciliation == .everyReplicaUnbounded {
      let payload = JSONWriter.text(of: SessionCommandPayload.reconcilerStop(sessionID: session.id).json)
      services.database.execute(
        ReconcilerStatements.redriveStopUnbounded, [command, .text(session.id), .text(payload)], finish)
    } else if action == .startSession {
      services.database.execute(ReconcilerStatements.redriveStart, [command, .text(session.id)], finish)
    } else {
      let payload: SessionCommandPayload =
        action == .stopSession
        ? .reconcilerStop(sessionID: session.id) : SessionCommandPayload(sessionID: session.id)
      let parameters: [SQLValue] = [
        command, .text(session.id), .text(action.rawValue), .text(JSONWriter.text(of: payload.json)),
        .text(session.state.rawValue),
      ]
      services.database.execute(ReconcilerStatements.redrive, parameters, finish)
    }
  }

  /// The session ends its way without the agent; what is still open for it is not delivered any more.
  private func giveUp(
    _ session: StuckSession, _ state: SessionState, _ reason: String, _ done: @escaping () -> Void
  ) {
    services.database.transaction { [self] opened in
      guard case .success(let transaction) = opened else { return done() }
      let parameters: [SQLValue] = [
        .text(session.id), .text(session.state.rawValue), .text(state.rawValue), .text(reason),
      ]
      transaction.execute(ReconcilerStatements.giveUp, parameters) { [self] result in
        guard case .success(let moved) = result, moved.rowCount > 0 else { return transaction.rollback(done) }
        let open: [SQLValue] = [.text(session.id), .text("given up by the reconciler: \(reason)")]
        transaction.execute(ReconcilerStatements.failOpenCommands, open) { [self] result in
          guard case .success = result else { return transaction.rollback(done) }
          transaction.commit { [self] _ in
            services.incarnation.note(
              Self.gaveUp, ("session", .text(session.id)), ("state", .text(state.rawValue)), ("reason", .text(reason)))
            services.committed(commandFor: nil) { done() }
          }
        }
      }
    }
  }

  // MARK: Idle sessions (C18)

  private func sweepIdle(_ done: @escaping () -> Void) {
    guard services.policies.hibernatesIdleSessions else { return done() }
    services.database.execute(ReconcilerStatements.idleCandidates) { [self] result in
      guard let rows = try? result.get().rows else { return done() }
      hibernate(rows.compactMap { try? IdleSession(row: $0) }.filter(\.isIdle)[...], done)
    }
  }

  private func hibernate(_ sessions: ArraySlice<IdleSession>, _ done: @escaping () -> Void) {
    guard let session = sessions.first else { return done() }
    let parameters: [SQLValue] = [.text(session.id), .timestamp(microseconds: session.activeAt)]
    let isGuarded = services.policies.idleGuard == .testedInUpdate
    verbs.change(
      .hibernateSession, session.id, agent: session.agentID,
      guardedBy: isGuarded ? ReconcilerStatements.hibernateIdle : SessionStatements.beginHibernation,
      isGuarded ? parameters : [.text(session.id)]
    ) { [self] _ in
      // A viewer that came in between keeps its session: the guard has seen it.
      hibernate(sessions.dropFirst(), done)
    }
  }
}

/// A session without viewer, as the sweep sees it.
struct IdleSession {
  let id: String
  let agentID: String
  let activeAt: Int64
  let isIdle: Bool

  init(row: SQLRow) throws {
    id = try row.text("id")
    agentID = try row.text("agent_id")
    let now = try row.microseconds("observed_at")
    // Nobody knows when it was last used: it counts as in use.
    activeAt = try row.optionalMicroseconds("active_at") ?? now
    isIdle = IdleTimeout(try row.text("idle_timeout"))?.hasPassed(since: activeAt, at: now) ?? false
  }
}
