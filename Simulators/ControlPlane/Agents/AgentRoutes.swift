import StreamSpaceProtocol

/// The routes of agents and of those who administer them (spec/02 §4.3).
final class AgentRoutes {
  private unowned let replica: Replica
  private let registration: AgentRegistrationHandler
  private let connect: AgentConnectHandler
  private let heartbeat: AgentHeartbeatHandler
  private let administration: AgentAdministrationHandler

  init(_ replica: Replica) {
    self.replica = replica
    let authenticator = AgentAuthenticator(replica)
    registration = AgentRegistrationHandler(replica, authenticator)
    connect = AgentConnectHandler(replica, authenticator)
    heartbeat = AgentHeartbeatHandler(replica, authenticator)
    administration = AgentAdministrationHandler(replica)
  }

  func install() {
    let router = replica.router
    router.on(.post, "/api/v1/agents/register") { [registration] in registration.handle($0) }
    router.on(.get, "/api/v1/agents/connect") { [connect] in connect.handle($0) }
    router.on(.post, "/api/v1/agents/:agent_id/heartbeat") { [heartbeat] in heartbeat.handle($0) }
    let base = "/api/v1/admin/agents"
    let routes: [(HTTPMethod, String, (HTTPExchange, AuthenticatedUser) -> Void)] = [
      (.get, base, administration.list), (.get, base + "/:agent_id", administration.get),
      (.delete, base + "/:agent_id", administration.delete),
      (.post, base + "/:agent_id/approve", administration.approve),
      (.post, base + "/:agent_id/reject", administration.reject),
      (.post, base + "/:agent_id/generate-key", administration.generateKey),
      (.post, base + "/:agent_id/rotate-key", administration.rotateKey),
      (.post, base + "/:agent_id/command", administration.command),
    ]
    for (method, pattern, handler) in routes {
      router.on(method, pattern) { [unowned replica] exchange in
        guard let authenticator = replica.authenticator else {
          return exchange.respond(.unauthorized, ErrorBody.authorizationRequired)
        }
        authenticator.authenticate(exchange, role: .admin) { user in handler(exchange, user) }
      }
    }
  }
}
