import SchemaMigrations
import StreamSpaceProtocol

/// How the binary of a replica brings the schema of its database up to what it needs (C30).
package struct SchemaUpgradePlan {
  /// Reads the ledger, without a lock; nil: this binary knows no ledger and always runs.
  package var ledger: SQLStatement?
  /// Whether the schema needs nothing, by the answer to ``ledger``.
  package var isComplete: (SQLResult) -> Bool
  /// A new run in the name of a pod.
  package var makeRun: (_ appliedBy: String) -> any MigrationRun

  package init(
    ledger: SQLStatement? = nil, isComplete: @escaping (SQLResult) -> Bool = { _ in false },
    makeRun: @escaping (_ appliedBy: String) -> any MigrationRun
  ) {
    self.ledger = ledger
    self.isComplete = isComplete
    self.makeRun = makeRun
  }
}
