import SimulationRuntime

/// The policies of the database server in one place; the defaults are those of the contract.
package struct DatabaseBehaviour: Sendable {
  /// Time of one statement at the server: log-normal, median 1 ms, sigma 1.16 (spec/06 §10.3).
  package var statementLatency = LatencyModel.lognormal(median: .milliseconds(1), .s116)
  /// What a commit takes longer, be it COMMIT or a write that commits by itself (spec/06 §10.3).
  package var commitLatency = TimeSpan.milliseconds(1)
  /// When a transaction begins to exclude other writers.
  package var locking = TransactionLocking.atBegin
  /// Connections beyond this are refused with SQLSTATE 53300; PostgreSQL's default is 100.
  package var maximumConnections = 100
  /// A connection that leaves a transaction open for so long without a request is ended with SQLSTATE 25P03. The
  /// contract's deadline for every call (C4): without it one frozen replica would block all writers.
  package var idleInTransactionTimeout: TimeSpan? = .seconds(5)
  /// A statement that waits so long for another's transaction fails with SQLSTATE 55P03; nil waits for ever, as
  /// PostgreSQL does by default.
  package var lockTimeout: TimeSpan?
  /// What becomes of a statement that has reached the server when its client is gone.
  package var abandonedStatements = AbandonedStatements.doneIfRunning

  package init() {}
}

/// What the server does with a statement whose client is gone before the answer.
package enum AbandonedStatements: Sendable, Hashable {
  /// Done in any case, also after waiting for a lock: a client that died told nobody.
  case done
  /// Done when it already runs, given up while it waits: lib/pq cancels a statement whose deadline has passed.
  case doneIfRunning
  /// Given up.
  case dropped
}
