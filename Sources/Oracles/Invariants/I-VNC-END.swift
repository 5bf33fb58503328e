import TestEnvironment

/// I-VNC-END: when one end of a viewer's connection goes, the other end learns it, and nothing is left (C24).
final class ViewerEndInvariant: Invariant {
  static let id = "I-VNC-END"
  static let statement =
    "When one end goes, the other end learns within 15 s; tunnel, map entry and active_connections are released."
  static let kinds: [ObservationKind] = [
    .processEnded, .processPaused, .processResumed, .agentDisconnected, .sessionState, .workload, .faultBegan,
    .faultEnded, .viewerEnded, .viewerPicture,
  ]

  /// What a viewer has to be told, or what has to be released after it.
  private enum Duty: Hashable {
    case told(viewer: Int)
    case released(viewer: Int)
  }

  var docket = Docket()
  private var deadlines = Deadlines<Duty>()
  /// What went, by viewer that must be told.
  private var losses: [Int: (what: String, event: TimedObservation)] = [:]

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .viewerEnded(let viewer, _, _, _): ended(viewer, by: event, in: situation)
    // What went was not on its way: it was attached over another connection, and works.
    case .viewerPicture(let viewer, _): forgive(in: situation) { $0.number == viewer }
    case .processEnded(let process, _, _):
      lose(by: event, "\(process) ended", in: situation) { viewer in
        viewer.edge == process || viewer.link.map { $0.replica == process || $0.instance == process } ?? false
      }
    case .processPaused(let process):
      lose(by: event, "\(process) was paused", in: situation) { viewer in
        viewer.link.map { $0.replica == process || $0.instance == process } ?? false
      }
    case .processResumed(let process):
      forgive(in: situation) { $0.link.map { $0.replica == process || $0.instance == process } ?? false }
    case .agentDisconnected(let agent, let replica, let number, _):
      lose(by: event, "connection \(number) of \(agent) ended", in: situation) { viewer in
        viewer.link.map { $0.replica == replica && $0.number == number } ?? false
      }
    case .sessionState(let session, "running", let state, _):
      lose(by: event, "the session is \(state)", in: situation) { $0.session == session }
    case .workload(let session, _, let object, let what, _):
      desktop(of: session, object, what, by: event, in: situation)
    case .faultBegan(let name, let fault?):
      guard let ends = fault.silencedPath else { break }
      lose(by: event, "fault: \(name)", in: situation) { viewer in
        guard let link = viewer.link, let agent = situation.session(viewer.session).agent else { return false }
        return ends.contains(agent: agent, instance: link.instance, replica: link.replica)
      }
    case .faultEnded(let name): forgive(in: situation) { losses[$0.number]?.what == "fault: \(name)" }
    default: break
    }
  }

  // MARK: The viewer must be told

  private func lose(
    by event: TimedObservation, _ what: String, in situation: Situation, _ concerns: (ViewerView) -> Bool
  ) {
    for viewer in situation.streams.viewers.values where viewer.isOpen && concerns(viewer) {
      let duty = Duty.told(viewer: viewer.number)
      guard deadlines[duty] == nil else { continue }
      losses[viewer.number] = (what, event)
      deadlines.set(duty, event.time + situation.timing.viewerTold)
    }
  }

  /// What was silent is heard again, before its silence had to be noticed.
  private func forgive(in situation: Situation, _ concerns: (ViewerView) -> Bool) {
    for viewer in situation.streams.viewers.values where viewer.isOpen && concerns(viewer) {
      guard losses[viewer.number] != nil, deadlines.clear(.told(viewer: viewer.number)) != nil else { continue }
      losses[viewer.number] = nil
      docket.excused += 1
    }
  }

  /// The pod or container has ended, and its desktop with it. A node that is said not to be ready still runs its pods.
  private func desktop(
    of session: String, _ object: String, _ what: WorkloadEvent, by event: TimedObservation, in situation: Situation
  ) {
    guard [.notReady, .deleted, .failed, .scaledToZero].contains(what),
      situation.session(session).objects[object]?.isWorkload == true
    else { return }
    let isNodeLost = situation.openFaults.contains { span in
      if case .kubernetes = span.fault { return true }
      return span.fault == nil && span.isOfPlatform
    }
    if isNodeLost { return }
    lose(by: event, "\(object): \(what.rawValue)", in: situation) { $0.session == session }
  }

  // MARK: What a viewer leaves

  private func ended(_ number: Int, by event: TimedObservation, in situation: Situation) {
    if deadlines.clear(.told(viewer: number)) != nil { docket.checks += 1 }
    losses[number] = nil
    guard situation.streams.viewers[number]?.status == 101 else { return }
    deadlines.set(.released(viewer: number), event.time + situation.timing.viewerTold)
  }

  func expire(before time: Duration, in situation: Situation) {
    for (duty, due) in deadlines.expire(before: time) {
      switch duty {
      case .told(let number): judgeTold(number, at: due, in: situation)
      case .released(let number): judgeReleased(number, at: due, in: situation)
      }
    }
  }

  private func judgeTold(_ number: Int, at due: Duration, in situation: Situation) {
    guard let viewer = situation.streams.viewers[number], let loss = losses.removeValue(forKey: number) else { return }
    // Silence of the edge itself is all that its viewer hears; nobody can tell it more.
    let isEdgeSilent = viewer.edge.map { situation.wasPaused($0, since: loss.event.time) } ?? false
    // An edge that crashed told it by a reset; one that vanished meanwhile tells nothing any more.
    if isEdgeSilent || viewer.edgeVanished || loss.event.observation.isSilentEnd(of: viewer.edge) {
      docket.excused += 1
      return
    }
    let since = learnable(loss.event, by: viewer, in: situation)
    let later = since + situation.timing.viewerTold + situation.slowness(since: loss.event.time)
    if later > due {
      losses[number] = loss
      deadlines.set(.told(viewer: number), later)
      return
    }
    docket.checks += 1
    violate(
      "a viewer is told",
      "viewer \(number) of \(viewer.user) on session \(viewer.session), edge \(viewer.edge ?? "?"), was told nothing by "
        + "\(due.text), though at \(loss.event.time.text) its other end went: \(loss.what)",
      at: due, by: loss.event, about: [.session(viewer.session)],
      excuses: [
        "its edge was not paused and did not vanish", "what went did not come back before",
        "a state: its owner could read it",
      ], in: situation)
  }

  /// When the control plane could first know of a loss. That a session has left `running` stands in the database alone
  /// (spec/00, close code 4002), and so does the command that ends its desktop (C10): an owner that cannot reach it
  /// keeps its sockets (CHAOS-05) and learns of both when it can.
  private func learnable(_ loss: TimedObservation, by viewer: ViewerView, in situation: Situation) -> Duration {
    guard case .sessionState = loss.observation, let owner = viewer.link?.replica else { return loss.time }
    return max(loss.time, situation.databaseOutOfReach(of: owner, since: loss.time) ?? loss.time)
  }

  private func judgeReleased(_ number: Int, at due: Duration, in situation: Situation) {
    guard let viewer = situation.streams.viewers[number], let ended = viewer.ended else { return }
    let session = situation.session(viewer.session)
    // The agent that should release it was away itself, or could not be told.
    if situation.agentDisturbance(of: session, since: ended.time) != nil
      || situation.faultDisturbance(since: ended.time) != nil || !situation.isDatabaseAvailable
      || session.attachments.contains(where: { attachment in
        // A frozen owner lets go when it wakes.
        attachment.owner.map { situation.wasPaused($0, since: ended.time) } ?? false
      })
    {
      docket.excused += 1
      return
    }
    docket.checks += 1
    let viewers = situation.streams.viewers(of: session.id)
    // Those that are there, and those that left too late to have been released by now.
    let present = viewers.filter { $0.isPresent || ($0.ended.map { $0.time > ended.time } ?? false) }
    let older = present.count { $0.asked.time <= ended.time }
    let tunnels = situation.streams.tunnels(of: session.id)
    var left: [String] = []
    let oldAttachments = session.attachments.count { $0.since <= ended.time }
    if session.attachments.count > present.count || oldAttachments > older {
      left += session.attachments.map { "attachment \($0.id)" }
    }
    let oldTunnels = tunnels.count { $0.opened.time <= ended.time }
    if tunnels.count > present.count || oldTunnels > older { left += tunnels.map { "tunnel \($0.number)" } }
    if present.isEmpty, let count = session.activeConnections, count != 0 {
      left.append("active_connections \(count)")
    }
    guard !left.isEmpty else { return }
    violate(
      "everything is released",
      "viewer \(number) of session \(session.id) has ended at \(ended.time.text), but at \(due.text) there is still: "
        + left.joined(separator: ", "),
      at: due, by: ended, about: [.session(session.id)] + (session.agent.map { [.agent($0)] } ?? []),
      excuses: ["the agent was connected all the while", "no fault lay on the way"], in: situation)
  }

  func finish(at time: Duration, in situation: Situation) { docket.notJudged += deadlines.count }
}

/// The two ends of a fault that silences or cuts what lies between them.
private struct SilencedPath {
  let ends: (Component, Component)

  func contains(agent: String, instance: String, replica: String) -> Bool {
    func isAgent(_ component: Component) -> Bool { component == .agent(agent) || component == .instance(instance) }
    func isReplica(_ component: Component) -> Bool { component == .replica(replica) || component == .controlPlane }
    return isAgent(ends.0) && isReplica(ends.1) || isAgent(ends.1) && isReplica(ends.0)
  }
}

extension Fault {
  fileprivate var silencedPath: SilencedPath? {
    switch self {
    // One direction is enough: 10 s without a frame end the attachments at the end that hears none, and the other is
    // told (C24).
    case .cut(let a, let b), .cutOneWay(let a, let b), .reset(let a, let b), .halfOpen(let a, let b):
      SilencedPath(ends: (a, b))
    default: nil
    }
  }
}

extension Observation {
  /// The edge itself vanished: no frame and no reset tells of it.
  fileprivate func isSilentEnd(of edge: String?) -> Bool {
    if case .processEnded(let process, let reason, _) = self { return process == edge && reason.contains("vanish") }
    return false
  }
}
