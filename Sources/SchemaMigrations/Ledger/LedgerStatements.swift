import StreamSpaceProtocol

extension MigrationLedger {
  /// Number of the advisory lock that one runner at a time holds (spec/00, Migrations).
  package static let lockNumber: Int64 = 5_837_001

  /// All rows in order; fails with 42P01 on a database without ledger.
  package static let read = SQLStatement(
    "readMigrationLedger",
    "SELECT version, step, name, checksum, state, position FROM schema_migrations ORDER BY version, step",
    isPrepared: false)

  static let create = SQLStatement(
    "createMigrationLedger",
    """
    CREATE TABLE IF NOT EXISTS schema_migrations (
      version INT NOT NULL,
      step INT NOT NULL,
      name VARCHAR(255) NOT NULL,
      checksum VARCHAR(64) NOT NULL,
      state VARCHAR(20) NOT NULL,
      position TEXT,
      applied_by VARCHAR(255),
      started_at TIMESTAMPTZ NOT NULL,
      finished_at TIMESTAMPTZ,
      PRIMARY KEY (version, step)
    )
    """, isPrepared: false)

  /// A step is done. `$1` version, `$2` step, `$3` name, `$4` checksum, `$5` who did it.
  private static let recordDone = SQLStatement(
    "recordMigrationDone",
    """
    INSERT INTO schema_migrations (version, step, name, checksum, state, applied_by, started_at, finished_at)
    VALUES ($1, $2, $3, $4, 'done', $5, CURRENT_TIMESTAMP, CURRENT_TIMESTAMP)
    ON CONFLICT (version, step) DO UPDATE SET name = EXCLUDED.name, checksum = EXCLUDED.checksum, state = 'done',
      position = NULL, applied_by = EXCLUDED.applied_by, finished_at = CURRENT_TIMESTAMP
    """)

  /// A batch of a back-fill is done. As above, and `$6` the key it ended with.
  private static let recordPosition = SQLStatement(
    "recordMigrationPosition",
    """
    INSERT INTO schema_migrations (version, step, name, checksum, state, applied_by, position, started_at)
    VALUES ($1, $2, $3, $4, 'running', $5, $6, CURRENT_TIMESTAMP)
    ON CONFLICT (version, step) DO UPDATE SET name = EXCLUDED.name, checksum = EXCLUDED.checksum, state = 'running',
      position = EXCLUDED.position, applied_by = EXCLUDED.applied_by, finished_at = NULL
    """)

  /// A version is being taken back: `$2` steps of the way are done, NULL when all are.
  private static let recordRollBack = SQLStatement(
    "recordMigrationRollBack",
    """
    UPDATE schema_migrations SET state = 'rolled_back', position = $2, applied_by = $3, finished_at = CURRENT_TIMESTAMP
    WHERE version = $1
    """)

  /// `step` from 1.
  static func done(_ migration: Migration, step: Int, by name: String) -> SQLRequest {
    .execute(recordDone, row(migration, step, name))
  }

  static func reached(_ position: String, _ migration: Migration, step: Int, by name: String) -> SQLRequest {
    .execute(recordPosition, row(migration, step, name) + [.text(position)])
  }

  /// `steps` of the way back are done; nil: all.
  static func rolledBack(_ migration: Migration, steps: Int?, by name: String) -> SQLRequest {
    .execute(recordRollBack, [.integer(Int64(migration.version)), .optional(steps.map(String.init)), .text(name)])
  }

  private static func row(_ migration: Migration, _ step: Int, _ appliedBy: String) -> [SQLValue] {
    [
      .integer(Int64(migration.version)), .integer(Int64(step)), .text(name(of: migration)),
      .text(migration.up[step - 1].checksum), .text(appliedBy),
    ]
  }
}
