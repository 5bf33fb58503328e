/// One way in which the control plane reads rows: a statement and what makes values of its answer (DBM-13).
package struct ReadPath: Sendable {
  package let statement: SQLStatement
  /// The tables it reads.
  package let tables: [String]
  /// Parameters that find rows of a generated database.
  package let parameters: [SQLValue]
  /// Reads the answer as the control plane does, and says how many rows it made something of: all of them, unless it
  /// skips what it cannot read.
  package let read: @Sendable (SQLResult) throws -> Int

  package init(
    _ statement: SQLStatement, tables: [String], parameters: [SQLValue],
    read: @escaping @Sendable (SQLResult) throws -> Int
  ) {
    self.statement = statement
    self.tables = tables
    self.parameters = parameters
    self.read = read
  }

  /// Whether the statement changes rows and reads what RETURNING gives: run it in a transaction and roll that back.
  package var changesRows: Bool { !statement.text.hasPrefix("SELECT") }
}
