/// A table as PostgreSQL has it, with everything that belongs to it.
package struct TableDefinition: Sendable, Hashable {
  package let name: String
  package internal(set) var columns: [ColumnDefinition]
  /// In the order of their making.
  package internal(set) var constraints: [ConstraintDefinition] = []
  /// In the order of their making, those of keys and unique constraints included.
  package internal(set) var indexes: [IndexDefinition] = []
  package internal(set) var triggers: [TriggerDefinition] = []

  package func column(_ name: String) -> ColumnDefinition? { columns.first { $0.name == name } }

  package var primaryKey: [String]? {
    for constraint in constraints {
      if case .primaryKey(let columns) = constraint.kind { return columns }
    }
    return nil
  }

  package var foreignKeys: [(name: String, key: ForeignKeyDefinition)] {
    constraints.compactMap { constraint in
      if case .foreignKey(let key) = constraint.kind { return (constraint.name, key) }
      return nil
    }
  }

  /// The oldest unique index over these columns: what a violation of it is called.
  func uniqueIndex(over columns: [String]) -> IndexDefinition? {
    indexes.first { $0.isUnique && $0.columnNames == columns }
  }
}

package struct ColumnDefinition: Sendable, Hashable {
  package let name: String
  package internal(set) var type: ColumnType
  package internal(set) var isNullable: Bool
  package internal(set) var defaultValue: SQLExpression?
  /// The sequence of a SERIAL column, by its number.
  package internal(set) var sequence: SequenceDefinition?
}

/// The sequence that a SERIAL column draws from.
package struct SequenceDefinition: Sendable, Hashable {
  package let name: String
  /// Its place among the values that a database keeps outside its transactions.
  let number: Int
}

package struct ConstraintDefinition: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case primaryKey([String])
    case unique([String])
    case foreignKey(ForeignKeyDefinition)
    case check(SQLExpression)
  }

  package let name: String
  package let kind: Kind

  /// The columns of its own table that it stands on.
  package var columns: [String] {
    switch kind {
    case .primaryKey(let columns), .unique(let columns): columns
    case .foreignKey(let key): key.columns
    case .check(let expression): expression.columns
    }
  }

  /// Whether it has an index of its name.
  var hasIndex: Bool {
    switch kind {
    case .primaryKey, .unique: true
    case .foreignKey, .check: false
    }
  }
}

package struct ForeignKeyDefinition: Sendable, Hashable {
  package enum Action: String, Sendable, Hashable {
    case cascade = "CASCADE"
    case setNull = "SET NULL"
    case setDefault = "SET DEFAULT"
    case restrict = "RESTRICT"
    case noAction = "NO ACTION"
  }

  package let columns: [String]
  package let table: String
  package let referenced: [String]
  package let onDelete: Action
  package let onUpdate: Action
}

package struct IndexDefinition: Sendable, Hashable {
  package struct Key: Sendable, Hashable {
    package let expression: SQLExpression
    package let isDescending: Bool
    /// Where NULLs stand, if not where the direction puts them.
    package let nullsFirst: Bool?
  }

  package let name: String
  /// `btree` or `gin`.
  package let method: String
  package let isUnique: Bool
  package let keys: [Key]
  package let predicate: SQLExpression?
  /// Whether a primary key or unique constraint of the same name needs it.
  package let isOfConstraint: Bool

  /// The columns in order, when it has no expressions.
  var columnNames: [String]? {
    var names: [String] = []
    for key in keys {
      guard case .column(let name) = key.expression else { return nil }
      names.append(name)
    }
    return names
  }

  /// Every column it stands on.
  var columns: [String] { keys.flatMap(\.expression.columns) + (predicate?.columns ?? []) }
}

/// A trigger that runs one of the functions that set a column to the time of the change.
package struct TriggerDefinition: Sendable, Hashable {
  package let name: String
  package let function: String
}

/// A trigger function of the one shape that is simulated: `NEW.column = CURRENT_TIMESTAMP; RETURN NEW`.
package struct FunctionDefinition: Sendable, Hashable {
  package let name: String
  package internal(set) var column: String
}
