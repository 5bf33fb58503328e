import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("The fence of an engine")
struct FenceTests {
  private func term(_ term: Int64, agent: String = "docker-1") -> LeaderTerm {
    LeaderTerm(agentID: agent, term: term)
  }

  @Test("a write with an older term than one seen is refused, and told")
  func olderTerm() throws {
    let rig = try EngineRig()
    #expect(try rig.code(.createContainer(name: "ab", Fixture.container()), leader: term(2)) == 201)
    let refusal = try rig.failure(.startContainer("ab"), leader: term(1))
    #expect(refusal == .staleTerm(term(1), newest: 2))
    #expect(refusal?.status == 409)
    #expect(try rig.inspect("ab")?.state.status == .created)
    let told = rig.events.contains { entry in
      entry.event
        == .writeRefused(
          .containerStart, name: "ab", by: EngineEvent.Writer(caller: "caller", term: 1), newestTerm: 2)
    }
    #expect(told)
    #expect(try rig.code(.startContainer("ab"), leader: term(2)) == 204)
  }

  @Test("a lock outside the engine counts once the environment has fed its term")
  func fedTerm() throws {
    let rig = try EngineRig()
    rig.engine.see(term: 5, of: "docker-1")
    #expect(try rig.code(.createVolume(VolumeSpecification(name: "v")), leader: term(4)) == 409)
    #expect(try rig.code(.createVolume(VolumeSpecification(name: "v")), leader: term(5)) == 201)
    rig.engine.see(term: 3, of: "docker-1")
    #expect(try rig.code(.createVolume(VolumeSpecification(name: "w")), leader: term(4)) == 409)
  }

  @Test("other agents, reads and writes without election are not fenced")
  func notFenced() throws {
    let rig = try EngineRig()
    rig.engine.see(term: 5, of: "docker-1")
    #expect(try rig.code(.createVolume(VolumeSpecification(name: "a")), leader: term(1, agent: "docker-2")) == 201)
    #expect(try rig.code(.createVolume(VolumeSpecification(name: "b"))) == 201)
    #expect(try rig.code(.listContainers(all: true, .none), leader: term(1)) == 200)
  }

  @Test("without the plug-in the old leader writes on (C-04)")
  func withoutFence() throws {
    var behaviour = EngineBehaviour()
    behaviour.fencing = .none
    let rig = try EngineRig(behaviour: behaviour)
    rig.engine.see(term: 5, of: "docker-1")
    #expect(try rig.code(.createVolume(VolumeSpecification(name: "v")), leader: term(1)) == 201)
    #expect(!rig.events.contains { if case .writeRefused = $0.event { true } else { false } })
  }
}

@Suite("Swarm")
struct SwarmTests {
  private func swarm(hosts: [String]) throws -> (EngineRig, Swarm) {
    let rig = try EngineRig(configurations: hosts.map { EngineConfiguration(host: $0) })
    let swarm = Swarm(simulation: rig.simulation)
    for engine in rig.engines { swarm.join(engine) }
    return (rig, swarm)
  }

  private let service = ServiceSpecification(name: "agent", image: "agent:1", replicas: 3)

  private func inspect(_ rig: EngineRig, on index: Int = 0) throws -> ServiceInspection? {
    guard case .service(let service)? = try rig.ask(.inspectService("agent"), to: index) else { return nil }
    return service
  }

  @Test("tasks spread over the nodes and carry the swarm's labels")
  func placement() throws {
    let (rig, swarm) = try swarm(hosts: ["docker-1", "docker-2", "docker-3"])
    let placements = try swarm.place(service)
    #expect(placements.map(\.host) == ["docker-1", "docker-2", "docker-3"])
    for (index, placement) in placements.enumerated() {
      let container = try #require(try rig.inspect(placement.hostname, on: index))
      #expect(container.labels[SwarmLabel.taskID] == placement.taskID)
      #expect(container.labels[SwarmLabel.serviceName] == "agent")
      #expect(container.state.status == .running)
      guard case .tasks(let tasks)? = try rig.ask(.listTasks(DockerFilters.none.and("id", placement.taskID)))
      else {
        Issue.record("no list")
        return
      }
      #expect(tasks.map(\.containerID) == [placement.containerID])
    }
  }

  @Test("of two writers that have read one version exactly one wins, on whatever manager")
  func optimisticUpdate() throws {
    let (rig, swarm) = try swarm(hosts: ["docker-1", "docker-2", "docker-3"])
    _ = try swarm.place(service)
    let read = try #require(try inspect(rig))
    #expect(try inspect(rig, on: 2)?.version == read.version)
    var codes: [Int] = []
    for index in [1, 2] {
      var specification = read.specification
      specification.labels[SwarmLabel.leader(of: "docker-a")] = "task-\(index)"
      rig.send(
        DockerRequest(.updateService("agent", version: read.version, specification), caller: "caller"), to: index
      ) { outcome in
        if case .reply(let payload) = outcome, let response = (payload as? Frame<DockerResponse>)?.value {
          codes.append(response.code)
        }
      }
    }
    try rig.run(.seconds(2))
    #expect(codes.sorted() == [200, 500])
  }

  @Test("an unrelated change advances the index of the store, not the version of the service")
  func storeIndex() throws {
    let (rig, swarm) = try swarm(hosts: ["docker-1"])
    _ = try swarm.place(service)
    let read = try #require(try inspect(rig))
    var other = service
    other.name = "other"
    #expect(try rig.code(.createService(other)) == 201)
    #expect(try rig.code(.updateService("agent", version: read.version, read.specification)) == 200)
    #expect(try #require(try inspect(rig)).version > read.version + 1)
  }

  @Test("a new holder or term in the labels is told, and its term fences every engine")
  func leaderLabels() throws {
    let (rig, swarm) = try swarm(hosts: ["docker-1", "docker-2", "docker-3"])
    _ = try swarm.place(service)
    var specification = try #require(try inspect(rig)).specification
    specification.labels[SwarmLabel.leader(of: "a")] = "task-1"
    specification.labels[SwarmLabel.leaderTerm(of: "a")] = "3"
    let version = try inspect(rig)?.version
    #expect(try rig.code(.updateService("agent", version: version, specification)) == 200)
    let told = rig.events.contains { entry in
      if case .leaderLabelChanged("a", "task-1", 3, "", _) = entry.event { true } else { false }
    }
    #expect(told)
    for index in 0...2 {
      let old = LeaderTerm(agentID: "a", term: 2)
      #expect(try rig.code(.createVolume(VolumeSpecification(name: "v")), leader: old, to: index) == 409)
    }
  }

  @Test("a manager without a majority says that there is no leader; a worker is no manager")
  func quorum() throws {
    let rig = try EngineRig(
      configurations: ["docker-1", "docker-2", "docker-3", "worker"].map { EngineConfiguration(host: $0) })
    let swarm = Swarm(simulation: rig.simulation)
    for engine in rig.engines { swarm.join(engine, asManager: engine.host != "worker") }
    _ = try swarm.place(service)
    #expect(try rig.failure(.inspectService("agent"), to: 3) == .notAManager)
    let alone = rig.engine.begin(.noSwarmLeader)
    #expect(try rig.failure(.inspectService("agent")) == .noSwarmLeader)
    #expect(try rig.code(.inspectService("agent"), to: 1) == 200)
    rig.engine.end(alone)
    rig.daemons[1].crash()
    #expect(try rig.code(.inspectService("agent")) == 200)
    rig.daemons[2].crash()
    #expect(try rig.failure(.inspectService("agent")) == .noSwarmLeader)
    #expect(alone.touched == 1)
  }

  @Test("a task that ends is replaced by another in its slot")
  func replacement() throws {
    let (rig, swarm) = try swarm(hosts: ["docker-1", "docker-2"])
    let placements = try swarm.place(service)
    _ = try rig.ask(.killContainer(placements[0].hostname, signal: nil))
    try rig.run(.seconds(10))
    let now = swarm.placements(of: "agent")
    #expect(now.count == 3)
    #expect(now.map(\.taskID) != placements.map(\.taskID))
    #expect(now.dropFirst().map(\.taskID) == placements.dropFirst().map(\.taskID))
  }
}

@Suite("Seeding and probes")
struct SeedTests {
  @Test("a placed session is there at once, as the agent would have made it")
  func placed() throws {
    let rig = try EngineRig()
    let placement = try rig.engine.place(
      PlacedContainer(
        session: "s1", agent: "docker-1", command: "cmd-9", image: "cold:1", persistentHome: true))
    let container = try #require(try rig.inspect(DockerName.container(session: "s1")))
    #expect(container.id == placement.containerID)
    var labels = DockerLabel.ofSession("s1", agent: "docker-1", command: "cmd-9")
    labels[DockerLabel.vncPort] = "5900"
    #expect(container.labels == labels)
    #expect(container.address(in: DockerName.defaultNetwork) == placement.address)
    #expect(container.specification.host.restartPolicy == .unlessStopped)
    #expect(container.mounts.map(\.volume) == ["streamspace-s1-home"])
    #expect(container.networkSettings.ports.first?.hosts.first?.port != nil)
    let inventory = rig.engine.inventory(agent: "docker-1")
    #expect(inventory.readySessions == ["s1"])
    #expect(inventory.volumes.map(\.name) == ["streamspace-s1-home"])
    #expect(inventory.containers.first?.memory == 536_870_912)
    #expect(rig.engine.inventory(agent: "docker-2").containers.isEmpty)
    #expect(
      rig.events.contains { entry in
        if case .containerStarted(let workload, by: .seed) = entry.event { workload.session == "s1" } else { false }
      })
  }

  @Test("a hibernated one is stopped and wakes by a start; a daemon's restart does not wake it")
  func hibernated() throws {
    let rig = try EngineRig()
    _ = try rig.engine.place(
      PlacedContainer(session: "s1", agent: "docker-1", command: "c", image: "app:1", isRunning: false))
    #expect(rig.engine.inventory(agent: "docker-1").readySessions == [])
    rig.engine.begin(.daemonRestart, lasting: .seconds(1))
    try rig.run(.seconds(3))
    #expect(rig.engine.inventory(agent: "docker-1").readySessions == [])
    #expect(try rig.code(.startContainer("streamspace-s1")) == 204)
    #expect(rig.engine.inventory(agent: "docker-1").readySessions == ["s1"])
  }

  @Test("several agents share one engine and keep their own")
  func severalAgents() throws {
    let rig = try EngineRig()
    for index in 0..<6 {
      _ = try rig.engine.place(
        PlacedContainer(session: "s\(index)", agent: "docker-\(index % 2)", command: "c", image: "app:1"))
    }
    #expect(rig.engine.inventory(agent: "docker-0").readySessions == ["s0", "s2", "s4"])
    #expect(rig.engine.sessionContainers.count == 6)
    #expect(Set(rig.engine.sessionContainers.map(\.address)).count == 6)
    guard
      case .containers(let listed)? = try rig.ask(
        .listContainers(all: true, .label(DockerLabel.agent, "docker-1")))
    else {
      Issue.record("no list")
      return
    }
    #expect(listed.map(\.name) == ["streamspace-s5", "streamspace-s3", "streamspace-s1"])
  }

  @Test("two runs of one seed give equal ids and times, another seed others")
  func determinism() throws {
    func run(_ seed: UInt64) throws -> [String] {
      let rig = try EngineRig(seed: seed)
      _ = try rig.ask(.createContainer(name: "a1", Fixture.container()))
      _ = try rig.ask(.startContainer("a1"))
      _ = try rig.ask(.stopContainer("a1", timeoutSeconds: 10))
      return rig.events.map { "\($0.time) \($0.event)" }
    }
    #expect(try run(3) == run(3))
    #expect(try run(3) != run(4))
  }

  @Test("a start of a session takes what the model says: create 0.3 s, start 0.5 s in the median")
  func latencies() throws {
    var spans: [Int64] = []
    for seed in UInt64(1)...41 {
      let rig = try EngineRig(seed: seed)
      let begun = rig.simulation.now
      _ = try rig.ask(.createContainer(name: "a1", Fixture.container()))
      _ = try rig.ask(.startContainer("a1"))
      spans.append((rig.simulation.now - begun).milliseconds)
    }
    let median = spans.sorted()[20]
    #expect((650...1000).contains(median), "\(median) ms")
  }
}
