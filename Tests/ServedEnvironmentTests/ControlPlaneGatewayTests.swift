#if Live
  import Foundation
  import SimulationRuntime
  import SocketTestSupport
  import StreamSpaceProtocol
  import Testing
  import TestEnvironment

  @testable import SimulatedEnvironment
  @testable import SocketBridges

  /// A deployment by the machine's clock, its balancer and its first replica on real sockets.
  private final class ServedDeployment: @unchecked Sendable {
    let driver = WallClockDriver()
    private(set) var balancer: HTTPGateway!
    private(set) var replica: HTTPGateway!
    /// Touched on the simulation's thread only.
    private var deployment: SimulatedEnvironment.Deployment?

    init(_ topology: Topology) throws {
      try driver.start(seed: 1) { [self] simulation in
        deployment = try SimulatedEnvironment.Deployment(
          topology, behaviours: Profile.contract.behaviours, in: simulation)
      }
      balancer = try open(Balancer.endpoint)
      replica = try open(Endpoint(host: "api-1", port: SimulatedEnvironment.Deployment.replicaPort))
    }

    private func open(_ endpoint: Endpoint) throws -> HTTPGateway {
      try HTTPGateway.open(on: .tcp(), in: driver) { SimulatedHTTPService($1, to: endpoint) }
    }

    func stop() {
      balancer.close()
      replica.close()
      driver.stop()
    }

    func client(direct: Bool = false) throws -> SocketClient {
      try SocketClient(port: direct ? replica.port : balancer.port)
    }

    /// Waits until the replicas answer.
    func awaitReady() throws {
      for gateway in [balancer, replica] {
        let port = try #require(gateway).port
        try #require(
          try soon(within: 60) { try SocketClient(port: port).ask("GET", "/health").status == 200 })
      }
    }

    func token(of user: String) throws -> String {
      let answer = try client().ask(
        "POST", "/api/v1/auth/login", "Content-Type: application/json\r\n",
        body: #"{"username":"\#(user)","password":"\#(FixtureRows.password(of: user))"}"#)
      try #require(answer.status == 200, "\(answer.text)")
      return try #require(try JSONParser.parse(answer.body)["token"]?.text)
    }
  }

  @Suite("A simulated control plane on real sockets", .serialized)
  struct ControlPlaneGatewayTests {
    private static let agent = "k8s-prod-cluster"

    @Test(
      "REST, refusals, an agent's socket and the feed of sessions reach a simulated replica")
    func replica() throws {
      let served = try ServedDeployment(.t1.with { $0.startsAgents = false })
      defer { served.stop() }
      try served.awaitReady()
      let client = try served.client()
      #expect(client.ask("GET", "/nowhere").status == 404)
      #expect(client.ask("GET", "/api/v1/sessions").status == 401)
      #expect(client.ask("TRACE", "/health").status == 404)
      let token = try served.token(of: "admin")
      let bearer = "Authorization: Bearer \(token)\r\n"
      let list = client.ask("GET", "/api/v1/sessions", bearer)
      #expect(list.status == 200)
      #expect(try JSONParser.parse(list.body)["sessions"]?.elements?.isEmpty == true)

      // Half a handshake is a plain request; a wrong key is refused with the replica's own words.
      let key = "X-Agent-API-Key: \(AgentKeys.key(of: Self.agent))\r\n"
      let path = "/api/v1/agents/connect?agent_id=\(Self.agent)"
      let wrong = "X-Agent-API-Key: \(String(repeating: "0", count: 64))\r\n"
      let refused = try served.client(direct: true).upgrade(path, wrong)
      #expect(refused.status == 403)
      #expect(refused.text.contains("Invalid API key"))

      let agent = try served.client(direct: true)
      #expect(agent.upgrade(path, key).status == 101)
      agent.send(.ping("here"))
      #expect(agent.frame() == ServerFrame(opcode: 10, payload: Array("here".utf8)))
      agent.send(
        .text(
          #"{"type":"heartbeat","timestamp":"2026-01-01T00:00:00Z","payload":{"status":"online","activeSessions":0}}"#))
      let isOnline = try soon {
        try served.client().ask("GET", "/api/v1/admin/agents/\(Self.agent)", bearer).text.contains(#""online""#)
      }
      #expect(isOnline)
      agent.send(.binary(Array(repeating: 0x20, count: 524_289)))
      var last: ServerFrame?
      while let frame = agent.frame() { last = frame }
      #expect(last?.closeCode == 1_009)

      let feed = try served.client()
      #expect(feed.upgrade("/api/v1/ws/sessions?token=\(token)").status == 101)
      let message = try #require(feed.frame())
      #expect(message.opcode == 1)
      #expect(try JSONParser.parse(message.payload)["sessions"]?.elements != nil)
      feed.send(.close(1_000))
      #expect(feed.frame()?.closeCode == 1_000)
      #expect(try served.client().upgrade("/api/v1/ws/sessions").status == 401)
    }

    @Test(
      "a viewer's WebSocket carries the desktop of a session, with its subprotocol and its close code")
    func viewer() throws {
      let served = try ServedDeployment(.t1)
      defer { served.stop() }
      try served.awaitReady()
      let bearer = "Authorization: Bearer \(try served.token(of: "u01"))\r\n"
      var name = ""
      let isCreated = try soon(within: 30) {
        let answer = try served.client().ask(
          "POST", "/api/v1/sessions", bearer + "Content-Type: application/json\r\n",
          body: #"{"user":"u01","template":"xterm-vnc","resources":{"memory":"512Mi","cpu":"500m"}}"#)
        name = (try? JSONParser.parse(answer.body))?["name"]?.text ?? ""
        return !name.isEmpty
      }
      try #require(isCreated)
      let isRunning = try soon(within: 60) {
        let answer = try served.client().ask("GET", "/api/v1/sessions/\(name)", bearer)
        return try JSONParser.parse(answer.body)["state"]?.text == "running"
      }
      try #require(isRunning)
      let viewer = try served.client()
      let answer = viewer.upgrade("/api/v1/vnc/\(name)", bearer + "Sec-WebSocket-Protocol: binary\r\n")
      #expect(answer.status == 101)
      #expect(answer.header("sec-websocket-protocol") == "binary")
      #expect(viewer.frame() == ServerFrame(opcode: 2, payload: Array("RFB 003.008\n".utf8)))
      // The session ends, and with it the stream: 4002.
      #expect(try served.client().ask("DELETE", "/api/v1/sessions/\(name)", bearer).status == 202)
      var last: ServerFrame?
      while let frame = viewer.frame() { last = frame }
      #expect(last?.closeCode == 4_002)
      #expect(try served.client().upgrade("/api/v1/vnc/nothing", bearer).status == 404)
    }

    @Test("the balancer is told the client's address")
    func address() throws {
      let served = try ServedDeployment(.t1.with { $0.startsAgents = false })
      defer { served.stop() }
      try served.awaitReady()
      #expect(served.driver.ask { $0.process("127.0.0.1")?.isRunning ?? false } == true)
    }
  }
#endif
