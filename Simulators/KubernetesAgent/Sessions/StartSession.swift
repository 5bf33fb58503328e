import SimulationRuntime
import StreamSpaceProtocol

/// `start_session`: Deployment, Service, claim, pod, session resource (spec/03 §2.2). Idempotent: what the session
/// already has is adopted; a failed start removes what it made (C27).
final class StartSession: PlatformWork {
  private let objects: SessionObjects
  /// What this command made, newest last: what a failure removes.
  private var made: [ObjectReference] = []
  /// The wait for the pod was cancelled; what is being made is made (C-25).
  private var isWaitCancelled = false
  private var isWaiting = false

  init(_ context: PlatformContext, _ objects: SessionObjects, _ completion: @escaping (WorkOutcome) -> Void) {
    self.objects = objects
    super.init(context, commandID: objects.commandID, sessionID: objects.sessionID, completion)
  }

  override func begin() {
    ensure(objects.deployment, as: "deployment", .workload) { [self] in
      ensure(objects.service, as: "service", .service) { [self] in
        guard objects.persistentHome else { return objectsStand() }
        ensure(objects.claim, as: "PVC", .volume) { [self] in objectsStand() }
      }
    }
  }

  private func objectsStand() {
    switch context.behaviour.startCompletion {
    case .whenReady: awaitPod()
    case .whenCreated: succeed(RunningPod(name: sessionID, address: "", vncPort: Service.sessionPort))
    }
  }

  // MARK: Objects

  /// Creates an object, or adopts the one that is there.
  private func ensure(
    _ object: KubernetesObject, as what: String, _ boundary: AgentStep, _ next: @escaping () -> Void
  ) {
    let deadline = now + AgentTiming.stepPatience
    create(object, as: what, until: deadline) { [self] in reached(boundary, next) }
  }

  private func create(
    _ object: KubernetesObject, as what: String, until deadline: Instant, _ next: @escaping () -> Void
  ) {
    call(.create(object), until: deadline) { [self] answer in
      guard let fault = answer.fault else {
        made.append(object.reference)
        return next()
      }
      if answer.reason == .alreadyExists, context.behaviour.existingWorkload == .adopted {
        return adopt(object, as: what, until: deadline, next)
      }
      // Silence leaves open whether it was made: then it must be removed too.
      if case .unreachable = answer { made.append(object.reference) }
      fail("failed to create \(what): \(fault)")
    }
  }

  private func adopt(
    _ object: KubernetesObject, as what: String, until deadline: Instant, _ next: @escaping () -> Void
  ) {
    let reference = object.reference
    let alreadyExists = KubernetesFailure.alreadyExists(reference.kind, reference.name).message
    call(.get(reference), until: deadline) { [self] answer in
      if answer.reason == .notFound { return create(object, as: what, until: deadline, next) }
      guard case .object(let existing) = answer else {
        return fail("failed to create \(what): \(answer.fault ?? "unexpected answer")")
      }
      let metadata = existing.metadata
      guard !context.isForeign(metadata), metadata.labels[SessionLabel.session] == sessionID else {
        return fail("failed to create \(what): \(alreadyExists)")
      }
      if metadata.isBeingDeleted {
        guard now < deadline else { return fail("failed to create \(what): \(alreadyExists)") }
        return after(AgentTiming.removalPoll) { [self] in create(object, as: what, until: deadline, next) }
      }
      context.observe(.adopted(commandID: commandID, reference))
      // A delivery of this very command before a crash made it: a failure removes it as well.
      if metadata.labels[SessionLabel.command] == commandID { made.append(reference) }
      if case .deployment(let deployment) = existing, deployment.replicas == 0 {
        return scale(to: 1, until: deadline) { [self] fault in
          if let fault { fail("failed to create \(what): \(fault)") } else { next() }
        }
      }
      next()
    }
  }

  // MARK: Pod

  /// Ends the wait for the pod, now or when it would begin.
  func cancelWait() {
    isWaitCancelled = true
    if isWaiting { end(.failed("cancelled")) }
  }

  private func awaitPod() {
    if isWaitCancelled { return end(.failed("cancelled")) }
    isWaiting = true
    awaitPod(until: now + AgentTiming.podWait) { [self] pod, fault in
      guard let pod else { return fail("pod not ready: \(fault)") }
      reached(.ready) { [self] in
        // Nothing depends on the session resource: a failure is not one of the command (spec/03 §2.2).
        callOnce(.create(objects.sessionResource(pod))) { [self] _ in succeed(context.told(pod)) }
      }
    }
  }

  private func succeed(_ told: RunningPod) {
    end(
      .completed(
        CommandResult(
          sessionID: sessionID, deployment: sessionID, service: sessionID,
          pvc: objects.persistentHome ? SessionObjects.claimName(sessionID) : "", podName: told.name,
          podIP: told.address, vncPort: told.vncPort, state: SessionState.running.rawValue), .running(told)))
  }

  // MARK: Failure

  private func fail(_ text: String) {
    guard context.behaviour.failedStart == .removesWhatItMade, !made.isEmpty else { return end(.failed(text)) }
    remove(made, until: now + AgentTiming.cleanUpPatience) { [self] _ in end(.failed(text)) }
  }
}
