/// Goes through the statements of migrations in order and compares what they do with what is declared.
struct SetCheck {
  private(set) var problems: [String] = []
  /// Tables that are there, by the statements so far.
  private var tables: Set<String> = []
  private var indexes: Set<String> = []

  init(_ set: MigrationSet) {
    for migration in set.migrations {
      checkUp(migration)
      checkDown(migration)
      checkBackfills(migration)
    }
  }

  private mutating func complain(_ migration: Migration, _ text: String) {
    problems.append("version \(migration.version): \(text)")
  }

  // MARK: - Up

  private mutating func checkUp(_ migration: Migration) {
    var added: [String] = []
    var created: Set<String> = []
    var dropped: Set<String> = []
    for statement in migration.up.flatMap(\.statements) {
      checkGuard(statement, migration, dropped)
      for change in SchemaChangeReader.changes(of: statement) {
        switch change {
        case .createTable(let table):
          if !tables.insert(table).inserted { complain(migration, "the table \(table) is made a second time") }
          created.insert(table)
          added.append(table)
        case .addColumn(let table, let column, let isNullable):
          if !created.contains(table) { added.append("\(table).\(column)") }
          if migration.isCompatible, !isNullable {
            complain(migration, "\(table).\(column) is not nullable, so it is not compatible")
          }
        case .createIndex(let name, _):
          if !indexes.insert(name).inserted { complain(migration, "the index \(name) is made a second time") }
        case .dropIndex(let name): indexes.remove(name)
        case .dropConstraint(_, let name): dropped.insert(name)
        case .unknown(let text): complain(migration, "a statement that the check does not know: \(text.prefix(60))")
        default: break
        }
        if migration.isCompatible, !Self.isCompatible(change) {
          complain(migration, "it is not compatible: \(statement.prefix(60))")
        }
      }
    }
    compare(migration, "adds", declared: migration.effects.adds, found: added)
  }

  private static func isCompatible(_ change: SchemaChange) -> Bool {
    switch change {
    case .addColumn, .setDefault, .createIndex, .writeRows: true
    default: false
    }
  }

  /// A statement that fails the second time leaves a database that is half there for ever (B-82).
  private mutating func checkGuard(_ statement: String, _ migration: Migration, _ dropped: Set<String>) {
    let words = StatementWords.words(of: statement)
    let isGuarded =
      switch SchemaChangeReader.changes(of: statement).first {
      case .createTable, .addColumn, .createIndex: words.containsInOrder(["if", "not", "exists"])
      case .dropTable, .dropColumn, .dropIndex, .dropConstraint, .dropTrigger, .dropFunction:
        words.containsInOrder(["if", "exists"])
      case .createFunction: words.containsInOrder(["or", "replace"])
      case .addConstraint(_, let name): dropped.contains(name)
      case .writeRows: words.first != "insert" || words.containsInOrder(["on", "conflict"])
      default: true
      }
    if !isGuarded { complain(migration, "it fails when it is run again: \(statement.prefix(60))") }
  }

  // MARK: - Down

  private mutating func checkDown(_ migration: Migration) {
    var lost: [String] = []
    var tablesLost: Set<String> = []
    let statements = migration.down.flatMap(\.statements)
    var dropped: Set<String> = []
    for statement in statements {
      if case .dropConstraint(_, let name)? = SchemaChangeReader.changes(of: statement).first { dropped.insert(name) }
    }
    for statement in statements {
      checkGuard(statement, migration, dropped)
      for change in SchemaChangeReader.changes(of: statement) {
        switch change {
        case .dropTable(let table):
          lost.append(table)
          tablesLost.insert(table)
        case .dropColumn(let table, let column): lost.append("\(table).\(column)")
        case .unknown(let text): complain(migration, "a statement that the check does not know: \(text.prefix(60))")
        default: break
        }
      }
    }
    if migration.version > 0 { compare(migration, "loses", declared: migration.effects.loses, found: lost) }
  }

  private mutating func compare(_ migration: Migration, _ verb: String, declared: [String], found: [String]) {
    for name in found where !declared.contains(name) { complain(migration, "\(verb) \(name) and does not say so") }
    for name in declared where !found.contains(name) { complain(migration, "says it \(verb) \(name) and does not") }
  }

  // MARK: - Back-fills

  private mutating func checkBackfills(_ migration: Migration) {
    var filled: [String] = []
    for step in migration.up {
      guard case .backfill(let table, let key) = step.kind, let statement = step.statements.first else { continue }
      if !statement.contains(MigrationStep.batchCondition(key)) {
        complain(migration, "the back-fill of \(table) is not limited to a batch by \(key)")
      }
      if !statement.contains(" IS NULL") {
        complain(migration, "the back-fill of \(table) is not limited to rows without a value")
      }
      filled += migration.effects.backfills.keys.sorted().filter { name in
        name.hasPrefix("\(table).") && statement.contains("\(name.dropFirst(table.count + 1)) = ")
      }
      if filled.allSatisfy({ !$0.hasPrefix("\(table).") }) {
        complain(migration, "fills rows of \(table) and does not say so")
      }
    }
    for name in migration.effects.backfills.keys.sorted() where !filled.contains(name) {
      complain(migration, "says it fills \(name) and does not")
    }
  }
}

extension [String] {
  fileprivate func containsInOrder(_ words: [String]) -> Bool {
    indices.contains { self[$0...].starts(with: words) }
  }
}
