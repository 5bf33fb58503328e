import SimulationRuntime
import StreamSpaceProtocol

/// One replica of StreamSpace's Docker agent under contract (spec/03 §5, §6; C26 to C29, C33): connects to the control
/// plane, carries out commands on its daemon, watches its containers; with an election only while it leads.
package final class DockerAgent: Program {
  private let incarnation: Incarnation
  private let context: DockerAgentContext
  private let key: AgentKeyring
  private let link: ControlPlaneLink
  private let runner: CommandRunner
  private let watch: ContainerWatch
  private var isTerminating = false

  /// `observer` is told of every event of this life, at its instant.
  package init(
    _ incarnation: Incarnation, configuration: DockerAgentConfiguration,
    behaviour: DockerAgentBehaviour = DockerAgentBehaviour(),
    observer: @escaping (DockerAgentEvent) -> Void = { _ in }
  ) {
    self.incarnation = incarnation
    context = DockerAgentContext(incarnation, configuration, behaviour, observer: observer)
    key = AgentKeyring(configuration.key, store: nil)
    link = ControlPlaneLink(context, key: key)
    runner = CommandRunner(context)
    watch = ContainerWatch(context, runner)
    wire()
  }

  /// Whether a WebSocket to the control plane stands.
  package var isConnected: Bool { link.isConnected }

  /// Weak throughout: a crash in the middle of a step frees the program while the step is still on the stack.
  private func wire() {
    runner.send = { [weak self] message in self?.link.send(message) ?? false }
    runner.pauseReading = { [weak self] in self?.link.connection?.pauseReading() }
    runner.resumeReading = { [weak self] in self?.link.connection?.resumeReading() }
    runner.sessionsChanged = { [weak self] in self?.watch.arm() }
    link.pulse.activeSessions = { [weak self] in self?.runner.sessions.runningCount ?? 0 }
    link.received = { [weak self] message in self?.receive(message) }
    link.inventoryTaken = { [weak self] inventory in self?.runner.take(inventory) }
    link.rejected = { [weak self] in self?.incarnation.exit("agent registration was rejected by administrator") }
    link.ended = { [weak self] in self?.stopWork() }
  }

  // MARK: Program

  package func start() {
    key.load { [weak self] in
      guard let self, !self.isTerminating else { return }
      self.link.start()
    }
  }

  /// SIGTERM: work stops, the connection is closed in order, the lock is released last.
  package func terminate() {
    guard !isTerminating else { return }
    isTerminating = true
    // The reader closed the stop channel already (B-46).
    if link.isSpent { return incarnation.panic("close of closed channel") }
    stopActing("terminated")
    incarnation.exit("terminated")
  }

  // MARK: Events

  private func receive(_ message: ServerMessage) {
    switch message {
    case .command(let command): runner.receive(command)
    case .ping:
      link.send(
        .pong(agentID: context.behaviour.replies == .contract ? nil : context.configuration.agentID))
    case .vncOpen, .vncData, .vncCredit, .vncClose, .shutdown, .unknown:
      context.observe(.ignored(type: message.type))
    }
  }

  private func stopWork() {
    watch.stop()
    runner.abandonAll()
  }

  private func stopActing(_ reason: String) {
    stopWork()
    link.stop(reason)
  }
}
