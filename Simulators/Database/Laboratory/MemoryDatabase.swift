import StreamSpaceProtocol

/// A simulated database without network and virtual time, behind blocking connections: for migrations, generators and the
/// database half of scenario 9. Its clock moves by one millisecond with every request, unless told otherwise.
package final class MemoryDatabase {
  let engine: DatabaseEngine
  private(set) var now: Int64
  private let clockStep: Int64
  private var nextSession = 1
  private var connections: [MemoryConnection] = []
  /// The last image, with the state that it was made of.
  private var made: (image: DatabaseImage, state: ContentState)?

  /// - Throws: `SQLError` when SQLite cannot open a copy of the image.
  package init(image: DatabaseImage, at now: Int64, identifierSeed: UInt64 = 1, clockStep: Int64 = 1_000)
    throws(SQLError)
  {
    engine = try DatabaseEngine(image: image, identifierSeed: identifierSeed, locking: .atFirstWrite)
    self.now = now
    self.clockStep = clockStep
  }

  /// The schema as it is committed.
  package var schema: DatabaseSchema { engine.schema }

  /// A connection; `isReadOnly` for one of a role that may only read (25006).
  package func connect(isReadOnly: Bool = false) -> MemoryConnection {
    let session = newSession()
    if isReadOnly { engine.makeReadOnly(session) }
    let connection = MemoryConnection(self, session)
    connections.append(connection)
    return connection
  }

  /// An image of what is committed.
  ///
  /// - Throws: 55006 while a transaction is open.
  package func image() throws(SQLError) -> DatabaseImage {
    guard engine.writer == nil else {
      throw SQLError(
        sqlState: "55006", message: "source database is being accessed by other users", kind: .other)
    }
    // Whoever makes many copies of one database gets the same image each time, and with it the copies that others have
    // given back.
    let state = engine.executor.contentState
    if let made, made.state == state { return made.image }
    let image = try engine.copy()
    made = (image, engine.executor.contentState)
    return image
  }

  /// Ends every connection at once, as when the server dies; what is committed stays.
  package func endSessions() {
    engine.disconnectAll()
    for connection in connections { connection.isLost = true }
    connections.removeAll()
  }

  func newSession() -> DatabaseSession {
    defer { nextSession += 1 }
    return DatabaseSession(nextSession)
  }

  func tick() { now += clockStep }

  func advance(byMicroseconds time: Int64) { now += time }

  func forget(_ connection: MemoryConnection) { connections.removeAll { $0 === connection } }
}

/// A connection to a ``MemoryDatabase``. A request that would wait for another connection fails with 55P03 at once: with
/// nobody else at work the wait would not end.
package final class MemoryConnection: SQLConnection {
  private let database: MemoryDatabase
  private let session: DatabaseSession
  fileprivate(set) var isLost = false

  init(_ database: MemoryDatabase, _ session: DatabaseSession) {
    self.database = database
    self.session = session
  }

  package func answer(_ request: SQLRequest) -> SQLResponse {
    guard !isLost else { return .failure(.connectionLost) }
    database.tick()
    let effects = database.engine.submit(request, from: session, at: database.now)
    if let answer = effects.answer(to: session) { return answer }
    let cancelled = database.engine.cancel(session, with: .lockTimeout, at: database.now)
    return cancelled.answer(to: session) ?? .failure(.lockTimeout)
  }

  package func load(
    _ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]
  ) throws(SQLError) -> Int {
    guard !isLost else { throw .connectionLost }
    database.tick()
    let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
    let values = (1...max(1, columns.count)).map { "$\($0)" }.joined(separator: ", ")
    let insert = SQLStatement("load", "INSERT INTO \"\(table)\" (\(names)) VALUES (\(values))", isPrepared: false)
    return try database.engine.load(rows, with: insert, from: session, at: database.now)
  }

  /// SQLite has a table only once a statement has named it: whoever reads all of 91 tables need not make them for that.
  package func hasNeverHeldRows(_ table: String) -> Bool { !database.engine.executor.physical.made.contains(table) }

  /// Against the schema as it stands, without a transaction of its own.
  package func problem(preparing statement: SQLStatement) -> SQLError? {
    guard !isLost else { return .connectionLost }
    do throws(SQLError) {
      _ = try database.engine.executor.prepare(SQLStatement(statement.name, statement.text, isPrepared: false))
      return nil
    } catch {
      return error
    }
  }

  package func close() {
    guard !isLost else { return }
    isLost = true
    _ = database.engine.disconnect(session, at: database.now, finishingStatement: false)
    database.forget(self)
  }

  deinit {
    if !isLost { _ = database.engine.disconnect(session, at: database.now, finishingStatement: false) }
  }
}
