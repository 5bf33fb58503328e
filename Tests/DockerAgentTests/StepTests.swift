import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

private let stepsOfStart: [AgentStep] = [
  .received, .acknowledged, .network, .volume, .workload, .started, .ready, .status, .complete,
]

@Suite("Step boundaries of a Docker start")
struct StepTests {
  /// What happens to the agent at a step.
  enum Blow: CaseIterable {
    case crash, vanish, terminate, pause
  }

  @Test("a start with a home passes its steps in order, each once; without one it has no volume")
  func order() throws {
    let rig = try DockerRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: true))
    rig.record.send(Command.start("c2", "s2"))
    try rig.run(.seconds(20))
    #expect(rig.steps(of: "cmd-start") == stepsOfStart)
    #expect(rig.steps(of: "c2") == stepsOfStart.filter { $0 != .volume })
  }

  @Test("hibernate, wake and stop pass those steps they have")
  func otherCommands() throws {
    let rig = try DockerRig()
    rig.place()
    try rig.begin()
    for (action, id) in [(AgentAction.hibernateSession, "h"), (.wakeSession, "w"), (.stopSession, "s")] {
      rig.record.send(Command.other(action, id))
      try rig.run(.seconds(5))
    }
    #expect(rig.steps(of: "h") == [.received, .acknowledged, .status, .complete])
    #expect(rig.steps(of: "w") == [.received, .acknowledged, .started, .ready, .status, .complete])
    #expect(rig.steps(of: "s") == [.received, .acknowledged, .status, .complete])
  }

  @Test(
    "an agent struck at any step does nothing more there, and its next life ends with one container",
    arguments: stepsOfStart, Blow.allCases)
  func strike(step: AgentStep, blow: Blow) throws {
    let rig = try DockerRig(seed: 7)
    try rig.begin()
    var calls: Int?
    rig.atStep = { process, reached in
      guard reached == step, calls == nil else { return }
      calls = rig.platform.calls.count
      switch blow {
      case .crash: process.crash()
      case .vanish: process.vanish()
      case .terminate: process.terminate()
      case .pause: process.pause()
      }
    }
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { calls != nil }))
    let events = rig.events.count
    try rig.run(.seconds(5))
    #expect(rig.events.count == events, "events after the end")
    #expect(rig.platform.calls.count == calls, "calls after the end")
    if blow == .pause {
      rig.agent.resume()
    } else {
      let connects = rig.record.connects.count
      rig.agent.start()
      #expect(try rig.run(until: { rig.record.connects.count > connects }))
    }
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(20))
    #expect(rig.record.completions("cmd-start").count >= 1)
    #expect(rig.record.failures("cmd-start").isEmpty)
    #expect(rig.platform.containersMade == 1)
    #expect(rig.platform.networks.count == 1)
    #expect(rig.platform.volumes.count == 1)
    #expect(rig.platform.container(of: Command.session)?.status == .running)
  }

  @Test("a command that follows in the same message waits for the one at which the process was paused")
  func pausedBetweenJoined() throws {
    let rig = try DockerRig()
    rig.place()
    try rig.begin()
    var isStruck = false
    rig.atStep = { process, reached in
      guard reached == .received, !isStruck else { return }
      isStruck = true
      process.pause()
    }
    rig.record.send(Command.other(.hibernateSession, "c1"), Command.other(.wakeSession, "c2"))
    try rig.run(.seconds(5))
    #expect(rig.count { if case .commandReceived = $0 { true } else { false } } == 1)
    rig.agent.resume()
    try rig.run(.seconds(10))
    #expect(rig.record.statuses.map(\.state) == ["hibernated", "running"])
  }

  @Test("a crash at every effect of a stop, delivered again, leaves nothing")
  func crashPointsOfStop() throws {
    var number = 1
    while true {
      let rig = try DockerRig(seed: UInt64(number))
      rig.place()
      rig.platform.volumes["streamspace-\(Command.session)-cache"] = DockerLabel.ofSession(
        Command.session, agent: DockerRig.agentID, command: "cmd-placed")
      try rig.begin()
      rig.agent.crash(atEffect: number)
      rig.record.send(Command.other(.stopSession, "cmd-s"))
      try rig.run(.seconds(5))
      guard rig.agent.current == nil else { break }
      let connects = rig.record.connects.count
      rig.agent.start()
      #expect(try rig.run(until: { rig.record.connects.count > connects }))
      rig.record.send(Command.other(.stopSession, "cmd-s"))
      try rig.run(.seconds(10))
      #expect(rig.record.completions("cmd-s").count >= 1, "crash at effect \(number)")
      #expect(rig.platform.containers.isEmpty, "crash at effect \(number)")
      #expect(rig.platform.volumes.isEmpty, "crash at effect \(number)")
      number += 1
    }
    #expect(number > 7)
  }

  @Test("a start that failed after a crash removes what the life before it had made")
  func failureAfterCrash() throws {
    let rig = try DockerRig()
    try rig.begin()
    var isStruck = false
    rig.atStep = { process, reached in
      guard reached == .workload, !isStruck else { return }
      isStruck = true
      process.crash()
    }
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { isStruck }))
    #expect(rig.platform.container(of: Command.session)?.status == .created)
    rig.platform.statusAfterStart = .exited
    rig.agent.start()
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(5))
    #expect(rig.record.failures("cmd-start").count == 1)
    #expect(rig.platform.containers.isEmpty)
    #expect(rig.platform.volumes.isEmpty)
  }
}
