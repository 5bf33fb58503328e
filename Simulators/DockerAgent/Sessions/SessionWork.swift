import SimulationRuntime
import StreamSpaceProtocol

/// Where the container of a session stands after a command.
enum SessionWorkload: Hashable {
  case running(LiveContainer)
  case hibernated
  case gone
}

/// A container that runs, as far as the agent reports or compares it.
struct LiveContainer: Hashable {
  var id: String
  var name: String
  var address: String
  /// When its process began; nil when it is not known.
  var startedAt: Timestamp?
  /// Of its desktop.
  var vncPort = ContainerPlan.defaultPort

  init(id: String, name: String, address: String = "", startedAt: Timestamp? = nil) {
    self.id = id
    self.name = name
    self.address = address
    self.startedAt = startedAt
  }

  /// From an inspect; `network` is that of the sessions.
  init(_ inspection: ContainerInspection, network: String) {
    self.init(
      id: inspection.id, name: inspection.name, address: inspection.address(in: network) ?? "",
      startedAt: inspection.state.startedAt)
    vncPort = inspection.specification.vncPort
  }
}

/// How work on a session ended.
enum WorkOutcome {
  /// Done: what to answer, and where the session stands now.
  case completed(CommandResult, SessionWorkload)
  case failed(CommandFault)
  /// Stopped without an answer: the leadership ended.
  case abandoned
}

/// One piece of work for one session: explicit steps, each a call, a timer or a boundary where a fault may strike.
class SessionWork {
  let context: DockerAgentContext
  /// Empty for work without command.
  let commandID: String
  let sessionID: String
  private var completion: ((WorkOutcome) -> Void)?

  private static let wait = EventLabel("docker-agent.work.wait")

  init(
    _ context: DockerAgentContext, commandID: String, sessionID: String,
    _ completion: @escaping (WorkOutcome) -> Void
  ) {
    self.context = context
    self.commandID = commandID
    self.sessionID = sessionID
    self.completion = completion
  }

  /// The first step.
  func begin() {}

  /// Ends the work; later answers and timers do nothing.
  final func end(_ outcome: WorkOutcome) {
    let completion = self.completion
    self.completion = nil
    completion?(outcome)
  }

  final func fail(_ text: String) { end(.failed(.failed(text))) }

  /// Stops the work without an outcome.
  final func cancel() { completion = nil }

  final var isOver: Bool { completion == nil }

  final var now: Instant { context.now }

  final var containerName: String { DockerName.container(session: sessionID) }

  /// A call that is repeated until `deadline` while the daemon cannot be reached, and for `refusals` while it answers
  /// that it cannot do it now.
  final func call(
    _ operation: DockerRequest.Operation, limit: TimeSpan = DockerAgentTiming.daemonLimit, until deadline: Instant,
    refusals: TimeSpan = DockerAgentTiming.refusalPatience, _ step: @escaping (DaemonAnswer) -> Void
  ) {
    let patience = DaemonPatience(deadline: deadline, refusalsUntil: now + refusals)
    context.daemon.persist(operation, limit: limit, patience) { [weak self] answer in
      guard let self, !self.isOver else { return }
      if case .notLeader = answer { return self.end(.abandoned) }
      step(answer)
    }
  }

  /// Goes on after `delay`.
  final func after(_ delay: TimeSpan, _ step: @escaping () -> Void) {
    context.incarnation.after(delay, Self.wait) { [weak self] in
      guard let self, !self.isOver else { return }
      step()
    }
  }

  /// Tells of a step boundary, then goes on unless the work ended there.
  final func reached(_ boundary: AgentStep, _ step: @escaping () -> Void) {
    context.reached(boundary, commandID, sessionID) { [self] in
      guard !isOver else { return }
      step()
    }
  }

  // MARK: Shared steps

  /// What is found of the session's container.
  enum Finding {
    case container(ContainerInspection)
    case nothing
    /// It is another agent's; the text says so.
    case foreign(String)
    case unknown(String)
  }

  /// Looks for the session's container.
  final func find(until deadline: Instant, _ step: @escaping (Finding) -> Void) {
    call(.inspectContainer(containerName), until: deadline) { [self] answer in
      if answer.isNotFound { return step(.nothing) }
      guard case .answered(.container(let inspection)) = answer else {
        return step(.unknown(answer.fault ?? "unexpected answer"))
      }
      guard !context.isForeign(inspection.labels) else {
        return step(.foreign("container \(inspection.name) belongs to another agent"))
      }
      step(.container(inspection))
    }
  }

  /// Orders a container to run, then waits until it does: looks at once and then every second, for at most 60 s
  /// (spec/03 §5.2).
  final func run(
    _ id: String, until deadline: Instant, _ step: @escaping (ContainerInspection?, CommandFault?) -> Void
  ) {
    call(.startContainer(id), limit: DockerAgentTiming.runWait, until: deadline) { [self] answer in
      guard answer.fault == nil else {
        return step(
          nil, .failed("Failed to start container: failed to start container: \(answer.fault ?? "")"))
      }
      reached(.started) { [self] in
        awaitRun(id, until: min(deadline, now + DockerAgentTiming.runWait), step)
      }
    }
  }

  private func awaitRun(
    _ id: String, until deadline: Instant, _ step: @escaping (ContainerInspection?, CommandFault?) -> Void
  ) {
    call(.inspectContainer(id), until: deadline) { [self] answer in
      let prefix = "Container failed to start:"
      guard case .answered(.container(let inspection)) = answer else {
        let text = answer.fault ?? "unexpected answer"
        return step(nil, .failed("\(prefix) failed to inspect container: \(text)"))
      }
      let state = inspection.state
      switch state.status {
      case .running: return reached(.ready) { step(inspection, nil) }
      case .exited, .dead, .removing:
        let text = "container exited unexpectedly (status: \(state.status.rawValue), exit code: \(state.exitCode))"
        return step(nil, .failed("\(prefix) \(text)"))
      // A container that waits for its next restart does not run, whatever `State.Running` says.
      case .created, .paused, .restarting: break
      }
      guard now + DockerAgentTiming.runPoll <= deadline else {
        return step(nil, .failed("\(prefix) timeout waiting for container to be running"))
      }
      after(DockerAgentTiming.runPoll) { [self] in awaitRun(id, until: deadline, step) }
    }
  }

  /// Stops and removes a container; one that is not there counts as removed. `step` gets the text of a fault.
  final func dispose(of id: String, until deadline: Instant, _ step: @escaping (CommandFault?) -> Void) {
    halt(id, until: deadline) { [self] fault in
      if let fault { return step(fault) }
      call(.removeContainer(id, force: true, volumes: true), limit: DockerAgentTiming.stopLimit, until: deadline) {
        [self] answer in
        if answer.fault == nil || answer.isNotFound { return step(nil) }
        // Somebody's removal is under way: it is gone when it cannot be found.
        if answer.isConflict, now + DockerAgentTiming.conflictPoll < deadline {
          return after(DockerAgentTiming.conflictPoll) { [self] in dispose(of: id, until: deadline, step) }
        }
        step(.failed("Failed to remove container: \(answer.fault ?? "")"))
      }
    }
  }

  /// Stops a container within its grace; one that is not there counts as stopped.
  final func halt(_ id: String, until deadline: Instant, _ step: @escaping (CommandFault?) -> Void) {
    let stop = DockerRequest.Operation.stopContainer(id, timeoutSeconds: DockerAgentTiming.stopGraceSeconds)
    call(stop, limit: DockerAgentTiming.stopLimit, until: deadline) { answer in
      if answer.fault == nil || answer.isNotFound { return step(nil) }
      step(.failed("Failed to stop container: \(answer.fault ?? "")"))
    }
  }

  /// Removes volumes one after the other; one that is not there counts as removed.
  final func remove(volumes: [String], until deadline: Instant, _ step: @escaping (CommandFault?) -> Void) {
    guard let volume = volumes.first else { return step(nil) }
    call(.removeVolume(volume, force: false), until: deadline) { [self] answer in
      guard answer.fault == nil || answer.isNotFound else {
        return step(.failed("Failed to remove volume: \(answer.fault ?? "")"))
      }
      remove(volumes: Array(volumes.dropFirst()), until: deadline, step)
    }
  }
}
