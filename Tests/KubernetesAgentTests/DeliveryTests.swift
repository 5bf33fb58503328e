import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

@Suite("Delivery of commands")
struct DeliveryTests {
  @Test("a command delivered twice is carried out once and answered twice with the first result")
  func duplicate() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.record.send(Command.start())
    rig.record.send(Command.start())
    try rig.run(.seconds(15))
    rig.record.send(Command.start())
    try rig.run(.seconds(1))
    #expect(rig.workloadsMade == 1)
    #expect(rig.record.acks("cmd-start") == 3)
    let answers = rig.record.completions("cmd-start")
    #expect(answers.count == 2)
    #expect(answers.first == answers.last)
    #expect(rig.count { $0 == .duplicateSuppressed(commandID: "cmd-start", isAnswered: false) } == 1)
    #expect(rig.count { $0 == .duplicateSuppressed(commandID: "cmd-start", isAnswered: true) } == 1)
  }

  @Test("a failed command delivered again is failed again with the same text, without work")
  func duplicateFailure() throws {
    let rig = try AgentRig()
    try rig.begin()
    let begun = { rig.count { if case .commandBegun = $0 { true } else { false } } }
    for _ in 0..<2 {
      rig.record.send(Command.other(.wakeSession, "c", "absent"))
      try rig.run(.seconds(2))
    }
    #expect(rig.record.failures("c").count == 2)
    #expect(Set(rig.record.failures("c")).count == 1)
    #expect(begun() == 1)
  }

  @Test("without a memory the repeat is carried out again (C-05)")
  func noMemory() throws {
    var behaviour = AgentBehaviour()
    behaviour.commandHistory = .none
    let rig = try AgentRig(behaviour: behaviour)
    try rig.cluster.placeSession(Command.session)
    try rig.begin()
    for _ in 0..<2 {
      rig.record.send(Command.other(.stopSession, "cmd-s"))
      try rig.run(.seconds(10))
    }
    #expect(rig.count { if case .commandBegun = $0 { true } else { false } } == 2)
  }

  @Test("a start of a session that runs adopts it; the shipped agent fails it (B-21)")
  func adoption() throws {
    for policy in [AgentBehaviour.ExistingWorkload.adopted, .fails] {
      var behaviour = AgentBehaviour()
      behaviour.existingWorkload = policy
      let rig = try AgentRig(behaviour: behaviour)
      let pod = try rig.cluster.placeSession(Command.session).podName
      try rig.begin()
      rig.record.send(Command.start("cmd-again"))
      try rig.run(.seconds(15))
      #expect(rig.workloadsMade == 1)
      #expect(rig.cluster.workloads.first?.readyPods.map(\.name) == [pod])
      if policy == .adopted {
        #expect(rig.record.completions("cmd-again").first?.result?.podName == pod)
      } else {
        #expect(
          rig.record.failures("cmd-again") == [
            "failed to create deployment: deployments.apps \"\(Command.session)\" already exists"
          ])
      }
    }
  }

  @Test("an adopted session of another command survives a start that fails")
  func adoptedSurvives() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session)
    try rig.begin()
    rig.cluster.begin(.forbid(.create, .persistentVolumeClaim))
    rig.record.send(Command.start("cmd-again", persistentHome: true))
    try rig.run(.seconds(10))
    #expect(rig.record.failures("cmd-again").count == 1)
    #expect(rig.cluster.workloads.first?.readyPods.count == 1)
  }

  @Test("commands of one session take effect in the order they were sent", arguments: 1...8)
  func order(seed: Int) throws {
    let rig = try AgentRig(seed: UInt64(seed))
    try rig.begin()
    rig.record.send(Command.start("c1"))
    rig.record.send(Command.other(.hibernateSession, "c2"))
    rig.record.send(Command.other(.wakeSession, "c3"))
    rig.record.send(Command.other(.stopSession, "c4"))
    try rig.run(.seconds(60))
    let times = ["c1", "c2", "c3", "c4"].compactMap { rig.record.answered($0) }
    #expect(times.count == 4)
    #expect(times == times.sorted())
    #expect(rig.belongings(Command.session).isEmpty)
    #expect((1...4).allSatisfy { rig.record.completions("c\($0)").count == 1 })
  }

  @Test("four sessions are served at a time, and all are acknowledged at once")
  func parallel() throws {
    let rig = try AgentRig()
    try rig.begin()
    for number in 1...8 { rig.record.send(Command.start("c\(number)", "s\(number)")) }
    try rig.run(.milliseconds(200))
    #expect((1...8).allSatisfy { rig.record.acks("c\($0)") == 1 })
    #expect(rig.count { if case .commandBegun = $0 { true } else { false } } == 4)
    try rig.run(.seconds(3))
    #expect(rig.workloadsMade == 4)
    try rig.run(.seconds(30))
    #expect((1...8).allSatisfy { rig.record.completions("c\($0)").count == 1 })
  }

  @Test("one slow start does not hold up another session; inside the read loop it does (B-34)")
  func slowStart() throws {
    for policy in [AgentBehaviour.Handlers.parallel(4), .inReadLoop] {
      var behaviour = AgentBehaviour()
      behaviour.handlers = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.cluster.placeSession("other")
      try rig.begin()
      rig.cluster.begin(.imagePull(image: nil, .seconds(30)))
      rig.record.send(Command.start())
      rig.record.send(Command.other(.stopSession, "cmd-s", "other"))
      try rig.run(.seconds(10))
      let isParallel = policy != .inReadLoop
      #expect(rig.record.acks("cmd-s") == (isParallel ? 1 : 0))
      #expect(rig.record.completions("cmd-s").count == (isParallel ? 1 : 0))
      try rig.run(.seconds(60))
      #expect(rig.record.completions("cmd-start").count == 1)
    }
  }

  @Test("a start of more than 60 s inside the read loop costs the connection (HZ-05)")
  func longStartInReadLoop() throws {
    for policy in [AgentBehaviour.Handlers.parallel(4), .inReadLoop] {
      var behaviour = AgentBehaviour()
      behaviour.handlers = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.begin()
      rig.cluster.begin(.imagePull(image: nil, .seconds(80)))
      rig.record.send(Command.start())
      try rig.run(.seconds(110))
      #expect(rig.record.connects.count == (policy == .inReadLoop ? 2 : 1))
    }
  }

  @Test("a start that ends during a reconnection is answered when it is delivered again")
  func answerAfterReconnect() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.record.send(Command.start())
    try rig.run(.seconds(3))
    rig.controlPlane.crash()
    try rig.run(.seconds(12))
    #expect(rig.cluster.workloads.first?.readyPods.count == 1)
    rig.controlPlane.start()
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    rig.record.send(Command.start())
    try rig.run(.seconds(1))
    #expect(rig.record.completions("cmd-start").count == 1)
    #expect(rig.workloadsMade == 1)
  }

  @Test("a crash at every effect of a start, delivered again, leaves exactly one workload")
  func crashPoints() throws {
    var crashed = 0
    var number = 1
    while true {
      let rig = try AgentRig(seed: UInt64(number))
      try rig.begin()
      let effects = try #require(rig.agent.current).effects
      rig.agent.crash(atEffect: number)
      rig.record.send(Command.start(persistentHome: true))
      try rig.run(.seconds(20))
      let wasHit = rig.agent.current == nil
      if !wasHit {
        // Ack, three creates, the looks for the pod, the session resource, status and result: all were tried.
        #expect(try #require(rig.agent.current).effects - effects < number)
        break
      }
      crashed += 1
      rig.agent.start()
      let connects = rig.record.connects.count
      #expect(try rig.run(until: { rig.record.connects.count > connects }))
      rig.record.send(Command.start(persistentHome: true))
      try rig.run(.seconds(25))
      #expect(rig.record.completions("cmd-start").count >= 1, "crash at effect \(number)")
      #expect(rig.workloadsMade == 1, "crash at effect \(number)")
      #expect(rig.cluster.workloads.map { $0.readyPods.count } == [1], "crash at effect \(number)")
      #expect(rig.cluster.store.count(.service) == 1)
      #expect(rig.cluster.store.count(.persistentVolumeClaim) == 1)
      number += 1
    }
    #expect(crashed >= 7)
  }

  @Test("a crash at every effect of a stop, delivered again, leaves nothing")
  func crashPointsOfStop() throws {
    var number = 1
    while true {
      let rig = try AgentRig(seed: UInt64(number))
      try rig.cluster.placeSession(Command.session)
      try rig.begin()
      rig.agent.crash(atEffect: number)
      rig.record.send(Command.other(.stopSession, "cmd-s"))
      try rig.run(.seconds(9))
      guard rig.agent.current == nil else { break }
      rig.agent.start()
      let connects = rig.record.connects.count
      #expect(try rig.run(until: { rig.record.connects.count > connects }))
      rig.record.send(Command.other(.stopSession, "cmd-s"))
      try rig.run(.seconds(10))
      #expect(rig.record.completions("cmd-s").count >= 1, "crash at effect \(number)")
      #expect(rig.belongings(Command.session).isEmpty, "crash at effect \(number)")
      number += 1
    }
    #expect(number > 5)
  }

  @Test("two runs of one seed are the same, another seed differs")
  func determinism() throws {
    func fingerprint(_ seed: UInt64) throws -> String {
      let rig = try AgentRig(seed: seed)
      try rig.begin()
      for number in 1...6 { rig.record.send(Command.start("c\(number)", "s\(number)")) }
      try rig.run(.seconds(10))
      rig.record.socket?.reset()
      try rig.run(.seconds(60))
      return rig.simulation.trace.fingerprint
    }
    #expect(try fingerprint(3) == fingerprint(3))
    #expect(try fingerprint(3) != fingerprint(4))
  }
}

@Suite("Watch over workloads")
struct InspectionTests {
  @Test("a workload with a new pod is told as running with it")
  func moved() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session)
    try rig.begin()
    rig.cluster.evictPod(ofSession: Command.session)
    try rig.run(.seconds(25))
    let pod = try #require(rig.cluster.workloads.first?.readyPods.first?.name)
    #expect(rig.record.statuses.map(\.state) == ["running"])
    #expect(rig.record.statuses.first?.platformMetadata?.podName == pod)
  }

  @Test("a container that restarted is told once")
  func restarted() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session)
    try rig.begin()
    rig.cluster.crashPod(ofSession: Command.session)
    try rig.run(.seconds(60))
    #expect(rig.record.statuses.map(\.state) == ["running"])
  }

  @Test("a workload that is not ready for 60 s is told as lost, and what is left of it goes")
  func lost() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session)
    try rig.begin()
    rig.cluster.begin(.unschedulable)
    let begun = rig.now
    rig.cluster.evictPod(ofSession: Command.session)
    #expect(try rig.run(until: { !rig.record.statuses.isEmpty }))
    #expect(rig.now - begun >= .seconds(60))
    #expect(rig.now - begun <= .seconds(81))
    #expect(rig.record.statuses.first?.sessionState == .failed)
    #expect(rig.record.statuses.first?.reason == "workload_lost")
    try rig.run(.seconds(10))
    #expect(rig.belongings(Command.session).isEmpty)
    try rig.run(.seconds(100))
    #expect(rig.record.statuses.count == 1)
  }

  @Test("an outage of the API server is not taken for a loss")
  func outage() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session)
    try rig.begin()
    rig.cluster.begin(.down(.refusing), lasting: .seconds(150))
    try rig.run(.seconds(200))
    #expect(rig.record.statuses.isEmpty)
    #expect(rig.cluster.workloads.count == 1)
  }

  @Test("a session that is being stopped or hibernated is not judged")
  func duringCommands() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session)
    try rig.begin()
    rig.record.send(Command.other(.hibernateSession, "cmd-h"))
    try rig.run(.seconds(200))
    #expect(rig.record.statuses.map(\.state) == ["hibernated"])
  }

  @Test("an agent that removes what it does not remember kills running sessions at its restart (C-26)")
  func eagerSweep() throws {
    for policy in [AgentBehaviour.UnknownWorkloads.kept, .removed] {
      var behaviour = AgentBehaviour()
      behaviour.unknownWorkloads = policy
      let rig = try AgentRig(behaviour: behaviour)
      try rig.cluster.placeSession(Command.session)
      try rig.begin()
      try rig.run(.seconds(10))
      #expect(rig.cluster.workloads.isEmpty == (policy == .removed))
    }
  }
}
