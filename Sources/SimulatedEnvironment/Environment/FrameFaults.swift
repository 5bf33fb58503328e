import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Faults that name a frame of an agent: a heartbeat held back, an acknowledgement lost.
final class FrameFaults {
  private struct Rule {
    let hosts: [String]
    let record: FaultRecord
    /// What happens to a frame of the agent; nil: it passes.
    let judge: (AgentMessage) -> Interception?
  }

  let capture = FrameCapture()
  private unowned let deployment: Deployment
  private var rules: [Rule] = [] {
    didSet { watch() }
  }

  init(_ deployment: Deployment) {
    self.deployment = deployment
    capture.onBegin = { [weak self] in self?.watch() }
  }

  /// Looks at payloads while somebody wants to know of them: every payload of a run passes here.
  private func watch() {
    let network = deployment.simulation.network
    guard !rules.isEmpty || capture.isActive else {
      network.interceptor = nil
      return
    }
    network.interceptor = { [weak self] socket, payload in
      guard let self else { return .pass }
      capture.see(socket, payload, at: deployment.simulation.now)
      return judge(socket, payload)
    }
  }

  /// The next heartbeat arrives `gap` after now: begin it at a beat, and the gap between the two is that.
  func delayHeartbeat(of agent: DeployedAgent, gap: TimeSpan) -> (String, (() -> Void)?) {
    let simulation = deployment.simulation
    let target = simulation.now + gap
    return add("delay-heartbeat(\(agent.id),\(gap))", agent) { message in
      guard case .heartbeat = message else { return nil }
      let wait = target - simulation.now
      return .delay(wait < .zero ? .zero : wait)
    }
  }

  /// The next ack of the agent is lost.
  func loseAck(of agent: DeployedAgent) -> (String, (() -> Void)?) {
    add("lose-ack(\(agent.id))", agent) { message in
      guard case .ack = message else { return nil }
      return .drop
    }
  }

  private func add(
    _ name: String, _ agent: DeployedAgent, _ judge: @escaping (AgentMessage) -> Interception?
  ) -> (String, (() -> Void)?) {
    let record = deployment.simulation.faults.begin(name, at: deployment.simulation.now)
    rules.append(Rule(hosts: agent.instances, record: record, judge: judge))
    return (
      name,
      { [weak self] in
        guard let self else { return }
        deployment.simulation.faults.end(record, at: deployment.simulation.now)
        rules.removeAll { $0.record === record }
      }
    )
  }

  private func judge(_ socket: Socket, _ payload: any Payload) -> Interception {
    guard !rules.isEmpty, let frame = (payload as? Frame<AgentSocketFrame>)?.value,
      case .fromAgent(let envelope) = frame
    else { return .pass }
    for (index, rule) in rules.enumerated() where rule.hosts.contains(socket.owner.host.name) {
      guard let interception = rule.judge(envelope.message) else { continue }
      rule.record.touch(at: deployment.simulation.now)
      // Each such fault concerns one frame.
      rules.remove(at: index)
      return interception
    }
    return .pass
  }
}
