import HostFiles
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("A Docker agent with an election")
struct LeadershipTests {
  private static let locks = [DockerRig.Lock.file, .redis]

  private func led(
    _ lock: DockerRig.Lock, seed: UInt64 = 1, replicas: Int = 2,
    behaviour: DockerAgentBehaviour = DockerAgentBehaviour()
  ) throws -> DockerRig {
    let rig = try DockerRig(seed: seed, replicas: replicas, lock: lock, behaviour: behaviour)
    for agent in rig.agents { agent.start() }
    #expect(try rig.run(until: { rig.record.connects.count == 1 }, within: .seconds(30)))
    return rig
  }

  private func leaders(_ rig: DockerRig) -> [(replica: String, term: Int64)] {
    rig.events.compactMap { if case .leading(let term) = $0.event { ($0.replica, term) } else { nil } }
  }

  private func leader(_ rig: DockerRig) throws -> SimulatedProcess {
    let name = try #require(leaders(rig).last?.replica)
    return try #require(rig.agents.first { $0.name == name })
  }

  @Test("only the leader connects, with its term; its writes carry it", arguments: locks)
  func oneActs(lock: DockerRig.Lock) throws {
    let rig = try led(lock)
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(30))
    let term = try #require(leaders(rig).first?.term)
    #expect(rig.record.connects.map { $0.query["term"] } == [String(term)])
    #expect(rig.record.registrations.map { $0.request.metadata?.leaderTerm } == [term])
    #expect(rig.record.completions("cmd-start").count == 1)
    let writes = rig.platform.calls.filter(\.isWrite)
    #expect(writes.count >= 4)
    #expect(writes.allSatisfy { $0.leader == LeaderTerm(agentID: DockerRig.agentID, term: term) })
    #expect(leaders(rig).count == 1)
  }

  @Test("writes without a term are the mutant's (C-04)")
  func unfenced() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.election.platformWrites = .unfenced
    let rig = try led(.file, behaviour: behaviour)
    rig.record.send(Command.start())
    try rig.run(.seconds(10))
    #expect(rig.platform.calls.filter(\.isWrite).allSatisfy { $0.leader == nil })
  }

  @Test("who was frozen while it registered does not connect without a term when it wakes", arguments: 1...10)
  func frozenWhileRegistering(seed: UInt64) throws {
    let rig = try DockerRig(seed: seed, replicas: 2, lock: .redis)
    for agent in rig.agents { agent.start() }
    #expect(try rig.run(until: { !rig.record.registrations.isEmpty }, within: .seconds(30)))
    let first = try leader(rig)
    first.pause()
    #expect(try rig.run(until: { rig.record.connects.count == 1 }, within: .seconds(60)))
    first.resume()
    try rig.run(.seconds(20))
    #expect(rig.record.connects.count == 1)
    #expect(rig.record.connects.allSatisfy { $0.query["term"] != nil })
  }

  @Test("a leader pings every 10 s", arguments: locks)
  func pings(lock: DockerRig.Lock) throws {
    let rig = try led(lock)
    try rig.run(.seconds(101))
    #expect(rig.record.pings.count == 10)
  }

  @Test("SIGTERM ends work and connection first, then frees the lock: the other leads at once", arguments: locks)
  func graceful(lock: DockerRig.Lock) throws {
    let rig = try led(lock)
    let process = try leader(rig)
    process.terminate()
    let begun = rig.now
    #expect(try rig.run(until: { rig.record.connects.count == 2 }, within: .seconds(20)))
    #expect(rig.now - begun <= .seconds(10))
    #expect(rig.record.closes == [.goingAway])
    #expect(rig.ends == [.finished("terminated")])
    #expect(Set(leaders(rig).map(\.replica)).count == 2)
  }

  @Test("a crash of the leader is made good within 20 s, and its successor adopts what it left", arguments: locks)
  func crash(lock: DockerRig.Lock) throws {
    let rig = try led(lock)
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { rig.steps(of: "cmd-start").contains(.workload) }))
    try leader(rig).crash()
    let begun = rig.now
    #expect(try rig.run(until: { rig.record.connects.count == 2 }, within: .seconds(30)))
    #expect(rig.now - begun <= .seconds(21))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(10))
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.platform.containersMade == 1)
    let terms = leaders(rig).map(\.term)
    #expect(terms == terms.sorted() && Set(terms).count == terms.count)
  }

  @Test("a leader that loses its socket for good yields within 31 s; the shipped one keeps its lock (B-46)")
  func yields() throws {
    for reconnection in [DockerAgentBehaviour.Reconnection.forEver(.jittered), .never] {
      var behaviour = DockerAgentBehaviour()
      behaviour.reconnection = reconnection
      let rig = try led(.redis, behaviour: behaviour)
      let first = try leader(rig)
      rig.controlPlane.crash()
      try rig.run(.seconds(35))
      let hasEnded = rig.count { if case .leadershipEnded = $0 { true } else { false } } > 0
      #expect(hasEnded == (reconnection != .never))
      #expect(first.isRunning)
      if reconnection == .never {
        try rig.run(.seconds(100))
        #expect(leaders(rig).count == 1)
      }
    }
  }

  @Test("work is stopped when the lease cannot be renewed, and nothing is written afterwards")
  func loss() throws {
    let rig = try led(.redis, replicas: 1)
    rig.platform.images = []
    rig.platform.script = { $0.call == .imagePull ? .late(.seconds(60)) : .usual }
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(1))
    rig.redis.begin(.down, lasting: .seconds(100))
    try rig.run(.seconds(14))
    #expect(rig.count { $0 == .commandAbandoned(commandID: "cmd-start") } == 1)
    #expect(rig.record.closes == [.goingAway])
    let calls = rig.platform.calls.count
    try rig.run(.seconds(70))
    #expect(rig.platform.calls.count == calls)
    #expect(rig.platform.containersMade == 0)
    // It leads again and begins the command anew.
    try rig.run(.seconds(60))
    #expect(rig.record.connects.count == 2)
    rig.platform.script = { _ in .usual }
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(15))
    #expect(rig.record.completions("cmd-start").count == 1)
  }

  @Test("the successor of a leader that was enrolled comes with its key at the first attempt", arguments: locks)
  func successorsKey(lock: DockerRig.Lock) throws {
    let rig = try DockerRig(replicas: 2, lock: lock, key: .bootstrap(DockerRig.bootstrapKey))
    rig.record.registration = .approved(key: "fresh-key")
    for agent in rig.agents { agent.start() }
    #expect(try rig.run(until: { rig.count { $0 == .keyReceived } == 1 }, within: .seconds(30)))
    rig.record.registration = .registered
    #expect(try rig.run(until: { rig.record.connects.count == 1 }))
    let before = rig.record.registrations.count
    try leader(rig).crash()
    #expect(try rig.run(until: { rig.record.connects.count == 2 }, within: .seconds(30)))
    #expect(rig.record.registrations.dropFirst(before).map(\.key) == ["fresh-key"])
    #expect(rig.record.connects.map(\.key) == ["fresh-key", "fresh-key"])
  }

  @Test("a leader that was paused beyond its authority writes nothing when it goes on", arguments: locks)
  func pausedBeyondAuthority(lock: DockerRig.Lock) throws {
    let rig = try led(lock, replicas: 1)
    // At this step the next thing the process does is a write.
    rig.atStep = { process, reached in
      if reached == .volume { process.pause() }
    }
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(30))
    rig.atStep = nil
    let writes = rig.platform.calls.count(where: \.isWrite)
    rig.agent.resume()
    try rig.run(.seconds(1))
    #expect(rig.platform.calls.count(where: \.isWrite) == writes)
    #expect(rig.count { $0 == .commandAbandoned(commandID: "cmd-start") } == 1)
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(5))
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.platform.containersMade == 1)
  }

  @Test("a step of the leader's calendar costs it nothing", arguments: locks, [-60, 60])
  func calendarStep(lock: DockerRig.Lock, seconds: Int64) throws {
    let rig = try led(lock, replicas: 1)
    try rig.run(.seconds(7))
    rig.agent.host.stepClock(by: .seconds(seconds))
    try rig.run(.seconds(100))
    #expect(rig.count { if case .leadershipEnded = $0 { true } else { false } } == 0)
    #expect(rig.record.connects.count == 1)
  }

  @Test("a leader without control plane yields after 30 s whatever its calendar does", arguments: [-60, 60])
  func yieldsAfterStep(seconds: Int64) throws {
    let rig = try led(.redis, replicas: 1)
    rig.controlPlane.crash()
    try rig.run(.seconds(5))
    rig.agent.host.stepClock(by: .seconds(seconds))
    try rig.run(.seconds(23))
    #expect(rig.count { if case .leadershipEnded = $0 { true } else { false } } == 0)
    try rig.run(.seconds(4))
    #expect(rig.count { if case .leadershipEnded = $0 { true } else { false } } == 1)
  }

  @Test("the shipped agent dies when it loses its leadership (B-46)")
  func panics() throws {
    var behaviour = DockerAgentBehaviour()
    behaviour.reconnection = .never
    let rig = try led(.redis, replicas: 1, behaviour: behaviour)
    rig.redis.begin(.down, lasting: .seconds(100))
    try rig.run(.seconds(30))
    #expect(rig.ends == [.panicked("close of closed channel")])
  }

  @Test("a term that is too old for the control plane is raised above the one it knows", arguments: locks)
  func staleTerm(lock: DockerRig.Lock) throws {
    let rig = try DockerRig(lock: lock)
    var body = ErrorBody("Stale leader term")
    body.currentTerm = 7
    rig.record.registration = .refused(.conflict, body)
    rig.agent.start()
    #expect(try rig.run(until: { rig.record.registrations.count == 1 }))
    rig.record.registration = .registered
    #expect(try rig.run(until: { rig.record.connects.count == 1 }))
    #expect(rig.record.connects.first?.query["term"] == "8")
  }

  @Test("an id that another holds shows a lock file that is not shared: the agent gives up and says so")
  func unsharedVolume() throws {
    let rig = try led(.file, replicas: 1)
    let frame = AgentSocketFrame.close(code: .takenOver, reason: "connected again")
    rig.record.socket?.close(farewell: Frame(frame, byteCount: frame.byteCount))
    try rig.run(.seconds(60))
    #expect(rig.count { if case .gaveUp = $0 { true } else { false } } == 1)
    #expect(rig.record.connects.count == 1)
    // A lock in Redis cannot be another one.
    let sure = try led(.redis, replicas: 1)
    sure.record.socket?.close(farewell: Frame(frame, byteCount: frame.byteCount))
    try sure.run(.seconds(10))
    #expect(sure.record.connects.count == 2)
  }

  @Test(
    "an agent that is ended by whoever hears it lead, connect or lose does nothing more",
    arguments: locks, ["leading", "connected", "disconnected", "leadershipEnded"])
  func endedByObserver(lock: DockerRig.Lock, moment: String) throws {
    let rig = try DockerRig(lock: lock)
    var count: Int?
    rig.atEvent = { process, event in
      let name = "\(event)".prefix { $0 != "(" }
      guard count == nil, name == moment else { return }
      count = rig.events.count
      process.crash()
    }
    rig.agent.start()
    try rig.run(.seconds(20))
    if moment == "disconnected" { rig.record.socket?.reset() }
    if moment == "leadershipEnded" {
      rig.controlPlane.crash()
      try rig.run(.seconds(60))
    }
    try rig.run(.seconds(20))
    #expect(rig.events.count == count)
    #expect(rig.ends == [.crashed])
  }

  @Test("a leader struck at any step of a start leaves one container in the end", arguments: locks, AgentStep.allCases)
  func strike(lock: DockerRig.Lock, step: AgentStep) throws {
    guard step != .service else { return }
    let rig = try led(lock, seed: 5)
    var isStruck = false
    rig.atStep = { process, reached in
      guard reached == step, !isStruck else { return }
      isStruck = true
      process.terminate()
    }
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { rig.record.connects.count == 2 }, within: .seconds(30)))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(20))
    #expect(rig.record.completions("cmd-start").count >= 1)
    #expect(rig.platform.containersMade == 1)
    #expect(rig.platform.container(of: Command.session)?.status == .running)
  }
}
