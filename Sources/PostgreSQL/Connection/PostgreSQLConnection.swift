import CPostgres
import StreamSpaceProtocol

/// A connection to a PostgreSQL server through libpq: it answers before it returns. For one thread at a time.
///
/// Times are in UTC, JSON and numbers come as text, and the transaction's state is watched as the simulated database
/// watches it, so that both give the same errors (docs/database-dialects.md lists where they cannot).
package final class PostgreSQLConnection: SQLConnection {
  /// The libpq connection; nil once it is closed.
  private(set) var handle: OpaquePointer?
  /// The server has gone, or has ended the session.
  package private(set) var isLost = false
  /// What must live as long as the connection is open: the throw-away database it leads to.
  var holds: AnyObject?
  private var prepared: [SQLStatement: PreparedText] = [:]
  private var lastName = 0
  /// Since the beginning of the transaction.
  private var hasChangedSchema = false

  /// What every session begins with: the forms in which values are read here, and no chatter.
  private static let settings = """
    SET client_encoding = 'UTF8'; SET TIME ZONE 'UTC'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; \
    SET bytea_output = 'hex'; SET standard_conforming_strings = on; SET client_min_messages = warning
    """

  /// Connects.
  ///
  /// - Parameters:
  ///   - url: `postgresql://user:password@host:port/database`, or any other form that libpq takes.
  ///   - timeout: Seconds to wait for each address of the server, at least 2, unless the URL has `connect_timeout`.
  /// - Throws: one line that says what is wrong: 08001 no server there or an unreadable URL, 28P01 and 28000 not let in,
  ///   3D000 no such database, 53300 and 57P03 the server does not want now.
  package init(url: String, database: String? = nil, timeout: Int = 10) throws(SQLError) {
    var complaint: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &complaint) else {
      defer { PQfreemem(complaint) }
      throw ConnectionFailure.unreadable(complaint.map { String(cString: $0) } ?? "")
    }
    PQconninfoFree(options)
    // In order: what stands later wins, so the URL has its own timeout and the caller its database.
    var pairs = [("application_name", "streamspace-sim"), ("connect_timeout", String(timeout)), ("dbname", url)]
    if let database { pairs.append(("dbname", database)) }
    guard let opened = Self.open(pairs) else { throw .connectionLost }
    handle = opened
    guard PQstatus(opened) == CONNECTION_OK else {
      let failure = ConnectionFailure.refused(opened)
      close()
      throw failure
    }
    // Warnings would go to standard error.
    _ = PQsetNoticeReceiver(opened, { _, _ in }, nil)
    let answer = run(text: Self.settings)
    if case .failure(let error) = answer {
      close()
      throw error
    }
  }

  deinit { PQfinish(handle) }

  package func close() {
    PQfinish(handle)
    handle = nil
    isLost = true
    prepared.removeAll()
    holds = nil
  }

  /// Process id of the server's side, `pg_backend_pid()`; 0 once closed.
  package var serverProcess: Int { handle.map { Int(PQbackendPID($0)) } ?? 0 }

  /// The server's release, 150004 for 15.4.
  package var serverVersion: Int { handle.map { Int(PQserverVersion($0)) } ?? 0 }

  private static func open(_ pairs: [(String, String)]) -> OpaquePointer? {
    let texts = pairs.flatMap { [$0.0, $0.1] }.map { Array($0.utf8CString) }
    // libpq copies what it keeps.
    return withPointers(to: texts) { pointers in
      let keys = stride(from: 0, to: pointers.count, by: 2).map { Optional(pointers[$0]) } + [nil]
      let values = stride(from: 1, to: pointers.count, by: 2).map { Optional(pointers[$0]) } + [nil]
      return PQconnectdbParams(keys, values, 1)
    }
  }

  private static func withPointers<Result>(
    to texts: [[CChar]], _ body: ([UnsafePointer<CChar>]) -> Result, _ found: [UnsafePointer<CChar>] = []
  ) -> Result {
    guard let first = texts.first else { return body(found) }
    return first.withUnsafeBufferPointer { buffer in
      guard let base = buffer.baseAddress else { return body(found) }
      return withPointers(to: Array(texts.dropFirst()), body, found + [base])
    }
  }

  // MARK: - One request

  package func answer(_ request: SQLRequest) -> SQLResponse {
    guard let handle, !isLost else { return .failure(.connectionLost) }
    let before = TransactionState(handle)
    if let refusal = before.refusal(of: request) { return .failure(refusal) }
    let response: SQLResponse =
      switch request {
      case .execute(let statement, let parameters): execute(statement, parameters)
      default: run(text: request.commandText)
      }
    return before.meaning(of: response, to: request, isLost: isLost)
  }

  private func execute(_ statement: SQLStatement, _ parameters: [SQLValue]) -> SQLResponse {
    if !statement.isPrepared, parameters.isEmpty { return run(text: statement.text) }
    do throws(SQLError) {
      let known = try prepare(statement)
      let response = try run(known, parameters)
      guard case .failure(let error) = response, error.isOutdatedPlan, let handle,
        TransactionState(handle) == .idle
      else { return response }
      // Somebody has changed the table since: outside a transaction the statement can be prepared anew.
      prepared[statement] = nil
      return try run(try prepare(statement), parameters)
    } catch {
      return .failure(error)
    }
  }

  /// Sends a text as it is.
  private func run(text: String) -> SQLResponse {
    guard let handle else { return .failure(.connectionLost) }
    return response(of: result(sent: PQsendQuery(handle, text)), nil)
  }

  private func run(_ known: PreparedText, _ parameters: [SQLValue]) throws(SQLError) -> SQLResponse {
    guard let handle else { return .failure(.connectionLost) }
    let list = try ParameterList(parameters, types: known.parameterTypes)
    let sent = list.withTexts { count, texts in
      PQsendQueryPrepared(handle, known.name, count, texts, nil, nil, 0)
    }
    return response(of: result(sent: sent), known, supplied: parameters.count)
  }

  // MARK: - Prepared statements

  /// The statement as this connection knows it, prepared now if it is new. One that is not to be kept goes without a
  /// name, which the next one takes.
  func prepare(_ statement: SQLStatement) throws(SQLError) -> PreparedText {
    if let known = prepared[statement] { return known }
    guard let handle else { throw .connectionLost }
    // Numbered: statements of one name and different texts are different statements.
    var name = ""
    if statement.isPrepared {
      lastName += 1
      name = "s\(lastName)"
    }
    _ = try response(of: result(sent: PQsendPrepare(handle, name, statement.text, 0, nil)), nil).get()
    let description = result(sent: PQsendDescribePrepared(handle, name))
    defer { PQclear(description) }
    guard let description, PQresultStatus(description) == PGRES_COMMAND_OK else {
      throw failure(of: description)
    }
    let types = (0..<PQnparams(description)).map { PQparamtype(description, $0) }
    let known = PreparedText(name: name, parameterTypes: types, decoder: ResultDecoder(description))
    if statement.isPrepared { prepared[statement] = known }
    return known
  }

  package func problem(preparing statement: SQLStatement) -> SQLError? {
    guard let handle, !isLost else { return .connectionLost }
    guard case .failure(let error) = response(of: PQprepare(handle, "", statement.text, 0, nil), nil) else {
      return nil
    }
    return error
  }

  /// The statement if it is prepared already.
  func known(_ statement: SQLStatement) -> PreparedText? { prepared[statement] }

  // MARK: - Answers

  /// The result of what was sent: the first error, or the last result. `PQexec` has the last in any case, which is of no
  /// use when the server says why it ends the session and then does.
  func result(sent: Int32) -> OpaquePointer? {
    guard let handle, sent == 1 else { return nil }
    var kept: OpaquePointer?
    while let next = PQgetResult(handle) {
      if let last = kept, PQresultStatus(last) == PGRES_FATAL_ERROR {
        PQclear(next)
        continue
      }
      PQclear(kept)
      kept = next
      if [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(PQresultStatus(next)) { break }
    }
    return kept
  }

  /// Reads a result and frees it.
  func response(of result: OpaquePointer?, _ known: PreparedText?, supplied: Int = 0) -> SQLResponse {
    defer { PQclear(result) }
    guard let result else { return .failure(failure(of: nil)) }
    switch PQresultStatus(result) {
    case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
      return decode(result, known)
    case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
      endCopy()
      return .failure(
        SQLError(sqlState: "0A000", message: "COPY is not a statement here: load(_:into:columns:)", kind: .unsupported))
    default:
      let error = failure(of: result)
      if error.sqlState == "08P01", let known, supplied != known.parameterTypes.count {
        return .failure(.parameterCount(supplied: supplied, required: known.parameterTypes.count))
      }
      return .failure(error)
    }
  }

  private func decode(_ result: OpaquePointer, _ known: PreparedText?) -> SQLResponse {
    let changed = PQcmdTuples(result).flatMap { Int(String(cString: $0)) } ?? 0
    guard PQresultStatus(result) == PGRES_TUPLES_OK else {
      forgetOutdated(PQcmdStatus(result).map { String(cString: $0) } ?? "")
      return .result(SQLResult(rowCount: changed))
    }
    let decoder = known.flatMap { $0.decoder.fits(result) ? $0.decoder : nil } ?? ResultDecoder(result)
    do throws(SQLError) {
      return .result(SQLResult(columns: decoder.columns, rows: try decoder.rows(result), rowCount: changed))
    } catch {
      return .failure(error)
    }
  }

  /// Plans do not outlive a change of the schema, nor its being taken back. `tag` is that of the command just done.
  private func forgetOutdated(_ tag: String) {
    if ["CREATE ", "ALTER ", "DROP "].contains(where: tag.hasPrefix) {
      hasChangedSchema = true
      prepared.removeAll()
    } else if tag == "ROLLBACK", hasChangedSchema {
      prepared.removeAll()
    }
    if tag == "ROLLBACK" || tag == "COMMIT" { hasChangedSchema = false }
  }

  /// The error of a result; notices when the session ended with it.
  func failure(of result: OpaquePointer?) -> SQLError {
    guard let handle else { return .connectionLost }
    guard let result else {
      // Nothing came back: a loss, or libpq would not even send it.
      if PQstatus(handle) == CONNECTION_OK { return SQLError(refusedBy: handle) }
      isLost = true
      return .connectionLost
    }
    let error = SQLError(result)
    guard PQstatus(handle) == CONNECTION_BAD || error.endsSession(result) else { return error }
    isLost = true
    return error.kind == .idleInTransactionTimeout ? error : .connectionLost
  }

  /// Ends a COPY that a statement began, so that the connection can go on.
  private func endCopy() {
    guard let handle else { return }
    _ = PQputCopyEnd(handle, "not wanted")
    var line: UnsafeMutablePointer<CChar>?
    while PQgetCopyData(handle, &line, 0) > 0 { PQfreemem(line) }
    while let result = PQgetResult(handle) { PQclear(result) }
  }
}

/// A statement that the server keeps for a connection.
struct PreparedText {
  /// Its name there; empty for one that is used once.
  let name: String
  let parameterTypes: [TypeIdentifier.ID]
  let decoder: ResultDecoder
}

extension SQLError {
  /// 0A000 `cached plan must not change result type`.
  fileprivate var isOutdatedPlan: Bool { sqlState == "0A000" && message.hasPrefix("cached plan") }
}
