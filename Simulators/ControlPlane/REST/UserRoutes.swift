import StreamSpaceProtocol

/// Users and their quotas (spec/02 §4.4), as far as cases need them. The lists and the quotas of others are for
/// operators.
final class UserRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator

  init(_ replica: Replica, _ authenticator: Authenticator) {
    self.replica = replica
    self.authenticator = authenticator
  }

  func install() {
    on(.get, "/api/v1/users/me", nil) { [unowned self] in me($0, $1) }
    on(.get, "/api/v1/users/me/quota", nil) { [unowned self] in quota($0, of: $1.id) }
    on(.get, "/api/v1/users", .operator) { [unowned self] exchange, _ in list(exchange) }
    on(.get, "/api/v1/users/:id/quota", .operator) { [unowned self] exchange, _ in
      quota(exchange, of: exchange[parameter: "id"])
    }
    on(.get, "/api/v1/admin/quotas", .operator) { [unowned self] exchange, _ in quotas(exchange) }
    on(.get, "/api/v1/admin/quotas/:username", .operator) { [unowned self] exchange, _ in
      named(exchange[parameter: "username"], exchange) { exchange.answer(.ok, $0) }
    }
    on(.put, "/api/v1/admin/quotas", .operator) { [unowned self] exchange, _ in setQuota(exchange) }
    on(.delete, "/api/v1/users/:id", .operator) { [unowned self] exchange, _ in
      UserDeletion(replica, exchange, exchange[parameter: "id"]).begin()
    }
  }

  private func on(
    _ method: HTTPMethod, _ pattern: String, _ role: UserRole?,
    _ handler: @escaping (HTTPExchange, AuthenticatedUser) -> Void
  ) {
    replica.router.on(method, pattern) { [unowned self] exchange in
      authenticator.authenticate(exchange, role: role) { handler(exchange, $0) }
    }
  }

  private func me(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    UserLookup(replica.database).account(of: user.id) { result in
      switch result {
      case .success(let account): exchange.answer(.ok, account)
      case .failure(let refusal): exchange.answer(refusal)
      }
    }
  }

  private func list(_ exchange: HTTPExchange) {
    let query = exchange.request.query
    let parameters: [SQLValue] = [
      .text(query["role"] ?? ""), .text(query["provider"] ?? ""), .text(query["active"] == "true" ? "true" : ""),
    ]
    replica.database.execute(UserStatements.list, parameters) { result in
      do {
        exchange.answer(.ok, UserListAnswer(users: try result.get().rows.map { try UserAccount(row: $0) }))
      } catch {
        exchange.answer(.failure(error, "Failed to list users"))
      }
    }
  }

  // MARK: Quotas

  private func quota(_ exchange: HTTPExchange, of id: String) {
    replica.database.execute(UserStatements.quota, [.text(id)]) { result in
      do {
        guard let row = try result.get().rows.first else {
          return exchange.answer(.notFound, ErrorBody("Quota not found"))
        }
        exchange.answer(.ok, try UserQuota(row: row, showsName: false))
      } catch {
        exchange.answer(.failure(error, "Failed to get quota"))
      }
    }
  }

  private func quotas(_ exchange: HTTPExchange) {
    replica.database.execute(UserStatements.quotas) { result in
      do {
        let quotas = try result.get().rows.map { try UserQuota(row: $0, showsName: true) }
        exchange.answer(.ok, QuotaListAnswer(quotas: quotas))
      } catch {
        exchange.answer(.failure(error, "Failed to list quotas"))
      }
    }
  }

  /// The quota of a user by name; answers the 404s itself.
  private func named(_ username: String, _ exchange: HTTPExchange, _ done: @escaping (UserQuota) -> Void) {
    replica.database.execute(UserStatements.quotaByName, [.text(username)]) { result in
      do {
        guard let row = try result.get().rows.first else { return exchange.answer(.notFound, ErrorBody.userNotFound) }
        guard try row.optionalText("user_id") != nil else {
          return exchange.answer(.notFound, ErrorBody("Quota not found"))
        }
        done(try UserQuota(row: row, showsName: true))
      } catch {
        exchange.answer(.failure(error, "Failed to get quota"))
      }
    }
  }

  private func setQuota(_ exchange: HTTPExchange) {
    guard let request = try? exchange.request.body.decode(as: SetQuotaRequest.self), !request.username.isEmpty else {
      return exchange.answer(.badRequest, ErrorBody("Invalid request"))
    }
    replica.database.execute(UserStatements.quotaByName, [.text(request.username)]) { [self] result in
      do {
        guard let row = try result.get().rows.first else { return exchange.answer(.notFound, ErrorBody.userNotFound) }
        let parameters: [SQLValue] = [
          .text(try row.text("owner")), .optional(request.maxSessions.map(Int64.init)), .optional(request.maxCPU),
          .optional(request.maxMemory), .optional(request.maxStorage),
        ]
        replica.database.execute(UserStatements.setQuota, parameters) { [self] written in
          if case .failure(let error) = written { return exchange.answer(.failure(error, "Failed to set quota")) }
          named(request.username, exchange) { exchange.answer(.ok, $0) }
        }
      } catch {
        exchange.answer(.failure(error, "Failed to set quota"))
      }
    }
  }
}

/// Body of `PUT /api/v1/admin/quotas`.
package struct SetQuotaRequest: WireCodable, Hashable {
  package var username: String
  package var maxSessions: Int?
  package var maxCPU: String?
  package var maxMemory: String?
  package var maxStorage: String?

  package init(username: String, maxSessions: Int? = nil, maxCPU: String? = nil, maxMemory: String? = nil) {
    self.username = username
    self.maxSessions = maxSessions
    self.maxCPU = maxCPU
    self.maxMemory = maxMemory
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "struct")
    username = try reader.text("username")
    maxSessions = try reader.optionalInteger("maxSessions")
    maxCPU = try reader.optionalText("maxCpu")
    maxMemory = try reader.optionalText("maxMemory")
    maxStorage = try reader.optionalText("maxStorage")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 5)
    object.add("username", username)
    object.addIfPresent("maxSessions", maxSessions)
    object.addIfPresent("maxCpu", maxCPU)
    object.addIfPresent("maxMemory", maxMemory)
    object.addIfPresent("maxStorage", maxStorage)
    return .object(object)
  }
}

/// 200 of `GET /api/v1/users`.
private struct UserListAnswer: WireEncodable {
  let users: [UserAccount]

  var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("total", users.count)
    object.add("users", users)
    return .object(object)
  }
}

/// 200 of `GET /api/v1/admin/quotas`.
private struct QuotaListAnswer: WireEncodable {
  let quotas: [UserQuota]

  var json: JSONValue {
    var object = JSONObject(reserving: 2)
    object.add("quotas", quotas)
    object.add("total", quotas.count)
    return .object(object)
  }
}
