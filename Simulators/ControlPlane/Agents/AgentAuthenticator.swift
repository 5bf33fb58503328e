import SimulationRuntime
import StreamSpaceProtocol

/// Decides whether a request speaks for an agent: rate limit, then key (spec/02 §2.7, §2.10; C7, C37).
final class AgentAuthenticator {
  /// Who speaks.
  enum Caller {
    /// The agent with its own key; the row as it is after the check of the key.
    case agent(AgentCredentials)
    /// Someone with the bootstrap key; the row if there is one.
    case bootstrap(AgentCredentials?)
  }

  /// How far the bootstrap key may go on this route.
  enum Scope {
    /// Registration: the poll of an agent that waits for its approval.
    case registration
    /// Connect and heartbeat.
    case service
  }

  private unowned let replica: Replica
  private var limiter: RateLimiter?

  init(_ replica: Replica) {
    self.replica = replica
    limiter = replica.configuration.agentRateLimit.map(RateLimiter.init(limit:))
  }

  private var policies: EnrolmentPolicies { replica.behaviour.enrolment }

  /// Calls `next` with the caller and the id the key was checked for, or answers the refusal. `names`: the ids that
  /// query, path and body name, in this order of precedence.
  func admit(
    _ exchange: HTTPExchange, names: [String], scope: Scope,
    _ next: @escaping (_ caller: Caller, _ agentID: String) -> Void
  ) {
    if limiter?.admit(exchange.clientAddress, at: replica.incarnation.monotonicNow) == false {
      return exchange.respond(.tooManyRequests, ErrorBody.rateLimitExceeded)
    }
    guard let key = exchange.request.headers[HTTPHeaderName.agentAPIKey], !key.isEmpty else {
      return exchange.respond(.unauthorized, ErrorBody.missingAuthentication)
    }
    if let refusal = FieldRules.agentKey(key) { return exchange.respond(.unauthorized, refusal) }
    let given = names.filter { !$0.isEmpty }
    guard let agentID = given.first else { return exchange.respond(.badRequest, ErrorBody.missingAgentID) }
    if policies.identity == .mustAgree, given.contains(where: { $0 != agentID }) {
      return exchange.respond(.forbidden, ErrorBody.agentIdentityMismatch)
    }
    replica.database.execute(AgentStatements.credentials, [.text(agentID)]) { [self] result in
      switch result {
      case .failure(let error): exchange.respond(failure: error, ErrorBody.databaseError)
      case .success(let result):
        guard let row = result.firstRow else { return admitUnknown(exchange, key, agentID, next) }
        guard let credentials = try? AgentCredentials(row, policies) else {
          return exchange.respond(.internalServerError, ErrorBody.databaseError)
        }
        check(exchange, key, credentials, scope, next)
      }
    }
  }

  /// Tells the observer how a call by which an agent makes itself known is answered.
  func watch(_ exchange: HTTPExchange, _ call: ControlPlaneEvent.AgentCall, names: [String]) {
    guard replica.configuration.observer != nil else { return }
    let key = exchange.request.headers[HTTPHeaderName.agentAPIKey] ?? ""
    let agentID = names.first { !$0.isEmpty } ?? ""
    exchange.onAnswer = { [unowned replica] status in
      replica.tell(.agentCallAnswered(call, agentID: agentID, key: key, status: status))
    }
  }

  private func isBootstrapKey(_ key: String) -> Bool {
    guard let bootstrap = replica.configuration.bootstrapKey, !bootstrap.isEmpty else { return false }
    return key == bootstrap
  }

  private func admitUnknown(
    _ exchange: HTTPExchange, _ key: String, _ agentID: String, _ next: @escaping (Caller, String) -> Void
  ) {
    guard isBootstrapKey(key), policies.unknownAgent == .enrols else {
      return exchange.respond(.notFound, ErrorBody.agentNotRegistered(agentID))
    }
    next(.bootstrap(nil), agentID)
  }

  private func check(
    _ exchange: HTTPExchange, _ key: String, _ credentials: AgentCredentials, _ scope: Scope,
    _ next: @escaping (Caller, String) -> Void
  ) {
    // Without a hash there is nothing to compute: the answer comes at once (spec/02 §2.7).
    guard let hash = credentials.keyHash else { return judge(false, exchange, key, credentials, scope, next) }
    replica.keyCheck.run(replica.configuration.costs.keyCheck, for: exchange) { [self] in
      judge(TaggedHash.ofAgentKey(key) == hash, exchange, key, credentials, scope, next)
    }
  }

  private func judge(
    _ isMatch: Bool, _ exchange: HTTPExchange, _ key: String, _ credentials: AgentCredentials, _ scope: Scope,
    _ next: @escaping (Caller, String) -> Void
  ) {
    let agentID = credentials.agentID
    guard isMatch else {
      guard isBootstrapKey(key), mayUseBootstrapKey(credentials, scope) else { return refuse(exchange, key) }
      return next(.bootstrap(credentials), agentID)
    }
    replica.database.execute(AgentStatements.keyUsed, [.text(agentID)]) { [self] result in
      switch result {
      case .failure(let error): exchange.respond(failure: error, ErrorBody.databaseError)
      case .success(let result):
        if credentials.issuedKey != nil { replica.tell(.enrolment(agentID: agentID, .keyUsed)) }
        guard let row = result.firstRow, let fresh = try? AgentCredentials(row, policies) else {
          return exchange.respond(.notFound, ErrorBody.agentNotRegistered(agentID))
        }
        next(.agent(fresh), agentID)
      }
    }
  }

  /// A key that is not the agent's: another's, or nobody's (spec/00, Answers).
  private func refuse(_ exchange: HTTPExchange, _ key: String) {
    guard policies.identity == .mustAgree else { return exchange.respond(.forbidden, ErrorBody.invalidAPIKey) }
    replica.database.execute(AgentStatements.keyOwner, [.text(TaggedHash.ofAgentKey(key))]) { result in
      guard case .success(let result) = result, result.firstRow != nil else {
        return exchange.respond(.forbidden, ErrorBody.invalidAPIKey)
      }
      exchange.respond(.forbidden, ErrorBody.agentIdentityMismatch)
    }
  }

  /// Whether the bootstrap key opens this row (C7).
  private func mayUseBootstrapKey(_ credentials: AgentCredentials, _ scope: Scope) -> Bool {
    guard policies.bootstrapKey == .untilFirstUse else { return true }
    switch credentials.approval {
    case .pending, .rejected: return true
    // An approved row without any key is a defective one: there is nothing to give.
    case .approved: return scope == .registration && (credentials.issuedKey != nil || credentials.keyHash == nil)
    }
  }
}

extension HTTPExchange {
  /// Answers a failed database call: 503 when the pool was exhausted (C35), else 500 with `body`.
  package func respond(failure error: DatabaseError, _ body: ErrorBody) {
    if case .busy = error { return respond(.serviceUnavailable, ErrorBody.serverBusy) }
    respond(.internalServerError, body)
  }
}
