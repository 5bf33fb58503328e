import StreamSpaceProtocol

/// A PostgreSQL server on which throw-away databases are made, and the names of what is made there.
///
/// Names begin with `streamspace_sim_` and a number that belongs to this object, for which it holds an advisory lock as
/// long as it lives: what others with the prefix have left behind is told by their lock being free.
///
/// For one thread at a time.
final class PostgreSQLServer {
  static let prefix = "streamspace_sim_"

  /// Where its databases are reached; the database named there is the one for maintenance.
  let url: String
  /// `streamspace_sim_1a2b3c…`: what all names made here begin with.
  let name: String
  private let tag: Int64
  private let connection: PostgreSQLConnection
  private var lastNumber = 0
  /// The role that may only read; made at its first use.
  private var reader: String?

  /// Connects, and removes what ended processes have left on the server.
  ///
  /// - Throws: what `PostgreSQLConnection` throws; 42501 when the role may not make databases.
  init(url: String) throws(SQLError) {
    self.url = url
    // 60 bits: two processes must not meet, and nothing that a run decides depends on it.
    tag = Int64.random(in: 1...(1 << 60))
    name = Self.prefix + String(tag, radix: 16)
    connection = try PostgreSQLConnection(url: url)
    let role = try connection.execute(
      "SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user")
    guard case .boolean(true)? = role.firstRow?.values.first else {
      throw SQLError(
        sqlState: "42501", message: "the role of the database URL may not create databases (CREATEDB)", kind: .other)
    }
    _ = try connection.answer(.advisoryLock(tag)).get()
    removeLeftovers()
  }

  deinit {
    remove(name)
    connection.close()
  }

  /// Its release, 150004 for 15.4.
  var version: Int { connection.serverVersion }

  /// A name that nothing on the server has.
  func newName() -> String {
    lastNumber += 1
    return "\(name)_\(lastNumber)"
  }

  /// Runs a statement on the maintenance database.
  @discardableResult
  func execute(_ text: String, _ parameters: [SQLValue] = []) throws(SQLError) -> SQLResult {
    try connection.execute(text, parameters)
  }

  /// Drops a database with whoever is connected to it. A failure leaves it to the end of this object, or to the next.
  func drop(database: String) {
    _ = connection.answer(
      .execute(
        SQLStatement(
          "drop", "DROP DATABASE IF EXISTS \(PostgreSQLConnection.quoted(database)) WITH (FORCE)", isPrepared: false),
        []))
  }

  /// Ends the sessions of a database and waits until their locks are free, at most five seconds.
  func endSessions(of database: String) {
    let others = "FROM pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()"
    _ = try? execute("SELECT pg_terminate_backend(pid) \(others)", [.text(database)])
    for _ in 0..<500 {
      guard let left = try? execute("SELECT count(*) AS n \(others)", [.text(database)]),
        (try? left.singleRow().integer("n")) != 0
      else { return }
      Pause.milliseconds(10)
    }
  }

  /// The role that may only read: everything, and write nothing.
  func readingRole() throws(SQLError) -> String {
    if let reader { return reader }
    let role = "\(name)_reader"
    try execute("CREATE ROLE \(role) NOLOGIN")
    reader = role
    try execute("GRANT pg_read_all_data TO \(role)")
    // So that a session of ours can take the role on without a password.
    try execute("GRANT \(role) TO current_user")
    return role
  }

  /// Drops the databases and roles whose names begin so.
  private func remove(_ start: String) {
    for database in names("SELECT datname::text AS name FROM pg_database", from: start) { drop(database: database) }
    for role in names("SELECT rolname::text AS name FROM pg_roles", from: start) {
      _ = try? execute("DROP ROLE IF EXISTS \(PostgreSQLConnection.quoted(role))")
    }
  }

  private func names(_ query: String, from start: String) -> [String] {
    guard let answer = try? execute("SELECT name FROM (\(query)) AS all_names ORDER BY name") else { return [] }
    return answer.rows.compactMap { try? $0.text("name") }.filter { $0.hasPrefix(start) }
  }

  /// What those have left who hold their lock no more.
  private func removeLeftovers() {
    let all =
      names("SELECT datname::text AS name FROM pg_database", from: Self.prefix)
      + names("SELECT rolname::text AS name FROM pg_roles", from: Self.prefix)
    var tags: [String] = []
    for name in all {
      let tag = String(name.dropFirst(Self.prefix.count).prefix { $0 != "_" })
      if !tags.contains(tag) { tags.append(tag) }
    }
    for tag in tags {
      guard let key = Int64(tag, radix: 16), key != self.tag,
        case .result(let answer) = connection.answer(.tryAdvisoryLock(key)),
        case .boolean(true)? = answer.firstRow?.values.first
      else { continue }
      remove(Self.prefix + tag)
      _ = connection.answer(.advisoryUnlock(key))
    }
  }
}
