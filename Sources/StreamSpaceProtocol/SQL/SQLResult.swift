/// The names of a result's columns, shared by all results of one prepared statement.
package final class SQLColumns: Sendable {
  package let names: [String]
  private let positions: [String: Int]

  package init(_ names: [String]) {
    self.names = names
    var positions: [String: Int] = [:]
    for (position, name) in names.enumerated() where positions[name] == nil { positions[name] = position }
    self.positions = positions
  }

  /// No columns: the result of a statement that returns no rows.
  package static let none = SQLColumns([])

  /// The position of a column, the first where a name repeats.
  package func position(of name: String) -> Int? { positions[name] }
}

/// What a statement answers: rows, and how many rows it returned or changed.
package struct SQLResult: Sendable {
  package let columns: SQLColumns
  package let rows: [SQLRow]
  /// Rows returned by a query, rows inserted, updated or deleted by a command (cascades not counted).
  package let rowCount: Int

  package init(columns: SQLColumns, rows: [SQLRow], rowCount: Int) {
    self.columns = columns
    self.rows = rows
    self.rowCount = rowCount
  }

  /// A command that returned no rows.
  package init(rowCount: Int) { self.init(columns: .none, rows: [], rowCount: rowCount) }

  /// A single row from column names and values, as tests and lock functions need it.
  package init(row: KeyValuePairs<String, SQLValue>) {
    let columns = SQLColumns(row.map(\.key))
    self.init(columns: columns, rows: [SQLRow(columns: columns, values: row.map(\.value))], rowCount: 1)
  }

  package var firstRow: SQLRow? { rows.first }

  /// The only row; throws `SQLRowError.noRows` when there is none, as lib/pq's `QueryRow().Scan` does.
  package func singleRow() throws(SQLRowError) -> SQLRow {
    guard let row = rows.first else { throw .noRows }
    return row
  }
}

extension SQLResult: Hashable {
  package static func == (left: SQLResult, right: SQLResult) -> Bool {
    left.rowCount == right.rowCount && left.columns.names == right.columns.names
      && left.rows.map(\.values) == right.rows.map(\.values)
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(rowCount)
    for row in rows { hasher.combine(row.values) }
  }
}

/// One row. Typed accessors name a column and throw `SQLRowError` when it is missing, NULL or of another type.
package struct SQLRow: Sendable {
  package let columns: SQLColumns
  package let values: [SQLValue]

  package init(columns: SQLColumns, values: [SQLValue]) {
    self.columns = columns
    self.values = values
  }

  /// The value of a column as it came.
  package func value(_ column: String) throws(SQLRowError) -> SQLValue {
    guard let position = columns.position(of: column) else {
      throw .noSuchColumn(column, present: columns.names)
    }
    return values[position]
  }

  package func text(_ column: String) throws(SQLRowError) -> String {
    try notNull(column, "string", optionalText(column))
  }

  package func optionalText(_ column: String) throws(SQLRowError) -> String? {
    switch try value(column) {
    case .null: return nil
    case .text(let text): return text
    case let other: throw wrongType(column, other, "string")
    }
  }

  package func integer(_ column: String) throws(SQLRowError) -> Int64 {
    try notNull(column, "int64", optionalInteger(column))
  }

  package func optionalInteger(_ column: String) throws(SQLRowError) -> Int64? {
    switch try value(column) {
    case .null: return nil
    case .integer(let integer): return integer
    case let other: throw wrongType(column, other, "int64")
    }
  }

  /// A boolean. A computed expression (`EXISTS (...)`, `a = b`) comes as 0 or 1 and is accepted.
  package func boolean(_ column: String) throws(SQLRowError) -> Bool {
    try notNull(column, "bool", optionalBoolean(column))
  }

  package func optionalBoolean(_ column: String) throws(SQLRowError) -> Bool? {
    switch try value(column) {
    case .null: return nil
    case .boolean(let boolean): return boolean
    case .integer(0): return false
    case .integer(1): return true
    case let other: throw wrongType(column, other, "bool")
    }
  }

  /// Microseconds since 1970. A computed expression (`COALESCE(last_activity, created_at)`) comes as an integer and
  /// is accepted.
  package func microseconds(_ column: String) throws(SQLRowError) -> Int64 {
    try notNull(column, "time.Time", optionalMicroseconds(column))
  }

  package func optionalMicroseconds(_ column: String) throws(SQLRowError) -> Int64? {
    switch try value(column) {
    case .null: return nil
    case .timestamp(let microseconds): return microseconds
    case .integer(let microseconds): return microseconds
    case let other: throw wrongType(column, other, "time.Time")
    }
  }

  package func bytes(_ column: String) throws(SQLRowError) -> [UInt8] {
    try notNull(column, "[]uint8", optionalBytes(column))
  }

  package func optionalBytes(_ column: String) throws(SQLRowError) -> [UInt8]? {
    switch try value(column) {
    case .null: return nil
    case .bytes(let bytes): return bytes
    case let other: throw wrongType(column, other, "[]uint8")
    }
  }

  /// The elements of a `TEXT[]` column; empty for NULL.
  package func textArray(_ column: String) throws(SQLRowError) -> [String] {
    guard let json = try optionalText(column) else { return [] }
    guard let elements = SQLTextArray.elements(of: json) else { throw wrongType(column, .text(json), "[]string") }
    return elements
  }

  private func notNull<Value>(_ column: String, _ target: String, _ value: Value?) throws(SQLRowError) -> Value {
    guard let value else {
      throw .null(column, position: columns.position(of: column) ?? 0, target: target)
    }
    return value
  }

  private func wrongType(_ column: String, _ value: SQLValue, _ target: String) -> SQLRowError {
    .wrongType(column, position: columns.position(of: column) ?? 0, value: value, target: target)
  }
}

/// A row that does not hold what its reader expects, worded as Go's `database/sql` words it (defects A-30, A-36).
package enum SQLRowError: Error, Hashable, CustomStringConvertible {
  case noRows
  case noSuchColumn(String, present: [String])
  case null(String, position: Int, target: String)
  case wrongType(String, position: Int, value: SQLValue, target: String)

  package var description: String {
    switch self {
    case .noRows: "sql: no rows in result set"
    case .noSuchColumn(let name, let present):
      "sql: no column \"\(name)\" in result set (\(present.joined(separator: ", ")))"
    case .null(let name, let position, let target):
      "sql: Scan error on column index \(position), name \"\(name)\": converting NULL to \(target) is unsupported"
    case .wrongType(let name, let position, let value, let target):
      "sql: Scan error on column index \(position), name \"\(name)\": unsupported Scan, storing \(value.typeName) \(value) into \(target)"
    }
  }
}
