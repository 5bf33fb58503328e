import CSQLite

/// The state behind the functions SQLite calls back: clock, ids, sequences, observed rows.
///
/// A class, because SQLite holds it by address; confined to one simulation.
final class DatabaseFunctions {
  /// `now()` of the running transaction, microseconds since 1970.
  var now: Int64 = 0
  /// `clock_timestamp()`: the time of the running statement.
  var clock: Int64 = 0
  /// `gen_random_uuid()`.
  var identifiers: SeededIdentifiers
  /// Sequences of SERIAL columns. They live outside the transactions: a value drawn is never drawn again, whatever
  /// becomes of the row (spec/02 §8.3).
  var sequences: [Int64]
  /// Row changes of the running transaction, in order.
  var observed: [DatabaseChange] = []
  /// Set by a function that refuses its argument; SQLite itself only carries a text.
  var refusal: InvalidInput?

  init(identifiers: SeededIdentifiers, sequences: [Int64]) {
    self.identifiers = identifiers
    self.sequences = sequences
  }

  /// Forgets what a run has left behind.
  func begin(with identifiers: SeededIdentifiers, _ sequences: [Int64]) {
    now = 0
    clock = 0
    self.identifiers = identifiers
    self.sequences = sequences
    observed.removeAll(keepingCapacity: true)
    refusal = nil
  }

  /// Begins the sequences with the numbers from `first` to before `count` anew.
  func reserve(sequences count: Int, from first: Int) {
    for number in first..<max(first, count) {
      if number < sequences.count { sequences[number] = 0 } else { sequences.append(0) }
    }
  }

  /// A value that its column cannot hold: PostgreSQL's 22P02.
  struct InvalidInput: Hashable {
    let type: String
    let value: String
  }

  /// Makes the functions known to a connection, which from now on keeps this object alive.
  func register(on handle: OpaquePointer) throws(SQLiteError) {
    let deterministic = SQLITE_UTF8 | SQLITE_DETERMINISTIC
    try add("now_us", 0, SQLITE_UTF8, on: handle) { context, _, _ in
      sqlite3_result_int64(context, DatabaseFunctions.of(context).now)
    }
    try add("clock_us", 0, SQLITE_UTF8, on: handle) { context, _, _ in
      sqlite3_result_int64(context, DatabaseFunctions.of(context).clock)
    }
    try add("gen_random_uuid", 0, SQLITE_UTF8, on: handle) { context, _, _ in
      SQLiteArgument.answer(context, text: DatabaseFunctions.of(context).identifiers.next())
    }
    try add("next_value", 1, SQLITE_UTF8, on: handle) { context, _, arguments in
      let functions = DatabaseFunctions.of(context)
      let sequence = Int(SQLiteArgument.integer(arguments, 0))
      guard functions.sequences.indices.contains(sequence) else {
        return sqlite3_result_error(context, "no sequence \(sequence)", -1)
      }
      functions.sequences[sequence] += 1
      sqlite3_result_int64(context, functions.sequences[sequence])
    }
    try add("invalid_input", 2, SQLITE_UTF8, on: handle) { context, _, arguments in
      let refusal = InvalidInput(type: SQLiteArgument.text(arguments, 0), value: SQLiteArgument.text(arguments, 1))
      DatabaseFunctions.of(context).refusal = refusal
      sqlite3_result_error(context, "invalid input", -1)
    }
    try add("observe", -1, SQLITE_UTF8, on: handle) { context, count, arguments in
      DatabaseChange.observe(count, arguments, into: &DatabaseFunctions.of(context).observed)
      sqlite3_result_null(context)
    }
    try add("greatest", -1, deterministic, on: handle) { context, count, arguments in
      SQLiteArgument.answerExtreme(context, count, arguments) { $0 > $1 }
    }
    try add("least", -1, deterministic, on: handle) { context, count, arguments in
      SQLiteArgument.answerExtreme(context, count, arguments) { $0 < $1 }
    }
    try add("interval_us", 1, deterministic, on: handle) { context, _, arguments in
      if SQLiteArgument.isNull(arguments, 0) { return sqlite3_result_null(context) }
      let text = SQLiteArgument.text(arguments, 0)
      guard let interval = PostgresInterval.microseconds(of: text) else {
        DatabaseFunctions.of(context).refusal = InvalidInput(type: "interval", value: text)
        return sqlite3_result_error(context, "invalid input", -1)
      }
      sqlite3_result_int64(context, interval)
    }
    try add("add_months", 2, deterministic, on: handle) { context, _, arguments in
      if SQLiteArgument.isNull(arguments, 0) { return sqlite3_result_null(context) }
      let time = SQLiteArgument.integer(arguments, 0)
      sqlite3_result_int64(
        context, PostgresInterval.adding(months: SQLiteArgument.integer(arguments, 1), to: time))
    }
    // `a MATCH b` calls match(b, a): the translator writes LIKE so, and ILIKE as REGEXP.
    try add("match", 2, deterministic, on: handle) { context, _, arguments in
      SQLiteArgument.answerLike(context, arguments, foldingCase: false)
    }
    try add("regexp", 2, deterministic, on: handle) { context, _, arguments in
      SQLiteArgument.answerLike(context, arguments, foldingCase: true)
    }
  }

  private typealias Body = @convention(c) (OpaquePointer?, Int32, UnsafeMutablePointer<OpaquePointer?>?) -> Void

  private func add(
    _ name: String, _ arguments: Int32, _ flags: Int32, on handle: OpaquePointer, _ body: @escaping Body
  ) throws(SQLiteError) {
    let retained = Unmanaged.passRetained(self).toOpaque()
    let result = sqlite3_create_function_v2(
      handle, name, arguments, flags, retained, body, nil, nil,
      { pointer in if let pointer { Unmanaged<DatabaseFunctions>.fromOpaque(pointer).release() } })
    guard result == SQLITE_OK else { throw SQLiteError(code: result, message: "cannot register \(name)") }
  }

  fileprivate static func of(_ context: OpaquePointer?) -> DatabaseFunctions {
    Unmanaged<DatabaseFunctions>.fromOpaque(sqlite3_user_data(context)).takeUnretainedValue()
  }
}
