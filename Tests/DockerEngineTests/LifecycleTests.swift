import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// What the recorded conversations do not show: time, restart policies, waits, the daemon's absence.
@Suite("Life of a container")
struct LifecycleTests {
  private static func failing(after span: TimeSpan = .milliseconds(5)) -> EngineConfiguration {
    var configuration = EngineConfiguration()
    configuration.process = { _ in
      ContainerProcess(termination: .ignored, ending: .exits(code: 7, after: span))
    }
    return configuration
  }

  /// Latencies that do not blur the times under test.
  private static var sharp: EngineBehaviour {
    var behaviour = EngineBehaviour()
    behaviour.latencies.start = .constant(.zero)
    behaviour.latencies.create = .constant(.zero)
    behaviour.latencies.signal = .constant(.zero)
    return behaviour
  }

  @Test("the waits of a restart policy double from 100 ms")
  func backOffDoubles() throws {
    let rig = try EngineRig(configurations: [Self.failing()], behaviour: Self.sharp)
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container()))
    _ = try rig.ask(.startContainer("aa"))
    try rig.run(.seconds(10))
    let starts = rig.events.compactMap { if case .containerStarted = $0.event { $0.time } else { nil } }
    let waits = zip(starts, starts.dropFirst()).map { ($1 - $0).milliseconds - 5 }
    #expect(Array(waits.prefix(6)) == [100, 200, 400, 800, 1600, 3200])
  }

  @Test("the wait never exceeds a minute, and starts again at 100 ms after a run of 10 s")
  func backOffLimits() throws {
    let rig = try EngineRig(configurations: [Self.failing()], behaviour: Self.sharp)
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container()))
    _ = try rig.ask(.startContainer("aa"))
    try rig.run(.minutes(6))
    let starts = rig.events.compactMap { if case .containerStarted = $0.event { $0.time } else { nil } }
    let waits = zip(starts, starts.dropFirst()).map { ($1 - $0).milliseconds - 5 }
    #expect(waits.max() == 60_000)
    #expect(waits.count { $0 == 60_000 } >= 2)

    for (run, expected) in [(TimeSpan.seconds(10), Int64(100)), (.milliseconds(9_999), 200)] {
      let steady = try EngineRig(configurations: [Self.failing(after: run)], behaviour: Self.sharp)
      _ = try steady.ask(.createContainer(name: "aa", Fixture.container()))
      _ = try steady.ask(.startContainer("aa"))
      try steady.run(.seconds(35))
      let starts = steady.events.compactMap { if case .containerStarted = $0.event { $0.time } else { nil } }
      #expect((starts[2] - starts[1]).milliseconds - run.milliseconds == expected)
    }
  }

  @Test("a stop takes what the process needs, and its whole grace when it does not obey")
  func stopTakesItsTime() throws {
    var configuration = EngineConfiguration()
    configuration.process = { specification in
      specification.image == "deaf:1"
        ? ContainerProcess(termination: .ignored)
        : ContainerProcess(termination: .exits(code: 143, after: .constant(.milliseconds(700))))
    }
    let rig = try EngineRig(configurations: [configuration], behaviour: Self.sharp)
    for (name, image, span, code) in [("aa", "good:1", 700, 143), ("bb", "deaf:1", 3000, 137)] {
      _ = try rig.ask(.createContainer(name: name, Fixture.container(name, image: image)))
      _ = try rig.ask(.startContainer(name))
      let begun = rig.simulation.now
      #expect(try rig.code(.stopContainer(name, timeoutSeconds: 3)) == 204)
      let took = (rig.simulation.now - begun).milliseconds
      #expect((Int64(span)...Int64(span) + 20).contains(took), "\(took) ms")
      #expect(try rig.inspect(name)?.state.exitCode == code)
      #expect(try rig.inspect(name)?.state.status == .exited)
    }
  }

  @Test("a wait for the next end is answered at that end, one for the removal at the removal")
  func waits() throws {
    let rig = try EngineRig()
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container(policy: .no)))
    _ = try rig.ask(.startContainer("aa"))
    var codes: [Int] = []
    for condition in [ContainerWaitCondition.nextExit, .notRunning, .removed] {
      rig.send(DockerRequest(.waitContainer("aa", condition), caller: "caller")) { outcome in
        if case .reply(let payload) = outcome,
          case .exited(let code)? = (payload as? Frame<DockerResponse>)?.value
        {
          codes.append(code)
        }
      }
    }
    try rig.run(.milliseconds(50))
    #expect(codes == [])
    _ = try rig.ask(.killContainer("aa", signal: nil))
    try rig.run(.milliseconds(50))
    #expect(codes == [137, 137])
    _ = try rig.ask(.removeContainer("aa", force: false, volumes: false))
    try rig.run(.milliseconds(50))
    #expect(codes == [137, 137, 137])
  }

  @Test("while a container is being removed its name is taken and nothing else can be done with it")
  func removalInProgress() throws {
    var behaviour = Self.sharp
    behaviour.latencies.removal = .constant(.seconds(5))
    let rig = try EngineRig(behaviour: behaviour)
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container()))
    rig.send(DockerRequest(.removeContainer("aa", force: true, volumes: false), caller: "other")) { _ in }
    try rig.run(.seconds(1))
    #expect(try rig.inspect("aa")?.state.status == .removing)
    #expect(try rig.failure(.startContainer("aa")) == .startRemoving)
    #expect(try rig.failure(.removeContainer("aa", force: true, volumes: false)) == .removalInProgress("aa"))
    #expect(try rig.code(.createContainer(name: "aa", Fixture.container())) == 409)
    try rig.run(.seconds(5))
    #expect(try rig.failure(.inspectContainer("aa")) == .noSuchContainer("aa"))
    #expect(try rig.code(.createContainer(name: "aa", Fixture.container())) == 201)
  }

  @Test("a unique start of an id is enough, an ambiguous one is refused")
  func prefixes() throws {
    let rig = try EngineRig()
    for index in 0..<40 { _ = try rig.ask(.createContainer(name: "c\(index)", Fixture.container("s\(index)"))) }
    let ids = try (0..<40).map { try #require(try rig.inspect("c\($0)")).id }
    #expect(try rig.inspect(String(ids[7].prefix(16)))?.name == "c7")
    let digit = try #require("0123456789abcdef".first { digit in ids.count { $0.first == digit } > 1 })
    #expect(try rig.failure(.inspectContainer(String(digit))) == .ambiguousPrefix(String(digit)))
  }

  @Test("a daemon that dies leaves its containers; when it is back those of the policy run again")
  func daemonCrash() throws {
    let rig = try EngineRig()
    for (name, policy) in [("aa", RestartPolicy.unlessStopped), ("bb", .no)] {
      _ = try rig.ask(.createContainer(name: name, Fixture.container(name, policy: policy)))
      _ = try rig.ask(.startContainer(name))
    }
    rig.daemon.crash()
    #expect(try rig.outcome(of: DockerRequest(.ping, caller: "caller")) != nil)
    #expect(try rig.ask(.ping) == nil)
    #expect(rig.engine.sessionContainers.map(\.isReady) == [true, true])
    rig.daemon.start()
    try rig.run(.seconds(3))
    #expect(try rig.inspect("aa")?.state.status == .running)
    #expect(try rig.inspect("bb")?.state.status == .exited)
    #expect(try rig.inspect("bb")?.state.exitCode == 137)
  }

  @Test("an end that no daemon sees is no longer ready, and known to the next daemon")
  func unseenEnd() throws {
    let rig = try EngineRig()
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container(policy: .no)))
    _ = try rig.ask(.startContainer("aa"))
    rig.daemon.crash()
    rig.engine.begin(.exit(session: nil, code: 5))
    #expect(rig.engine.sessionContainers.map(\.isReady) == [false])
    #expect(rig.engine.sessionContainers.map(\.status) == [.running])
    rig.daemon.start()
    #expect(try rig.inspect("aa")?.state.exitCode == 5)
  }

  @Test("with live restore they just go on")
  func liveRestore() throws {
    var configuration = EngineConfiguration()
    configuration.liveRestore = true
    let rig = try EngineRig(configurations: [configuration])
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container(policy: .no)))
    _ = try rig.ask(.startContainer("aa"))
    let started = try rig.inspect("aa")?.state.startedAt
    rig.daemon.crash()
    rig.daemon.start()
    try rig.run(.seconds(3))
    #expect(try rig.inspect("aa")?.state.startedAt == started)
    #expect(try rig.inspect("aa")?.state.status == .running)
  }

  @Test("a stop that the daemon's death interrupts is not finished by the next daemon")
  func interruptedStop() throws {
    var configuration = EngineConfiguration()
    configuration.process = { _ in ContainerProcess(termination: .ignored) }
    configuration.liveRestore = true
    let rig = try EngineRig(configurations: [configuration])
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container()))
    _ = try rig.ask(.startContainer("aa"))
    rig.send(DockerRequest(.stopContainer("aa", timeoutSeconds: 10), caller: "caller")) { _ in }
    try rig.run(.seconds(2))
    rig.daemon.crash()
    rig.daemon.start()
    try rig.run(.seconds(20))
    #expect(try rig.inspect("aa")?.state.status == .running)
  }

  @Test("addresses and host ports are unique among running containers and given back")
  func addressesAndPorts() throws {
    var configuration = EngineConfiguration()
    configuration.ephemeralPorts = 40_000...40_002
    configuration.foreignPorts = [40_001]
    let rig = try EngineRig(configurations: [configuration])
    for name in ["aa", "bb", "cc"] { _ = try rig.ask(.createContainer(name: name, Fixture.container(name))) }
    for name in ["aa", "bb"] { #expect(try rig.code(.startContainer(name)) == 204) }
    let ports = try ["aa", "bb"].map { try rig.inspect($0)?.networkSettings.ports.first?.hosts.first?.port }
    #expect(ports == [40_000, 40_002])
    #expect(try rig.inspect("aa")?.address(in: "bridge") == "172.17.0.2")
    #expect(try rig.inspect("bb")?.address(in: "bridge") == "172.17.0.3")
    let refused = try #require(try rig.failure(.startContainer("cc")))
    #expect(refused.status == 500 && refused.message.hasSuffix("all ports are allocated"))
    #expect(try rig.inspect("cc")?.address(in: "bridge") == "")
    _ = try rig.ask(.removeContainer("aa", force: true, volumes: false))
    #expect(try rig.code(.startContainer("cc")) == 204)
    #expect(try rig.inspect("cc")?.networkSettings.ports.first?.hosts.first?.port == 40_000)
    #expect(try rig.inspect("cc")?.address(in: "bridge") == "172.17.0.2")
  }

  @Test("a container that is made like the agent's stands in its network only")
  func agentNetwork() throws {
    let rig = try EngineRig()
    _ = try rig.ask(.createNetwork(NetworkSpecification(name: Fixture.network)))
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container(networks: [Fixture.network])))
    _ = try rig.ask(.startContainer("aa"))
    let container = try #require(try rig.inspect("aa"))
    #expect(container.networkSettings.networks.map(\.network) == [Fixture.network])
    #expect(container.address(in: Fixture.network) == "172.18.0.2")
  }
}
