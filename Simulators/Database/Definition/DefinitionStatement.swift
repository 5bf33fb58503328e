/// A DDL statement as it was read, before anybody has looked at the schema.
indirect enum DefinitionStatement: Sendable, Hashable {
  case createTable(name: String, ifNotExists: Bool, [TableElement])
  case dropTables([String], ifExists: Bool, cascade: Bool)
  case alterTable(name: String, ifExists: Bool, [TableAction])
  case createIndex(IndexRequest)
  case dropIndexes([String], ifExists: Bool, concurrently: Bool)
  case createFunction(name: String, column: String, orReplace: Bool)
  case dropFunction(String, ifExists: Bool, cascade: Bool)
  case createTrigger(name: String, table: String, function: String, orReplace: Bool)
  case dropTrigger(name: String, table: String, ifExists: Bool)
  case truncate([String], cascade: Bool)
  /// LOCK TABLE.
  case lock([String])
  /// COMMENT ON: read, checked and forgotten.
  case comment(CommentTarget)
  case set(Setting, isLocal: Bool)

  enum CommentTarget: Sendable, Hashable {
    case table(String)
    case column(table: String, String)
    case other
  }

  /// What SET changes.
  enum Setting: Sendable, Hashable {
    /// Milliseconds; 0 waits for ever.
    case lockTimeout(milliseconds: Int)
    case statementTimeout(milliseconds: Int)
    /// Time zone and what else changes nothing here.
    case other
  }
}

/// An element of CREATE TABLE.
enum TableElement: Sendable, Hashable {
  case column(ColumnRequest)
  case constraint(ConstraintRequest)
}

/// A column with the constraints that stand beside it.
struct ColumnRequest: Sendable, Hashable {
  let name: String
  let type: ColumnType
  let isSerial: Bool
  var isNotNull = false
  var defaultValue: SQLExpression?
  var constraints: [ConstraintRequest] = []
}

/// A constraint whose name and references may still have to be found.
struct ConstraintRequest: Sendable, Hashable {
  enum Kind: Sendable, Hashable {
    case primaryKey([String])
    case unique([String])
    case check(SQLExpression)
    /// `referenced` is empty for the primary key of `table`.
    case foreignKey(
      [String], table: String, referenced: [String], onDelete: ForeignKeyDefinition.Action,
      onUpdate: ForeignKeyDefinition.Action)
  }

  let name: String?
  let kind: Kind
}

/// CREATE INDEX.
struct IndexRequest: Sendable, Hashable {
  let name: String?
  let table: String
  let isUnique: Bool
  let isConcurrent: Bool
  let ifNotExists: Bool
  let method: String
  let keys: [IndexDefinition.Key]
  let predicate: SQLExpression?
}

/// One action of ALTER TABLE.
enum TableAction: Sendable, Hashable {
  case addColumn(ColumnRequest, ifNotExists: Bool)
  case dropColumn(String, ifExists: Bool, cascade: Bool)
  case addConstraint(ConstraintRequest)
  case dropConstraint(String, ifExists: Bool, cascade: Bool)
  case setDefault(String, SQLExpression?)
  case setNotNull(String)
  case dropNotNull(String)
  case setType(String, ColumnType)
}
