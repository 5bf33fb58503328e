import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: enrolment and handshake (02 §2.7, C7)")
struct HubEnrolmentTests {
  private static let foreignKey = String(repeating: "ab", count: 32)

  private func registration(
    _ agentID: String, platform: Platform = .kubernetes, term: Int64? = nil, protocolVersion: String? = "2.1"
  ) -> AgentRegistrationRequest {
    var metadata = AgentMetadata()
    metadata.protocolVersion = protocolVersion
    metadata.leaderTerm = term
    return AgentRegistrationRequest(agentID: agentID, platform: platform, metadata: metadata)
  }

  struct Refusal: CustomTestStringConvertible, Sendable {
    let name: String
    let key: String?
    let target: String
    let agentID: String
    let status: Int
    let error: String
    var testDescription: String { name }
  }

  static let refusals = [
    Refusal(
      name: "no key", key: nil, target: "/api/v1/agents/register", agentID: "k8s-1", status: 401,
      error: "Missing authentication"),
    Refusal(
      name: "a short key", key: "abc", target: "/api/v1/agents/register", agentID: "k8s-1", status: 401,
      error: "Invalid API key format"),
    Refusal(
      name: "a key that is not hexadecimal", key: String(repeating: "zz", count: 32),
      target: "/api/v1/agents/register", agentID: "k8s-1", status: 401, error: "Invalid API key format"),
    Refusal(
      name: "no agent id", key: foreignKey, target: "/api/v1/agents/register", agentID: "", status: 400,
      error: "Missing agent_id"),
    Refusal(
      name: "an unknown agent", key: foreignKey, target: "/api/v1/agents/register", agentID: "k8s-9", status: 404,
      error: "Agent not found"),
    Refusal(
      name: "a foreign key", key: foreignKey, target: "/api/v1/agents/register", agentID: "k8s-1", status: 403,
      error: "Invalid API key"),
    Refusal(
      name: "the bootstrap key for an agent that has its own", key: HubCluster.bootstrapKey,
      target: "/api/v1/agents/register", agentID: "k8s-1", status: 403, error: "Invalid API key"),
    Refusal(
      name: "query and body that name different agents", key: HubCluster.key(of: "k8s-1"),
      target: "/api/v1/agents/register?agent_id=k8s-1", agentID: "k8s-2", status: 403,
      error: "Agent identity mismatch"),
  ]

  @Test("registration refuses", arguments: refusals)
  func refuses(_ refusal: Refusal) throws {
    let cluster = try HubCluster(replicas: 1, approved: ["k8s-1", "k8s-2"])
    try cluster.start()
    var headers = HTTPHeaders()
    headers[HTTPHeaderName.agentAPIKey] = refusal.key
    let answer = try cluster.request(
      .post, refusal.target, headers: headers, body: .typed(registration(refusal.agentID)))
    #expect(answer?.status.rawValue == refusal.status)
    #expect(try answer?.body.decode(as: ErrorBody.self).error == refusal.error)
  }

  @Test("registration with the own key answers the bare agent and makes nobody online")
  func registers() throws {
    let cluster = try HubCluster(replicas: 1)
    try cluster.start()
    let answer = try cluster.post(
      "/api/v1/agents/register", key: HubCluster.key(of: "k8s-1"), registration("k8s-1"))
    #expect(answer?.status == .ok)
    guard case .registered(let agent, let version) = try answer?.body.decode(as: RegistrationAnswer.self) else {
      Issue.record("not the bare agent")
      return
    }
    #expect(agent.status == "offline")
    #expect(agent.lastHeartbeat == nil)
    #expect(version == "2.1")
  }

  @Test("a shipped control plane offers no protocol, which agents take for itself (C33)")
  func protocolOffer() throws {
    var behaviour = ControlPlaneBehaviour.contract
    behaviour.enrolment.protocolOffer = .none
    let cluster = try HubCluster(replicas: 1, behaviour: behaviour)
    try cluster.start()
    let answer = try cluster.post(
      "/api/v1/agents/register", key: HubCluster.key(of: "k8s-1"), registration("k8s-1"))
    #expect(try answer?.body.decode(as: RegistrationAnswer.self).protocolVersion == nil)
  }

  @Test("the shipped registration makes an agent online without a socket (H15)")
  func shippedRegistration() throws {
    var behaviour = ControlPlaneBehaviour.contract
    behaviour.enrolment.registrationStatus = .setsOnline
    let cluster = try HubCluster(replicas: 1, behaviour: behaviour)
    try cluster.start()
    _ = try cluster.post("/api/v1/agents/register", key: HubCluster.key(of: "k8s-1"), registration("k8s-1"))
    #expect(try cluster.agentStatus("k8s-1") == "online")
  }

  @Test("enrolment: pending, approved, key over the poll, bootstrap key void after its first use")
  func enrols() throws {
    let cluster = try HubCluster(replicas: 1, approved: [])
    try cluster.start()
    let bootstrap = HubCluster.bootstrapKey
    let first = try cluster.post("/api/v1/agents/register", key: bootstrap, registration("k8s-7"))
    #expect(first?.status == .accepted)
    #expect(try cluster.rows("SELECT 1 FROM agents WHERE last_heartbeat IS NULL").count == 1)
    let early = try cluster.request(
      .get, "/api/v1/agents/connect?agent_id=k8s-7", headers: [HTTPHeaderName.agentAPIKey: bootstrap])
    #expect(early?.status == .forbidden)
    #expect(try early?.body.decode(as: ErrorBody.self).error == "Agent not approved")

    let approval = try cluster.administer(.post, "/api/v1/admin/agents/k8s-7/approve")
    #expect(approval?.status == .ok)
    let shown = try #require(try approval?.body.decode(as: ApproveAgentAnswer.self).apiKey)
    let again = try cluster.administer(.post, "/api/v1/admin/agents/k8s-7/approve")
    #expect(again?.status == .notFound)

    let poll = try cluster.post("/api/v1/agents/register", key: bootstrap, registration("k8s-7"))
    guard case .enrolment(let enrolment) = try poll?.body.decode(as: RegistrationAnswer.self) else {
      Issue.record("not the wrapped agent")
      return
    }
    #expect(poll?.status == .ok)
    #expect(enrolment.approvalStatus == .approved)
    #expect(enrolment.apiKey == shown)

    #expect(try cluster.post("/api/v1/agents/register", key: shown, registration("k8s-7"))?.status == .ok)
    let late = try cluster.post("/api/v1/agents/register", key: bootstrap, registration("k8s-7"))
    #expect(late?.status == .forbidden)
    #expect(try late?.body.decode(as: ErrorBody.self).error == "Invalid API key")
  }

  @Test("a rejected agent is told so and may not connect")
  func rejects() throws {
    let cluster = try HubCluster(replicas: 1, approved: [])
    try cluster.start()
    let bootstrap = HubCluster.bootstrapKey
    _ = try cluster.post("/api/v1/agents/register", key: bootstrap, registration("k8s-7"))
    #expect(try cluster.administer(.post, "/api/v1/admin/agents/k8s-7/reject")?.status == .ok)
    let poll = try cluster.post("/api/v1/agents/register", key: bootstrap, registration("k8s-7"))
    #expect(poll?.status == .forbidden)
    #expect(try cluster.agentStatus("k8s-7") == "offline")
  }

  @Test("another platform is refused at a re-registration")
  func platformMismatch() throws {
    let cluster = try HubCluster(replicas: 1)
    try cluster.start()
    let answer = try cluster.post(
      "/api/v1/agents/register", key: HubCluster.key(of: "k8s-1"), registration("k8s-1", platform: .docker))
    #expect(answer?.status == .conflict)
    #expect(try answer?.body.decode(as: ErrorBody.self).error == "Agent platform mismatch")
  }

  @Test("a Docker agent without protocol is refused")
  func dockerWithoutProtocol() throws {
    let cluster = try HubCluster(replicas: 1, approved: [])
    try cluster.start()
    let answer = try cluster.post(
      "/api/v1/agents/register", key: HubCluster.bootstrapKey,
      registration("docker-1", platform: .docker, protocolVersion: nil))
    #expect(answer?.status == .badRequest)
    #expect(try answer?.body.decode(as: ErrorBody.self).error == "Unsupported agent protocol")
  }

  @Test("an older leader term is refused at registration and connect, with the present one named")
  func staleTerm() throws {
    let cluster = try HubCluster(replicas: 1)
    try cluster.start()
    let key = HubCluster.key(of: "k8s-1")
    #expect(try cluster.post("/api/v1/agents/register", key: key, registration("k8s-1", term: 5))?.status == .ok)
    let older = try cluster.post("/api/v1/agents/register", key: key, registration("k8s-1", term: 4))
    #expect(older?.status == .conflict)
    #expect(try older?.body.decode(as: ErrorBody.self).currentTerm == 5)
    let connect = try cluster.request(
      .get, "/api/v1/agents/connect?agent_id=k8s-1&term=4", headers: [HTTPHeaderName.agentAPIKey: key])
    #expect(connect?.status == .conflict)
  }

  @Test("the rate limit counts per client address, before the key")
  func rateLimit() throws {
    let cluster = try HubCluster(replicas: 1) { $0.agentRateLimit = 3 }
    try cluster.start()
    func attempt(_ address: String) throws -> Int? {
      try cluster.request(
        .post, "/api/v1/agents/register", headers: [HTTPHeaderName.forwardedFor: address],
        body: .typed(registration("k8s-1"))
      )?.status.rawValue
    }
    for _ in 0..<3 { #expect(try attempt("10.0.0.1") == 401) }
    #expect(try attempt("10.0.0.1") == 429)
    #expect(try attempt("10.0.0.2") == 401)
    try cluster.run(60)
    #expect(try attempt("10.0.0.1") == 401)
  }

  @Test("key checks queue for one core of 270 to 300 ms each (C37)")
  func keyChecks() throws {
    let cluster = try HubCluster(replicas: 1)
    try cluster.start()
    let replica = try #require(cluster.replica(1))
    let begin = cluster.simulation.now
    for number in 0..<4 {
      let agent = try cluster.agent("k8s-1", process: "agent-\(number)") { $0.reconnect = nil }
      agent.start()
    }
    try cluster.run(milliseconds: 60)
    #expect(replica.keyCheck.waiting == 3)
    try cluster.run(4)
    let connected = cluster.told { if case .agentRegistered = $0 { true } else { false } }
    let last = try #require(connected.last?.time)
    // Four registrations and four connects are eight checks.
    #expect(last - begin >= .milliseconds(8 * 270))
  }

  @Test("a request that is cut after 30 s is answered 408")
  func timeout() throws {
    let cluster = try HubCluster(replicas: 1)
    try cluster.start()
    cluster.replica(1)?.router.on(.get, "/slow") { exchange in
      exchange.onAbandoned = { Issue.record("the client did not leave: \(exchange.clientAddress)") }
    }
    let answer = try cluster.request(.get, "/slow")
    #expect(answer?.status == .requestTimeout)
  }
}
