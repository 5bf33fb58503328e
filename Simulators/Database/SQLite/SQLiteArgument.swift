import CSQLite

/// Reading the arguments of a function that SQLite calls, and answering it.
enum SQLiteArgument {
  typealias List = UnsafeMutablePointer<OpaquePointer?>?

  static func isNull(_ list: List, _ position: Int) -> Bool {
    sqlite3_value_type(list?[position]) == SQLITE_NULL
  }

  static func integer(_ list: List, _ position: Int) -> Int64 { sqlite3_value_int64(list?[position]) }

  static func optionalInteger(_ list: List, _ position: Int) -> Int64? {
    isNull(list, position) ? nil : integer(list, position)
  }

  static func text(_ list: List, _ position: Int) -> String {
    guard let bytes = sqlite3_value_text(list?[position]) else { return "" }
    return String(
      decoding: UnsafeBufferPointer(start: bytes, count: Int(sqlite3_value_bytes(list?[position]))), as: UTF8.self)
  }

  static func optionalText(_ list: List, _ position: Int) -> String? {
    isNull(list, position) ? nil : text(list, position)
  }

  static func answer(_ context: OpaquePointer?, text: String) {
    sqlite3_result_text(context, text, -1, unsafeBitCast(-1, to: sqlite3_destructor_type.self))
  }

  /// GREATEST and LEAST as PostgreSQL has them: NULLs are passed over.
  static func answerExtreme(
    _ context: OpaquePointer?, _ count: Int32, _ list: List, _ better: (Comparison, Comparison) -> Bool
  ) {
    var best: (position: Int, value: Comparison)?
    for position in 0..<Int(count) {
      guard let value = Comparison(list?[position]) else { continue }
      if let current = best, !better(value, current.value) { continue }
      best = (position, value)
    }
    if let best { sqlite3_result_value(context, list?[best.position]) } else { sqlite3_result_null(context) }
  }

  /// Two values compared as SQLite orders them: numbers before texts.
  enum Comparison: Comparable {
    case number(Double, Int64)
    case text(String)

    init?(_ value: OpaquePointer?) {
      switch sqlite3_value_type(value) {
      case SQLITE_NULL: return nil
      case SQLITE_INTEGER: self = .number(sqlite3_value_double(value), sqlite3_value_int64(value))
      case SQLITE_FLOAT: self = .number(sqlite3_value_double(value), 0)
      default:
        guard let bytes = sqlite3_value_text(value) else { return nil }
        self = .text(String(cString: bytes))
      }
    }

    static func < (left: Comparison, right: Comparison) -> Bool {
      switch (left, right) {
      case (.number(let a, let exactA), .number(let b, let exactB)): a == b ? exactA < exactB : a < b
      case (.text(let a), .text(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
      case (.number, .text): true
      case (.text, .number): false
      }
    }
  }

  /// `value LIKE pattern`; SQLite passes the pattern first.
  static func answerLike(_ context: OpaquePointer?, _ list: List, foldingCase: Bool) {
    if isNull(list, 0) || isNull(list, 1) { return sqlite3_result_null(context) }
    let matches = LikePattern(text(list, 0), foldingCase: foldingCase).matches(text(list, 1))
    sqlite3_result_int(context, matches ? 1 : 0)
  }
}
