import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// An agent that a case plays itself, over HTTP and WebSocket, on a host of its own. It does nothing by itself but
/// answer the pings of its connection.
///
/// Unchecked: used by case bodies, which all run on the simulation's thread; the case layer traps anything else.
final class ScriptedAgentClient: AgentClient, @unchecked Sendable {
  /// As the agents' own calls (spec/03 §8.1).
  static let timeout = TimeSpan.seconds(10)

  private let name: String
  private let deployment: Deployment
  private var socket: Socket?
  private var texts: [String] = []

  init(_ name: String, _ deployment: Deployment) {
    self.name = name
    self.deployment = deployment
  }

  private var simulation: Simulation { deployment.simulation }

  func register(as identity: AgentIdentity, at replica: String?) async throws -> AgentAnswer {
    var metadata = AgentMetadata()
    metadata.protocolVersion = identity.protocolVersion
    metadata.instanceID = identity.instance
    metadata.leaderTerm = identity.term
    var body = AgentRegistrationRequest(
      agentID: identity.agent, platform: .kubernetes, region: "default",
      capacity: .standard(AgentCapacity(maxSessions: 100, cpu: "64 cores", memory: "256Gi")), metadata: metadata)
    body.platform = identity.platform
    let request = HTTPRequest(
      .post, "/api/v1/agents/register", headers: [HTTPHeaderName.contentType: "application/json"], body: .typed(body))
    return try await call(request, as: identity, at: replica)
  }

  func connect(as identity: AgentIdentity, at replica: String?) async throws -> AgentAnswer {
    try await close()
    var query = HTTPQuery()
    query["agent_id"] = identity.connectAs ?? identity.agent
    if let term = identity.term { query["term"] = String(term) }
    if let instance = identity.instance { query["instance"] = instance }
    let request = HTTPRequest(
      .get, "/api/v1/agents/connect", query: query,
      headers: ["Connection": "Upgrade", HTTPHeaderName.upgrade: "websocket", "Sec-WebSocket-Version": "13"])
    return try await call(request, as: identity, at: replica)
  }

  private func call(
    _ request: HTTPRequest, as identity: AgentIdentity, at replica: String?
  ) async throws -> AgentAnswer {
    var request = request
    request.headers[HTTPHeaderName.agentAPIKey] = key(identity.key)
    let endpoint = replica.map { Endpoint(host: $0, port: Deployment.replicaPort) } ?? Balancer.endpoint
    let incarnation = try deployment.client(on: HostName.scriptedAgent(name))
    let network = simulation.network
    let hello = Frame(request, byteCount: request.byteCount)
    return try await simulation.cases.wait("\(request.path) by \(name)") { (handle: WaitHandle<AgentAnswer>) in
      network.open(from: incarnation, to: endpoint, hello: hello, timeout: Self.timeout) { [self] outcome in
        switch outcome {
        case .reply(let payload): handle.succeed(Self.answer((payload as? Frame<HTTPResponse>)?.value))
        case .connected(let socket):
          adopt(socket)
          handle.succeed(AgentAnswer(status: Int(HTTPStatus.switchingProtocols.rawValue)))
        case .refused, .reset, .timedOut: handle.succeed(AgentAnswer(status: nil))
        }
      }
    }
  }

  private func key(_ choice: AgentKeyChoice) -> String {
    switch choice {
    case .issued(let agent): deployment.recorder.key(of: agent) ?? AgentKeys.key(of: agent)
    case .bootstrap: AgentKeys.bootstrap
    case .text(let text): text
    }
  }

  private static func answer(_ response: HTTPResponse?) -> AgentAnswer {
    guard let response else { return AgentAnswer(status: nil) }
    let document = try? response.body.json()
    return AgentAnswer(
      status: Int(response.status.rawValue), error: document?["error"]?.text, message: document?["message"]?.text,
      approvalStatus: document?["approvalStatus"]?.text, apiKey: document?["apiKey"]?.text)
  }

  private func adopt(_ socket: Socket) {
    self.socket = socket
    socket.onReceive = { [weak self, weak socket] payload in
      guard let self, let socket, let frame = (payload as? Frame<AgentSocketFrame>)?.value else { return }
      switch frame {
      case .fromServer(let envelopes): texts += envelopes.map { JSONWriter.text(of: $0.json) }
      case .text(let bytes): texts.append(String(decoding: bytes, as: UTF8.self))
      case .ping: socket.send(Frame(AgentSocketFrame.pong, byteCount: AgentSocketFrame.pong.byteCount))
      case .binary, .pong, .close, .fromAgent: break
      }
    }
  }

  func send(_ frame: AgentFrame) async throws {
    try await simulation.cases.perform { [self] simulation in
      guard let socket, socket.isOpen else { throw EnvironmentError("\(name) has no connection") }
      let wire = frame.onWire(at: simulation.now)
      socket.send(Frame(wire, byteCount: wire.byteCount))
    }
  }

  func received() async throws -> [String] { texts }

  func isConnected() async throws -> Bool { socket?.isOpen ?? false }

  func close() async throws {
    try await simulation.cases.perform { [self] _ in
      guard let socket, socket.isOpen else { return }
      let farewell = AgentSocketFrame.close(code: .normal, reason: "")
      socket.send(Frame(farewell, byteCount: farewell.byteCount))
      socket.close()
      self.socket = nil
    }
  }
}
