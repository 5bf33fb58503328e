import SimulationRuntime
import StreamSpaceProtocol

/// Looks at the workloads every 10 s while there is one to look at (C13): a restarted one is reported with its new pod,
/// one that is gone or not ready for 60 s is lost. Without running sessions there is neither call nor timer.
final class WorkloadInspection {
  private let context: PlatformContext
  private var timer = EventToken.none
  private var isArmed = false
  /// The sessions as they stand; the owner's.
  var table: () -> SessionTable
  var update: (String, SessionTable.Running) -> Void
  /// Whether a session may be judged now: no command of it is under way.
  var isIdle: (String) -> Bool
  var moved: (String, Pod) -> Void
  var lost: (String) -> Void

  private static let tick = EventLabel("agent.inspection")

  init(
    _ context: PlatformContext, table: @escaping () -> SessionTable,
    update: @escaping (String, SessionTable.Running) -> Void, isIdle: @escaping (String) -> Bool,
    moved: @escaping (String, Pod) -> Void, lost: @escaping (String) -> Void
  ) {
    self.context = context
    self.table = table
    self.update = update
    self.isIdle = isIdle
    self.moved = moved
    self.lost = lost
  }

  /// Sees to it that the next look is planned if there is something to look at.
  func arm() {
    guard !isArmed, context.behaviour.inspectsWorkloads, table().hasRunning else { return }
    isArmed = true
    timer = context.incarnation.after(AgentTiming.inspection, Self.tick) { [weak self] in
      self?.isArmed = false
      self?.look()
    }
  }

  func stop() {
    context.incarnation.cancel(timer)
    isArmed = false
  }

  private func look() {
    guard table().hasRunning else { return }
    let begun = context.incarnation.monotonicNow
    let mine = LabelSelector.label(SessionLabel.agent, context.configuration.agentID)
    context.client.send(.list(.pod, namespace: context.configuration.namespace, mine)) { [weak self] outcome in
      guard let self else { return }
      // A list that failed says nothing of any workload.
      if case .answered(.list(let objects, _)) = outcome { self.judge(objects, seenAt: begun) }
      self.arm()
    }
  }

  private func judge(_ objects: [KubernetesObject], seenAt time: Instant) {
    var ready: [String: Pod] = [:]
    for object in objects {
      guard case .pod(let pod) = object, pod.isUsable, !pod.metadata.isBeingDeleted,
        let session = pod.metadata.labels[SessionLabel.session]
      else { continue }
      ready[session] = pod
    }
    let sessions = table()
    for session in sessions.runningIDs where isIdle(session) {
      guard var entry = sessions[session] else { continue }
      guard let pod = ready[session] else {
        let since = entry.unreadySince ?? time
        entry.unreadySince = since
        update(session, entry)
        if context.incarnation.monotonicNow - since >= AgentTiming.workloadPatience { lost(session) }
        continue
      }
      let isNew = pod.metadata.name != entry.podName || pod.restartCount != entry.restarts
      let hadNoPod = entry.unreadySince != nil
      guard isNew || hadNoPod else { continue }
      update(session, SessionTable.Running(podName: pod.metadata.name, restarts: pod.restartCount))
      if isNew { moved(session, pod) }
    }
  }
}
