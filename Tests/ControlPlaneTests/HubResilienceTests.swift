import Database
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: seeded faults, then quiet")
struct HubResilienceTests {
  private static let agents = ["k8s-1", "k8s-2", "k8s-3"]
  private static let replicas = ["api-1", "api-2", "api-3"]

  /// One fault of a kind and length that the seed chooses.
  private func strike(_ cluster: HubCluster, _ faults: DecisionStream) {
    let decisions = cluster.simulation.decisions
    let replica = cluster.replicas[decisions.choose(faults, 3)]
    let agent = cluster.agents[decisions.choose(faults, 3)]
    let span = decisions.draw(faults, from: .seconds(1), to: .seconds(20))
    let network = cluster.simulation.network
    switch decisions.choose(faults, 9) {
    case 0:
      replica.crash()
      replica.start(after: span)
    case 1:
      replica.terminate()
      replica.start(after: span)
    case 2: cluster.redis?.begin(.restartEmpty, lasting: span)
    case 3: cluster.database.begin(.down, lasting: span)
    case 4: network.begin(NetworkFault(.cut, between: [agent.process.name], and: Self.replicas), lasting: span)
    case 5: network.begin(NetworkFault(.halfOpen, between: [agent.process.name], and: Self.replicas))
    case 6:
      agent.process.crash()
      agent.process.start(after: span)
    case 7: network.begin(NetworkFault(.cut, between: [replica.name], and: ["postgres", "redis"]), lasting: span)
    default:
      replica.pause()
      cluster.simulation.schedule(after: span, EventLabel("test.resume")) { replica.resume() }
    }
    // Agents go to another replica next time, as a balancer would send them.
    agent.script.target = Self.replicas[decisions.choose(faults, 3)]
  }

  @Test("every command ends, every route is right, every agent is online", arguments: 1...12 as ClosedRange<UInt64>)
  func heals(seed: UInt64) throws {
    let cluster = try HubCluster(replicas: 3, approved: Self.agents, seed: seed)
    let faults = cluster.simulation.decisions.stream("test.faults")
    try cluster.start()
    for (number, agent) in Self.agents.enumerated() {
      try cluster.agent(agent, to: number + 1) { $0.answer = .completes(after: .seconds(1)) }.start()
    }
    try cluster.run(5)
    var commands: [String] = []
    for round in 0..<10 {
      strike(cluster, faults)
      for agent in Self.agents {
        let command = "cmd-\(round)-\(agent)"
        do throws(SQLError) {
          try cluster.insert(command, agent: agent)
          commands.append(command)
        } catch {
          // The database is down or a transaction is open: no command was accepted.
        }
      }
      try cluster.run(15)
    }
    // A replica that was stopped while it was due to start again may need one more start.
    for replica in cluster.replicas where replica.current == nil { replica.start() }
    for agent in cluster.agents where agent.process.current == nil { agent.process.start() }
    for agent in cluster.agents { agent.script.target = "api-2" }
    try cluster.run(150)

    for command in commands { #expect(try cluster.commandStatus(command) == "completed", "\(command), seed \(seed)") }
    for agent in Self.agents {
      #expect(try cluster.agentStatus(agent) == "online", "\(agent), seed \(seed)")
      let holders = (1...3).filter { cluster.replica($0)?.hub.isConnected(agent) == true }
      #expect(holders.count == 1, "\(agent) is held by \(holders), seed \(seed)")
      #expect(cluster.route(agent) == holders.first.map { "api-\($0)" }, "\(agent), seed \(seed)")
      #expect(cluster.routeIsWhole(agent), "\(agent), seed \(seed)")
    }
    #expect(cluster.simulation.faults.records.filter { $0.name.hasPrefix("panic") }.isEmpty)
  }
}
