import SimulationRuntime
import StreamSpaceProtocol

/// `start_session`: network, image, volumes, container, start, and the wait until it runs (spec/03 §5.2). Idempotent:
/// what the session already has is adopted; a failed start removes what it made (C27).
final class StartSession: SessionWork {
  private let plan: ContainerPlan
  private var deadline = Instant.start
  /// The container this command made, or may have made.
  private var madeContainer: String?
  /// The volumes this command made, in the order it made them.
  private var madeVolumes: [String] = []

  init(_ context: DockerAgentContext, _ plan: ContainerPlan, _ completion: @escaping (WorkOutcome) -> Void) {
    self.plan = plan
    super.init(context, commandID: plan.commandID, sessionID: plan.sessionID, completion)
  }

  override func begin() {
    deadline = now + DockerAgentTiming.startPatience
    ensureNetwork { [self] in
      ensureImage { [self] in
        ensure(plan.volumes[...]) { [self] in create() }
      }
    }
  }

  // MARK: Network

  private func ensureNetwork(_ next: @escaping () -> Void) {
    let name = context.configuration.network
    call(.listNetworks(DockerFilters.none.and("name", name)), until: deadline) { [self] answer in
      guard case .answered(.networks(let networks)) = answer else {
        return undo("Failed to ensure network: failed to list networks: \(answer.fault ?? "unexpected answer")")
      }
      // The filter takes names that contain the text as well.
      if networks.contains(where: { $0.name == name }) { return reached(.network, next) }
      let network = NetworkSpecification(
        name: name, checkDuplicate: true,
        labels: [
          DockerLabel.app: DockerLabel.appValue, DockerLabel.component: DockerLabel.networkComponent,
        ])
      call(.createNetwork(network), until: deadline) { [self] answer in
        // Another agent, or this one's lost write, was faster.
        guard answer.fault == nil || answer.isConflict else {
          return undo("Failed to ensure network: failed to create network: \(answer.fault ?? "")")
        }
        reached(.network, next)
      }
    }
  }

  // MARK: Image

  private func ensureImage(_ next: @escaping () -> Void) {
    call(.inspectImage(plan.container.image), until: deadline) { [self] answer in
      if answer.fault == nil { return next() }
      // Any error leads to a pull, as recorded.
      let image = plan.image
      let pull = DockerRequest.Operation.pullImage(name: image.name, tag: image.tag)
      // The daemon has tried the registry for a minute itself: its no is final (spec/06 §10.3).
      call(pull, limit: deadline - now, until: deadline, refusals: .zero) { [self] answer in
        let prefix = "Failed to create container: failed to pull image:"
        guard case .answered(.pulled(let progress)) = answer else {
          return undo("\(prefix) failed to pull image: \(answer.fault ?? "unexpected answer")")
        }
        // An error can come after the headers said 200.
        if let text = progress.lazy.compactMap(\.error).first { return undo("\(prefix) \(text)") }
        next()
      }
    }
  }

  // MARK: Volumes

  private func ensure(_ volumes: ArraySlice<VolumeSpecification>, _ next: @escaping () -> Void) {
    guard let volume = volumes.first else {
      return plan.volumes.isEmpty ? next() : reached(.volume, next)
    }
    call(.createVolume(volume), until: deadline) { [self] answer in
      guard case .answered(.volume(_, let inspection)) = answer else {
        // Silence leaves open whether it was made: then it must be removed too.
        if case .unreachable = answer { madeVolumes.append(volume.name) }
        return undo("Failed to create container: failed to create volume: \(answer.fault ?? "unexpected answer")")
      }
      guard !context.isForeign(inspection.labels) else {
        return undo("Failed to create container: volume \(volume.name) belongs to another agent")
      }
      // A home of an earlier session, or of an earlier command, is not this command's to remove.
      if inspection.labels[DockerLabel.command] == commandID { madeVolumes.append(volume.name) }
      ensure(volumes.dropFirst(), next)
    }
  }

  // MARK: Container

  private func create() {
    call(.createContainer(name: plan.name, plan.container), until: deadline) { [self] answer in
      if case .answered(.containerCreated(let id, _)) = answer {
        madeContainer = id
        return reached(.workload) { [self] in start(id) }
      }
      let fault = answer.fault ?? "unexpected answer"
      if answer.isConflict, context.behaviour.existingContainer != .fails { return adopt(fault) }
      if case .unreachable = answer { madeContainer = plan.name }
      undo("Failed to create container: failed to create container: \(fault)")
    }
  }

  /// The name is taken: by this session's container, from this command or another, or by a stranger's.
  private func adopt(_ conflict: String) {
    let text = "Failed to create container: failed to create container: \(conflict)"
    find(until: deadline) { [self] finding in
      switch finding {
      case .nothing: createAgain(text)
      case .foreign, .unknown: undo(text)
      case .container(let existing):
        guard existing.labels[DockerLabel.session] == sessionID else { return undo(text) }
        switch existing.state.status {
        case .removing: createAgain(text)
        case .dead:
          dispose(of: existing.id, until: deadline) { [self] fault in
            if let fault { undo(fault.text) } else { createAgain(text) }
          }
        case .created, .exited, .paused, .restarting, .running: adopt(existing, text)
        }
      }
    }
  }

  private func adopt(_ existing: ContainerInspection, _ text: String) {
    if context.behaviour.existingContainer == .adoptedIfRunning, !existing.state.isRunning { return undo(text) }
    context.observe(.adopted(commandID: commandID, container: existing.name))
    // A delivery of this very command before a crash made it: a failure removes it as well.
    if existing.labels[DockerLabel.command] == commandID { madeContainer = existing.id }
    reached(.workload) { [self] in start(existing.id) }
  }

  /// The name is being freed.
  private func createAgain(_ text: String) {
    guard now + DockerAgentTiming.conflictPoll < deadline else { return undo(text) }
    after(DockerAgentTiming.conflictPoll) { [self] in create() }
  }

  private func start(_ id: String) {
    run(id, until: deadline) { [self] inspection, fault in
      guard let inspection else { return undo(fault?.text ?? "") }
      succeed(LiveContainer(inspection, network: context.configuration.network))
    }
  }

  private func succeed(_ container: LiveContainer) {
    end(
      .completed(
        CommandResult(
          sessionID: sessionID, pvc: plan.homeVolume, podName: container.name, podIP: container.address,
          vncPort: container.vncPort, state: SessionState.running.rawValue), .running(container)))
  }

  // MARK: Failure

  /// Removes what this command made, then fails.
  private func undo(_ text: String) {
    let limit = now + DockerAgentTiming.cleanUpPatience
    guard let container = madeContainer else { return undoVolumes(text, until: limit) }
    dispose(of: container, until: limit) { [self] _ in undoVolumes(text, until: limit) }
  }

  private func undoVolumes(_ text: String, until limit: Instant) {
    remove(volumes: madeVolumes.reversed(), until: limit) { [self] _ in fail(text) }
  }
}
