import CPostgres
import StreamSpaceProtocol

/// Where a connection stands between two requests, and what that means for the next one. The rules are those of the
/// simulated database: PostgreSQL only warns of a BEGIN inside a transaction and of an end without one.
enum TransactionState {
  case idle
  case open
  case aborted

  init(_ handle: OpaquePointer) {
    switch PQtransactionStatus(handle) {
    case PQTRANS_INTRANS: self = .open
    case PQTRANS_INERROR: self = .aborted
    default: self = .idle
    }
  }

  /// The error of a request that needs no server to be refused.
  func refusal(of request: SQLRequest) -> SQLError? {
    switch request {
    case .begin where self != .idle: .nestedTransaction
    case .commit where self == .idle, .rollback where self == .idle: .noTransaction
    default: nil
    }
  }

  /// The state after a request was answered.
  func after(_ request: SQLRequest, _ response: SQLResponse) -> TransactionState {
    switch (request, response) {
    // What becomes of the rest of a lost connection depends on what was open when it was sent.
    case (_, .failure(.connectionLost)): self
    case (.commit, _), (.rollback, _): .idle
    case (.begin, .result): .open
    case (.begin, .failure): self
    case (_, .failure) where self == .open: .aborted
    default: self
    }
  }

  /// What the server's response means to the client.
  func meaning(of response: SQLResponse, to request: SQLRequest, isLost: Bool) -> SQLResponse {
    switch (request, response) {
    case (.commit, .failure(let error)) where isLost && error.kind == .connectionLost:
      self == .aborted ? response : .failure(.commitUnknown)
    // The server has rolled back, and says so in its command tag only.
    case (.commit, .result) where self == .aborted: .failure(.commitOfAborted)
    default: response
    }
  }
}

extension SQLRequest {
  /// The text of a request that is no statement of its own.
  var commandText: String {
    switch self {
    case .begin: "BEGIN ISOLATION LEVEL READ COMMITTED"
    case .commit: "COMMIT"
    case .rollback: "ROLLBACK"
    case .advisoryLock(let key): "SELECT pg_advisory_lock(\(key))"
    case .tryAdvisoryLock(let key): "SELECT pg_try_advisory_lock(\(key))"
    case .advisoryUnlock(let key): "SELECT pg_advisory_unlock(\(key))"
    case .execute(let statement, _): statement.text
    case .ping: ""
    }
  }
}
