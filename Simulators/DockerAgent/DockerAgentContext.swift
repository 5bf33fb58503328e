import SimulationRuntime
import StreamSpaceProtocol

/// What all parts of one life of the agent share.
final class DockerAgentContext {
  /// Strong: a crash at a step boundary frees the program while the step is still on the stack.
  let incarnation: Incarnation
  let configuration: DockerAgentConfiguration
  let behaviour: DockerAgentBehaviour
  let daemon: DaemonClient
  private let observer: (DockerAgentEvent) -> Void

  private static let resumed = EventLabel("docker-agent.step.resumed")

  init(
    _ incarnation: Incarnation, _ configuration: DockerAgentConfiguration, _ behaviour: DockerAgentBehaviour,
    observer: @escaping (DockerAgentEvent) -> Void
  ) {
    self.incarnation = incarnation
    self.configuration = configuration
    self.behaviour = behaviour
    self.observer = observer
    daemon = DaemonClient(incarnation, endpoint: configuration.docker, caller: configuration.instanceID)
  }

  /// Tells an event; a life that has ended tells nothing.
  func observe(_ event: DockerAgentEvent) {
    if incarnation.isAlive { observer(event) }
  }

  /// Tells of a step boundary and goes on, unless the observer ended this life there; where it paused the process,
  /// what follows happens after the resumption.
  func reached(
    _ step: AgentStep, _ commandID: String, _ sessionID: String, then next: @escaping () -> Void
  ) {
    observe(.step(commandID: commandID, sessionID: sessionID, step: step))
    proceed(next)
  }

  /// Goes on as far as this life may: now, after the resumption, or never.
  func proceed(_ next: @escaping () -> Void) {
    switch incarnation.state {
    case .running: next()
    case .paused: incarnation.after(.zero, Self.resumed, next)
    case .ended: break
    }
  }

  /// What spans are measured with: a step of the calendar does not move it.
  var now: Instant { incarnation.monotonicNow }

  /// The calendar time the host shows.
  var calendar: Timestamp {
    Timestamp(nanosecondsSince1970: Epoch.unixSeconds * 1_000_000_000 + incarnation.now.nanoseconds)
  }

  /// Whether labels say that something belongs to another agent (C27). Without the label it is nobody's.
  func isForeign(_ labels: Labels) -> Bool {
    guard let owner = labels[DockerLabel.agent] else { return false }
    return owner != configuration.agentID
  }
}
