import CSQLite
import StreamSpaceProtocol

/// A prepared SQLite statement. It keeps its connection alive and frees itself.
final class SQLiteStatement {
  let columns: SQLColumns
  /// Whether it can change nothing.
  let isReadOnly: Bool
  let parameterCount: Int
  private let handle: OpaquePointer
  private let connection: SQLiteConnection
  private let decoders: [ColumnDecoder]

  init(_ sql: String, on connection: SQLiteConnection) throws(SQLiteError) {
    var prepared: OpaquePointer?
    let result = sqlite3_prepare_v3(
      connection.handle, sql, -1, UInt32(SQLITE_PREPARE_PERSISTENT), &prepared, nil)
    guard result == SQLITE_OK else { throw connection.error(result) }
    guard let prepared else { throw SQLiteError(code: SQLITE_MISUSE, message: "empty statement") }
    handle = prepared
    self.connection = connection
    isReadOnly = sqlite3_stmt_readonly(prepared) != 0
    parameterCount = Int(sqlite3_bind_parameter_count(prepared))
    let count = sqlite3_column_count(prepared)
    var names: [String] = []
    var decoders: [ColumnDecoder] = []
    for position in 0..<count {
      let name = sqlite3_column_name(prepared, position).map { String(cString: $0) } ?? ""
      names.append(ResultColumnName.postgres(for: name))
      decoders.append(ColumnDecoder(declared: sqlite3_column_decltype(prepared, position).map { String(cString: $0) }))
    }
    columns = names.isEmpty ? .none : SQLColumns(names)
    self.decoders = decoders
  }

  deinit { sqlite3_finalize(handle) }

  /// Binds, runs to the end, and returns all rows. The statement is ready for the next use afterwards, also after
  /// an error.
  func execute(_ parameters: [SQLValue]) throws(SQLiteError) -> SQLResult {
    defer { sqlite3_reset(handle) }
    for (position, value) in parameters.enumerated() { try bind(value, at: Int32(position + 1)) }
    var rows: [SQLRow] = []
    while true {
      let step = sqlite3_step(handle)
      if step == SQLITE_DONE { break }
      guard step == SQLITE_ROW else { throw connection.error(step) }
      rows.append(SQLRow(columns: columns, values: readRow()))
    }
    return SQLResult(
      columns: columns, rows: rows, rowCount: isReadOnly ? rows.count : connection.changedRows)
  }

  private func readRow() -> [SQLValue] {
    var values: [SQLValue] = []
    values.reserveCapacity(decoders.count)
    for (position, decoder) in decoders.enumerated() {
      values.append(decoder.value(of: handle, at: Int32(position)))
    }
    return values
  }

  private func bind(_ value: SQLValue, at position: Int32) throws(SQLiteError) {
    let result: Int32 =
      switch value {
      case .null: sqlite3_bind_null(handle, position)
      case .integer(let integer): sqlite3_bind_int64(handle, position, integer)
      case .boolean(let boolean): sqlite3_bind_int64(handle, position, boolean ? 1 : 0)
      case .timestamp(let microseconds): sqlite3_bind_int64(handle, position, microseconds)
      case .text(let text): Self.bind(text, to: handle, at: position)
      case .bytes(let bytes):
        bytes.isEmpty
          ? sqlite3_bind_zeroblob(handle, position, 0)
          : sqlite3_bind_blob(handle, position, bytes, Int32(bytes.count), sqliteTransient)
      }
    try connection.check(result)
  }

  private static func bind(_ text: String, to handle: OpaquePointer, at position: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        // An empty Swift string may have no base address, which SQLite would take for NULL.
        guard let base = characters.baseAddress else {
          return sqlite3_bind_text(handle, position, "", 0, sqliteTransient)
        }
        return sqlite3_bind_text(handle, position, base, Int32(characters.count), sqliteTransient)
      }
    }
  }
}

/// SQLITE_TRANSIENT, a macro Swift does not import: SQLite copies the bytes before the call returns.
private var sqliteTransient: sqlite3_destructor_type? { unsafeBitCast(-1, to: sqlite3_destructor_type.self) }

/// Turns a column of a result into a value, by the PostgreSQL type its table column was declared with.
enum ColumnDecoder: Hashable {
  case boolean
  case timestamp
  case decimal(scale: Int)
  /// By SQLite's storage class: text, integers and everything computed.
  case storage

  init(declared: String?) {
    switch declared {
    case "BOOLEAN": self = .boolean
    case "TIMESTAMP", "TIMESTAMPTZ": self = .timestamp
    default: self = declared.flatMap(Self.scale).map(Self.decimal) ?? .storage
    }
  }

  /// The scale of `DECIMAL(p,s)`.
  private static func scale(of declared: String) -> Int? {
    guard declared.hasPrefix("DECIMAL("), let comma = declared.firstIndex(of: ",") else { return nil }
    return Int(declared[declared.index(after: comma)...].dropLast())
  }

  func value(of statement: OpaquePointer, at position: Int32) -> SQLValue {
    let storage = sqlite3_column_type(statement, position)
    switch (self, storage) {
    case (_, SQLITE_NULL): return .null
    case (.boolean, SQLITE_INTEGER): return .boolean(sqlite3_column_int64(statement, position) != 0)
    case (.timestamp, SQLITE_INTEGER):
      return .timestamp(microseconds: sqlite3_column_int64(statement, position))
    case (.decimal(let scale), SQLITE_INTEGER), (.decimal(let scale), SQLITE_FLOAT):
      return .text(Self.decimal(sqlite3_column_double(statement, position), scale: scale))
    case (_, SQLITE_INTEGER): return .integer(sqlite3_column_int64(statement, position))
    // NUMERIC and double precision arrive as text with lib/pq too.
    case (_, SQLITE_FLOAT): return .text(sqlite3_column_double(statement, position).description)
    case (_, SQLITE_BLOB): return .bytes(Self.bytes(statement, position))
    default: return .text(Self.text(statement, position))
    }
  }

  /// A fixed-point number as PostgreSQL prints it, `4.50`.
  static func decimal(_ value: Double, scale: Int) -> String {
    var factor = 1
    for _ in 0..<scale { factor *= 10 }
    let units = Int((value * Double(factor)).rounded(.toNearestOrAwayFromZero))
    let fraction = String(units.magnitude % UInt(factor))
    let padding = String(repeating: "0", count: scale - fraction.count)
    return "\(units < 0 ? "-" : "")\(units.magnitude / UInt(factor)).\(padding)\(fraction)"
  }

  private static func text(_ statement: OpaquePointer, _ position: Int32) -> String {
    guard let bytes = sqlite3_column_text(statement, position) else { return "" }
    let count = Int(sqlite3_column_bytes(statement, position))
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  private static func bytes(_ statement: OpaquePointer, _ position: Int32) -> [UInt8] {
    guard let bytes = sqlite3_column_blob(statement, position) else { return [] }
    return Array(UnsafeRawBufferPointer(start: bytes, count: Int(sqlite3_column_bytes(statement, position))))
  }
}

/// Names of result columns: SQLite names an expression by its text, PostgreSQL by its outermost function.
enum ResultColumnName {
  static func postgres(for name: String) -> String {
    if let parenthesis = name.firstIndex(of: "("), parenthesis > name.startIndex, name.hasSuffix(")") {
      let function = name[..<parenthesis].trimmingBlanks()
      if function.allSatisfy({ $0.isLetter || $0 == "_" || $0.isNumber }) {
        return TranslatedFunctions.postgresName(of: String(function))
      }
    }
    if name.hasPrefix("case ") { return "case" }
    let plain = name.allSatisfy { $0.isLetter || $0 == "_" || $0.isNumber }
    return plain && name.first?.isNumber == false ? name : "?column?"
  }
}

extension Substring {
  fileprivate func trimmingBlanks() -> Substring {
    guard let last = lastIndex(where: { $0 != " " }) else { return "" }
    return self[...last]
  }
}
