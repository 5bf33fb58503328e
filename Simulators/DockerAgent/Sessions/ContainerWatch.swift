import SimulationRuntime
import StreamSpaceProtocol

/// Looks at the containers every 10 s while there is one to look at (C13): one that was restarted or replaced is
/// reported again, one that is gone or does not run for 60 s is lost. Without running sessions there is neither call nor
/// timer.
final class ContainerWatch {
  private let context: DockerAgentContext
  private let runner: CommandRunner
  private var timer = EventToken.none
  private var isArmed = false
  /// Counts stops, so that the answer to an old look is known as such.
  private var generation = 0

  private static let tick = EventLabel("docker-agent.watch")

  init(_ context: DockerAgentContext, _ runner: CommandRunner) {
    self.context = context
    self.runner = runner
  }

  /// Sees to it that the next look is planned if there is something to look at.
  func arm() {
    guard !isArmed, context.behaviour.inspectsContainers, !runner.sessions.isEmpty else { return }
    isArmed = true
    let begun = generation
    timer = context.incarnation.after(DockerAgentTiming.inspection, Self.tick) { [weak self] in
      guard let self, self.generation == begun else { return }
      self.look()
    }
  }

  func stop() {
    generation += 1
    context.incarnation.cancel(timer)
    isArmed = false
  }

  private func look() {
    isArmed = false
    guard !runner.sessions.isEmpty else { return }
    let (begun, seenAt) = (generation, context.now)
    isArmed = true
    context.daemon.send(ContainerInventory.list(context)) { [weak self] answer in
      guard let self, self.generation == begun else { return }
      self.isArmed = false
      // A list that failed says nothing of any container.
      if case .answered(.containers(let containers)) = answer { self.judge(containers, seenAt) }
      self.arm()
    }
  }

  private func judge(_ containers: [ContainerSummary], _ seenAt: Instant) {
    var live: [String: ContainerSummary] = [:]
    for container in containers where container.status == .running {
      if let session = container.labels[DockerLabel.session] { live[session] = container }
    }
    for session in runner.sessions.sessionIDs where runner.isIdle(session) {
      guard var entry = runner.sessions[session] else { continue }
      guard let container = live[session] else {
        let since = entry.missingSince ?? seenAt
        entry.missingSince = since
        runner.update(session, entry)
        if context.now - since >= DockerAgentTiming.workloadPatience { runner.workloadLost(session) }
        continue
      }
      if entry.missingSince != nil || entry.container?.id != container.id || hasRestarted(entry, container, seenAt) {
        inspect(container, of: session)
      }
    }
  }

  /// Whether a container has run for less long than it is known to run.
  private func hasRestarted(_ entry: ContainerTable.Entry, _ container: ContainerSummary, _ seenAt: Instant) -> Bool {
    guard let uptime = container.greatestUptime else { return false }
    return uptime < seenAt - entry.runningSince
  }

  /// A container that looks new: its address and the begin of its run are what the control plane is told.
  private func inspect(_ container: ContainerSummary, of session: String) {
    let begun = generation
    context.daemon.send(.inspectContainer(container.id)) { [weak self] answer in
      guard let self, self.generation == begun, self.runner.isIdle(session), let entry = self.runner.sessions[session],
        case .answered(.container(let inspection)) = answer, inspection.state.status == .running
      else { return }
      let found = LiveContainer(inspection, network: self.context.configuration.network)
      self.runner.update(
        session, ContainerTable.Entry(container: found, runningSince: self.context.now, missingSince: nil))
      if found != entry.container { self.runner.workloadMoved(session, found) }
    }
  }
}
