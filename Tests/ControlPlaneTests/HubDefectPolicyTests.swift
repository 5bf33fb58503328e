import Database
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// Each policy of hub, dispatcher and enrolment that scenarios 2, 3 and 8 need shows.
@Suite("hub: defects of stage 2 as policies") struct HubDefectPolicyTests {
  private func cluster(
    _ replicas: Int = 1, approved: [String] = ["k8s-1"], _ change: (inout ControlPlaneBehaviour) -> Void = { _ in },
    configure: (inout ReplicaConfiguration) -> Void = { _ in }
  ) throws -> HubCluster {
    var behaviour = ControlPlaneBehaviour.contract
    change(&behaviour)
    let cluster = try HubCluster(replicas: replicas, approved: approved, behaviour: behaviour, configure: configure)
    try cluster.start()
    return cluster
  }

  private func connected(_ cluster: HubCluster) throws -> ScriptedAgent {
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(3)
    return agent
  }

  private func registration(_ agentID: String, platform: Platform = .kubernetes) -> AgentRegistrationRequest {
    var metadata = AgentMetadata()
    metadata.protocolVersion = AgentMetadata.contractProtocol
    return AgentRegistrationRequest(agentID: agentID, platform: platform, metadata: metadata)
  }

  @Test(
    "A-08: without the column no transition is stored, and the agent works all the same",
    arguments: [(DispatchPolicies.Transitions.stored, "completed"), (.columnMissing, "pending")])
  func columnMissing(_ policy: DispatchPolicies.Transitions, _ status: String) throws {
    let cluster = try cluster { $0.dispatch.transitions = policy }
    let agent = try connected(cluster)
    for number in 1...2 { try cluster.issue("cmd-\(number)", agent: "k8s-1") }
    try cluster.run(3)
    #expect(agent.received == ["cmd-1", "cmd-2"])
    for number in 1...2 { #expect(try cluster.commandStatus("cmd-\(number)") == status) }
  }

  @Test(
    "A-23: pings alone keep a connection, unless only pongs count",
    arguments: [(HubPolicies.ReadCredit.everyControlFrame, 1), (.pongsOnly, 2)])
  func readCredit(_ policy: HubPolicies.ReadCredit, _ registrations: Int) throws {
    let cluster = try cluster { $0.hub.readCredit = policy }
    let agent = try connected(cluster)
    agent.answersPings = false
    for _ in 0..<9 {
      try cluster.run(10)
      agent.send(.ping)
    }
    #expect(cluster.registrations("k8s-1") == registrations)
  }

  @Test(
    "C-06: an acknowledged command is asked for again after a reconnect, unless the ack hands it over",
    arguments: [(DispatchPolicies.Acknowledgement.receipt, 2), (.handover, 1)])
  func handover(_ policy: DispatchPolicies.Acknowledgement, _ deliveries: Int) throws {
    let cluster = try cluster { $0.dispatch.acknowledgement = policy }
    let agent = try connected(cluster)
    agent.script.answer = .acksOnly
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(1)
    #expect(try cluster.commandStatus("cmd-1") == "ack")
    agent.process.crash()
    try cluster.run(1)
    agent.start()
    try cluster.run(5)
    #expect(agent.received.count == deliveries)
    try cluster.run(400)
    #expect(try cluster.commandStatus("cmd-1") == (policy == .receipt ? "failed" : "ack"))
  }

  @Test("A-47: the bootstrap key is of no use for an id without row")
  func unknownAgent() throws {
    let cluster = try cluster(approved: []) { $0.enrolment.unknownAgent = .refused }
    let answer = try cluster.post(
      "/api/v1/agents/register", key: HubCluster.bootstrapKey, registration("docker-1", platform: .docker))
    #expect(answer?.status == .notFound)
    #expect(try cluster.rows("SELECT agent_id FROM agents").isEmpty)
  }

  @Test("A-48: the handler meets the end of a body that the key check has read")
  func consumedBody() throws {
    let cluster = try cluster(approved: []) { $0.enrolment.bodyAfterCheck = .consumed }
    let answer = try cluster.post(
      "/api/v1/agents/register", key: HubCluster.bootstrapKey, registration("docker-1", platform: .docker))
    #expect(answer?.status == .badRequest)
    #expect(try answer?.body.json()["details"]?.text == "EOF")
    #expect(try cluster.rows("SELECT agent_id FROM agents").isEmpty)
  }

  @Test("A-09: without the lock instances of one id evict each other for ever")
  func takeovers() throws {
    for (policy, isLocked) in [(EnrolmentPolicies.TakeoverLock.afterThree, true), (.never, false)] {
      let cluster = try cluster { $0.enrolment.takeoverLock = policy }
      for number in 1...3 {
        let agent = try cluster.agent("k8s-1", process: "instance-\(number)") {
          $0.instance = "instance-\(number)"
          $0.heartbeat = .seconds(5)
        }
        agent.start()
      }
      try cluster.run(20)
      let before = cluster.registrations("k8s-1")
      try cluster.run(30)
      #expect((cluster.registrations("k8s-1") == before) == isLocked)
    }
  }

  @Test("the key of another agent names another agent (XP-11)")
  func foreignKey() throws {
    let cluster = try cluster(approved: ["k8s-1", "k8s-2"])
    let key = HubCluster.key(of: "k8s-2")
    let answers = [
      try cluster.post("/api/v1/agents/register", key: key, registration("k8s-1")),
      try cluster.request(
        .get, "/api/v1/agents/connect?agent_id=k8s-1", headers: [HTTPHeaderName.agentAPIKey: key]),
    ]
    for answer in answers {
      #expect(answer?.status == .forbidden)
      #expect(try answer?.body.json()["error"]?.text == "Agent identity mismatch")
    }
    let unchecked = try self.cluster(approved: ["k8s-1", "k8s-2"]) { $0.enrolment.identity = .unchecked }
    let answer = try unchecked.post("/api/v1/agents/register", key: key, registration("k8s-1"))
    #expect(try answer?.body.json()["error"]?.text == "Invalid API key")
  }

  @Test("B-79: the bootstrap key registers and connects any agent, unless it ends with the first use of its own")
  func masterKey() throws {
    for (policy, status) in [(EnrolmentPolicies.BootstrapKey.untilFirstUse, HTTPStatus.forbidden), (.always, .ok)] {
      let cluster = try cluster { $0.enrolment.bootstrapKey = policy }
      _ = try connected(cluster)
      let answer = try cluster.post("/api/v1/agents/register", key: HubCluster.bootstrapKey, registration("k8s-1"))
      #expect(answer?.status == status)
      let thief = try cluster.agent("k8s-1", process: "thief") {
        $0.key = HubCluster.bootstrapKey
        $0.registers = false
        $0.reconnect = nil
      }
      thief.start()
      try cluster.run(2)
      #expect(thief.connections == (policy == .always ? 1 : 0))
    }
  }

  @Test("zones of replica and database change nothing, unless times are written without zone (C-15, C31)")
  func zones() throws {
    for (policy, isSelectable) in [(HubPolicies.HeartbeatClock.database, true), (.replica, false)] {
      let cluster = try cluster(
        1, { $0.hub.heartbeatClock = policy },
        configure: {
          $0.zone = HostZone(minutes: -420)
          $0.databaseZone = HostZone(minutes: 540)
        })
      _ = try connected(cluster)
      let fresh = try cluster.rows(
        "SELECT agent_id FROM agents WHERE last_heartbeat > NOW() - INTERVAL '90 seconds' AND last_heartbeat <= NOW()")
      #expect(fresh.isEmpty != isSelectable)
    }
  }

  @Test("a shipped control plane ignores the protocol and serves a Docker agent that names none (C33, XP-07)")
  func shipped() throws {
    var request = registration("docker-1", platform: .docker)
    request.metadata = nil
    let contract = try cluster(approved: [])
    #expect(
      try contract.post("/api/v1/agents/register", key: HubCluster.bootstrapKey, request)?.status == .badRequest)
    let shipped = try cluster(approved: []) { $0 = .shipped }
    let answer = try shipped.post("/api/v1/agents/register", key: HubCluster.bootstrapKey, request)
    #expect(answer?.status == .accepted)
    #expect(try answer?.body.json()["protocol"] == nil)
  }
}
