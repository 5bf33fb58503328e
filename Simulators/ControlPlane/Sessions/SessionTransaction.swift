import SimulationRuntime
import StreamSpaceProtocol

/// How a transaction of a session ends, once its steps are through.
enum TransactionEnd<Value> {
  case commit(Value)
  /// Undo everything and tell `Refusal`.
  case refuse(Refusal)
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
  /// Opens a transaction, lets `body` take its steps, and ends it as `body` says (C9).
  ///
  /// A COMMIT without answer is looked up by the command it would have written (C-13): so a 2xx is given exactly when
  /// the rows are there, also when the connection broke at the worst moment.
  ///
  /// - Parameters:
  ///   - marker: Id of a command that the transaction inserts, known once `body` has ended it.
  ///   - failure: The `error` text when the database fails.
  func transact<Value>(
    failure: String, marker: @escaping () -> String,
    _ body: @escaping (StatementSteps, @escaping (TransactionEnd<Value>) -> Void) -> Void,
    _ done: @escaping (Result<Value, Refusal>) -> Void
  ) {
    if policies.commit == .separately {
      return body(StatementSteps(nil, database)) { end in
        switch end {
        case .commit(let value): done(.success(value))
        case .refuse(let refusal): done(.failure(refusal))
        }
      }
    }
    database.transaction { [self] opened in
      switch opened {
      case .failure(let error): done(.failure(.database(error, failure)))
      case .success(let transaction):
        body(StatementSteps(transaction, database)) { [self] end in
          switch end {
          case .refuse(let refusal): transaction.rollback { done(.failure(refusal)) }
          case .commit(let value):
            transaction.commit { [self] result in
              switch result {
              case .success: done(.success(value))
              case .failure(let error) where error.leavesCommitOpen:
                CommitResolution(self, command: marker(), failure: failure).resolve { done($0.map { value }) }
              case .failure(let error): done(.failure(.database(error, failure)))
              }
            }
          }
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
  /// Look-ups in all; a request is answered within 30 s (spec/02 §1.4).
  private static let tries = 20
  private static let again = EventLabel("controlplane.session.commit-lookup")

  private let services: SessionServices
  private let command: String
  private let failure: String
  private var tried = 0
  private var missed = 0

  init(_ services: SessionServices, command: String, failure: String) {
    self.services = services
    self.command = command
    self.failure = failure
  }

  func resolve(_ done: @escaping (Result<Void, Refusal>) -> Void) {
    services.database.execute(SessionStatements.commandExists, [.text(command)]) { [self] result in
      tried += 1
      switch result {
      case .success(let found) where !found.rows.isEmpty: return done(.success(()))
      case .success:
        missed += 1
        if missed >= Self.absences {
          return done(.failure(Refusal(.internalServerError, ErrorBody(failure, message: "commit failed"))))
        }
      case .failure(let error):
        if tried >= Self.tries { return done(.failure(.database(error, failure))) }
      }
      services.incarnation.after(Self.pause, Self.again) { [self] in resolve(done) }
    }
  }
}
