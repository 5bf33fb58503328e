import SimulationRuntime
import StreamSpaceProtocol

/// The pool of database connections of one replica: 25 open, 5 kept idle (spec/01 §8.1).
///
/// Every call has a deadline of 5 s (C4). A call waits up to 10 s for a free connection and then fails with
/// ``DatabaseError/busy`` (C35). Connections that break are replaced at the next call.
package final class DatabaseClient {
  /// Connections at most (spec/01 §8.1).
  package static let capacity = 25
  /// Idle connections kept (spec/01 §8.1).
  package static let idleCapacity = 5
  /// Limit of one call (C4).
  package static let callLimit = TimeSpan.seconds(5)
  /// Wait for a free connection (C35).
  package static let patience = TimeSpan.seconds(10)

  /// What happens to the pool.
  package enum Event: Sendable, Equatable {
    /// A connection was asked for; so many are open or being dialled then.
    case dialled(open: Int)
    case closed(open: Int)
    /// A call got its connection after this time, or was refused then.
    case lent(after: TimeSpan)
    case refused(after: TimeSpan)
  }

  private final class Waiter {
    var grant: ((Result<DatabaseLink, DatabaseError>) -> Void)?
    var timer = EventToken.none
  }

  private unowned let incarnation: Incarnation
  private let endpoint: Endpoint
  private let policies: DatabasePolicies
  private let onRequest: ((SQLRequest) -> Void)?
  private let onEvent: ((Event) -> Void)?
  /// All open connections. The pool alone owns them: what waits for an answer dies with the replica.
  private var links: [DatabaseLink] = []
  private var idle: [DatabaseLink] = []
  /// Open and dialling connections.
  private var count = 0
  private var waiters: [Waiter] = []
  private var isClosed = false

  /// Answers what only reads, outside transactions; nil: this client itself (C-14).
  var reader: DatabaseClient?

  private static let impatience = EventLabel("controlplane.database.patience")

  init(
    _ incarnation: Incarnation, endpoint: Endpoint, policies: DatabasePolicies = DatabasePolicies(),
    onRequest: ((SQLRequest) -> Void)? = nil, onEvent: ((Event) -> Void)? = nil
  ) {
    self.incarnation = incarnation
    self.endpoint = endpoint
    self.policies = policies
    self.onRequest = onRequest
    self.onEvent = onEvent
  }

  // MARK: Calls

  /// Runs one statement, committing by itself.
  package func execute(
    _ statement: SQLStatement, _ parameters: [SQLValue] = [],
    _ completion: @escaping (Result<SQLResult, DatabaseError>) -> Void
  ) {
    if let reader, statement.onlyReads { return reader.execute(statement, parameters, completion) }
    if let link = lendIdle() { return run(statement, parameters, on: link, completion) }
    lend { [unowned self] loan in
      switch loan {
      case .failure(let error): completion(.failure(error))
      case .success(let link): run(statement, parameters, on: link, completion)
      }
    }
  }

  private func run(
    _ statement: SQLStatement, _ parameters: [SQLValue], on link: DatabaseLink,
    _ completion: @escaping (Result<SQLResult, DatabaseError>) -> Void
  ) {
    link.send(.execute(statement, parameters), within: Self.callLimit) { [unowned self, weak link] result in
      takeBack(link)
      completion(result)
    }
  }

  /// Opens a transaction on a connection of its own. End it with exactly one of ``DatabaseTransaction/commit(_:)`` and
  /// ``DatabaseTransaction/rollback(_:)``.
  package func transaction(_ body: @escaping (Result<DatabaseTransaction, DatabaseError>) -> Void) {
    lend { [unowned self] loan in
      switch loan {
      case .failure(let error): body(.failure(error))
      case .success(let link):
        link.send(.begin, within: Self.callLimit) { [unowned self, weak link] result in
          switch result {
          case .success: body(.success(DatabaseTransaction(self, link)))
          case .failure(let error):
            takeBack(link)
            body(.failure(error))
          }
        }
      }
    }
  }

  /// Lends a connection for requests that belong to it, such as advisory locks; give it back with
  /// ``DatabaseSession/release()``.
  package func session(_ body: @escaping (Result<DatabaseSession, DatabaseError>) -> Void) {
    lend { [unowned self] loan in body(loan.map { DatabaseSession(self, $0) }) }
  }

  /// An empty round trip.
  package func ping(_ completion: @escaping (Result<Void, DatabaseError>) -> Void) {
    lend { [unowned self] loan in
      switch loan {
      case .failure(let error): completion(.failure(error))
      case .success(let link):
        link.send(.ping, within: Self.callLimit) { [unowned self, weak link] result in
          takeBack(link)
          completion(result.map { _ in })
        }
      }
    }
  }

  /// Closes the pool; calls under way fail.
  func close() {
    isClosed = true
    reader?.close()
    for link in idle { link.close() }
    idle.removeAll()
    let waiting = waiters
    waiters.removeAll()
    for waiter in waiting { settle(waiter, .failure(.sql(.connectionLost))) }
  }

  // MARK: The pool

  /// A connection that is free right now.
  private func lendIdle() -> DatabaseLink? {
    guard !isClosed, let link = idle.popLast() else { return nil }
    onEvent?(.lent(after: .zero))
    return link
  }

  private func lend(_ taker: @escaping (Result<DatabaseLink, DatabaseError>) -> Void) {
    if isClosed { return taker(.failure(.sql(.connectionLost))) }
    if let link = lendIdle() { return taker(.success(link)) }
    let grant = timed(taker)
    if count < Self.capacity { return dial(grant) }
    let waiter = Waiter()
    waiter.grant = grant
    waiters.append(waiter)
    waiter.timer = incarnation.after(Self.patience, Self.impatience) { [weak self, weak waiter] in
      guard let self, let waiter else { return }
      waiters.removeAll { $0 === waiter }
      settle(waiter, .failure(.busy))
    }
  }

  /// Tells how long the loan took, where somebody wants to know.
  private func timed(
    _ taker: @escaping (Result<DatabaseLink, DatabaseError>) -> Void
  ) -> (Result<DatabaseLink, DatabaseError>) -> Void {
    guard let onEvent else { return taker }
    let asked = incarnation.now
    return { [incarnation] loan in
      let wait = incarnation.now - asked
      if case .success = loan { onEvent(.lent(after: wait)) } else { onEvent(.refused(after: wait)) }
      taker(loan)
    }
  }

  private func dial(_ grant: @escaping (Result<DatabaseLink, DatabaseError>) -> Void) {
    count += 1
    onEvent?(.dialled(open: count))
    incarnation.simulation.network.open(from: incarnation, to: endpoint, timeout: Self.callLimit) {
      [weak self] outcome in
      guard let self else { return }
      guard case .connected(let socket) = outcome, !isClosed else {
        if case .connected(let socket) = outcome { socket.close() }
        count -= 1
        onEvent?(.closed(open: count))
        grant(.failure(outcome.failure))
        // What waits may try a dial of its own.
        serveWaiter()
        return
      }
      let link = DatabaseLink(incarnation, socket: socket, onRequest: onRequest)
      link.onEnd = { [weak self, weak link] in
        guard let self, let link else { return }
        links.removeAll { $0 === link }
        idle.removeAll { $0 === link }
        count -= 1
        onEvent?(.closed(open: count))
        serveWaiter()
      }
      links.append(link)
      grant(.success(link))
    }
  }

  /// Gives a lent connection to the next who waits, or keeps it.
  func takeBack(_ link: DatabaseLink?) {
    guard let link, link.isOpen else { return }
    if isClosed || policies.connectionLifetime == .nanoseconds { return link.close() }
    if !waiters.isEmpty {
      settle(waiters.removeFirst(), .success(link))
    } else if idle.count < Self.idleCapacity {
      idle.append(link)
    } else {
      link.close()
    }
  }

  private func serveWaiter() {
    guard !isClosed, !waiters.isEmpty, count < Self.capacity else { return }
    let waiter = waiters.removeFirst()
    dial { [weak self] in self?.settle(waiter, $0) }
  }

  private func settle(_ waiter: Waiter, _ loan: Result<DatabaseLink, DatabaseError>) {
    incarnation.cancel(waiter.timer)
    let grant = waiter.grant
    waiter.grant = nil
    grant?(loan)
  }
}

extension SQLStatement {
  /// Whether a standby can answer it.
  fileprivate var onlyReads: Bool { text.hasPrefix("SELECT") && !text.contains("FOR UPDATE") }
}

extension CallOutcome {
  /// Why a dial gave no connection. A server that is full answers the opening itself.
  fileprivate var failure: DatabaseError {
    switch self {
    case .timedOut: return .deadline
    case .reply(let payload):
      if case .failure(let error)? = (payload as? Frame<SQLResponse>)?.value { return .sql(error) }
      return .unreachable
    case .connected, .refused, .reset: return .unreachable
    }
  }
}
