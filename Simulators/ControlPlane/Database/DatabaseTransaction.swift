import SimulationRuntime
import StreamSpaceProtocol

/// One open transaction (READ COMMITTED, spec/02 §8.3) on a connection of its own.
package final class DatabaseTransaction {
  private unowned let client: DatabaseClient
  private weak var link: DatabaseLink?
  private var isOpen = true

  init(_ client: DatabaseClient, _ link: DatabaseLink?) {
    self.client = client
    self.link = link
  }

  /// Runs one statement inside the transaction. After a failure only ``rollback(_:)`` makes sense.
  package func execute(
    _ statement: SQLStatement, _ parameters: [SQLValue] = [],
    _ completion: @escaping (Result<SQLResult, DatabaseError>) -> Void
  ) {
    guard isOpen else { return completion(.failure(.sql(.noTransaction))) }
    send(.execute(statement, parameters), completion)
  }

  /// Commits. A lost connection leaves open whether it was done (``SQLError/Kind/commitUnknown``).
  package func commit(_ completion: @escaping (Result<Void, DatabaseError>) -> Void) {
    guard isOpen else { return completion(.failure(.sql(.noTransaction))) }
    isOpen = false
    send(.commit) { [unowned client, weak link] result in
      client.takeBack(link)
      completion(result.map { _ in })
    }
  }

  /// Undoes everything; `completion` is called when the connection is free again or gone.
  package func rollback(_ completion: (() -> Void)? = nil) {
    guard isOpen else {
      completion?()
      return
    }
    isOpen = false
    send(.rollback) { [unowned client, weak link] _ in
      client.takeBack(link)
      completion?()
    }
  }

  private func send(_ request: SQLRequest, _ completion: @escaping (Result<SQLResult, DatabaseError>) -> Void) {
    guard let link else { return completion(.failure(.sql(.connectionLost))) }
    link.send(request, within: DatabaseClient.callLimit, completion)
  }

  /// Rolls back and hands `error` on: the usual end of a failed step.
  package func fail<Value>(
    _ error: DatabaseError, _ completion: @escaping (Result<Value, DatabaseError>) -> Void
  ) {
    rollback { completion(.failure(error)) }
  }
}

/// One connection lent for requests that belong to it: advisory locks are held by the connection (C14, C30).
package final class DatabaseSession {
  private unowned let client: DatabaseClient
  private weak var link: DatabaseLink?
  private var isOpen = true

  init(_ client: DatabaseClient, _ link: DatabaseLink?) {
    self.client = client
    self.link = link
  }

  /// Sends one request, in order with the others of this session. `limit`: after which its answer is given up (C4).
  package func send(
    _ request: SQLRequest, within limit: TimeSpan = DatabaseClient.callLimit,
    _ completion: @escaping (Result<SQLResult, DatabaseError>) -> Void
  ) {
    guard isOpen else { return completion(.failure(.sql(.connectionLost))) }
    guard let link else { return completion(.failure(.sql(.connectionLost))) }
    link.send(request, within: limit, completion)
  }

  /// Ends the connection itself: its transaction is rolled back and its locks are free.
  package func end() {
    guard isOpen else { return }
    isOpen = false
    link?.close()
  }

  /// Gives the connection back. Locks that are still held stay with it: release them before.
  package func release() {
    guard isOpen else { return }
    isOpen = false
    client.takeBack(link)
  }
}
