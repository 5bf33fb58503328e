/// What a DDL statement means for the rows of a table, in the order in which it has to be done.
enum SchemaChange {
  case tableDropped(String)
  /// Constraints, types, defaults or nullability are other than before; the rows are the same.
  case tableChanged(String)
  case columnAdded(String, ColumnDefinition)
  /// `before` still has the column, without the constraints and indexes that stood on it.
  case columnDropped(String, before: TableDefinition, indexes: [String])
  case indexAdded(IndexDefinition, table: String)
  case indexDropped(String, table: String)
  case triggersChanged(String)
  case truncated([String])
  /// Every row must satisfy this before the statement is done.
  case verified(Verification)

  enum Verification {
    case foreignKey(String, ForeignKeyDefinition, table: String)
    case check(String, SQLExpression, table: String)
    case notNull(column: String, table: String)
    case length(Int, column: String, table: String)
  }
}
