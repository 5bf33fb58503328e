import Database
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: start and stop of a replica (C8)")
struct HubLifeCycleTests {
  private func behaviour(_ change: (inout ControlPlaneBehaviour) -> Void) -> ControlPlaneBehaviour {
    var behaviour = ControlPlaneBehaviour.contract
    change(&behaviour)
    return behaviour
  }

  @Test("/health tells why a replica is not ready, and everything else is refused meanwhile")
  func startsWithoutDatabase() throws {
    let cluster = try HubCluster(replicas: 1)
    cluster.redis?.process.start()
    cluster.replicas[0].start()
    try cluster.run(2)
    let health = try cluster.request(.get, "/health")
    #expect(health?.status == .serviceUnavailable)
    let body = try #require(try health?.body.decode(as: HealthAnswer.self))
    #expect(body.status == "starting")
    #expect(body.reason?.hasPrefix("database:") == true)
    #expect(try cluster.administer(.get, "/api/v1/admin/agents")?.status == .serviceUnavailable)
    cluster.database.process.start()
    try cluster.run(3)
    #expect(try cluster.request(.get, "/health")?.status == .ok)
  }

  @Test("a replica that boots with Redis away joins when it is there, within 30 s")
  func joinsLater() throws {
    let cluster = try HubCluster(replicas: 1)
    cluster.database.process.start()
    cluster.replicas[0].start()
    try cluster.run(10)
    #expect(cluster.replica(1)?.health.isReady == false)
    cluster.redis?.process.start()
    try cluster.run(10)
    #expect(cluster.replica(1)?.health.isReady == true)
    try cluster.agent("k8s-1").start()
    try cluster.run(3)
    #expect(cluster.route("k8s-1") == "api-1")
  }

  @Test("B-09: a replica that boots with Redis away works alone for its whole life")
  func fallsBack() throws {
    let cluster = try HubCluster(replicas: 1, behaviour: behaviour { $0.lifeCycle.redisBoot = .fallsBack })
    cluster.database.process.start()
    cluster.replicas[0].start()
    try cluster.run(10)
    #expect(cluster.replica(1)?.health.isReady == true)
    cluster.redis?.process.start()
    try cluster.agent("k8s-1").start()
    try cluster.run(60)
    #expect(cluster.route("k8s-1") == nil)
  }

  @Test("B-08: a replica whose first subscription fails stays deaf")
  func subscribesOnce() throws {
    for (policy, isDeaf) in [(LifeCyclePolicies.Subscription.resubscribes, false), (.once, true)] {
      let cluster = try HubCluster(replicas: 1, behaviour: behaviour { $0.lifeCycle.subscription = policy })
      cluster.database.process.start()
      cluster.redis?.process.start()
      cluster.replicas[0].start()
      // Redis is lost between the ping and the subscription.
      for _ in 0..<20_000 where cluster.events.last?.event != .notReady(reason: "redis: not subscribed") {
        try cluster.simulation.run(for: .microseconds(50))
      }
      cluster.redis?.begin(.down, lasting: .seconds(3))
      try cluster.run(15)
      #expect(cluster.replica(1)?.health.isReady == true)
      #expect((cluster.redis?.subscriberCount(of: "pod:api-1:commands") == 0) == isDeaf)
    }
  }

  @Test("a replica without POD_NAME refuses to start with others")
  func podName() throws {
    let cluster = try HubCluster(replicas: 1, named: false)
    try cluster.start()
    #expect(!cluster.replicas[0].isRunning)
    let alone = try HubCluster(replicas: 1, redis: false, named: false)
    try alone.start()
    #expect(alone.replica(1)?.health.isReady == true)
  }

  @Test("B-12: replicas without name share one channel and one route")
  func unknownPods() throws {
    let cluster = try HubCluster(
      replicas: 2, named: false, behaviour: behaviour { $0.lifeCycle.podName = .unknownPod })
    try cluster.start()
    try cluster.agent("k8s-1").start()
    try cluster.run(3)
    #expect(cluster.route("k8s-1") == "unknown-pod")
    #expect(cluster.redis?.subscriberCount(of: "pod:unknown-pod:commands") == 2)
  }

  @Test("a graceful stop closes agents with 1001, gives up routes, rows and claims, and ends at once")
  func gracefulStop() throws {
    let cluster = try HubCluster()
    try cluster.start()
    let agent = try cluster.agent("k8s-1") { $0.answer = .silent }
    agent.start()
    try cluster.run(3)
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(1)
    agent.script.target = "api-2"
    cluster.forgetEvents()
    cluster.replicas[0].terminate()
    try cluster.run(1)
    #expect(agent.ends == [1001])
    #expect(!cluster.replicas[0].isRunning)
    #expect(cluster.route("k8s-1") == nil)
    #expect(try cluster.agentStatus("k8s-1") == "offline")
    #expect(try cluster.rows("SELECT 1 FROM agent_commands WHERE claimed_by IS NOT NULL").isEmpty)
    let steps = cluster.events.compactMap { told -> ControlPlaneEvent.ShutdownStep? in
      if case .shutdownStep(let step) = told.event { step } else { nil }
    }
    #expect(
      steps == [.stoppedAccepting, .closedAgents, .deletedRoutes, .releasedClaims, .handlersFinished])
    // The agent is reachable again within 10 s (HA-API-05), and its open command comes at once.
    try cluster.run(4)
    #expect(cluster.route("k8s-1") == "api-2")
    #expect(agent.received == ["cmd-1", "cmd-1"])
  }

  @Test("an abrupt stop leaves route and row behind")
  func abruptStop() throws {
    let cluster = try HubCluster(behaviour: behaviour { $0.lifeCycle.shutdown = .abrupt })
    try cluster.start()
    let agent = try cluster.agent("k8s-1") { $0.reconnect = nil }
    agent.start()
    try cluster.run(3)
    cluster.replicas[0].terminate()
    try cluster.run(1)
    #expect(agent.ends == [0])
    #expect(cluster.route("k8s-1") == "api-1")
    #expect(try cluster.agentStatus("k8s-1") == "online")
  }

  @Test("a stop waits for handlers, but no longer than its limit")
  func waitsForHandlers() throws {
    let cluster = try HubCluster(replicas: 1) { $0.shutdownTimeout = .seconds(5) }
    try cluster.start()
    var open: [HTTPExchange] = []
    cluster.replica(1)?.router.on(.get, "/slow") { open.append($0) }
    cluster.simulation.schedule(after: .milliseconds(200), EventLabel("test.stop")) {
      cluster.replicas[0].terminate()
    }
    cluster.simulation.schedule(after: .seconds(2), EventLabel("test.answer")) {
      open.first?.respond(HTTPResponse(.ok))
    }
    #expect(try cluster.request(.get, "/slow")?.status == .ok)
    try cluster.run(1)
    #expect(!cluster.replicas[0].isRunning)
  }

  @Test("a pool that is exhausted for 10 s is told as busy")
  func poolExhausted() throws {
    let cluster = try HubCluster(replicas: 1)
    try cluster.start()
    let replica = try #require(cluster.replica(1))
    for _ in 0..<DatabaseClient.capacity { replica.database.session { _ in } }
    try cluster.run(1)
    var error: DatabaseError?
    replica.database.ping { if case .failure(let failure) = $0 { error = failure } }
    try cluster.run(9)
    #expect(error == nil)
    try cluster.run(2)
    #expect(error == .busy)
  }

  @Test("a statement without answer fails after 5 s and its connection is replaced")
  func deadline() throws {
    let cluster = try HubCluster(replicas: 1)
    try cluster.start()
    let replica = try #require(cluster.replica(1))
    let fault = cluster.database.begin(.pause)
    var outcomes: [Result<Void, DatabaseError>] = []
    replica.database.ping { outcomes.append($0) }
    try cluster.run(4)
    #expect(outcomes.isEmpty)
    try cluster.run(2)
    guard case .failure(.deadline)? = outcomes.first else {
      Issue.record("no deadline: \(outcomes)")
      return
    }
    cluster.database.end(fault)
    replica.database.ping { outcomes.append($0) }
    try cluster.run(1)
    guard case .success? = outcomes.last else {
      Issue.record("not replaced: \(outcomes)")
      return
    }
  }

  @Test("runs with one seed are equal to the last event", arguments: [1, 7] as [UInt64])
  func repeatable(seed: UInt64) throws {
    func run() throws -> String {
      let cluster = try HubCluster(replicas: 3, approved: ["k8s-1", "k8s-2"], seed: seed)
      try cluster.start()
      try cluster.agent("k8s-1", to: 1).start()
      try cluster.agent("k8s-2", to: 2).start()
      try cluster.run(5)
      for number in 0..<10 {
        try cluster.issue("cmd-\(number)", agent: number % 2 == 0 ? "k8s-1" : "k8s-2", via: number % 3 + 1)
      }
      cluster.replicas[0].crash()
      try cluster.run(60)
      return cluster.simulation.trace.fingerprint
    }
    #expect(try run() == run())
  }
}
