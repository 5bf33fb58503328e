import SimulationRuntime
import StreamSpaceProtocol

/// `/api/v1/http/:sessionId` and what is below it: the pages of sessions that are no RFB tunnel, fetched from their
/// service without the agent (spec/01 §6.6).
final class HTTPProxyRoutes {
  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let verbs: SessionVerbs

  init(_ replica: Replica, _ authenticator: Authenticator, _ verbs: SessionVerbs) {
    self.replica = replica
    self.authenticator = authenticator
    self.verbs = verbs
  }

  func install() {
    for method in [HTTPMethod.get, .post, .put, .patch, .delete] {
      for pattern in ["/api/v1/http/:id", "/api/v1/http/:id/*path"] {
        replica.router.on(method, pattern) { [unowned self] exchange in
          authenticator.authenticate(exchange, role: nil) { [self] user in
            verbs.find(exchange, for: user) { [self] in admit(exchange, $0) }
          }
        }
      }
    }
  }

  private func admit(_ exchange: HTTPExchange, _ row: StoredSession) {
    let name = row.streaming.name
    guard !StreamingProtocol.isTunnelled(name) else {
      return exchange.answer(.badRequest, ErrorBody.notHTTPBased(protocolName: name))
    }
    guard row.sessionState == .running else {
      return exchange.answer(.conflict, ErrorBody.sessionNotRunning(state: row.state))
    }
    guard let agent = row.agentID else {
      return exchange.answer(.serviceUnavailable, ErrorBody.noAgentAssigned)
    }
    guard replica.behaviour.streaming.pages == .served || replica.hub.connection(of: agent) != nil else {
      return exchange.answer(.serviceUnavailable, ErrorBody.vncAgentNotConnected(agent))
    }
    fetch(exchange, from: Endpoint(host: row.id + SessionService.zone, port: row.streaming.port))
  }

  private func fetch(_ exchange: HTTPExchange, from service: Endpoint) {
    var request = exchange.request
    request.path = "/" + exchange[parameter: "path"]
    replica.incarnation.simulation.network.open(
      from: replica.incarnation, to: service, hello: Frame(request, byteCount: request.byteCount),
      timeout: HTTPRouter.timeout
    ) { outcome in
      switch outcome {
      case .reply(let payload):
        guard let page = (payload as? Frame<HTTPResponse>)?.value else {
          return exchange.answer(.badGateway, ErrorBody.proxyError)
        }
        exchange.respond(page)
      case .connected, .reset, .timedOut: exchange.answer(.badGateway, ErrorBody.proxyError)
      case .refused: exchange.answer(.serviceUnavailable, ErrorBody.sessionServiceNotReady)
      }
    }
  }
}
