import Fixtures

/// What the shipped product runs in place of the contract's migrations, told by its differences (spec/02 section 9).
package enum ShippedMigrations {
  /// The start-up list: 398 statements of the base and what follows them, each committed by itself at every start.
  package static let startUpList: [String] =
    (MigrationSet.contract[0]?.up.flatMap(\.statements) ?? []) + statements(of: "startup.sql")

  /// The statements of one of the eight files, as psql would run them.
  package static func file(_ version: Int) -> [String] {
    switch version {
    // A column that is there keeps its default.
    case 1: (MigrationSet.contract[1]?.wholeUp ?? []).filter { !$0.contains(" SET DEFAULT ") }
    case 2: statements(of: "002_shipped.up.sql")
    case 4: statements(of: "004_shipped.up.sql")
    case 5: (MigrationSet.contract[5]?.wholeUp ?? []).map { $0.replacing(" IF NOT EXISTS", with: "") }
    default: MigrationSet.contract[version]?.wholeUp ?? []
    }
  }

  /// The statements of the file that takes it back.
  package static func rollBackFile(_ version: Int) -> [String] {
    version == 2
      ? statements(of: "002_shipped.down.sql")
      : MigrationSet.contract[version]?.down.flatMap(\.statements) ?? []
  }

  private static func statements(of name: String) -> [String] {
    guard let file = Fixtures.shippedMigrationFiles.first(where: { $0.name == name }) else { return [] }
    return StepParser.steps(of: String(decoding: file.text, as: UTF8.self)).steps.flatMap(\.statements)
  }
}

extension Migration {
  /// The statements upwards with every back-fill in one piece.
  package var wholeUp: [String] { up.flatMap(\.wholeStatements) }
}

extension MigrationStep {
  /// The statements, a back-fill's over all rows at once.
  package var wholeStatements: [String] {
    guard case .backfill(_, let key) = kind else { return statements }
    return statements.map { $0.replacing(Self.batchCondition(key), with: "") }
  }

  /// What limits a back-fill to a batch.
  static func batchCondition(_ key: String) -> String { "\(key) > $1 AND \(key) <= $2 AND " }
}
