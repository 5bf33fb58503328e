import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

/// The swarm lock where it belongs: three managers of the engine simulator, one replica on each.
@Suite("The lock in the labels of a service, on the engine simulator")
struct SwarmEngineTests {
  private final class Stage {
    let simulation: Simulation
    let swarm: Swarm
    let daemons: [SimulatedProcess]
    private(set) var replicas: [SimulatedProcess] = []
    private(set) var leads: [(name: String, term: Int64, time: Instant)] = []
    private(set) var losses = 0
    private(set) var isSplit = false
    private var electors: [String: LockElector] = [:]

    init(seed: UInt64) throws {
      let simulation = Simulation(.init(seed: seed))
      self.simulation = simulation
      let engines = (1...3).map {
        DockerEngine(simulation: simulation, configuration: EngineConfiguration(host: "docker-\($0)"))
      }
      daemons = try engines.map { engine in
        try simulation.addProcess("dockerd-\(engine.host)", on: simulation.host(engine.host)) {
          DockerAPI($0, engine: engine)
        }
      }
      swarm = Swarm(simulation: simulation)
      for engine in engines { swarm.join(engine) }
      for daemon in daemons { daemon.start() }
      for place in try swarm.place(ServiceSpecification(name: "agent", image: "agent:1", replicas: 3)) {
        let process = try simulation.addProcess(place.hostname, on: simulation.host(place.host)) {
          [unowned self] incarnation in
          let contender = Contender(
            incarnation, store: .swarm(Endpoint(host: place.host, port: DockerAPI.port)),
            instanceID: place.hostname, behaviour: LockElectionBehaviour())
          follow(contender.elector, place.hostname)
          return contender
        }
        process.onEnd = { [unowned self] _, _ in electors[place.hostname] = nil }
        replicas.append(process)
      }
    }

    deinit { simulation.tearDown() }

    private func follow(_ elector: LockElector, _ name: String) {
      electors[name] = elector
      elector.lastContact = { [simulation] in simulation.now }
      elector.led = { [unowned self] term in
        leads.append((name, term, simulation.now))
        if authorised.count > 1 { isSplit = true }
      }
      elector.ended = { [unowned self] _, _ in losses += 1 }
    }

    var authorised: [String] { replicas.map(\.name).filter { electors[$0]?.authorisedTerm != nil } }
    var leader: SimulatedProcess? { replicas.first { $0.name == authorised.first } }

    func run(_ span: TimeSpan) throws { try simulation.run(for: span) }
  }

  @Test("one of three tasks leads, another follows a crash, and changes of the cluster depose nobody", arguments: 1...3)
  func crash(seed: Int) throws {
    let stage = try Stage(seed: UInt64(seed))
    for replica in stage.replicas { replica.start() }
    try stage.run(.seconds(20))
    #expect(stage.leads.map(\.term) == [1])
    for _ in 0..<5 {
      _ = try stage.swarm.place(ServiceSpecification(name: "other-\(stage.simulation.now)", image: "agent:1"))
      try stage.run(.seconds(3))
    }
    #expect(stage.losses == 0)
    let crashed = stage.simulation.now
    try #require(stage.leader).crash()
    try stage.run(.seconds(20))
    #expect(stage.leads.map(\.term) == [1, 2])
    let span = try #require(stage.leads.last).time - crashed
    #expect(span >= .seconds(12) && span <= .seconds(18), "\(span)")
    #expect(!stage.isSplit)
  }
}
