/// A database error: SQLSTATE and message as PostgreSQL sends them, plus the losses only a client can see.
package struct SQLError: Error, Sendable, Hashable {
  /// What went wrong, with the names a caller may act on.
  package enum Kind: Sendable, Hashable {
    /// 23505; the value is the name of the unique constraint or primary key.
    case uniqueViolation(constraint: String)
    /// 23503; `referencing` is true for the insert or update of a child row, false for the delete or update of a
    /// parent.
    case foreignKeyViolation(constraint: String, referencing: Bool)
    /// 23502.
    case notNullViolation(table: String, column: String)
    /// 23514.
    case checkViolation(constraint: String)
    /// 22001.
    case valueTooLong(limit: Int)
    /// 22P02, an unreadable value.
    case invalidText
    /// 42703.
    case undefinedColumn(String)
    /// 42P01.
    case undefinedTable(String)
    /// 42704: an index, constraint, trigger, type or setting.
    case undefinedObject
    /// 42P07, 42701, 42710 and 42723: a relation, column, constraint, trigger or function.
    case duplicateObject
    /// 2BP01: others depend on what was to be dropped.
    case dependentObjects
    /// 42P16 and 42830: a definition that cannot be.
    case invalidDefinition
    /// 25006.
    case readOnlyTransaction
    /// 42P10.
    case noMatchingConstraint
    /// 42883 and 42804.
    case typeMismatch
    /// 42601.
    case syntax
    /// 0A000: the simulated database does not know this construct; a fault of the simulation, not of the client.
    case unsupported
    /// 25P02, 25P01 and 25001: the request does not fit the state of the connection's transaction.
    case transactionState
    /// 55P03.
    case lockTimeout
    /// 57014.
    case statementTimeout
    /// 25P03: the server ended a session that left a transaction open.
    case idleInTransactionTimeout
    /// 57P01, 57P03, 53300: the server refuses or ends the connection.
    case serverUnavailable
    /// The connection broke before an answer came; a statement outside a transaction may have been done.
    case connectionLost
    /// The connection broke after COMMIT was sent and before its answer came: done or not, nobody knows (C-13).
    case commitUnknown
    /// Any other SQLSTATE, as a fault plan may ask for.
    case other
  }

  /// Five characters; empty for losses that no server reported.
  package let sqlState: String
  /// PostgreSQL's primary message, without lib/pq's `pq: `.
  package let message: String
  package let kind: Kind

  package init(sqlState: String, message: String, kind: Kind) {
    self.sqlState = sqlState
    self.message = message
    self.kind = kind
  }

  /// The violated constraint, where the error names one.
  package var constraint: String? {
    switch kind {
    case .uniqueViolation(let constraint), .foreignKeyViolation(let constraint, _), .checkViolation(let constraint):
      constraint
    default: nil
    }
  }

  /// Whether the connection is gone and a pool must not use it again.
  package var endsConnection: Bool {
    switch kind {
    case .connectionLost, .commitUnknown, .serverUnavailable, .idleInTransactionTimeout: true
    default: false
    }
  }
}

extension SQLError: CustomStringConvertible {
  /// As lib/pq words it: what ends up in `message` and `details` of REST answers (spec/02 §3).
  package var description: String { sqlState.isEmpty ? message : "pq: \(message)" }
}

extension SQLError {
  package static func uniqueViolation(constraint: String) -> SQLError {
    SQLError(
      sqlState: "23505", message: "duplicate key value violates unique constraint \"\(constraint)\"",
      kind: .uniqueViolation(constraint: constraint))
  }

  /// A child row without its parent.
  package static func missingParent(table: String, constraint: String) -> SQLError {
    SQLError(
      sqlState: "23503",
      message: "insert or update on table \"\(table)\" violates foreign key constraint \"\(constraint)\"",
      kind: .foreignKeyViolation(constraint: constraint, referencing: true))
  }

  /// A parent row that still has children.
  package static func stillReferenced(table: String, constraint: String, child: String) -> SQLError {
    SQLError(
      sqlState: "23503",
      message:
        "update or delete on table \"\(table)\" violates foreign key constraint \"\(constraint)\" on table \"\(child)\"",
      kind: .foreignKeyViolation(constraint: constraint, referencing: false))
  }

  package static func notNullViolation(table: String, column: String) -> SQLError {
    SQLError(
      sqlState: "23502",
      message: "null value in column \"\(column)\" of relation \"\(table)\" violates not-null constraint",
      kind: .notNullViolation(table: table, column: column))
  }

  package static func checkViolation(table: String, constraint: String) -> SQLError {
    SQLError(
      sqlState: "23514",
      message: "new row for relation \"\(table)\" violates check constraint \"\(constraint)\"",
      kind: .checkViolation(constraint: constraint))
  }

  package static func valueTooLong(limit: Int) -> SQLError {
    SQLError(
      sqlState: "22001", message: "value too long for type character varying(\(limit))",
      kind: .valueTooLong(limit: limit))
  }

  /// `type` as PostgreSQL names it; json has no value in its message.
  package static func invalidText(type: String, value: String) -> SQLError {
    SQLError(
      sqlState: "22P02",
      message: "invalid input syntax for type \(type)" + (type == "json" ? "" : ": \"\(value)\""),
      kind: .invalidText)
  }

  /// A column named in a query. A qualified name stands without quotes, as PostgreSQL prints it.
  package static func undefinedColumn(_ name: String) -> SQLError {
    SQLError(
      sqlState: "42703",
      message: name.contains(".") ? "column \(name) does not exist" : "column \"\(name)\" does not exist",
      kind: .undefinedColumn(name))
  }

  /// A column written by INSERT or UPDATE.
  package static func undefinedColumn(_ name: String, table: String) -> SQLError {
    SQLError(
      sqlState: "42703", message: "column \"\(name)\" of relation \"\(table)\" does not exist",
      kind: .undefinedColumn(name))
  }

  package static func undefinedTable(_ name: String) -> SQLError {
    SQLError(
      sqlState: "42P01", message: "relation \"\(name)\" does not exist", kind: .undefinedTable(name))
  }

  package static let noMatchingConstraint = SQLError(
    sqlState: "42P10",
    message: "there is no unique or exclusion constraint matching the ON CONFLICT specification",
    kind: .noMatchingConstraint)

  package static func undefinedFunction(_ name: String) -> SQLError {
    SQLError(sqlState: "42883", message: "function \(name) does not exist", kind: .typeMismatch)
  }

  package static func syntax(near token: String) -> SQLError {
    SQLError(
      sqlState: "42601",
      message: token.isEmpty ? "syntax error at end of input" : "syntax error at or near \"\(token)\"", kind: .syntax)
  }

  package static func unsupported(_ construct: String) -> SQLError {
    SQLError(
      sqlState: "0A000", message: "the simulated database does not know \(construct)", kind: .unsupported)
  }

  package static func parameterCount(supplied: Int, required: Int) -> SQLError {
    SQLError(
      sqlState: "08P01", message: "got \(supplied) parameters but the statement requires \(required)", kind: .other)
  }

  package static let transactionAborted = SQLError(
    sqlState: "25P02",
    message: "current transaction is aborted, commands ignored until end of transaction block",
    kind: .transactionState)

  /// COMMIT of an aborted transaction, as lib/pq reports the server's ROLLBACK.
  package static let commitOfAborted = SQLError(
    sqlState: "25P02", message: "Could not complete operation in a failed transaction", kind: .transactionState)

  package static let noTransaction = SQLError(
    sqlState: "25P01", message: "there is no transaction in progress", kind: .transactionState)

  package static let nestedTransaction = SQLError(
    sqlState: "25001", message: "there is already a transaction in progress", kind: .transactionState)

  package static let lockTimeout = SQLError(
    sqlState: "55P03", message: "canceling statement due to lock timeout", kind: .lockTimeout)

  package static let statementTimeout = SQLError(
    sqlState: "57014", message: "canceling statement due to statement timeout", kind: .statementTimeout)

  package static let idleInTransactionTimeout = SQLError(
    sqlState: "25P03", message: "terminating connection due to idle-in-transaction timeout",
    kind: .idleInTransactionTimeout)

  package static let tooManyClients = SQLError(
    sqlState: "53300", message: "sorry, too many clients already", kind: .serverUnavailable)

  package static let startingUp = SQLError(
    sqlState: "57P03", message: "the database system is starting up", kind: .serverUnavailable)

  package static let administratorShutdown = SQLError(
    sqlState: "57P01", message: "terminating connection due to administrator command", kind: .serverUnavailable)

  /// The connection broke while a request was under way; the text is Go's.
  package static let connectionLost = SQLError(
    sqlState: "", message: "driver: bad connection", kind: .connectionLost)

  /// The connection broke while COMMIT was under way.
  package static let commitUnknown = SQLError(
    sqlState: "", message: "driver: bad connection", kind: .commitUnknown)

  /// An error a fault plan names by its SQLSTATE alone.
  package static func injected(sqlState: String) -> SQLError {
    switch sqlState {
    case "55P03": .lockTimeout
    case "57014": .statementTimeout
    case "57P01": .administratorShutdown
    case "57P03": .startingUp
    case "53300": .tooManyClients
    case "40001":
      SQLError(sqlState: sqlState, message: "could not serialize access due to concurrent update", kind: .other)
    case "40P01": SQLError(sqlState: sqlState, message: "deadlock detected", kind: .other)
    case "53100":
      SQLError(sqlState: sqlState, message: "could not extend file: No space left on device", kind: .other)
    case "XX000": SQLError(sqlState: sqlState, message: "internal error", kind: .other)
    default: SQLError(sqlState: sqlState, message: "statement failed with SQLSTATE \(sqlState)", kind: .other)
    }
  }
}
