import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

private let stepsOfStart: [AgentStep] = [
  .received, .acknowledged, .workload, .service, .volume, .ready, .status, .complete,
]

@Suite("Step boundaries of a start")
struct StepTests {
  /// What happens to the agent at a step.
  enum Blow: CaseIterable {
    case crash, vanish, terminate, pause
  }

  private func steps(of command: String, in rig: AgentRig) -> [AgentStep] {
    rig.events.compactMap {
      if case .step(command, _, let step) = $0.event { step } else { nil }
    }
  }

  @Test("a start with a home passes its steps in order, each once")
  func order() throws {
    let rig = try AgentRig()
    try rig.begin()
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(20))
    #expect(steps(of: "cmd-start", in: rig) == stepsOfStart)
  }

  @Test("hibernate, wake and stop pass those steps they have")
  func otherCommands() throws {
    let rig = try AgentRig()
    try rig.cluster.placeSession(Command.session)
    try rig.begin()
    for (action, id) in [(AgentAction.hibernateSession, "h"), (.wakeSession, "w"), (.stopSession, "s")] {
      rig.record.send(Command.other(action, id))
      try rig.run(.seconds(20))
    }
    #expect(steps(of: "h", in: rig) == [.received, .acknowledged, .status, .complete])
    #expect(steps(of: "w", in: rig) == [.received, .acknowledged, .ready, .status, .complete])
    #expect(steps(of: "s", in: rig) == [.received, .acknowledged, .status, .complete])
  }

  @Test(
    "an agent struck at any step does nothing more there, and its next life ends with one workload",
    arguments: stepsOfStart, Blow.allCases)
  func strike(step: AgentStep, blow: Blow) throws {
    let rig = try AgentRig(seed: 7)
    try rig.begin()
    var struck: Int?
    rig.atStep = { process, reached in
      guard reached == step, struck == nil else { return }
      struck = rig.record.messages.count
      switch blow {
      case .crash: process.crash()
      case .vanish: process.vanish()
      case .terminate: process.terminate()
      case .pause: process.pause()
      }
    }
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { struck != nil }))
    let events = rig.events.count
    try rig.run(.seconds(5))
    #expect(rig.events.count == events, "events after the end")
    if blow == .pause { rig.agent.resume() } else { rig.agent.start() }
    let connects = rig.record.connects.count
    if blow != .pause { #expect(try rig.run(until: { rig.record.connects.count > connects })) }
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(40))
    #expect(rig.record.completions("cmd-start").count >= 1)
    #expect(rig.record.failures("cmd-start").isEmpty)
    #expect(rig.workloadsMade == 1)
    #expect(rig.cluster.workloads.map { $0.readyPods.count } == [1])
    #expect(rig.cluster.store.count(.service) == 1)
    #expect(rig.cluster.store.count(.persistentVolumeClaim) == 1)
  }

  @Test(
    "a leader stopped at any step leaves the work to its successor, which ends with one workload",
    arguments: stepsOfStart)
  func fencedStop(step: AgentStep) throws {
    let rig = try AgentRig(seed: 3, replicas: 2, hasElection: true)
    for agent in rig.agents { agent.start() }
    #expect(try rig.run(until: { rig.record.connects.count == 1 }))
    var struck = false
    rig.atStep = { process, reached in
      guard reached == step, !struck else { return }
      struck = true
      process.terminate()
    }
    rig.record.send(Command.start(persistentHome: true))
    #expect(try rig.run(until: { rig.record.connects.count == 2 }))
    rig.record.send(Command.start(persistentHome: true))
    try rig.run(.seconds(40))
    #expect(rig.record.completions("cmd-start").count >= 1)
    #expect(rig.workloadsMade == 1)
    #expect(rig.cluster.workloads.map { $0.readyPods.count } == [1])
  }
}
