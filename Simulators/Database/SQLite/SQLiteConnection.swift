import CSQLite
import StreamSpaceProtocol

/// An error as SQLite reports it, before it is put into PostgreSQL's words.
struct SQLiteError: Error, Hashable, CustomStringConvertible {
  /// Extended result code.
  let code: Int32
  let message: String

  var description: String { "SQLite error \(code): \(message)" }

  /// SQLITE_CONSTRAINT_FOREIGNKEY.
  var isForeignKeyViolation: Bool { code == 787 }

  /// The table that a statement names and SQLite does not have.
  var missingTable: String? {
    let prefix = "no such table: "
    guard message.hasPrefix(prefix) else { return nil }
    let name = message.dropFirst(prefix.count)
    return String(name.hasPrefix("main.") ? name.dropFirst(5) : name)
  }
}

/// One SQLite database in memory and the functions it may call. Confined to one simulation: not `Sendable`.
final class SQLiteConnection {
  let handle: OpaquePointer
  /// What `now_us()`, `gen_random_uuid()`, `next_value()` and the observing triggers call.
  let functions: DatabaseFunctions

  /// Settings of the whole library, made once before the first connection. A refusal costs speed only.
  private static let librarySettings: Int32 = csqlite_configure_for_small_databases()

  /// Opens an empty database in memory.
  init(functions: DatabaseFunctions) throws(SQLiteError) {
    _ = Self.librarySettings
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY | SQLITE_OPEN_NOMUTEX
    let result = sqlite3_open_v2(":memory:", &opened, flags, nil)
    guard result == SQLITE_OK, let opened else {
      sqlite3_close_v2(opened)
      throw SQLiteError(code: result, message: "cannot open a database in memory")
    }
    handle = opened
    self.functions = functions
    sqlite3_extended_result_codes(handle, 1)
    try functions.register(on: handle)
  }

  deinit { sqlite3_close_v2(handle) }

  /// What every connection needs before its first statement; `deserialize` keeps none of it in the image.
  func configure() throws(SQLiteError) {
    try run("PRAGMA foreign_keys = ON")
    try run("PRAGMA recursive_triggers = OFF")
    try run("PRAGMA secure_delete = OFF")
    try run("PRAGMA synchronous = OFF")
    try run("PRAGMA temp_store = MEMORY")
  }

  /// Runs SQLite text that returns nothing.
  func run(_ sql: String) throws(SQLiteError) {
    try check(sqlite3_exec(handle, sql, nil, nil, nil))
  }

  func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
    try SQLiteStatement(sql, on: self)
  }

  /// The whole database as the bytes of a database file.
  func serialize() throws(SQLiteError) -> [UInt8] {
    var size: sqlite3_int64 = 0
    guard let bytes = sqlite3_serialize(handle, "main", &size, 0) else {
      // A database without tables has no bytes.
      if size == 0 { return [] }
      throw SQLiteError(code: SQLITE_NOMEM, message: "cannot serialize the database")
    }
    defer { sqlite3_free(bytes) }
    return Array(UnsafeBufferPointer(start: bytes, count: Int(size)))
  }

  /// Replaces the content by an image that `serialize` made.
  func deserialize(_ image: [UInt8]) throws(SQLiteError) {
    guard !image.isEmpty else { return }
    guard let copy = sqlite3_malloc64(sqlite3_uint64(image.count)) else {
      throw SQLiteError(code: SQLITE_NOMEM, message: "cannot copy the database image")
    }
    image.withUnsafeBytes { bytes in
      if let base = bytes.baseAddress { copy.copyMemory(from: base, byteCount: bytes.count) }
    }
    let flags = UInt32(SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE)
    try check(
      sqlite3_deserialize(
        handle, "main", copy.assumingMemoryBound(to: UInt8.self), sqlite3_int64(image.count),
        sqlite3_int64(image.count), flags))
  }

  /// Rows changed by the last INSERT, UPDATE or DELETE itself, without cascades and triggers.
  var changedRows: Int { Int(sqlite3_changes64(handle)) }

  /// Rows changed since the connection was opened, cascades and triggers included.
  var totalChanges: Int64 { sqlite3_total_changes64(handle) }

  var isInTransaction: Bool { sqlite3_get_autocommit(handle) == 0 }

  func check(_ result: Int32) throws(SQLiteError) {
    guard result != SQLITE_OK else { return }
    throw error(result)
  }

  func error(_ result: Int32) -> SQLiteError {
    SQLiteError(
      code: sqlite3_extended_errcode(handle), message: sqlite3_errmsg(handle).map { String(cString: $0) } ?? "")
  }
}
