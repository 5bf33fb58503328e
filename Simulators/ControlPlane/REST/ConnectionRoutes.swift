import StreamSpaceProtocol

/// Connect, disconnect and the beats of clients (spec/02 §5.6, spec/00 Streaming item 6). The rows are all there is: any
/// replica serves any connection (B-75).
final class ConnectionRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let services: SessionServices
  private let verbs: SessionVerbs
  private let tracker: ConnectionTracker

  init(
    _ replica: Replica, _ authenticator: Authenticator, _ services: SessionServices, _ verbs: SessionVerbs,
    _ tracker: ConnectionTracker
  ) {
    self.replica = replica
    self.authenticator = authenticator
    self.services = services
    self.verbs = verbs
    self.tracker = tracker
  }

  func install() {
    on(.get, "/api/v1/sessions/:id/connect") { [unowned self] in connect($0, $1) }
    on(.post, "/api/v1/sessions/:id/disconnect") { [unowned self] in disconnect($0, $1) }
    on(.post, "/api/v1/sessions/:id/heartbeat") { [unowned self] in beat($0, $1) }
  }

  private func on(
    _ method: HTTPMethod, _ pattern: String, _ handler: @escaping (HTTPExchange, AuthenticatedUser) -> Void
  ) {
    replica.router.on(method, pattern) { [unowned self] exchange in
      authenticator.authenticate(exchange, role: nil) { handler(exchange, $0) }
    }
  }

  /// The session, or an answer.
  private func find(
    _ exchange: HTTPExchange, _ user: AuthenticatedUser, _ failure: String, _ next: @escaping (StoredSession) -> Void
  ) {
    let id = exchange[parameter: "id"]
    verbs.find(id, for: user, absent: .sessionNotFound, failure: failure) { result in
      switch result {
      case .success(let row): next(row)
      case .failure(let refusal): exchange.answer(refusal)
      }
    }
  }

  // MARK: Connect

  private func connect(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let failure = "Failed to connect to session"
    guard let named = exchange.request.query["user"], !named.isEmpty else {
      return exchange.answer(.badRequest, ErrorBody.userParameterRequired)
    }
    find(exchange, user, failure) { [self] row in
      if named == user.id || named == user.username { return insert(exchange, row, for: user.id) }
      guard user.isAdministrator || services.policies.users.ownership == .anyUser else {
        return exchange.answer(.forbidden, ErrorBody.insufficientPermissions)
      }
      replica.database.execute(UserStatements.findByIDOrName, [.text(named)]) { [self] result in
        do {
          // An unknown user fails on the foreign key, as recorded.
          insert(exchange, row, for: try UserRow.first(of: result.get())?.id ?? named)
        } catch {
          exchange.answer(.failure(error, failure))
        }
      }
    }
  }

  private func insert(_ exchange: HTTPExchange, _ row: StoredSession, for userID: String) {
    let connection = services.identifiers.connection()
    let parameters: [SQLValue] = [
      .text(connection), .text(row.id), .text(userID), .text(exchange.clientAddress),
      .text(exchange.request.headers["User-Agent"] ?? ""),
    ]
    replica.database.execute(ConnectionStatements.insert, parameters) { [self] result in
      if case .failure(let error) = result {
        let message = "failed to insert connection: \(error)"
        return exchange.answer(.internalServerError, ErrorBody("Failed to connect to session", message: message))
      }
      tracker.made(connection, session: row.id)
      let counts = services.policies.connectCount == .addsViewer
      let touch = counts ? ConnectionStatements.touchAndCountSession : ConnectionStatements.touchSession
      replica.database.execute(touch, [.text(row.id)]) { [self] _ in
        let answer = ConnectAnswer(connectionID: connection, state: row.state, url: row.url)
        wakeIfHibernated(row) { exchange.answer(.ok, answer) }
      }
    }
  }

  /// A connect wakes a hibernated session (C18). Whether this request or another did it is all one to the client, whom
  /// the answer tells to wait.
  private func wakeIfHibernated(_ row: StoredSession, _ done: @escaping () -> Void) {
    guard row.sessionState == .hibernated, services.policies.hibernatesIdleSessions else { return done() }
    verbs.perform(.wakeSession, on: row) { _ in done() }
  }

  // MARK: Disconnect and beat

  private func disconnect(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let failure = "Failed to disconnect"
    guard let connection = exchange.request.query["connectionId"], !connection.isEmpty else {
      return exchange.answer(.badRequest, ErrorBody.connectionIDRequired)
    }
    find(exchange, user, failure) { [self] row in
      let keys: [SQLValue] = [.text(connection), .text(row.id)]
      replica.database.execute(ConnectionStatements.remove, keys) { [self] result in
        switch result {
        case .failure(let error): exchange.answer(.failure(error, failure))
        case .success(let removed) where removed.rowCount == 0:
          exchange.answer(.ok, DisconnectAnswer(activeConnections: row.activeConnections))
        case .success:
          replica.database.execute(ConnectionStatements.markDisconnected, [.text(row.id)]) { _ in
            exchange.answer(.ok, DisconnectAnswer(activeConnections: row.activeConnections))
          }
        }
      }
    }
  }

  /// Activity of the client; with `connectionId` also the beat of that connection.
  private func beat(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let failure = "Failed to update activity"
    find(exchange, user, failure) { [self] row in
      let record = { [self] in
        replica.database.execute(SessionStatements.recordActivity, [.text(row.id)]) { result in
          if case .failure(let error) = result { return exchange.answer(.failure(error, failure)) }
          exchange.answer(.ok, SessionHeartbeatAnswer(sessionID: row.id))
        }
      }
      guard let connection = exchange.request.query["connectionId"], !connection.isEmpty else { return record() }
      tracker.beat(connection, session: row.id) { result in
        switch result {
        case .failure(let error): exchange.answer(.failure(error, failure))
        case .success(false): exchange.answer(.notFound, ErrorBody("Connection not found"))
        case .success(true): record()
        }
      }
    }
  }
}
