import StreamSpaceProtocol

/// How long statements keep the server busy that touch a whole table (spec/00, Migrations; spec/06 §10.4).
package enum StatementWork {
  /// Microseconds for making a table with its keys.
  static let createTable: Int64 = 1_500
  /// Any other change of the catalogue.
  static let catalogueChange: Int64 = 1_000
  /// Microseconds a row: an index of 1 M rows takes about 2 s.
  static let indexedRow: Int64 = 2
  /// Microseconds a row that a new constraint checks, or whose table is written again.
  static let checkedRow: Int64 = 1
  static let rewrittenRow: Int64 = 10
  /// Microseconds a row of an UPDATE with its indexes: 57 s for 1 M rows.
  static let updatedRow: Int64 = 57
  /// Rows up to which an UPDATE costs no more than any statement.
  static let freeRows = 1_000
}

extension DatabaseEngine {
  /// Microseconds for the writing of so many rows in one statement.
  static func work(rows: Int) -> Int64 {
    rows > StatementWork.freeRows ? StatementWork.updatedRow * Int64(rows) : 0
  }

  /// Microseconds that DDL keeps the server busy beyond an ordinary statement, as far as it can be told before: what
  /// finds its object there already does nothing.
  package func estimatedWork(of request: SQLRequest, from session: DatabaseSession) -> Int64 {
    guard case .execute(let statement, _) = request,
      case .definition(let definition)? = try? executor.translate(statement)
    else { return 0 }
    switch definition {
    case .createTable(let name, _, _): return schema.has(name) ? 0 : StatementWork.createTable
    case .createIndex(let request):
      if let name = request.name, schema.has(name) { return 0 }
      return StatementWork.catalogueChange + StatementWork.indexedRow * rows(request.table)
    case .alterTable(let name, _, let actions):
      return actions.reduce(0) { $0 + work(of: $1, on: name) }
    case .set, .comment, .lock: return 0
    default: return StatementWork.catalogueChange
    }
  }

  private func work(of action: TableAction, on table: String) -> Int64 {
    switch action {
    case .addColumn(let request, _) where schema.table(table)?.column(request.name) != nil: 0
    case .addConstraint(let request):
      switch request.kind {
      case .primaryKey, .unique: StatementWork.catalogueChange + StatementWork.indexedRow * rows(table)
      case .check, .foreignKey: StatementWork.catalogueChange + StatementWork.checkedRow * rows(table)
      }
    case .setNotNull: StatementWork.catalogueChange + StatementWork.checkedRow * rows(table)
    // In a session whose zone is UTC no row is touched.
    default: StatementWork.catalogueChange
    }
  }

  private func rows(_ table: String) -> Int64 { executor.rowCount(of: table) }
}
