import TestEnvironment

/// Scenario 9: the schema, its migrations, and the rows that live through them (spec/06 §9).
public enum DatabaseMigrations {
  /// DBM-01 … DBM-17.
  public static let cases: [TestCase] = [
    freshInstall, upgradeWithData, freshEqualsUpgraded, idempotence, rollBack, brokenOff, together, mixedVersions,
    backFills, trigger, cascades, queryLint, nullTolerance, ledger, largeTables, restore, dialectParity,
  ]
}
