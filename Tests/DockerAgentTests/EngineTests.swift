import AgentTestSupport
import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

/// Agents between a scripted control plane and the engine simulator.
final class EngineRig {
  let simulation: Simulation
  let engine: DockerEngine
  let daemon: SimulatedProcess
  private(set) var agents: [SimulatedProcess] = []
  /// One control plane for each agent id.
  private(set) var records: [ScriptedControlPlane.Record] = []
  private(set) var events: [DockerAgentEvent] = []
  private(set) var platform: [EngineEvent] = []
  var atStep: ((SimulatedProcess, AgentStep) -> Void)?

  init(
    seed: UInt64 = 1, agentIDs: [String] = [DockerRig.agentID], engine configuration: EngineConfiguration = .init(),
    behaviour: DockerAgentBehaviour = DockerAgentBehaviour()
  ) throws {
    let simulation = Simulation(.init(seed: seed))
    self.simulation = simulation
    simulation.network.latencyPolicy = { _, _, _ in .lognormal(median: .milliseconds(5), .s060) }
    let engine = DockerEngine(simulation: simulation, configuration: configuration)
    self.engine = engine
    daemon = try simulation.addProcess("docker-daemon", on: simulation.host(DockerAPI.host)) {
      DockerAPI($0, engine: engine)
    }
    daemon.start()
    for (index, agentID) in agentIDs.enumerated() {
      let record = ScriptedControlPlane.Record()
      records.append(record)
      let api = "api-\(index + 1)"
      try simulation.addProcess(api, on: simulation.host(api)) { ScriptedControlPlane($0, record) }.start()
      let name = "agent-\(index + 1)"
      let configuration = DockerAgentConfiguration(
        agentID: agentID, instanceID: name,
        controlPlane: [Endpoint(host: api, port: ScriptedControlPlane.endpoint.port)], key: .issued("key"),
        docker: Endpoint(host: DockerAPI.host, port: DockerAPI.port))
      let process = try simulation.addProcess(name, on: simulation.host(name)) { [unowned self] incarnation in
        DockerAgent(incarnation, configuration: configuration, behaviour: behaviour) { [unowned self] event in
          events.append(event)
          if case .step(_, _, let step) = event, let agent = agents.first(where: { $0.name == name }) {
            atStep?(agent, step)
          }
        }
      }
      agents.append(process)
    }
    engine.observer = { [unowned self] event, _ in platform.append(event) }
  }

  deinit { simulation.tearDown() }

  var agent: SimulatedProcess { agents[0] }
  var record: ScriptedControlPlane.Record { records[0] }
  var now: Instant { simulation.now }

  func begin() throws {
    for agent in agents { agent.start() }
    try simulation.run(for: .seconds(1))
  }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  @discardableResult
  func run(until condition: () -> Bool, within limit: TimeSpan = .seconds(120)) throws -> Bool {
    let deadline = now + limit
    while !condition() {
      guard now < deadline else { return false }
      try run(.milliseconds(10))
    }
    return true
  }

  var containersMade: Int { platform.count { if case .containerCreated = $0 { true } else { false } } }
  var networksMade: Int { platform.count { if case .objectCreated(.network, _, _) = $0 { true } else { false } } }

  func place(_ session: String = Command.session, home: Bool = false, isRunning: Bool = true) throws {
    _ = try engine.place(
      PlacedContainer(
        session: session, agent: DockerRig.agentID, command: "cmd-placed", image: Command.image,
        persistentHome: home, isRunning: isRunning))
  }
}

@Suite("The Docker agent on the engine simulator")
struct EngineTests {
  private func startTimes(_ seeds: Int, _ configuration: EngineConfiguration = .init()) throws -> [Int64] {
    try (1...seeds).map { seed in
      let rig = try EngineRig(seed: UInt64(seed), engine: configuration)
      try rig.begin()
      let begun = rig.now
      rig.record.send(Command.start())
      try rig.run(.seconds(40))
      return (try #require(rig.record.answered("cmd-start")) - begun).milliseconds
    }.sorted()
  }

  @Test("a warm start takes about a second, at most 12 s; a cold one as long as its pull, at most 25 s")
  func startTimes() throws {
    let warm = try startTimes(30)
    #expect((600...2_000).contains(warm[15]), "median \(warm[15]) ms")
    #expect(warm[29] <= 12_000)
    let cold = try startTimes(30, EngineConfiguration(images: [Command.image: .cold]))
    #expect((10_000...18_000).contains(cold[15]), "median \(cold[15]) ms")
    #expect(cold[29] <= 25_000, "longest \(cold[29]) ms")
  }

  @Test("a session goes through its whole life")
  func wholeLife() throws {
    let rig = try EngineRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: true, memory: "512Mi", cpu: "250m"))
    try rig.run(.seconds(10))
    let container = try #require(rig.engine.containers(ofSession: Command.session).first)
    #expect(container.isReady)
    #expect(container.memory == 536_870_912)
    #expect(container.nanoCPUs == 250_000_000)
    #expect(
      rig.record.statuses.first?.platformMetadata == .init(podName: container.workload.name, podIP: container.address))
    for (action, id) in [(AgentAction.hibernateSession, "h"), (.wakeSession, "w"), (.stopSession, "s")] {
      let begun = rig.now
      rig.record.send(Command.other(action, id))
      #expect(try rig.run(until: { rig.record.answered(id) != nil }))
      #expect(rig.record.completions(id).count == 1)
      #expect(rig.now - begun <= .seconds(10), "\(action)")
      switch action {
      case .hibernateSession:
        try rig.run(.seconds(60))
        #expect(rig.engine.containers(ofSession: Command.session).map(\.status) == [.exited])
      case .wakeSession:
        try rig.run(.seconds(60))
        #expect(rig.engine.containers(ofSession: Command.session).map(\.isReady) == [true])
      default: break
      }
    }
    #expect(rig.engine.sessionContainers.isEmpty)
    #expect(rig.engine.allVolumes.map(\.name) == ["streamspace-\(Command.session)-home"])
    #expect(rig.record.statuses.map(\.state) == ["running", "hibernated", "running", "terminated"])
    #expect(rig.networksMade == 1)
  }

  @Test("a start costs few events")
  func cost() throws {
    let rig = try EngineRig()
    try rig.begin()
    let before = rig.simulation.eventsRun
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { rig.record.answered("cmd-start") != nil }))
    #expect(rig.simulation.eventsRun - before < 60)
  }

  @Test("a crash at every effect of a start, delivered again, leaves exactly one container")
  func crashPoints() throws {
    var number = 1
    while true {
      let rig = try EngineRig(seed: UInt64(number))
      try rig.begin()
      rig.agent.crash(atEffect: number)
      rig.record.send(Command.start(persistentHome: true))
      try rig.run(.seconds(8))
      guard rig.agent.current == nil else { break }
      let connects = rig.record.connects.count
      rig.agent.start()
      #expect(try rig.run(until: { rig.record.connects.count > connects }))
      rig.record.send(Command.start(persistentHome: true))
      try rig.run(.seconds(15))
      #expect(rig.record.completions("cmd-start").count >= 1, "crash at effect \(number)")
      #expect(rig.containersMade == 1, "crash at effect \(number)")
      #expect(rig.engine.containers(ofSession: Command.session).map(\.isReady) == [true])
      #expect(rig.engine.allVolumes.count == 1)
      #expect(rig.networksMade == 1)
      number += 1
    }
    #expect(number > 9)
  }

  @Test("an outage of the daemon of 30 s kills neither connection nor session", arguments: [false, true])
  func outage(endsContainers: Bool) throws {
    let rig = try EngineRig()
    for number in 1...3 { try rig.place("s\(number)") }
    try rig.begin()
    try rig.run(.seconds(9))
    rig.engine.begin(endsContainers ? .daemonRestart : .down(.refusing), lasting: .seconds(30))
    try rig.run(.seconds(5))
    rig.record.send(Command.start())
    try rig.run(.seconds(85))
    #expect(rig.record.connects.count == 1)
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.engine.sessionContainers.count(where: \.isReady) == 4)
    let states = rig.record.statuses.filter { $0.sessionID != Command.session }.map(\.state)
    #expect(states == (endsContainers ? ["running", "running", "running"] : []))
  }

  @Test("a container that ends by itself is told when its policy has restarted it")
  func exits() throws {
    let rig = try EngineRig()
    try rig.place()
    try rig.begin()
    try rig.run(.seconds(15))
    rig.engine.begin(.outOfMemory(session: Command.session))
    try rig.run(.seconds(60))
    #expect(rig.record.statuses.map(\.state) == ["running"])
    #expect(rig.engine.containers(ofSession: Command.session).map(\.restartCount) == [1])
  }

  @Test("two agents on one daemon share the network and leave each other's containers alone", arguments: 1...5)
  func twoAgents(seed: Int) throws {
    let rig = try EngineRig(seed: UInt64(seed), agentIDs: ["docker-a", "docker-b"])
    try rig.begin()
    for number in 1...10 {
      for (record, name) in zip(rig.records, ["a", "b"]) {
        record.send(Command.start("c-\(name)\(number)", "s-\(name)\(number)"))
      }
    }
    try rig.run(.seconds(30))
    #expect(rig.engine.ownNetworks.count == 1)
    #expect(rig.engine.inventory(agent: "docker-a").readySessions.count == 10)
    #expect(rig.engine.inventory(agent: "docker-b").readySessions.count == 10)
    rig.records[0].send(Command.other(.stopSession, "x", "s-b1"))
    try rig.run(.seconds(5))
    #expect(rig.records[0].failures("x").count == 1)
    #expect(rig.engine.inventory(agent: "docker-b").readySessions.count == 10)
  }

  @Test(
    "what the daemon cannot do is failed with its text, and nothing is left",
    arguments: [
      (DockerFault.createFails, "Failed to create container: failed to create container: Error response from", 45),
      (.startFails, "Failed to start container: failed to start container: Error response from daemon: ", 45),
      (.exitsAfterStart(code: 3), "Container failed to start: ", 100),
      (.diskFull, "Failed to create container: ", 45),
      (.pullFailure(image: nil), "Failed to create container: failed to pull image: failed to pull image: Error", 75),
      (.pullBreaks(image: nil), "Failed to create container: failed to pull image: ", 75),
      (.unknownImage(Command.image), "Failed to create container: failed to pull image: failed to pull image: ", 10),
      (.apiErrors(.networkList, .always), "Failed to ensure network: failed to list networks: Error response", 45),
    ] as [(DockerFault, String, Int64)])
  func faults(fault: DockerFault, text: String, seconds: Int64) throws {
    let rig = try EngineRig(engine: EngineConfiguration(images: [Command.image: .cold]))
    try rig.begin()
    rig.engine.begin(fault)
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { rig.record.answered("cmd-start") != nil }, within: .seconds(seconds)))
    #expect(rig.record.failures("cmd-start").first?.hasPrefix(text) == true, "\(rig.record.failures("cmd-start"))")
    #expect(rig.engine.sessionContainers.isEmpty)
    #expect(rig.engine.allVolumes.isEmpty)
  }

  @Test("an impossible number of processors is refused by the daemon, and nothing is left")
  func impossible() throws {
    let rig = try EngineRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: true, memory: "100Gi", cpu: "100"))
    try rig.run(.seconds(5))
    #expect(rig.record.failures("cmd-start").first?.contains("Range of CPUs is from 0.01 to 16.00") == true)
    #expect(rig.engine.sessionContainers.isEmpty)
    #expect(rig.engine.allVolumes.isEmpty)
  }
}
