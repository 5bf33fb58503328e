import StreamSpaceProtocol

/// The routes of sessions (spec/02 §5.1 to §5.5): create, list, get, the verbs, tags.
final class SessionRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let services: SessionServices
  private let verbs: SessionVerbs
  private let cache: ResponseCache?

  init(
    _ replica: Replica, _ authenticator: Authenticator, _ services: SessionServices, _ verbs: SessionVerbs,
    cache: ResponseCache?
  ) {
    self.replica = replica
    self.authenticator = authenticator
    self.services = services
    self.verbs = verbs
    self.cache = cache
  }

  func install() {
    on(.get, "/api/v1/sessions") { [unowned self] in list($0, $1) }
    on(.post, "/api/v1/sessions") { [unowned self] exchange, user in
      SessionRequestChecks(services, exchange, user).start()
    }
    on(.get, "/api/v1/sessions/by-tags") { [unowned self] in listByTags($0, $1) }
    on(.get, "/api/v1/sessions/:id") { [unowned self] in get($0, $1) }
    on(.patch, "/api/v1/sessions/:id") { [unowned self] in patch($0, $1) }
    on(.delete, "/api/v1/sessions/:id") { [unowned self] in perform(.stopSession, $0, $1) }
    on(.put, "/api/v1/sessions/:id/hibernate") { [unowned self] in perform(.hibernateSession, $0, $1) }
    on(.put, "/api/v1/sessions/:id/wake") { [unowned self] in perform(.wakeSession, $0, $1) }
    on(.patch, "/api/v1/sessions/:id/tags") { [unowned self] in setTags($0, $1) }
  }

  private func on(
    _ method: HTTPMethod, _ pattern: String, _ handler: @escaping (HTTPExchange, AuthenticatedUser) -> Void
  ) {
    replica.router.on(method, pattern) { [unowned self] exchange in
      authenticator.authenticate(exchange, role: nil) { handler(exchange, $0) }
    }
  }

  /// Answers from the cache where there is one.
  private func cached(
    _ exchange: HTTPExchange, _ user: AuthenticatedUser,
    _ produce: @escaping (@escaping (HTTPResponse) -> Void) -> Void
  ) {
    guard let cache else { return produce { exchange.answer($0) } }
    cache.serve(exchange, user: user.id, lifetime: ResponseCache.sessionLifetime, produce)
  }

  // MARK: Reading

  /// Only what the caller may see (C16): an administrator the organisation's, `?user=` narrows it.
  private func list(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    cached(exchange, user) { [self] done in
      let everyone = user.isAdministrator || services.policies.users.ownership == .anyUser
      let statement = everyone ? SessionStatements.listOfOrganisation : SessionStatements.listOwned
      let subject = everyone ? user.organisation : user.id
      let wanted = exchange.request.query["user"] ?? ""
      replica.database.execute(statement, [.text(subject)]) { result in
        do {
          let rows = try result.get().rows.map { try StoredSession($0) }
          let shown = wanted.isEmpty ? rows : rows.filter { $0.userID == wanted }
          let names = self.services.policies.stateNames
          done(HTTPResponse(.ok, SessionList(shown.map { names.applied(to: $0.session) })))
        } catch {
          done(Refusal.failure(error, "Failed to list sessions").response)
        }
      }
    }
  }

  private func listByTags(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let tags = exchange.request.query.values("tags").filter { !$0.isEmpty }
    guard !tags.isEmpty else { return exchange.answer(.badRequest, ErrorBody("At least one tag is required")) }
    cached(exchange, user) { [self] done in
      let everyone = user.isAdministrator || services.policies.users.ownership == .anyUser
      let parameters: [SQLValue] = [
        .array(tags), .text(user.organisation), everyone ? .null : .text(user.id),
      ]
      replica.database.execute(SessionStatements.listByTags, parameters) { result in
        do {
          let rows = try result.get().rows.map { try StoredSession($0) }
          done(HTTPResponse(.ok, TaggedSessionsAnswer(rows: rows, tags: tags)))
        } catch {
          done(Refusal.failure(error, "Failed to list sessions").response)
        }
      }
    }
  }

  private func get(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    let id = exchange[parameter: "id"]
    cached(exchange, user) { [self] done in
      verbs.find(id, for: user, absent: .noSession(id), failure: "Failed to get session") { [self] result in
        switch result {
        case .success(let row): done(HTTPResponse(.ok, services.policies.stateNames.applied(to: row.session)))
        case .failure(let refusal): done(refusal.response)
        }
      }
    }
  }

  // MARK: Verbs

  private func perform(_ action: AgentAction, _ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    verbs.perform(action, on: exchange[parameter: "id"], by: user) { result in
      switch result {
      case .failure(let refusal): exchange.answer(refusal)
      case .success(let accepted):
        let answer = SessionCommandAnswer(action: action, name: accepted.session, commandID: accepted.commandID)
        exchange.answer(.accepted, answer)
      }
    }
  }

  /// PATCH state does what the verb of that state does (C13).
  private func patch(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    guard let request: UpdateSessionRequest = exchange.plainBody() else { return }
    let actions: [String: AgentAction] = [
      SessionState.running.rawValue: .wakeSession, SessionState.hibernated.rawValue: .hibernateSession,
      SessionState.terminated.rawValue: .stopSession,
    ]
    guard let state = request.state, let action = actions[state] else {
      return exchange.answer(.badRequest, ErrorBody.invalidState)
    }
    let id = exchange[parameter: "id"]
    let respond = { exchange.answer(.accepted, UpdateSessionAnswer(name: id, state: state)) }
    guard services.policies.patchState == .actsLikeVerb else { return respond() }
    verbs.perform(action, on: id, by: user) { result in
      switch result {
      case .failure(let refusal): exchange.answer(refusal)
      case .success: respond()
      }
    }
  }

  // MARK: Tags

  private func setTags(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    guard let request: SetTagsRequest = exchange.plainBody() else { return }
    let id = exchange[parameter: "id"]
    verbs.find(id, for: user, absent: .sessionNotFound, failure: "Failed to update tags") { [self] found in
      if case .failure(let refusal) = found { return exchange.answer(refusal) }
      let parameters: [SQLValue] = [.text(id), .array(request.tags)]
      replica.database.execute(SessionStatements.setTags, parameters) { [self] result in
        do {
          guard let row = try result.get().rows.first else {
            return exchange.answer(.notFound, ErrorBody.sessionNotFound)
          }
          let answer = RawSessionAnswer(row: try StoredSession(row))
          services.committed(commandFor: nil) { exchange.answer(.ok, answer) }
        } catch {
          exchange.answer(.failure(error, "Failed to update tags"))
        }
      }
    }
  }
}

/// Body of `PATCH /api/v1/sessions/:id/tags`: replaces the tags; an empty list is allowed (spec/02 §5.5).
package struct SetTagsRequest: WireCodable, Hashable {
  package var tags: [String]

  package init(tags: [String]) { self.tags = tags }

  package init(json: JSONValue) throws(WireError) {
    guard let tags = try JSONReader(json, "struct").optionalTexts("tags") else { throw .missing(path: "tags") }
    self.tags = tags
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 1)
    object.add("tags", tags)
    return .object(object)
  }
}
