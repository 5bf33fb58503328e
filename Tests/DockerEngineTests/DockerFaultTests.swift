import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("Faults of an engine")
struct DockerFaultTests {
  private func rig(_ configuration: EngineConfiguration = EngineConfiguration()) throws -> EngineRig {
    try EngineRig(configurations: [configuration])
  }

  /// A running container of the fixture's session.
  private func rigWithSession() throws -> EngineRig {
    let rig = try rig()
    _ = try rig.ask(.createContainer(name: Fixture.name, Fixture.container()))
    _ = try rig.ask(.startContainer(Fixture.name))
    return rig
  }

  @Test("an unreachable daemon is silent or refuses; its containers go on; both leave a mark in the ledger")
  func down() throws {
    let rig = try rigWithSession()
    let silent = rig.engine.begin(.down(.silent))
    guard case .timedOut? = try rig.outcome(of: DockerRequest(.ping, caller: "caller")) else {
      Issue.record("not silent")
      return
    }
    rig.engine.end(silent)
    let refusing = rig.engine.begin(.down(.refusing), lasting: .seconds(5))
    guard case .reset? = try rig.outcome(of: DockerRequest(.ping, caller: "caller")) else {
      Issue.record("not refused")
      return
    }
    #expect(rig.engine.sessionContainers.map(\.isReady) == [true])
    try rig.run(.seconds(6))
    #expect(try rig.code(.ping) == 200)
    #expect(silent.touched == 1 && refusing.touched == 1)
  }

  @Test("a restart of the daemon cuts streams and calls, and brings back what was not stopped by hand")
  func daemonRestart() throws {
    let rig = try rigWithSession()
    _ = try rig.ask(.createContainer(name: "stopped", Fixture.container("s2")))
    _ = try rig.ask(.startContainer("stopped"))
    _ = try rig.ask(.stopContainer("stopped", timeoutSeconds: 10))
    var streamEnded = false
    try rig.openStream(ended: { streamEnded = true }, receive: { _ in })
    var cut: CallOutcome?
    rig.send(DockerRequest(.waitContainer(Fixture.name, .nextExit), caller: "caller")) { cut = $0 }
    try rig.run(.milliseconds(50))
    let record = rig.engine.begin(.daemonRestart, lasting: .seconds(4))
    try rig.run(.seconds(1))
    #expect(streamEnded)
    if case .reset? = cut {} else { Issue.record("the wait was not cut: \(String(describing: cut))") }
    #expect(try rig.ask(.ping) == nil)
    #expect(rig.engine.sessionContainers.map(\.isReady) == [false, false])
    try rig.run(.seconds(6))
    #expect(try rig.inspect(Fixture.name)?.state.status == .running)
    #expect(try rig.inspect("stopped")?.state.status == .exited)
    #expect(record.touched >= 2)
  }

  @Test("creates and starts fail with 500 and leave nothing behind")
  func createAndStartFail() throws {
    let rig = try rig()
    for fault in [DockerFault.createFails, .diskFull] {
      let record = rig.engine.begin(fault)
      #expect(try rig.code(.createContainer(name: "aa", Fixture.container())) == 500)
      rig.engine.end(record)
      #expect(record.touched == 1)
      #expect(rig.engine.sessionContainers.isEmpty)
    }
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container()))
    let record = rig.engine.begin(.startFails)
    #expect(try rig.code(.startContainer("aa")) == 500)
    rig.engine.end(record)
    #expect(try rig.inspect("aa")?.state.status == .created)
    #expect(try rig.code(.startContainer("aa")) == 204)
  }

  @Test("a start that hangs takes effect when the fault ends")
  func startHangs() throws {
    let rig = try rig()
    _ = try rig.ask(.createContainer(name: "aa", Fixture.container()))
    let record = rig.engine.begin(.startHangs)
    var outcome: CallOutcome?
    rig.send(DockerRequest(.startContainer("aa"), caller: "caller"), timeout: .seconds(5)) { outcome = $0 }
    try rig.run(.seconds(6))
    if case .timedOut? = outcome {} else { Issue.record("answered: \(String(describing: outcome))") }
    #expect(try rig.inspect("aa")?.state.status == .created)
    rig.engine.end(record)
    #expect(try rig.inspect("aa")?.state.status == .running)
  }

  @Test("a container that ends at once flaps, and a session's exit and memory are told apart")
  func exits() throws {
    let rig = try rigWithSession()
    rig.engine.begin(.exit(session: Fixture.session, code: 9))
    #expect(try rig.inspect(Fixture.name)?.state.exitCode == 9)
    #expect(try rig.inspect(Fixture.name)?.state.isRestarting == true)
    try rig.run(.seconds(3))
    #expect(try rig.inspect(Fixture.name)?.state.status == .running)
    rig.engine.begin(.outOfMemory(session: nil))
    #expect(try rig.inspect(Fixture.name)?.state.oomKilled == true)
    let other = rig.engine.begin(.exit(session: "nobody", code: 1))
    #expect(other.touched == 0)
    rig.engine.begin(.exitsAfterStart(code: 3))
    try rig.run(.seconds(20))
    #expect(try #require(try rig.inspect(Fixture.name)).restartCount >= 4)
    let exits = rig.events.compactMap { entry -> Int? in
      if case .containerExited(_, let code, _, let willRestart) = entry.event, willRestart { code } else { nil }
    }
    #expect(Array(exits.prefix(3)) == [9, 137, 3])
  }

  @Test("a write whose answer is lost has taken effect", arguments: [DockerCall.containerCreate, nil])
  func answerLost(call: DockerCall?) throws {
    let rig = try rig()
    let record = rig.engine.begin(.answerLost(call, .always))
    if case .reset? = try rig.outcome(
      of: DockerRequest(.createContainer(name: "aa", Fixture.container()), caller: "caller"))
    {
    } else {
      Issue.record("answered")
    }
    #expect(try rig.inspect("aa")?.name == "aa")
    #expect(record.touched == 1)
  }

  @Test("errors come at the ratio of the fault, and nothing is done")
  func errors() throws {
    let rig = try rig()
    rig.engine.begin(.apiErrors(.volumeCreate, DockerFault.Ratio(1, in: 2)))
    var codes: [Int] = []
    for index in 0..<40 {
      codes.append(try rig.code(.createVolume(VolumeSpecification(name: "v\(index)"))) ?? 0)
    }
    #expect((8...32).contains(codes.count { $0 == 500 }))
    #expect(rig.engine.allVolumes.count == codes.count { $0 == 201 })
    #expect(try rig.code(.ping) == 200)
  }

  @Test("a slow daemon answers that much later")
  func slow() throws {
    let rig = try rig()
    rig.engine.begin(.slow(.seconds(3)))
    let begun = rig.simulation.now
    #expect(try rig.code(.ping) == 200)
    #expect(rig.simulation.now - begun >= .seconds(3))
  }

  @Test("a stream that is cut tells its reader, and another shows what comes after")
  func streamCut() throws {
    let rig = try rigWithSession()
    var ended = false
    var seen: [String] = []
    try rig.openStream(ended: { ended = true }, receive: { seen.append($0.action) })
    let record = rig.engine.begin(.eventStreamCut)
    try rig.run(.milliseconds(100))
    #expect(ended && record.touched == 1 && seen.isEmpty)
    try rig.openStream(.none.and("event", "pause"), receive: { seen.append($0.action) })
    _ = try rig.ask(.pauseContainer(Fixture.name))
    _ = try rig.ask(.unpauseContainer(Fixture.name))
    try rig.run(.milliseconds(100))
    #expect(seen == ["pause"])
  }
}

@Suite("Images")
struct ImageTests {
  private let cold = EngineConfiguration(images: ["app:1": .cold, "lost:1": .unknown])

  @Test("a cold image is not there until it was pulled, then it stays")
  func coldPull() throws {
    let rig = try EngineRig(configurations: [cold])
    #expect(try rig.failure(.inspectImage("app:1")) == .noSuchImage(inspecting: "app:1"))
    let specification = ContainerSpecification(image: "app:1")
    #expect(try rig.failure(.createContainer(name: "ab", specification)) == .noSuchImage("app:1"))
    let begun = rig.simulation.now
    #expect(try rig.code(.pullImage(name: "app", tag: "1")) == 200)
    #expect((8_000...18_100).contains((rig.simulation.now - begun).milliseconds))
    #expect(try rig.code(.inspectImage("app:1")) == 200)
    #expect(try rig.code(.createContainer(name: "ab", specification)) == 201)
    let again = rig.simulation.now
    #expect(try rig.code(.pullImage(name: "app", tag: "1")) == 200)
    #expect(rig.simulation.now - again < .seconds(2))
  }

  @Test("two pulls of one image end together")
  func joinedPulls() throws {
    let rig = try EngineRig(configurations: [cold])
    var ends: [Instant] = []
    for span in [TimeSpan.zero, .seconds(5)] {
      try rig.run(span)
      rig.send(DockerRequest(.pullImage(name: "app", tag: "1"), caller: "caller")) { _ in
        ends.append(rig.simulation.now)
      }
    }
    try rig.run(.seconds(30))
    #expect(ends.count == 2)
    #expect(ends.max().map { $0 - (ends.min() ?? $0) < .milliseconds(50) } == true)
  }

  @Test("a pull whose caller leaves is broken off; the next begins anew")
  func abandonedPull() throws {
    let rig = try EngineRig(configurations: [cold])
    rig.send(DockerRequest(.pullImage(name: "app", tag: "1"), caller: "caller"), timeout: .seconds(4)) { _ in }
    try rig.run(.seconds(6))
    let begun = rig.simulation.now
    #expect(try rig.code(.pullImage(name: "app", tag: "1")) == 200)
    #expect((8_000...18_100).contains((rig.simulation.now - begun).milliseconds))

    let other = try EngineRig(configurations: [cold])
    other.send(DockerRequest(.pullImage(name: "app", tag: "1"), caller: "caller"), timeout: .seconds(4)) { _ in }
    try other.run(.seconds(30))
    #expect(try other.code(.inspectImage("app:1")) == 404)
  }

  @Test("a slow pull takes what the fault says")
  func slowPull() throws {
    let rig = try EngineRig(configurations: [cold])
    rig.engine.begin(.pull(image: "app:1", .seconds(45)))
    let begun = rig.simulation.now
    #expect(try rig.code(.pullImage(name: "app", tag: "1")) == 200)
    #expect((45_000...45_100).contains((rig.simulation.now - begun).milliseconds))
  }

  @Test("an unknown image is 404, an unreachable registry 500, and a pull can break after 200")
  func pullFailures() throws {
    let rig = try EngineRig(configurations: [cold])
    #expect(try rig.failure(.pullImage(name: "lost", tag: "1")) == .pullDenied("lost"))
    rig.engine.begin(.unknownImage("other:1"))
    #expect(try rig.failure(.pullImage(name: "other", tag: "1")) == .pullDenied("other"))
    #expect(try rig.code(.inspectImage("other:1")) == 404)
    let broken = rig.engine.begin(.pullBreaks(image: "app:1"))
    guard case .pulled(let lines)? = try rig.ask(.pullImage(name: "app", tag: "1")) else {
      Issue.record("not answered")
      return
    }
    #expect(lines.last?.error != nil)
    #expect(try rig.code(.inspectImage("app:1")) == 404)
    rig.engine.end(broken)
    let record = rig.engine.begin(.pullFailure(image: nil))
    #expect(try rig.failure(.pullImage(name: "app", tag: "1")) == .registryUnreachable)
    rig.engine.end(record)
    #expect(try rig.code(.pullImage(name: "app", tag: "1")) == 200)
  }
}
