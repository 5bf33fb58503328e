import SimulationRuntime
import TestEnvironment

/// The platform's readiness probe of replicas and agents: each 10 s; what fails three times in a row is replaced (spec/06,
/// CHAOS-16).
final class ReadinessProbe {
  /// What the platform asks.
  enum Policy {
    /// Whether the process answers and does its work: a replica says ready, an agent's process is connected where it leads
    /// and heard of, and follows its election where it does not.
    case useful
    /// Whether it exists (B-43).
    case processOnly
  }

  static let period = TimeSpan.seconds(10)
  static let failuresToReplace = 3
  /// A leader that was not heard of for so long does not work: two heartbeats (spec/05 §1).
  static let silence = TimeSpan.seconds(60)

  private unowned let deployment: Deployment
  private let policy: Policy
  private var failures: [String: Int] = [:]

  private static let probe = EventLabel("environment.readiness-probe")
  private static let replaced = EventLabel("environment.replaced")

  init(_ deployment: Deployment, policy: Policy) {
    self.deployment = deployment
    self.policy = policy
    schedule()
  }

  private func schedule() {
    deployment.simulation.schedule(after: Self.period, Self.probe) { [weak self] in self?.round() }
  }

  private func round() {
    for process in deployment.replicas { judge(process, .replica(process.name)) }
    for agent in deployment.agents {
      for process in agent.processes { judge(process, .instance(process.name)) }
    }
    schedule()
  }

  private func judge(_ process: SimulatedProcess, _ component: Component) {
    // What does not run is being replaced, or was stopped by whoever has the say.
    guard process.current != nil, !isReady(process) else {
      failures[process.name] = 0
      return
    }
    failures[process.name, default: 0] += 1
    guard failures[process.name] == Self.failuresToReplace else { return }
    failures[process.name] = 0
    deployment.simulation.note(Self.replaced, ("process", .text(process.name)))
    deployment.recorder.expectEnd(of: process.name)
    process.crash()
    ProcessOperations(deployment).perform(.restart, on: component, process) {}
  }

  private func isReady(_ process: SimulatedProcess) -> Bool {
    switch policy {
    case .processOnly: true
    case .useful: deployment.isUseful(process)
    }
  }
}

extension Deployment {
  /// Whether a process that runs does its work.
  func isUseful(_ process: SimulatedProcess) -> Bool {
    if process.isPaused { return false }
    if replicas.contains(where: { $0 === process }) { return recorder.isReady(process.name) }
    guard let owner = recorder.instances[process.name] else { return true }
    // A standby has nothing to do but to follow the lock.
    guard owner.mayAct() || recorder.leading.contains(where: { $0.instance == process.name }) else { return true }
    guard recorder.linked.contains(process.name) else { return false }
    return recorder.wasHeard(owner.agent, within: ReadinessProbe.silence)
  }
}
