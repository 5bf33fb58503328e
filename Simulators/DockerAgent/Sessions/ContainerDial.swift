import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// One attempt to reach the desktop of a session: inspects its container and dials it (C29). A container that does not
/// run, or does not listen yet, and a daemon that cannot answer now, are waited for.
final class ContainerDial {
  private let context: DockerAgentContext
  private let attempt: DialAttempt

  private static let poll = EventLabel("docker-agent.tunnel.poll")

  init(_ context: DockerAgentContext, _ attempt: DialAttempt) {
    self.context = context
    self.attempt = attempt
  }

  func look() {
    let name = DockerName.container(session: attempt.sessionID)
    context.daemon.send(.inspectContainer(name)) { [self] answer in
      guard !attempt.isOver else { return }
      guard case .answered(.container(let container)) = answer else {
        return again("failed to find container: \(answer.fault ?? "unexpected answer")")
      }
      guard !context.isForeign(container.labels) else {
        return attempt.finish(.failed("failed to find container: \(name) belongs to another agent"))
      }
      guard container.state.status == .running else {
        return again(
          "failed to find container: container not running (status: \(container.state.status.rawValue))")
      }
      dial(container)
    }
  }

  private func dial(_ container: ContainerInspection) {
    guard let address = container.address(in: context.configuration.network), !address.isEmpty else {
      return again("failed to find container: no address in network \(context.configuration.network)")
    }
    let port = container.specification.vncPort
    // A container's host on the simulated network: no machine but its own reaches it.
    let endpoint = Endpoint(host: "\(context.configuration.docker.host)/\(address)", port: port)
    context.incarnation.simulation.network.open(
      from: context.incarnation, to: endpoint, hello: nil, timeout: DockerAgentTiming.callLimit
    ) { [self] outcome in
      let text = "failed to connect to container: dial tcp \(address):\(port):"
      switch outcome {
      case .connected(let socket): attempt.finish(.connected(socket, port: port, podName: container.name))
      case .refused: again("\(text) connect: connection refused")
      case .reset: again("\(text) connection reset by peer")
      case .timedOut: again("\(text) i/o timeout")
      case .reply: attempt.finish(.failed("\(text) unexpected answer"))
      }
    }
  }

  private func again(_ text: String) { attempt.again(text, Self.poll) { [self] in look() } }
}
