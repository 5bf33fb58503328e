import StreamSpaceProtocol

/// Batches (C20): each item goes the way of the single call, one after the other, and has its own answer.
final class BatchRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let services: SessionServices
  private let verbs: SessionVerbs

  init(_ replica: Replica, _ authenticator: Authenticator, _ services: SessionServices, _ verbs: SessionVerbs) {
    self.replica = replica
    self.authenticator = authenticator
    self.services = services
    self.verbs = verbs
  }

  func install() {
    let actions: [(String, AgentAction)] = [
      ("terminate", .stopSession), ("delete", .stopSession), ("hibernate", .hibernateSession), ("wake", .wakeSession),
    ]
    for (name, action) in actions {
      replica.router.on(.post, "/api/v1/batch/sessions/\(name)") { [unowned self] exchange in
        authenticator.authenticate(exchange, role: nil) { [self] user in
          guard let ids = ids(of: exchange) else { return }
          each(ids[...], BatchAnswer(total: ids.count, errors: []), exchange) { [self] id, done in
            if services.policies.batch == .rowsOnly { return changeRow(action, id, user, done) }
            verbs.perform(action, on: id, by: user) { done($0.map { _ in }) }
          }
        }
      }
    }
    replica.router.on(.post, "/api/v1/batch/sessions/update-tags") { [unowned self] exchange in
      authenticator.authenticate(exchange, role: nil) { [self] in updateTags(exchange, $0) }
    }
  }

  private func ids(of exchange: HTTPExchange) -> [String]? {
    guard let request: BatchSessionsRequest = exchange.plainBody() else { return nil }
    guard !request.sessionIDs.isEmpty else {
      exchange.answer(.badRequest, ErrorBody("sessionIds cannot be empty"))
      return nil
    }
    return request.sessionIDs
  }

  private func each(
    _ ids: ArraySlice<String>, _ answer: BatchAnswer, _ exchange: HTTPExchange,
    _ perform: @escaping (String, @escaping (Result<Void, Refusal>) -> Void) -> Void
  ) {
    guard let id = ids.first else { return exchange.answer(.ok, answer) }
    perform(id) { [self] result in
      var answer = answer
      if case .failure(let refusal) = result {
        let error = BatchAnswer.ItemError(id: id, error: Self.text(refusal, id))
        answer = BatchAnswer(total: answer.total, errors: answer.errors + [error])
      }
      each(ids.dropFirst(), answer, exchange, perform)
    }
  }

  /// What shipped batches do: the row changes, the workload does not (B-30).
  private func changeRow(
    _ action: AgentAction, _ id: String, _ user: AuthenticatedUser, _ done: @escaping (Result<Void, Refusal>) -> Void
  ) {
    let statement = action == .stopSession ? SessionStatements.delete : SessionStatements.overwriteState
    let parameters: [SQLValue] =
      action == .stopSession
      ? [.text(id), .text(user.id)]
      : [.text(id), .text(action.stateWhenCompleted.rawValue), .text(user.id)]
    services.database.execute(statement, parameters) { result in
      switch result {
      case .failure(let error): done(.failure(.database(error, "Failed to change session")))
      case .success(let changed) where changed.rowCount == 0:
        done(.failure(Refusal(.notFound, .sessionNotFound)))
      case .success: done(.success(()))
      }
    }
  }

  /// The recorded text for an item that is not there; what the single call says for the rest.
  private static func text(_ refusal: Refusal, _ id: String) -> String {
    if refusal.status == .notFound { return "session \(id): not found or not owned by user" }
    return refusal.body.message ?? refusal.body.error
  }

  // MARK: Tags

  private func updateTags(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    guard let ids = ids(of: exchange), let request: BatchTagsRequest = exchange.plainBody() else { return }
    guard !request.tags.isEmpty else { return exchange.answer(.badRequest, ErrorBody("tags cannot be empty")) }
    guard let operation = BatchTagsRequest.Operation(rawValue: request.operation) else {
      return exchange.answer(.badRequest, ErrorBody("operation must be one of: add, remove, replace"))
    }
    let failure = "Failed to update tags"
    each(ids[...], BatchAnswer(total: ids.count, errors: []), exchange) { [self] id, done in
      verbs.find(id, for: user, absent: .sessionNotFound, failure: failure) { [self] found in
        switch found {
        case .failure(let refusal): done(.failure(refusal))
        case .success(let row):
          let parameters: [SQLValue] = [.text(id), .array(operation.apply(request.tags, to: row.tags))]
          services.database.execute(SessionStatements.setTags, parameters) { [self] result in
            if case .failure(let error) = result { return done(.failure(.database(error, failure))) }
            services.committed(commandFor: nil) { done(.success(())) }
          }
        }
      }
    }
  }
}

/// Body of `POST /api/v1/batch/sessions/update-tags`, beside `sessionIds`.
struct BatchTagsRequest: WireDecodable {
  enum Operation: String {
    case add
    case remove
    case replace

    func apply(_ tags: [String], to present: [String]) -> [String] {
      switch self {
      case .replace: tags
      case .add: present + tags.filter { !present.contains($0) }
      case .remove: present.filter { !tags.contains($0) }
      }
    }
  }

  let tags: [String]
  /// `replace` when left out.
  let operation: String

  init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "struct")
    guard let tags = try reader.optionalTexts("tags") else { throw .missing(path: "tags") }
    self.tags = tags
    operation = try reader.text("operation", default: Operation.replace.rawValue)
  }
}
