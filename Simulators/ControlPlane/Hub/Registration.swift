import SimulationRuntime
import StreamSpaceProtocol

/// Writes a new connection into the agent's row: the UPDATE that sets pod and epoch together decides the order of two
/// registrations on two replicas (spec/00). Counts takeovers in the same transaction (C1).
struct Registration {
  enum Outcome: Equatable {
    /// The row names this connection. `predecessor`: the pod that it named before.
    case written(predecessor: String?)
    /// The row is gone, locked to another instance, or has seen a newer leader term.
    case refused
    /// The database did not answer: try again.
    case failed
  }

  private unowned let replica: Replica
  private let connection: AgentConnection
  private let tookOverLively: Bool

  init(_ replica: Replica, _ connection: AgentConnection, tookOverLively: Bool) {
    self.replica = replica
    self.connection = connection
    self.tookOverLively = tookOverLively
  }

  func run(_ done: @escaping (Outcome) -> Void) {
    replica.database.transaction { [self] opened in
      guard case .success(let transaction) = opened else { return done(.failed) }
      transaction.execute(AgentStatements.lock, [.text(connection.agentID)]) { [self] result in
        guard case .success(let result) = result else { return transaction.rollback { done(.failed) } }
        guard let row = result.firstRow.flatMap({ try? LockedAgent($0) }), let record = takeover(row) else {
          return transaction.rollback { done(.refused) }
        }
        let predecessor = row.isOnline ? row.pod : nil
        write(record, transaction) { outcome in
          done(outcome == .written(predecessor: nil) ? .written(predecessor: predecessor) : outcome)
        }
      }
    }
  }

  /// The takeover record after this registration; nil if the id is locked to another instance.
  private func takeover(_ row: LockedAgent) -> TakeoverRecord? {
    let instance = connection.identity.instanceID
    let record = row.takeovers
    guard replica.behaviour.enrolment.takeoverLock == .afterThree else { return record }
    let isNewerTerm = connection.term.map { $0 > row.leaderTerm } ?? false
    if record.refuses(instance, at: row.now), !isNewerTerm { return nil }
    let silence = row.now - row.lastHeartbeat
    let wasLive = tookOverLively || (row.isOnline && silence <= TakeoverRecord.liveliness.microseconds)
    return record.taken(by: instance, at: row.now, fromLive: wasLive && !isNewerTerm)
  }

  private func write(_ record: TakeoverRecord, _ transaction: DatabaseTransaction, _ done: @escaping (Outcome) -> Void)
  {
    let term = replica.behaviour.enrolment.termFence == .refusesOlder ? connection.term : nil
    transaction.execute(
      AgentStatements.connected,
      [
        .text(connection.agentID), .text(replica.podName), .integer(connection.identity.epoch), .optional(term),
        .text(record.text), replica.hub.heartbeatTime,
      ]
    ) { [self] result in
      guard case .success(let result) = result else { return transaction.rollback { done(.failed) } }
      guard result.rowCount == 1 else { return transaction.rollback { done(.refused) } }
      clearAttachments(transaction, done)
    }
  }

  private func clearAttachments(_ transaction: DatabaseTransaction, _ done: @escaping (Outcome) -> Void) {
    guard replica.behaviour.hub.attachmentCount == .clearedByRegistration else { return commit(transaction, done) }
    transaction.execute(AgentStatements.clearAttachments, [.text(connection.agentID)]) { [self] result in
      guard case .success = result else { return transaction.rollback { done(.failed) } }
      commit(transaction, done)
    }
  }

  private func commit(_ transaction: DatabaseTransaction, _ done: @escaping (Outcome) -> Void) {
    transaction.commit { result in
      if case .success = result { done(.written(predecessor: nil)) } else { done(.failed) }
    }
  }
}
