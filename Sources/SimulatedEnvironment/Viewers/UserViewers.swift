import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The viewers of one user: browsers on the user's own host.
///
/// Unchecked: used by case bodies, which all run on the simulation's thread; the case layer traps anything else.
final class UserViewers: ViewerClient, @unchecked Sendable {
  let user: String
  private let client: RESTClient
  private let deployment: Deployment

  init(_ client: RESTClient, _ deployment: Deployment) {
    user = client.name
    self.client = client
    self.deployment = deployment
  }

  func open(_ request: ViewerRequest, at replica: String?) async throws -> any Viewer {
    let own = request.token == .none ? nil : try await client.ownToken(at: replica)
    let token = try ViewerTokens.token(request.token, own: own, secret: Deployment.jwtSecret)
    let hello = Self.hello(request, token)
    let endpoint = replica.map { Endpoint(host: $0, port: Deployment.replicaPort) } ?? Balancer.endpoint
    let incarnation = try deployment.client(for: user)
    let deployment = deployment
    let user = user
    return try await deployment.simulation.cases.wait("viewer of \(user) on \(request.session)") {
      (handle: WaitHandle<SimulatedViewer>) in
      let viewer = SimulatedViewer(request, user, deployment.viewers, incarnation)
      deployment.simulation.network.open(
        from: incarnation, to: endpoint, hello: Frame(hello, byteCount: hello.byteCount), timeout: RESTClient.timeout
      ) { outcome in
        viewer.answered(outcome, isDirect: replica != nil)
        handle.succeed(viewer)
      }
    }
  }

  private static func hello(_ request: ViewerRequest, _ token: String?) -> HTTPRequest {
    let path =
      request.usesAlias ? "/api/v1/sessions/\(request.session)/vnc" : "/api/v1/vnc/\(request.session)"
    var hello = HTTPRequest(
      .get, path,
      headers: ["Connection": "Upgrade", HTTPHeaderName.upgrade: "websocket", "Sec-WebSocket-Version": "13"])
    if request.isBinary { hello.headers[HTTPHeaderName.webSocketProtocol] = WebSocketSubprotocol.binary }
    if let token { ViewerTokens.place(token, request.tokenPlace, in: &hello) }
    return hello
  }
}
