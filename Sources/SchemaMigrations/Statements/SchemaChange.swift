/// What a statement of a migration does to the schema.
package enum SchemaChange: Sendable, Hashable {
  case createTable(String)
  case dropTable(String)
  /// `isNullable`: rows without a value for it are possible.
  case addColumn(table: String, column: String, isNullable: Bool)
  case dropColumn(table: String, column: String)
  case setDefault(table: String, column: String)
  case dropDefault(table: String, column: String)
  case setNotNull(table: String, column: String)
  /// `type` in lower case, as written.
  case setType(table: String, column: String, type: String)
  case addConstraint(table: String, name: String)
  case dropConstraint(table: String, name: String)
  case createIndex(name: String, table: String)
  case dropIndex(String)
  case createTrigger(table: String, name: String)
  case dropTrigger(table: String, name: String)
  case createFunction(String)
  case dropFunction(String)
  /// Rows of a table are written.
  case writeRows(table: String)
  /// Nothing this reader knows.
  case unknown(String)
}
