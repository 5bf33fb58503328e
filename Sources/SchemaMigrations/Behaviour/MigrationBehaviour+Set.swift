extension MigrationBehaviour {
  /// The migrations of the behaviour: the contract's with what its defects change.
  package var migrations: MigrationSet {
    // Most behaviours change nothing, and a set is asked for at every start.
    guard changesSet else { return .contract }
    var set = MigrationSet.contract
    if let newestVersion { set.migrations.removeAll { $0.version > newestVersion } }
    for position in set.migrations.indices { change(&set.migrations[position]) }
    return set
  }

  private var changesSet: Bool {
    guards != .repeatable || updateTimes != .creation || rollBacks != .declared || transactions != .short
      || newColumns != .optional || seven != .sessionEnds || baseFault != .none || !forgottenVersions.isEmpty
      || newestVersion != nil
  }

  private func change(_ migration: inout Migration) {
    switch migration.version {
    case 0: faultBase(&migration)
    case 2:
      if guards == .asShipped { migration.up = [.schema(ShippedMigrations.file(2))] }
      if rollBacks == .asShipped { migration.down = [.schema(ShippedMigrations.rollBackFile(2))] }
    case 4: if updateTimes == .migration { migration.up = [.schema(ShippedMigrations.file(4))] }
    case 5: if guards == .asShipped { migration.up = [.schema(ShippedMigrations.file(5))] }
    case 7: if seven == .agentApproval { migration.up = [.schema(Self.approval)] }
    case 9: if newColumns == .required { migration.up.append(.schema(Self.requiredColumn)) }
    default: break
    }
    if transactions == .onePerVersion, migration.version > 0 { migration.up = [.schema(migration.wholeUp)] }
    if forgottenVersions.contains(migration.version) {
      migration.up = []
      migration.down = []
    }
  }

  private func faultBase(_ base: inout Migration) {
    switch baseFault {
    case .none: return
    case .tableTwice: base.up.append(.schema(Self.secondTable))
    case .expressionInUnique:
      base.up = base.up.map { step in
        guard step.statements.contains(where: { $0.hasPrefix(Self.quotas) }) else { return step }
        return .schema(
          step.statements.map { statement in
            guard statement.hasPrefix(Self.quotas), let end = statement.lastIndex(of: "\n") else { return statement }
            return statement[..<end] + ",\n  UNIQUE (user_id, COALESCE(team_id, ''))\n)"
          })
      }
    }
  }

  private static let quotas = "CREATE TABLE IF NOT EXISTS resource_quotas"

  /// Another table of a name that is taken.
  private static let secondTable = [
    """
    CREATE TABLE IF NOT EXISTS session_activity_log (
      id SERIAL PRIMARY KEY,
      session_id VARCHAR(255),
      activity_type VARCHAR(100)
    )
    """,
    "CREATE INDEX IF NOT EXISTS idx_session_activity_log_type ON session_activity_log(activity_type)",
  ]

  private static let approval = [
    "ALTER TABLE agents ADD COLUMN IF NOT EXISTS approval_status VARCHAR(20) DEFAULT 'approved'",
    "ALTER TABLE agents ADD COLUMN IF NOT EXISTS approved_at TIMESTAMP",
    "ALTER TABLE agents ADD COLUMN IF NOT EXISTS approved_by VARCHAR(255)",
    "CREATE INDEX IF NOT EXISTS idx_agents_approval_status ON agents(approval_status)",
  ]

  private static let requiredColumn = [
    "ALTER TABLE agent_commands ALTER COLUMN attempts SET NOT NULL",
    "ALTER TABLE agent_commands ALTER COLUMN attempts DROP DEFAULT",
  ]
}

extension MigrationStep {
  /// Statements in one schema step.
  fileprivate static func schema(_ statements: [String]) -> MigrationStep {
    MigrationStep(
      kind: .schema, statements: statements, text: statements.map { $0 + ";" }.joined(separator: "\n"))
  }
}
