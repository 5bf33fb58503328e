import SimulationRuntime
import StreamSpaceProtocol

/// How work on a session ended.
enum WorkOutcome {
  /// Done: what to answer, and where the session stands now.
  case completed(CommandResult, SessionWorkload)
  case failed(String)
  /// Stopped without an answer: the leadership ended.
  case abandoned
}

/// Where the workload of a session stands.
enum SessionWorkload: Hashable {
  case running(RunningPod)
  case hibernated
  case gone
}

/// The pod of a running session as it is told.
struct RunningPod: Hashable {
  /// Empty when no pod is known.
  var name = ""
  var address = ""
  /// Of its desktop.
  var vncPort = Service.sessionPort
}

/// What all work on the platform shares.
final class PlatformContext {
  /// Strong: a crash at a step boundary frees the program while the step is still on the stack.
  let incarnation: Incarnation
  let configuration: AgentConfiguration
  let behaviour: AgentBehaviour
  let client: KubernetesClient
  let observe: (AgentEvent) -> Void

  init(
    _ incarnation: Incarnation, _ configuration: AgentConfiguration, _ behaviour: AgentBehaviour,
    client: KubernetesClient, observe: @escaping (AgentEvent) -> Void
  ) {
    self.incarnation = incarnation
    self.configuration = configuration
    self.behaviour = behaviour
    self.client = client
    self.observe = observe
  }

  private static let resumed = EventLabel("agent.step.resumed")

  /// Tells of a step boundary and goes on, unless the observer ended this life there; where it paused the process,
  /// what follows happens after the resumption.
  func reached(
    _ step: AgentStep, _ commandID: String, _ sessionID: String, then next: @escaping () -> Void
  ) {
    observe(.step(commandID: commandID, sessionID: sessionID, step: step))
    switch incarnation.state {
    case .running: next()
    case .paused: incarnation.after(.zero, Self.resumed, next)
    case .ended: break
    }
  }

  /// What the agent says it can carry.
  var capacityReport: CapacityReport {
    let capacity = configuration.capacity
    switch behaviour.capacityShape {
    case .contract: return .standard(capacity)
    case .numbers:
      let cores = Int(capacity.cpu.prefix { $0.isNumber }) ?? 0
      let gibibytes = Int(capacity.memory.prefix { $0.isNumber }) ?? 0
      return .shippedDocker(DockerCapacity(maxCPU: cores, maxMemory: gibibytes, maxSessions: capacity.maxSessions))
    }
  }

  /// A pod as it is told.
  func told(_ pod: Pod) -> RunningPod {
    RunningPod(
      name: pod.metadata.name, address: pod.podIP,
      vncPort: behaviour.reportedPort == .used ? pod.vncPort : Service.sessionPort)
  }

  func reference(_ kind: KubernetesKind, _ name: String) -> ObjectReference {
    ObjectReference(kind, namespace: configuration.namespace, name: name)
  }

  /// Whether an object says that it belongs to another agent (C27).
  func isForeign(_ metadata: ObjectMetadata) -> Bool {
    guard let owner = metadata.labels[SessionLabel.agent] else { return false }
    return owner != configuration.agentID
  }
}

/// One piece of work on the platform for one session: explicit steps, each an answer or a timer, each a crash point.
class PlatformWork {
  /// What came of one call.
  enum Answer {
    case object(KubernetesObject)
    case list([KubernetesObject])
    /// Gone, or going.
    case deleted
    case refused(KubernetesFailure)
    case unreachable(String)

    /// The text of what went wrong.
    var fault: String? {
      switch self {
      case .refused(let failure): failure.message
      case .unreachable(let text): text
      case .object, .list, .deleted: nil
      }
    }

    var reason: KubernetesFailure.Reason? {
      if case .refused(let failure) = self { failure.reason } else { nil }
    }
  }

  let context: PlatformContext
  /// Empty for work without command.
  let commandID: String
  let sessionID: String
  private var completion: ((WorkOutcome) -> Void)?

  private static let wait = EventLabel("agent.work.wait")

  init(
    _ context: PlatformContext, commandID: String, sessionID: String, _ completion: @escaping (WorkOutcome) -> Void
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

  /// Stops the work without an outcome.
  final func cancel() { completion = nil }

  final var isOver: Bool { completion == nil }

  final var now: Instant { context.incarnation.monotonicNow }

  /// A call that is repeated until `deadline` while the API server cannot answer it.
  final func call(
    _ operation: KubernetesRequest.Operation, until deadline: Instant, _ step: @escaping (Answer) -> Void
  ) {
    context.client.persist(operation, until: deadline) { [weak self] outcome in self?.take(outcome, step) }
  }

  /// A call that is made once.
  final func callOnce(_ operation: KubernetesRequest.Operation, _ step: @escaping (Answer) -> Void) {
    context.client.send(operation) { [weak self] outcome in self?.take(outcome, step) }
  }

  private func take(_ outcome: KubernetesOutcome, _ step: (Answer) -> Void) {
    guard !isOver else { return }
    if case .notLeader = outcome { return end(.abandoned) }
    step(Answer(outcome))
  }

  /// Tells of a step boundary, then goes on unless the work ended there.
  final func reached(_ boundary: AgentStep, _ step: @escaping () -> Void) {
    context.reached(boundary, commandID, sessionID) { [self] in
      guard !isOver else { return }
      step()
    }
  }

  /// Goes on after `delay`.
  final func after(_ delay: TimeSpan, _ step: @escaping () -> Void) {
    context.incarnation.after(delay, Self.wait) { [weak self] in
      guard let self, !self.isOver else { return }
      step()
    }
  }

  // MARK: Shared steps

  /// Waits for a ready pod: the first look after 2 s, then every 2 s (spec/03 §2.2). Under contract a list that fails
  /// is only a look that saw nothing.
  final func awaitPod(until deadline: Instant, _ step: @escaping (Pod?, String) -> Void) {
    after(AgentTiming.podPoll) { [self] in
      let list = KubernetesRequest.Operation.list(
        .pod, namespace: context.configuration.namespace, .label(SessionLabel.session, sessionID))
      callOnce(list) { [self] answer in
        if case .list(let objects) = answer, let pod = usablePod(objects.compactMap(\.pod)) { return step(pod, "") }
        if now + AgentTiming.podPoll > deadline {
          return step(nil, "timeout waiting for pod to be ready")
        }
        awaitPod(until: deadline, step)
      }
    }
  }

  private func usablePod(_ pods: [Pod]) -> Pod? {
    switch context.behaviour.podChoice {
    case .readyAndLasting: pods.last { $0.isUsable && !$0.metadata.isBeingDeleted }
    case .firstInList: pods.first.flatMap { $0.isUsable ? $0 : nil }
    }
  }

  /// Deletes objects one after the other, then waits until their deployment is gone. An object that is not there
  /// counts as deleted. `step` gets the text of the first fault, nil when all is gone.
  final func remove(
    _ references: [ObjectReference], until deadline: Instant, _ step: @escaping (String?) -> Void
  ) {
    removeNext(references[...], deployment: references.first { $0.kind == .deployment }, until: deadline, step)
  }

  private func removeNext(
    _ rest: ArraySlice<ObjectReference>, deployment: ObjectReference?, until deadline: Instant,
    _ step: @escaping (String?) -> Void
  ) {
    guard let reference = rest.first else {
      guard let deployment else { return step(nil) }
      return awaitRemoval(of: deployment, until: deadline, step)
    }
    let options = DeleteOptions(reference.kind == .deployment ? .foreground : .background)
    call(.delete(reference, options), until: deadline) { [self] answer in
      if let fault = answer.fault, answer.reason != .notFound {
        return step("failed to delete \(reference.kind.rawValue.lowercased()): \(fault)")
      }
      removeNext(rest.dropFirst(), deployment: deployment, until: deadline, step)
    }
  }

  private func awaitRemoval(
    of deployment: ObjectReference, until deadline: Instant, after wait: TimeSpan = AgentTiming.firstRemovalLook,
    _ step: @escaping (String?) -> Void
  ) {
    after(wait) { [self] in
      callOnce(.get(deployment)) { [self] answer in
        if answer.reason == .notFound { return step(nil) }
        if now + AgentTiming.removalPoll > deadline {
          return step("failed to delete deployment: timeout waiting for deletion")
        }
        awaitRemoval(of: deployment, until: deadline, after: AgentTiming.removalPoll, step)
      }
    }
  }

  /// Sets the wished number of instances: GET, PUT; a conflict begins again (HZ-38). `step` gets the text of a fault.
  final func scale(to replicas: Int, until deadline: Instant, _ step: @escaping (String?) -> Void) {
    call(.get(context.reference(.deployment, sessionID)), until: deadline) { [self] answer in
      guard case .object(.deployment(var deployment)) = answer else {
        return step("failed to scale deployment: \(answer.fault ?? "unexpected answer")")
      }
      guard !context.isForeign(deployment.metadata) else {
        return step("failed to scale deployment: deployments.apps \"\(sessionID)\" belongs to another agent")
      }
      deployment.replicas = replicas
      call(.update(.deployment(deployment)), until: deadline) { [self] answer in
        if answer.reason == .conflict, context.behaviour.scaleConflict == .retried, now < deadline {
          return after(AgentTiming.removalPoll) { [self] in scale(to: replicas, until: deadline, step) }
        }
        step(answer.fault.map { "failed to scale deployment: \($0)" })
      }
    }
  }
}
