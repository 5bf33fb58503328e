import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: connections (C1, C4, C6)")
struct HubConnectionTests {
  private func cluster(
    _ replicas: Int = 1, seed: UInt64 = 1, _ change: (inout ControlPlaneBehaviour) -> Void = { _ in }
  ) throws -> HubCluster {
    var behaviour = ControlPlaneBehaviour.contract
    change(&behaviour)
    let cluster = try HubCluster(replicas: replicas, seed: seed, behaviour: behaviour)
    try cluster.start()
    return cluster
  }

  @Test("a connected agent is online, routed and gets its commands")
  func connects() throws {
    let cluster = try cluster(2)
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    #expect(try cluster.agentStatus("k8s-1") == "online")
    #expect(cluster.route("k8s-1") == "api-1")
    #expect(cluster.routeIsWhole("k8s-1"))
    try cluster.issue("cmd-1", agent: "k8s-1", session: "s1")
    try cluster.run(1)
    #expect(agent.received == ["cmd-1"])
    #expect(try cluster.commandStatus("cmd-1") == "completed")
  }

  @Test("an agent that leaves is offline at once and loses its route")
  func leaves() throws {
    let cluster = try cluster(2)
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    agent.process.crash()
    try cluster.run(1)
    #expect(try cluster.agentStatus("k8s-1") == "offline")
    #expect(try cluster.rows("SELECT 1 FROM agents WHERE offline_since IS NOT NULL").count == 1)
    #expect(cluster.route("k8s-1") == nil)
    #expect(cluster.routeIsWhole("k8s-1"))
  }

  /// Redials before the replica has noticed the old socket's death, and tells how often the agent had to connect.
  private func connectionsAfterRedial(_ cluster: HubCluster) throws -> Int {
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    agent.redial()
    try cluster.run(10)
    #expect(try cluster.agentStatus("k8s-1") == "online")
    return cluster.registrations("k8s-1")
  }

  @Test("the end of an older connection does not touch the newer one", arguments: [1, 2, 3] as [UInt64])
  func takeover(seed: UInt64) throws {
    #expect(try connectionsAfterRedial(cluster(seed: seed)) == 2)
  }

  @Test("B-01: unregistration by agent id kills the successor")
  func unregisterByID() throws {
    #expect(try connectionsAfterRedial(cluster { $0.hub.unregistration = .byAgentID }) > 2)
  }

  @Test("the takeover closes the older socket with 4001")
  func takeoverCloses() throws {
    let cluster = try cluster()
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    agent.redial()
    try cluster.run(2)
    #expect(agent.ends == [4001])
  }

  @Test("epochs grow over connections and over restarts of a replica")
  func epochs() throws {
    let cluster = try cluster()
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    agent.redial()
    try cluster.run(2)
    cluster.replicas[0].crash()
    cluster.replicas[0].start(after: .milliseconds(100))
    try cluster.run(6)
    let epochs = cluster.events.compactMap { told -> Int64? in
      if case .agentRegistered(let identity) = told.event { identity.epoch } else { nil }
    }
    #expect(epochs.count == 3)
    #expect(epochs == epochs.sorted())
    #expect(Set(epochs).count == 3)
  }

  @Test("three takeovers of a live connection by another instance lock the id to its holder")
  func takeoverLock() throws {
    let cluster = try cluster(3)
    for number in 1...3 {
      try cluster.agent("k8s-1", to: number, process: "pod-\(number)") { $0.instance = "pod-\(number)" }.start()
    }
    try cluster.run(60)
    let locked = try #require(cluster.agents.flatMap(\.refusals).first { $0.status == .conflict })
    #expect(try locked.body.decode(as: ErrorBody.self).error == "Agent id in use")
    let lockTime = try #require(
      cluster.told { if case .agentRegistered = $0 { true } else { false } }.last?.time)
    // Long after the lock nobody has been evicted any more.
    #expect(lockTime < Instant(nanoseconds: 30_000_000_000))
  }

  @Test("A-09 shows without the lock: instances evict each other for ever")
  func noTakeoverLock() throws {
    let cluster = try cluster(3) { $0.enrolment.takeoverLock = .never }
    for number in 1...3 {
      try cluster.agent("k8s-1", to: number, process: "pod-\(number)") { $0.instance = "pod-\(number)" }.start()
    }
    try cluster.run(60)
    let last = try #require(
      cluster.told { if case .agentRegistered = $0 { true } else { false } }.last?.time)
    #expect(last > Instant(nanoseconds: 40_000_000_000))
  }

  @Test("a newer leader term is never locked out")
  func newerTerm() {
    var record = TakeoverRecord(holder: nil)
    for (second, instance) in ["a", "b", "a", "b"].enumerated() {
      record = record.taken(by: instance, at: Int64(second) * 1_000_000, fromLive: second > 0)
    }
    #expect(record.refuses("a", at: 4_000_000))
    #expect(!record.refuses("b", at: 4_000_000))
    #expect(!record.refuses("a", at: 63_000_001))
    #expect(TakeoverRecord(record.text) == record)
  }

  /// The time at which a silent agent was dropped, in seconds after its last heartbeat; nil if it was kept.
  private func dropped(gap milliseconds: Int64, _ cluster: HubCluster) throws -> Bool {
    let agent = try cluster.agent("k8s-1") { $0.heartbeat = nil }
    agent.start()
    try cluster.run(2)
    agent.send(.heartbeat(AgentHeartbeat()))
    try cluster.run(milliseconds: milliseconds)
    agent.send(.heartbeat(AgentHeartbeat()))
    try cluster.run(2)
    return cluster.told { if case .agentUnregistered(_, .stale) = $0 { true } else { false } }.count > 0
  }

  @Test(
    "the stale boundary: 45 s are kept, 55 s and more are dropped",
    arguments: [(30_000, false), (44_900, false), (56_000, true), (75_000, true)])
  func staleBoundary(gap: Int64, isDropped: Bool) throws {
    #expect(try dropped(gap: gap, cluster()) == isDropped)
  }

  @Test("A-04: a threshold of 30 s drops an agent whose heartbeat is a little late")
  func staleAtHeartbeat() throws {
    #expect(try dropped(gap: 41_000, cluster { $0.hub.staleThreshold = .seconds(30) }))
    #expect(try !dropped(gap: 41_000, cluster()))
  }

  @Test("a stale connection is dropped without a close frame 45 to 55 s after the last beat")
  func staleTime() throws {
    let cluster = try cluster()
    let agent = try cluster.agent("k8s-1") { $0.heartbeat = nil }
    agent.start()
    try cluster.run(2)
    let connected = try #require(
      cluster.told { if case .agentRegistered = $0 { true } else { false } }.first?.time)
    try cluster.run(60)
    let end = try #require(
      cluster.told { if case .agentUnregistered(_, .stale) = $0 { true } else { false } }.first?.time)
    #expect(end - connected > .seconds(45) && end - connected <= .seconds(55))
    #expect(agent.ends.first == 0)
  }

  @Test("rows of an agent and a replica that died together are offline within 55 s")
  func sweepByOthers() throws {
    let cluster = try cluster(2)
    let agent = try cluster.agent("k8s-1", to: 1)
    agent.start()
    try cluster.run(2)
    cluster.replicas[0].vanish()
    agent.process.vanish()
    try cluster.run(40)
    #expect(try cluster.agentStatus("k8s-1") == "online")
    try cluster.run(16)
    #expect(try cluster.agentStatus("k8s-1") == "offline")
  }

  /// Takes the row offline behind the replica's back, as the sweep of others does after an outage.
  private func statusAfterHeartbeat(_ cluster: HubCluster) throws -> String? {
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    _ = try cluster.rows("UPDATE agents SET status = 'offline' WHERE agent_id = 'k8s-1'")
    try cluster.run(35)
    return try cluster.agentStatus("k8s-1")
  }

  @Test("a heartbeat sets the row online again")
  func heartbeatSetsOnline() throws { #expect(try statusAfterHeartbeat(cluster()) == "online") }

  @Test("A-05: a heartbeat that writes the time alone leaves the agent offline")
  func heartbeatTimeOnly() throws {
    #expect(try statusAfterHeartbeat(cluster { $0.hub.heartbeatStatus = .timestampOnly }) == "offline")
  }

  @Test("draining is kept until the agent says otherwise")
  func draining() throws {
    let cluster = try cluster()
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    let target = "/api/v1/agents/k8s-1/heartbeat"
    let key = HubCluster.key(of: "k8s-1")
    #expect(try cluster.post(target, key: key, AgentHeartbeatRequest(status: .draining))?.status == .ok)
    try cluster.run(65)
    #expect(try cluster.agentStatus("k8s-1") == "draining")
    _ = try cluster.post(target, key: key, AgentHeartbeatRequest(status: .online))
    #expect(try cluster.agentStatus("k8s-1") == "online")
  }

  @Test("H14: the shipped heartbeat undoes draining")
  func drainUndone() throws {
    let cluster = try cluster { $0.hub.heartbeatStatus = .overwritesDraining }
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(2)
    _ = try cluster.post(
      "/api/v1/agents/k8s-1/heartbeat", key: HubCluster.key(of: "k8s-1"), AgentHeartbeatRequest(status: .draining))
    try cluster.run(35)
    #expect(try cluster.agentStatus("k8s-1") == "online")
  }

  @Test("an agent that answers no ping is dropped 60 s after its last control frame, in spite of its heartbeats")
  func readDeadline() throws {
    let cluster = try cluster()
    let agent = try cluster.agent("k8s-1") { $0.heartbeat = .seconds(10) }
    agent.start()
    try cluster.run(2)
    agent.answersPings = false
    try cluster.run(65)
    #expect(cluster.told { if case .agentUnregistered(_, .readDeadline) = $0 { true } else { false } }.count == 1)
  }

  @Test("an idle connection with heartbeats stays up")
  func staysUp() throws {
    let cluster = try cluster(2)
    let agent = try cluster.agent("k8s-1")
    agent.start()
    try cluster.run(600)
    #expect(agent.connections == 1)
    #expect(try cluster.agentStatus("k8s-1") == "online")
    #expect(cluster.route("k8s-1") == "api-1")
  }

  @Test("a message at the limit is read, one byte more ends the connection with 1009")
  func messageLimit() throws {
    let cluster = try cluster()
    let agent = try cluster.agent("k8s-1") { $0.reconnect = nil }
    agent.start()
    try cluster.run(2)
    agent.send(.text([UInt8](repeating: 32, count: AgentConnection.messageLimit)))
    try cluster.run(1)
    #expect(agent.ends.isEmpty)
    agent.send(.text([UInt8](repeating: 32, count: AgentConnection.messageLimit + 1)))
    try cluster.run(1)
    #expect(agent.ends == [1009])
  }

  @Test("bad JSON, unknown types and numeric timestamps are skipped, the connection stays")
  func badMessages() throws {
    let cluster = try cluster()
    let agent = try cluster.agent("k8s-1") { $0.heartbeat = nil }
    agent.start()
    try cluster.run(2)
    agent.send(.text(Array("{not json".utf8)))
    agent.send(.text(Array("{\"type\":\"nonsense\",\"payload\":{}}".utf8)))
    agent.send(.fromAgent(AgentEnvelope(timestamp: .unixSeconds(1), .heartbeat(AgentHeartbeat(status: "draining")))))
    try cluster.run(1)
    #expect(agent.ends.isEmpty)
    #expect(try cluster.agentStatus("k8s-1") == "online")
    // JSON in a binary frame works [rec 10].
    let beat = AgentEnvelope(timestamp: .absent, .heartbeat(AgentHeartbeat(status: "draining")))
    agent.send(.binary(beat.encoded))
    try cluster.run(1)
    #expect(try cluster.agentStatus("k8s-1") == "draining")
  }

  @Test("registration clears the attachments of an agent's sessions")
  func clearsAttachments() throws {
    let cluster = try cluster()
    _ = try cluster.rows(
      "INSERT INTO sessions (id, user_id, state, agent_id, active_connections) VALUES ('s1', 'admin', 'running', 'k8s-1', 2)"
    )
    try cluster.agent("k8s-1").start()
    try cluster.run(2)
    let count = try cluster.rows("SELECT active_connections FROM sessions").first?.integer("active_connections")
    #expect(count == 0)
  }

  @Test("a deregistered agent loses its connection")
  func deregistered() throws {
    let cluster = try cluster()
    let agent = try cluster.agent("k8s-1") { $0.reconnect = nil }
    agent.start()
    try cluster.run(2)
    #expect(try cluster.administer(.delete, "/api/v1/admin/agents/k8s-1")?.status == .ok)
    try cluster.run(1)
    #expect(agent.ends == [1000])
    #expect(try cluster.administer(.delete, "/api/v1/admin/agents/k8s-1")?.status == .notFound)
    #expect(try cluster.administer(.get, "/api/v1/admin/agents/k8s-1")?.status == .notFound)
  }

  @Test("the list shows agents with their approval, filtered")
  func list() throws {
    let cluster = try cluster()
    let all = try cluster.administer(.get, "/api/v1/admin/agents")?.body.decode(as: AgentList.self)
    #expect(all?.agents.map(\.agentID) == ["k8s-1"])
    #expect(all?.agents.first?.approvalStatus == "approved")
    let none = try cluster.administer(.get, "/api/v1/admin/agents?platform=docker")?.body.decode(as: AgentList.self)
    #expect(none?.total == 0)
    let single = try cluster.administer(.get, "/api/v1/admin/agents/k8s-1")?.body.decode(as: AgentRecord.self)
    #expect(single?.approvalStatus == "")
  }

  @Test("a rotated key is void at once")
  func rotates() throws {
    let cluster = try cluster()
    let answer = try cluster.administer(.post, "/api/v1/admin/agents/k8s-1/rotate-key")
    let key = try #require(try answer?.body.decode(as: AgentKeyAnswer.self).apiKey)
    let target = "/api/v1/agents/k8s-1/heartbeat"
    let old = try cluster.post(target, key: HubCluster.key(of: "k8s-1"), AgentHeartbeatRequest())
    #expect(old?.status == .forbidden)
    #expect(try cluster.post(target, key: key, AgentHeartbeatRequest())?.status == .ok)
  }
}
