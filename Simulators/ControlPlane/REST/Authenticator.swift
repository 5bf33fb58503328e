import StreamSpaceProtocol

/// Finds the user behind a request (spec/02 §2.3): token, login session when the cache is on, user row, role.
final class Authenticator: RequestAuthenticator {
  /// Paths on which the token may come in the query or in a cookie, as on WebSockets.
  private static let proxied = ["/api/v1/http/", "/api/v1/vnc/", "/api/v1/websockify/"]
  /// Cookie that carries the token on these paths.
  static let cookie = "streamspace_proxy_token"

  private let secret: String
  private let clock: ReplicaClock
  private let database: DatabaseClient
  private let logins: LoginSessions?
  private let policies: SessionPolicies
  private let crossSite: CrossSiteCheck
  /// Claims of tokens whose signature held: it is computed once for a token, whoever shows it again.
  private var verified: [String: AccessClaims] = [:]
  private static let verifiedLimit = 1_024

  init(
    secret: String, clock: ReplicaClock, database: DatabaseClient, logins: LoginSessions?, policies: SessionPolicies,
    crossSite: CrossSiteCheck
  ) {
    self.crossSite = crossSite
    self.secret = secret
    self.clock = clock
    self.database = database
    self.logins = logins
    self.policies = policies
  }

  func authenticate(_ exchange: HTTPExchange, role: UserRole?, next: @escaping (AuthenticatedUser) -> Void) {
    switch Self.token(of: exchange.request) {
    case .failure(let refusal): Self.refuse(exchange, refusal)
    case .success(let token):
      verify(token) { [self] result in
        switch result {
        case .failure(let refusal): Self.refuse(exchange, refusal)
        case .success(let user):
          if let claims = user.claims, let refusal = crossSite.refusal(of: exchange, claims) {
            return Self.refuse(exchange, refusal)
          }
          if let refusal = Self.refusal(of: user, least: role) { return Self.refuse(exchange, refusal) }
          exchange.user = user
          next(user)
        }
      }
    }
  }

  /// The claims of a token that holds, and the user as the row has it now.
  func verify(_ token: String, _ done: @escaping (Result<AuthenticatedUser, Refusal>) -> Void) {
    let claims: AccessClaims
    do throws(TokenError) {
      claims = try self.claims(of: token)
    } catch {
      return done(.failure(Refusal(.unauthorized, .invalidToken(error.goText))))
    }
    checkLogin(claims.tokenID) { [self] refusal in
      if let refusal { return done(.failure(refusal)) }
      database.execute(UserStatements.authenticate, [.text(claims.userID)]) { result in
        done(Self.user(of: claims, result))
      }
    }
  }

  private func claims(of token: String) throws(TokenError) -> AccessClaims {
    if let known = verified[token] {
      try known.check(at: clock.now)
      return known
    }
    let claims = try AccessClaims.verify(token, secret: secret, now: clock.now)
    if verified.count == Self.verifiedLimit { verified.removeAll() }
    verified[token] = claims
    return claims
  }

  /// Nil when the login stands, or nobody can tell (C19).
  func checkLogin(_ tokenID: String, _ done: @escaping (Refusal?) -> Void) {
    guard let logins else { return done(nil) }
    logins.standing(of: tokenID) { [self] standing in
      switch standing {
      case .present: done(nil)
      case .unknown where policies.users.unreachableLogins == .passes: done(nil)
      case .missing, .unknown: done(Refusal(.unauthorized, .sessionExpired))
      }
    }
  }

  private static func user(
    of claims: AccessClaims, _ result: Result<SQLResult, DatabaseError>
  ) -> Result<AuthenticatedUser, Refusal> {
    do {
      guard let row = try result.get().rows.first else { return .failure(Refusal(.unauthorized, .userNotFound)) }
      guard try row.optionalBoolean("active") ?? true else { return .failure(Refusal(.forbidden, .userDisabled)) }
      let user = try UserRow(row)
      // The organisation is the token's, as the role is; tokens from before organisations name none.
      let organisation = claims.organisationID.isEmpty ? user.organisation : claims.organisationID
      return .success(
        AuthenticatedUser(
          id: claims.userID, username: user.username, role: claims.role, organisation: organisation,
          claims: claims))
    } catch let error as DatabaseError {
      if case .busy = error { return .failure(Refusal(.serviceUnavailable, .serverBusy)) }
      // The shipped answer to a failing query, 401, would make clients throw their token away (CHAOS-05).
      return .failure(Refusal(.internalServerError, ErrorBody("Failed to load user", message: error.description)))
    } catch {
      return .failure(Refusal(.internalServerError, ErrorBody("Failed to load user", message: "\(error)")))
    }
  }

  // MARK: The parts of the check

  static func token(of request: HTTPRequest) -> Result<String, Refusal> {
    if request.isWebSocketUpgrade || proxied.contains(where: { request.path.hasPrefix($0) }) {
      if let token = request.query["token"], !token.isEmpty { return .success(token) }
      if let token = request.cookie(cookie), !token.isEmpty { return .success(token) }
    }
    guard let header = request.headers[HTTPHeaderName.authorization], !header.isEmpty else {
      return .failure(Refusal(.unauthorized, .authorizationRequired))
    }
    guard let token = request.bearerToken else {
      return .failure(Refusal(.unauthorized, .invalidAuthorizationFormat))
    }
    return .success(token)
  }

  /// An administrator may do what an operator may, an operator what a user may (spec/02 §2.5).
  static func refusal(of user: AuthenticatedUser, least role: UserRole?) -> Refusal? {
    guard let role else { return nil }
    let rank = { (role: UserRole) in UserRole.allCases.firstIndex(of: role) ?? UserRole.allCases.count }
    guard let own = UserRole(rawValue: user.role), rank(own) <= rank(role) else {
      return Refusal(.forbidden, .insufficientPermissions)
    }
    return nil
  }

  /// A WebSocket gets the code without a body.
  private static func refuse(_ exchange: HTTPExchange, _ refusal: Refusal) {
    if exchange.request.isWebSocketUpgrade {
      exchange.respond(HTTPResponse(refusal.status))
    } else {
      exchange.answer(refusal)
    }
  }
}
