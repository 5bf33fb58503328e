import SimulationRuntime
import StreamSpaceProtocol

/// `GET /internal/v1/vnc/:id`: where another replica asks for an attachment of an agent that is held here
/// (spec/00, Relay). Never reached through the balancer.
final class RelayRoute {
  private unowned let replica: Replica
  private let accept: (RelayClaims, _ agentID: String, Socket) -> Void

  init(_ replica: Replica, accept: @escaping (RelayClaims, _ agentID: String, Socket) -> Void) {
    self.replica = replica
    self.accept = accept
  }

  func install() {
    replica.router.on(.get, RelayMessage.path(session: ":id")) { [unowned self] in handle($0) }
  }

  private func handle(_ exchange: HTTPExchange) {
    guard let claims = claims(of: exchange.request), claims.sessionID == exchange[parameter: "id"],
      claims.attachmentID == exchange.request.query["attachment"]
    else { return exchange.respond(HTTPResponse(.unauthorized)) }
    guard exchange.request.isWebSocketUpgrade else {
      return exchange.answer(.badRequest, ErrorBody("websocket upgrade required"))
    }
    replica.database.execute(StreamingStatements.relayed, [.text(claims.sessionID)]) { [unowned self] result in
      switch result {
      case .failure(let error): exchange.answer(.failure(error, "Failed to get session"))
      case .success(let result):
        guard let session = result.firstRow.flatMap({ try? RelayedSession($0) }), session.isRunning,
          let agentID = session.agentID
        else { return exchange.answer(.notFound, ErrorBody.sessionNotFound) }
        guard let connection = replica.hub.connection(of: agentID), connection.isRegistered else {
          return exchange.answer(.conflict, ErrorBody.agentNotOnThisReplica)
        }
        if let socket = exchange.accept() { accept(claims, agentID, socket) }
      }
    }
  }

  private func claims(of request: HTTPRequest) -> RelayClaims? {
    guard let token = request.bearerToken else { return nil }
    return try? RelayClaims.verify(token, secret: replica.configuration.jwtSecret, now: replica.clock.now)
  }
}
