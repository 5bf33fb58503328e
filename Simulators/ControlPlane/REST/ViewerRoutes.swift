import StreamSpaceProtocol

/// Takes the viewers that passed the checks of the VNC route: the part that relays streams.
package protocol ViewerEndpoint: AnyObject {
  /// `exchange` asks for a WebSocket on a running session whose desktop speaks RFB; answer it with an upgrade or a
  /// refusal.
  func attach(_ exchange: HTTPExchange, to session: StoredSession, as user: AuthenticatedUser)
}

/// `GET /api/v1/vnc/:sessionId` and its alias under the session: the checks in their recorded order
/// (spec/02 §5.7) with C16 in the owner test, and the answers to sessions that are no RFB tunnel.
final class ViewerRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let verbs: SessionVerbs
  /// Nil: no viewer can be served; its agent then counts as not connected.
  weak var endpoint: (any ViewerEndpoint)?

  init(_ replica: Replica, _ authenticator: Authenticator, _ verbs: SessionVerbs) {
    self.replica = replica
    self.authenticator = authenticator
    self.verbs = verbs
  }

  func install() {
    for pattern in ["/api/v1/vnc/:id", "/api/v1/sessions/:id/vnc"] {
      replica.router.on(.get, pattern) { [unowned self] exchange in
        if policies.tokenPlaces == .headerOnly, exchange.request.headers[HTTPHeaderName.authorization] == nil {
          return exchange.respond(HTTPResponse(.unauthorized))
        }
        authenticator.authenticate(exchange, role: nil) { [self] in view(exchange, $0) }
      }
    }
  }

  private var policies: StreamingPolicies { replica.behaviour.streaming }

  private func view(_ exchange: HTTPExchange, _ user: AuthenticatedUser) {
    if policies.userLookup == .wrongKey { return exchange.answer(.unauthorized, ErrorBody("Unauthorized")) }
    verbs.find(exchange, for: user) { [self] in admit(exchange, $0, user) }
  }

  private func admit(_ exchange: HTTPExchange, _ row: StoredSession, _ user: AuthenticatedUser) {
    guard row.sessionState == .running else {
      return exchange.answer(.conflict, ErrorBody.sessionNotRunning(state: row.state))
    }
    guard let agent = row.agentID else {
      return exchange.answer(.serviceUnavailable, ErrorBody.noAgentAssigned)
    }
    guard StreamingProtocol.isTunnelled(row.streaming.name) else { return answerHTTP(exchange, row) }
    guard let endpoint else {
      return exchange.answer(.serviceUnavailable, ErrorBody.vncAgentNotConnected(agent))
    }
    endpoint.attach(exchange, to: row, as: user)
  }

  private func answerHTTP(_ exchange: HTTPExchange, _ row: StoredSession) {
    guard !row.url.isEmpty else {
      let answer = HTTPSessionPendingAnswer(
        sessionID: row.id, streamingProtocol: row.streaming.name,
        message: "Session is starting, please retry in a few seconds")
      return exchange.answer(.accepted, answer)
    }
    exchange.answer(.ok, HTTPSessionAnswer(sessionID: row.id, streaming: row.streaming, url: row.url))
  }
}
