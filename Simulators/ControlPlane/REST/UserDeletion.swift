import StreamSpaceProtocol

/// Deletes one user with what is his: one of the few changes that are a transaction in the shipped program too
/// (spec/02 §8.3). An id that nobody has is deleted too, as recorded (spec/02 §4.4).
final class UserDeletion {
  private static let failure = "Failed to delete user"

  private let replica: Replica
  private let exchange: HTTPExchange
  private let user: String

  init(_ replica: Replica, _ exchange: HTTPExchange, _ user: String) {
    self.replica = replica
    self.exchange = exchange
    self.user = user
  }

  func begin() {
    guard replica.configuration.behaviour.sessions.users.deletion == .together else {
      return delete(StatementSteps(nil, replica.database), UserStatements.deletion[...]) { [self] in settle($0) }
    }
    replica.database.transaction { [self] opened in
      switch opened {
      case .failure(let error): exchange.answer(.failure(error, Self.failure))
      case .success(let transaction):
        delete(StatementSteps(transaction, replica.database), UserStatements.deletion[...]) { [self] result in
          guard case .success = result else { return transaction.rollback { [self] in settle(result) } }
          transaction.commit { [self] in settle($0) }
        }
      }
    }
  }

  private func delete(
    _ steps: StatementSteps, _ rest: ArraySlice<SQLStatement>, _ done: @escaping (Result<Void, DatabaseError>) -> Void
  ) {
    guard let statement = rest.first else { return done(.success(())) }
    steps.execute(statement, [.text(user)]) { [self] result in
      switch result {
      case .failure(let error): done(.failure(error))
      case .success: delete(steps, rest.dropFirst(), done)
      }
    }
  }

  private func settle(_ result: Result<Void, DatabaseError>) {
    switch result {
    case .failure(let error): exchange.answer(.failure(error, Self.failure))
    case .success: exchange.answer(.ok, MessageAnswer("User deleted successfully"))
    }
  }
}
