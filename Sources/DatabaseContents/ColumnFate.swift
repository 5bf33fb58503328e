import SchemaMigrations

/// One migration on the way from one digest to the next.
package enum ContentPassage: Sendable, Equatable {
  case up(DeclaredEffects)
  case down(DeclaredEffects)

  /// The way through `stops`, versions in order: `[0, 10, 4, 10]` goes up, down and up again.
  package static func path(_ stops: [Int], in set: MigrationSet) -> [ContentPassage] {
    var passages: [ContentPassage] = []
    for (from, to) in zip(stops, stops.dropFirst()) {
      if from <= to {
        for migration in set.migrations where migration.version > from && migration.version <= to {
          passages.append(.up(migration.effects))
        }
      } else {
        for migration in set.migrations.reversed() where migration.version > to && migration.version <= from {
          passages.append(.down(migration.effects))
        }
      }
    }
    return passages
  }
}

/// What became of a table or column on the way, by what the migrations declare.
enum Fate: Equatable {
  /// It is as it was; where it was NULL it may have been filled with this expression.
  case kept(fill: String?)
  /// It came, or came again, and is filled with this expression, or left to its default.
  case fresh(fill: String?)
  /// It was taken away.
  case lost
  /// It was not there and did not come.
  case unknown

  /// Of `table.column`.
  init(_ table: String, _ column: String, existed: Bool, _ passages: [ContentPassage]) {
    let name = "\(table).\(column)"
    self = existed ? .kept(fill: nil) : .unknown
    for passage in passages {
      switch passage {
      case .up(let effects):
        let fill = effects.backfills[name]
        if effects.adds.contains(name) || effects.adds.contains(table), self == .unknown || self == .lost {
          self = .fresh(fill: fill)
        } else if let fill {
          if case .kept = self { self = .kept(fill: fill) } else { self = .fresh(fill: fill) }
        }
      case .down(let effects):
        if effects.loses.contains(name) || effects.loses.contains(table) { self = .lost }
      }
    }
  }

  /// Of a table.
  init(table: String, existed: Bool, _ passages: [ContentPassage]) {
    self = existed ? .kept(fill: nil) : .unknown
    for passage in passages {
      switch passage {
      case .up(let effects):
        if effects.adds.contains(table), self == .unknown || self == .lost { self = .fresh(fill: nil) }
      case .down(let effects):
        if effects.loses.contains(table) { self = .lost }
      }
    }
  }
}
