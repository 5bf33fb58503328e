/// Errors of DDL.
extension SQLError {
  package static func undefinedObject(_ message: String) -> SQLError {
    SQLError(sqlState: "42704", message: message, kind: .undefinedObject)
  }

  /// DROP TABLE words it so.
  package static func noTable(_ name: String) -> SQLError {
    SQLError(sqlState: "42P01", message: "table \"\(name)\" does not exist", kind: .undefinedTable(name))
  }

  package static func duplicateRelation(_ name: String) -> SQLError {
    SQLError(sqlState: "42P07", message: "relation \"\(name)\" already exists", kind: .duplicateObject)
  }

  package static func duplicateColumn(_ name: String, table: String) -> SQLError {
    SQLError(
      sqlState: "42701", message: "column \"\(name)\" of relation \"\(table)\" already exists",
      kind: .duplicateObject)
  }

  package static func duplicateConstraint(_ name: String, table: String) -> SQLError {
    SQLError(
      sqlState: "42710", message: "constraint \"\(name)\" for relation \"\(table)\" already exists",
      kind: .duplicateObject)
  }

  package static func duplicateTrigger(_ name: String, table: String) -> SQLError {
    SQLError(
      sqlState: "42710", message: "trigger \"\(name)\" for relation \"\(table)\" already exists",
      kind: .duplicateObject)
  }

  package static func duplicateFunction(_ name: String) -> SQLError {
    SQLError(
      sqlState: "42723", message: "function \"\(name)\" already exists with same argument types",
      kind: .duplicateObject)
  }

  /// `what` as in `table users` or `column id of table users`.
  package static func dependentObjects(on what: String) -> SQLError {
    SQLError(
      sqlState: "2BP01", message: "cannot drop \(what) because other objects depend on it", kind: .dependentObjects)
  }

  package static func invalidDefinition(_ message: String, sqlState: String = "42P16") -> SQLError {
    SQLError(sqlState: sqlState, message: message, kind: .invalidDefinition)
  }

  /// A unique index over rows that are not.
  package static func notUnique(index: String) -> SQLError {
    SQLError(
      sqlState: "23505", message: "could not create unique index \"\(index)\"",
      kind: .uniqueViolation(constraint: index))
  }

  /// A check added to a table that has rows against it.
  package static func checkViolated(table: String, constraint: String) -> SQLError {
    SQLError(
      sqlState: "23514", message: "check constraint \"\(constraint)\" of relation \"\(table)\" is violated by some row",
      kind: .checkViolation(constraint: constraint))
  }

  /// NOT NULL for a column that has NULLs.
  package static func containsNulls(table: String, column: String) -> SQLError {
    SQLError(
      sqlState: "23502", message: "column \"\(column)\" of relation \"\(table)\" contains null values",
      kind: .notNullViolation(table: table, column: column))
  }

  /// A statement that cannot stand in a transaction.
  package static func insideTransaction(_ statement: String) -> SQLError {
    SQLError(
      sqlState: "25001", message: "\(statement) cannot run inside a transaction block", kind: .transactionState)
  }

  /// A write of a role or transaction that may only read; `statement` as PostgreSQL names it.
  package static func readOnly(_ statement: String) -> SQLError {
    SQLError(
      sqlState: "25006", message: "cannot execute \(statement) in a read-only transaction",
      kind: .readOnlyTransaction)
  }
}
