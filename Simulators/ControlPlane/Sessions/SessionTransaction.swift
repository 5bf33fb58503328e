import SimulationRuntime
import StreamSpaceProtocol

/// How a transaction of a session ends, once its steps are through.
enum TransactionEnd<Value> {
  case commit(Value)
  /// Undo everything and tell `Refusal`.
  case refuse(Refusal)
}

/// What holds for one transaction beside its steps.
struct TransactionTerms {
  /// When the request began: what has taken too long is not committed, because its client may be answered 408 before
  /// the database is.
  let start: Instant
  /// The `error` text when the database fails.
  let failure: String
  /// Id of a command that the transaction inserts, known once its steps are through.
  let marker: () -> String
  /// Called when a COMMIT turns out to be done after the request was refused.
  var orphaned: () -> Void = {}
}

/// Where the steps of a change run: in a transaction (C9), or each committing by itself (B-25).
struct StatementSteps {
  private let transaction: DatabaseTransaction?
  private let database: DatabaseClient

  init(_ transaction: DatabaseTransaction?, _ database: DatabaseClient) {
    self.transaction = transaction
    self.database = database
  }

  func execute(
    _ statement: SQLStatement, _ parameters: [SQLValue] = [],
    _ completion: @escaping (Result<SQLResult, DatabaseError>) -> Void
  ) {
    if let transaction {
      transaction.execute(statement, parameters, completion)
    } else {
      database.execute(statement, parameters, completion)
    }
  }
}

extension SessionServices {
  /// Age of a request up to which its transaction is committed: its answer must be out within 30 s (spec/02 §1.4), and
  /// a COMMIT may take 5 s (C4).
  static let commitLimit = TimeSpan.seconds(20)

  /// Opens a transaction, lets `body` take its steps, and ends it as `body` says (C9).
  ///
  /// A COMMIT without answer is looked up by the command it would have written (C-13): so a 2xx is given exactly when
  /// the rows are there, also when the connection broke at the worst moment.
  func transact<Value>(
    _ terms: TransactionTerms,
    body: @escaping (StatementSteps, @escaping (TransactionEnd<Value>) -> Void) -> Void,
    done: @escaping (Result<Value, Refusal>) -> Void
  ) {
    if policies.commit == .separately {
      let steps = StatementSteps(nil, database)
      return body(steps) { end in
        switch end {
        case .commit(let value): done(.success(value))
        case .refuse(let refusal): done(.failure(refusal))
        }
      }
    }
    database.transaction { [self] opened in
      switch opened {
      case .failure(let error): done(.failure(.database(error, terms.failure)))
      case .success(let transaction):
        let steps = StatementSteps(transaction, database)
        body(steps) { [self] in finish(transaction, $0, terms, done) }
      }
    }
  }

  private func finish<Value>(
    _ transaction: DatabaseTransaction, _ end: TransactionEnd<Value>, _ terms: TransactionTerms,
    _ done: @escaping (Result<Value, Refusal>) -> Void
  ) {
    switch end {
    case .refuse(let refusal): transaction.rollback { done(.failure(refusal)) }
    case .commit where incarnation.monotonicNow - terms.start > Self.commitLimit:
      transaction.rollback { done(.failure(Refusal(.serviceUnavailable, .serverBusy))) }
    case .commit(let value):
      transaction.commit { [self] result in
        switch result {
        case .success: done(.success(value))
        case .failure(let error) where error.leavesCommitOpen && policies.unknownCommit == .lookedUp:
          CommitResolution(self, terms).resolve { done($0.map { value }) }
        case .failure(let error): done(.failure(.database(error, terms.failure)))
        }
      }
    }
  }
}

extension DatabaseError {
  /// Whether a COMMIT that ended so may have been done.
  var leavesCommitOpen: Bool {
    switch self {
    case .deadline: true
    case .sql(let error): error.kind == .commitUnknown
    case .busy, .unreachable, .row: false
    }
  }

  /// Whether the same call may succeed later: the database was away, slow or overloaded.
  var isPassing: Bool {
    switch self {
    case .deadline, .busy, .unreachable: true
    case .row: false
    case .sql(let error):
      switch error.kind {
      case .connectionLost, .commitUnknown, .serverUnavailable, .idleInTransactionTimeout, .lockTimeout,
        .statementTimeout, .other:
        true
      default: false
      }
    }
  }
}

/// Finds out whether a COMMIT without answer was done.
final class CommitResolution {
  /// Between two look-ups.
  private static let pause = TimeSpan.seconds(1)
  /// Look-ups that found the database but not the row, before the transaction counts as undone: the first may have
  /// overtaken a COMMIT on its way.
  private static let absences = 2
  /// Look-ups before the request is refused; those after it only see to what the refusal leaves behind.
  private static let tries = 6
  /// Look-ups in all: 10 min.
  private static let lastTry = 600
  private static let again = EventLabel("controlplane.session.commit-lookup")

  private let services: SessionServices
  private let terms: TransactionTerms
  private let command: String
  private var tried = 0
  private var missed = 0
  private var isRefused = false

  init(_ services: SessionServices, _ terms: TransactionTerms) {
    self.services = services
    self.terms = terms
    command = terms.marker()
  }

  func resolve(_ done: @escaping (Result<Void, Refusal>) -> Void) {
    services.database.execute(SessionStatements.commandExists, [.text(command)]) { [self] result in
      tried += 1
      switch result {
      case .success(let found) where !found.rows.isEmpty:
        return isRefused ? terms.orphaned() : done(.success(()))
      case .success:
        missed += 1
        if missed >= Self.absences {
          let body = ErrorBody(terms.failure, message: "commit failed")
          return isRefused ? () : done(.failure(Refusal(.internalServerError, body)))
        }
      case .failure(let error):
        if tried >= Self.lastTry { return }
        if tried >= Self.tries, !isRefused {
          isRefused = true
          done(.failure(.database(error, terms.failure)))
        }
      }
      services.incarnation.after(Self.pause, Self.again) { [self] in resolve(done) }
    }
  }
}
