import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: routes in Redis (C2, I-ROUTE)")
struct HubRouteTests {
  private func cluster(
    _ replicas: Int = 2, approved: [String] = ["k8s-1"], _ change: (inout ControlPlaneBehaviour) -> Void = { _ in }
  ) throws -> HubCluster {
    var behaviour = ControlPlaneBehaviour.contract
    change(&behaviour)
    let cluster = try HubCluster(replicas: replicas, approved: approved, behaviour: behaviour)
    try cluster.start()
    return cluster
  }

  @Test("both keys stand with a life of 240 to 300 s")
  func lifetime() throws {
    let cluster = try cluster()
    try cluster.agent("k8s-1").start()
    for _ in 0..<12 {
      try cluster.run(10)
      for key in [RouteKeys.pod(agent: "k8s-1"), RouteKeys.connected(agent: "k8s-1")] {
        let left = try #require(cluster.redis?.timeToLive(of: key, database: 1))
        #expect(left > .seconds(240) && left <= .seconds(300))
      }
    }
  }

  @Test("a lost key is back with the next heartbeat")
  func evicted() throws {
    let cluster = try cluster()
    try cluster.agent("k8s-1").start()
    try cluster.run(5)
    cluster.redis?.begin(.evict(key: RouteKeys.pod(agent: "k8s-1"), database: 1))
    #expect(cluster.route("k8s-1") == nil)
    try cluster.run(35)
    #expect(cluster.route("k8s-1") == "api-1")
    #expect(cluster.routeIsWhole("k8s-1"))
  }

  @Test("routes are right within 10 s of the return of an empty Redis, without a reconnect")
  func restartEmpty() throws {
    let cluster = try cluster(3, approved: ["k8s-1", "k8s-2", "k8s-3"])
    for number in 1...3 { try cluster.agent("k8s-\(number)", to: number).start() }
    try cluster.run(5)
    cluster.redis?.begin(.restartEmpty, lasting: .seconds(2))
    try cluster.run(2)
    try cluster.run(5)
    for number in 1...3 {
      #expect(cluster.route("k8s-\(number)") == "api-\(number)")
      #expect(cluster.routeIsWhole("k8s-\(number)"))
      #expect(cluster.registrations("k8s-\(number)") == 1)
    }
  }

  @Test("B-03: EXPIRE restores nothing")
  func expireOnly() throws {
    let cluster = try cluster { $0.hub.routeRefresh = .expireOnly }
    try cluster.agent("k8s-1").start()
    try cluster.run(5)
    cluster.redis?.begin(.restartEmpty, lasting: .seconds(2))
    try cluster.run(60)
    #expect(cluster.route("k8s-1") == nil)
  }

  /// The agent leaves replica 1 unnoticed, connects to 2, and 60 s pass. The agent's status is watched from then on.
  private func moves(_ cluster: HubCluster) throws -> (route: String?, wasOffline: Bool) {
    let agent = try cluster.agent("k8s-1", to: 1)
    agent.start()
    try cluster.run(5)
    cluster.simulation.network.begin(NetworkFault(.halfOpen, between: ["k8s-1"], and: ["api-1"]))
    agent.script.target = "api-2"
    try cluster.run(5)
    var wasOffline = false
    for _ in 0..<120 {
      try cluster.run(1)
      if try cluster.agentStatus("k8s-1") == "offline" { wasOffline = true }
    }
    return (cluster.route("k8s-1"), wasOffline)
  }

  @Test("an agent that moved keeps route and status when its old replica notices (HA-API-09)")
  func moved() throws {
    let outcome = try moves(cluster())
    #expect(outcome.route == "api-2")
    #expect(!outcome.wasOffline)
  }

  @Test("the old replica drops its entry at once when the agent is connected elsewhere")
  func supersededEntry() throws {
    let cluster = try cluster()
    _ = try moves(cluster)
    #expect(cluster.replica(1)?.hub.isConnected("k8s-1") == false)
    let lost = cluster.told { if case .agentUnregistered(_, .ownershipLost) = $0 { true } else { false } }
    #expect(lost.count == 1)
    #expect(try #require(lost.first?.time) < Instant(nanoseconds: 15_000_000_000))
  }

  @Test("B-02: a blind removal erases the successor's route and status")
  func blindRemoval() throws {
    let outcome = try moves(
      cluster {
        $0.hub.routeRemoval = .blind
        $0.hub.presenceRemoval = .always
        $0.hub.routeRefresh = .expireOnly
      })
    #expect(outcome.route == nil)
    #expect(outcome.wasOffline)
  }

  @Test("B-04: independent keys are half there when Redis fails between them")
  func independentSets() throws {
    for (storage, isWhole) in [(HubPolicies.RouteStorage.atomic, true), (.independentSets, false)] {
      let cluster = try cluster { $0.hub.routeStorage = storage }
      let redis = try #require(cluster.redis)
      var refusal: FaultRecord?
      let agent = try cluster.agent("k8s-1") { $0.heartbeat = nil }
      agent.start()
      // Redis refuses writes from the registration on, until it has refused one, or for 100 ms.
      var begun = Instant.start
      for _ in 0..<100_000 where refusal?.end == nil {
        try cluster.simulation.run(for: .microseconds(20))
        if refusal == nil, cluster.registrations("k8s-1") == 1 {
          refusal = redis.begin(.readOnly)
          begun = cluster.simulation.now
        }
        guard let record = refusal else { continue }
        if record.touched > 0 || cluster.simulation.now - begun > .milliseconds(100) { redis.end(record) }
      }
      #expect(refusal?.end != nil)
      try cluster.run(2)
      #expect(cluster.routeIsWhole("k8s-1") == isWhole)
    }
  }

  @Test("a replica that starts removes the routes of its earlier life and leaves others alone")
  func startClean() throws {
    let cluster = try cluster(2, approved: ["k8s-1", "k8s-2"])
    let agent = try cluster.agent("k8s-1", to: 1) { $0.reconnect = nil }
    agent.start()
    try cluster.agent("k8s-2", to: 2).start()
    try cluster.run(5)
    cluster.replicas[0].crash()
    try cluster.run(1)
    #expect(cluster.route("k8s-1") == "api-1")
    #expect(try cluster.agentStatus("k8s-1") == "online")
    cluster.replicas[0].start()
    try cluster.run(2)
    #expect(cluster.route("k8s-1") == nil)
    #expect(try cluster.agentStatus("k8s-1") == "offline")
    #expect(cluster.route("k8s-2") == "api-2")
    #expect(try cluster.agentStatus("k8s-2") == "online")
  }

  @Test("Redis down for 60 s: the hub serves, sockets stay, routes are right after it")
  func redisDown() throws {
    let cluster = try cluster(2, approved: ["k8s-1", "k8s-2"])
    let stays = try cluster.agent("k8s-1", to: 1)
    let moves = try cluster.agent("k8s-2", to: 1)
    stays.start()
    moves.start()
    try cluster.run(5)
    cluster.redis?.begin(.down, lasting: .seconds(60))
    try cluster.run(20)
    moves.process.crash()
    moves.script.target = "api-2"
    moves.process.start(after: .seconds(1))
    try cluster.run(40)
    let slowest = cluster.events.compactMap { told -> TimeSpan? in
      if case .hubServed(_, _, let wait) = told.event { wait } else { nil }
    }.max()
    #expect(try #require(slowest) <= .seconds(5))
    #expect(stays.connections == 1)
    try cluster.run(10)
    #expect(cluster.route("k8s-1") == "api-1")
    #expect(cluster.route("k8s-2") == "api-2")
    #expect(cluster.routeIsWhole("k8s-1") && cluster.routeIsWhole("k8s-2"))
  }

  @Test("B-05: a hub that waits under its lock serves nobody while Redis is silent")
  func underLock() throws {
    for (policy, isStalled) in [(HubPolicies.InputOutput.outsideLock, false), (.underLock, true)] {
      let cluster = try cluster(2, approved: ["k8s-1", "k8s-2", "k8s-3"]) { $0.hub.inputOutput = policy }
      cluster.redis?.begin(.frozen, lasting: .seconds(30))
      for number in 1...3 { try cluster.agent("k8s-\(number)", to: 1).start() }
      try cluster.run(40)
      let slowest = cluster.events.compactMap { told -> TimeSpan? in
        if case .hubServed(_, _, let wait) = told.event { wait } else { nil }
      }.max()
      #expect((try #require(slowest) > .seconds(5)) == isStalled)
    }
  }

  @Test("B-06: a sweep through the hub's own channel deadlocks with more than ten stale agents")
  func sweepDeadlock() throws {
    let agents = (1...12).map { "k8s-\($0)" }
    for (policy, areBack) in [(HubPolicies.StaleRemoval.inline, true), (.throughOwnChannel, false)] {
      let cluster = try HubCluster(
        replicas: 1, redis: false, approved: agents,
        behaviour: {
          var behaviour = ControlPlaneBehaviour.contract
          behaviour.hub.staleRemoval = policy
          return behaviour
        }()
      ) { $0.costs.keyCheck = .constant(.milliseconds(1)) }
      try cluster.start()
      for agent in agents { try cluster.agent(agent).start() }
      try cluster.run(15)
      cluster.simulation.network.begin(
        NetworkFault(.cut, between: agents, and: ["api-1"]), lasting: .seconds(70))
      try cluster.run(70)
      // The rows are `offline` by the sweep of rows, which goes on; a registration needs the hub.
      for agent in cluster.agents { agent.process.crash() }
      for agent in cluster.agents { agent.process.start() }
      try cluster.run(60)
      let online = try cluster.rows("SELECT agent_id FROM agents WHERE status = 'online'").count
      #expect((online == agents.count) == areBack)
    }
  }
}
