import SimulationRuntime
import TestEnvironment

/// Faults that strike a process of an agent at a boundary of its work (capability `schedule`).
final class StepFaults {
  private struct Rule {
    let agent: String
    let command: String
    let step: WorkStep
    let action: Action
    let record: FaultRecord
    /// The fault has struck and is over.
    let struck: () -> Void
  }

  private unowned let deployment: Deployment
  private var rules: [Rule] = []

  init(_ deployment: Deployment) {
    self.deployment = deployment
    deployment.recorder.onStep = { [weak self] agent, instance, action, step in
      self?.reached(agent, instance, action, step)
    }
  }

  /// Strikes once; `struck` is called then.
  func arm(
    _ agent: DeployedAgent, command: String, _ step: WorkStep, _ action: Action, struck: @escaping () -> Void
  ) -> (String, (() -> Void)?) {
    let simulation = deployment.simulation
    let record = simulation.faults.begin(
      "at-step(\(agent.id),\(command),\(step.rawValue),\(action))", at: simulation.now)
    rules.append(
      Rule(agent: agent.id, command: command, step: step, action: action, record: record, struck: struck))
    return (
      record.name,
      { [weak self] in
        simulation.faults.end(record, at: simulation.now)
        self?.rules.removeAll { $0.record === record }
      }
    )
  }

  private func reached(_ agent: String, _ instance: String, _ action: String, _ step: WorkStep) {
    guard
      let rule = rules.first(where: { $0.agent == agent && $0.command == action && $0.step == step }),
      let process = try? deployment.processes(of: .instance(instance)).first
    else { return }
    rule.record.touch(at: deployment.simulation.now)
    rule.struck()
    ProcessOperations(deployment).perform(rule.action, on: .instance(instance), process) {}
  }
}
