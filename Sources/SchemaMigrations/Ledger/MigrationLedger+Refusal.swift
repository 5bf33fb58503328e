extension MigrationLedger {
  /// Why a binary with these migrations must not touch this database, nor serve with it; nil: nothing speaks against it.
  package func refusal(for set: MigrationSet) -> String? {
    if let problem = set.numberingProblems.first { return problem }
    return rows.lazy.compactMap { Self.refusal(of: $0, set) }.first ?? gap(in: set)
  }

  private static func refusal(of row: Row, _ set: MigrationSet) -> String? {
    guard let state = row.state else {
      return "version \(row.version) step \(row.step) is in an unknown state"
    }
    guard state != .rolledBack else { return nil }
    guard let migration = set[row.version] else {
      if row.version > set.newest, row.name.hasSuffix(compatibleMark) { return nil }
      return row.version > set.newest
        ? "the database has version \(row.version), this binary knows \(set.newest)"
        : "the database has the unknown version \(row.version)"
    }
    guard migration.up.indices.contains(row.step - 1) else {
      return "version \(row.version) has no step \(row.step)"
    }
    guard migration.up[row.step - 1].checksum == row.checksum else {
      return "the checksum of version \(row.version) step \(row.step) is not that of this binary"
    }
    return nil
  }

  /// Something stands above a step that does not.
  private func gap(in set: MigrationSet) -> String? {
    var missing: (version: Int, step: Int)?
    for migration in set.migrations {
      let standing = standing(migration.version)
      for step in migration.up.indices.map({ $0 + 1 }) {
        let row = standing.first { $0.step == step }
        if let missing, row != nil {
          return "version \(missing.version) step \(missing.step) is missing below version \(migration.version)"
            + " step \(step)"
        }
        if row?.state != .done, missing == nil { missing = (migration.version, step) }
      }
    }
    return nil
  }

  /// What the name of a compatible version ends with in the ledger: an older binary has nothing else to tell it by.
  static let compatibleMark = " (compatible)"

  /// A migration's name in the ledger.
  static func name(of migration: Migration) -> String {
    migration.name + (migration.isCompatible ? compatibleMark : "")
  }
}

extension MigrationSet {
  /// Numbers that are missing, doubled or out of order.
  package var numberingProblems: [String] {
    if migrations.isEmpty { return ["there are no migrations"] }
    var problems: [String] = []
    var expected = 0
    for migration in migrations {
      if migration.version < expected {
        problems.append("version \(migration.version) is there twice or out of order")
      } else if migration.version > expected {
        problems.append("version \(expected) is missing before version \(migration.version)")
      }
      expected = max(expected, migration.version + 1)
    }
    return problems
  }
}
