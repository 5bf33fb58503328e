import SimulationRuntime
import StreamSpaceProtocol

/// Login, refresh and logout (spec/02 §2.1, §2.2).
final class AuthenticationRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let logins: LoginSessions?
  private let tokenIDs: DecisionStream

  private var policies: UserPolicies { replica.configuration.behaviour.sessions.users }

  init(_ replica: Replica, _ authenticator: Authenticator, logins: LoginSessions?) {
    self.replica = replica
    self.authenticator = authenticator
    self.logins = logins
    tokenIDs = replica.incarnation.decisions.stream("controlplane.token.\(replica.incarnation.process.name)")
  }

  func install() {
    replica.router.on(.post, "/api/v1/auth/login") { [unowned self] in login($0) }
    replica.router.on(.post, "/api/v1/auth/refresh") { [unowned self] in refresh($0) }
    replica.router.on(.post, "/api/v1/auth/logout") { [unowned self] in logout($0) }
  }

  // MARK: Login

  private func login(_ exchange: HTTPExchange) {
    guard let request = try? exchange.request.body.decode(as: LoginRequest.self), !request.username.isEmpty,
      !request.password.isEmpty
    else { return exchange.answer(.badRequest, ErrorBody.invalidRequestBody) }
    replica.database.execute(UserStatements.credentials, [.text(request.username)]) { [self] result in
      if case .failure(.busy) = result { return exchange.answer(.serviceUnavailable, ErrorBody.serverBusy) }
      // A user that is absent, inactive or without password is refused at once, without the cost of a hash.
      guard let rows = try? result.get().rows, let row = rows.first, let account = try? UserAccount(row: row),
        account.active, account.provider == "local",
        let hash = try? row.optionalText("password_hash"), !hash.isEmpty
      else { return Self.refuse(exchange) }
      let organisation = (try? row.optionalText("org_id")) ?? StoredSession.defaultOrganisation
      let cost = replica.configuration.costs.passwordCheck
      replica.keyCheck.run(cost, for: exchange) { [self] in
        guard TaggedHash.ofPassword(request.password) == hash else { return Self.refuse(exchange) }
        welcome(exchange, account, organisation, rows.compactMap { try? $0.optionalText("group_id") })
      }
    }
  }

  private static func refuse(_ exchange: HTTPExchange) { exchange.answer(.unauthorized, ErrorBody.invalidCredentials) }

  private func welcome(
    _ exchange: HTTPExchange, _ account: UserAccount, _ organisation: String, _ groups: [String]
  ) {
    replica.database.execute(UserStatements.recordLogin, [.text(account.id)]) { [self] _ in
      var claims = AccessClaims(
        userID: account.id, username: account.username, email: account.email, role: account.role, groups: groups,
        tokenID: newTokenID(), now: replica.clock.now)
      claims.organisationID = organisation
      // The account as it was before this login [rec 01].
      answer(exchange, claims, account, address: exchange.clientAddress)
    }
  }

  /// Writes the login session, when there is a store, and answers.
  private func answer(_ exchange: HTTPExchange, _ claims: AccessClaims, _ account: UserAccount, address: String?) {
    let now = replica.clock.now
    let expiry = now.adding(nanoseconds: AccessClaims.lifetimeSeconds * 1_000_000_000)
    let token = claims.token(secret: replica.configuration.jwtSecret)
    let respond = { exchange.answer(.ok, LoginAnswer(token: token, expiresAt: expiry, user: account)) }
    guard let logins else { return respond() }
    let login = LoginSession(
      sessionID: claims.tokenID, userID: claims.userID, username: claims.username, role: claims.role,
      organisationID: claims.organisationID, createdAt: now, expiresAt: expiry, ipAddress: address,
      userAgent: address == nil ? nil : exchange.request.headers["User-Agent"])
    logins.store(login, respond)
  }

  private func newTokenID() -> String { replica.incarnation.decisions.hex(tokenIDs, digits: 64) }

  // MARK: Refresh

  /// A valid token gives a new one with its name, role, groups and organisation (B-74); the old one stays valid.
  private func refresh(_ exchange: HTTPExchange) {
    guard let request = try? exchange.request.body.decode(as: RefreshRequest.self), !request.token.isEmpty else {
      return exchange.answer(.badRequest, ErrorBody.invalidRequestBody)
    }
    let old: AccessClaims
    do throws(TokenError) {
      old = try AccessClaims.verify(
        request.token, secret: replica.configuration.jwtSecret, now: replica.clock.now)
    } catch {
      return exchange.answer(.unauthorized, ErrorBody.invalidToken(error.goText))
    }
    authenticator.checkLogin(old.tokenID) { [self] refusal in
      if let refusal { return exchange.answer(refusal) }
      UserLookup(replica.database).account(of: old.userID) { [self] result in
        switch result {
        case .failure(let refusal): exchange.answer(refusal)
        case .success(let account):
          guard account.active else { return exchange.answer(.forbidden, ErrorBody.userDisabled) }
          var claims = AccessClaims(
            userID: old.userID, username: old.username, email: old.email, role: old.role, groups: old.groups,
            tokenID: newTokenID(), now: replica.clock.now)
          if policies.refresh == .keepsOrganisation { claims.organisationID = old.organisationID }
          answer(exchange, claims, account, address: nil)
        }
      }
    }
  }

  // MARK: Logout

  /// Always 200. With the cache on the token is revoked.
  private func logout(_ exchange: HTTPExchange) {
    let respond = { exchange.answer(.ok, MessageAnswer.loggedOut) }
    guard let logins, policies.logout == .revokes,
      let token = exchange.request.bearerToken,
      let claims = try? AccessClaims.verify(token, secret: replica.configuration.jwtSecret, now: replica.clock.now)
    else { return respond() }
    logins.remove(claims.tokenID, respond)
  }
}

/// Reads a user with quota and groups, as `users/me` and refresh show it.
struct UserLookup {
  private let database: DatabaseClient

  init(_ database: DatabaseClient) { self.database = database }

  func account(of id: String, _ done: @escaping (Result<UserAccount, Refusal>) -> Void) {
    database.execute(UserStatements.find, [.text(id)]) { [database] found in
      do {
        guard let row = try found.get().rows.first else { return done(.failure(Refusal(.notFound, .userNotFound))) }
        var account = try UserAccount(row: row)
        database.execute(UserStatements.quota, [.text(id)]) { quota in
          database.execute(UserStatements.groups, [.text(id)]) { groups in
            do {
              account.quota = try quota.get().rows.first.map { try UserQuota(row: $0, showsName: false) }
              account.groups = try groups.get().rows.map { try $0.text("group_id") }
              done(.success(account))
            } catch {
              done(.failure(.failure(error, "Failed to load user")))
            }
          }
        }
      } catch {
        done(.failure(.failure(error, "Failed to load user")))
      }
    }
  }
}
