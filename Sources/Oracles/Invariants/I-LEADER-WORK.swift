import TestEnvironment

/// I-LEADER-WORK: who holds the lock is connected to the control plane, or gives the lock up (C28).
final class LeaderWorkInvariant: Invariant {
  static let id = "I-LEADER-WORK"
  static let statement =
    "A replica that holds the lease is connected to the control plane, or gives the lease up within 30 s of losing the "
    + "link or of gaining the lease without one."
  static let kinds: [ObservationKind] = LeaderLiveInvariant.kinds + [.lockChanged]

  private struct Duty: Hashable {
    var agent: String
    var holder: String
  }

  var docket = Docket()
  private var deadlines = Deadlines<Duty>()
  /// What began each duty.
  private var causes: [Duty: TimedObservation] = [:]
  /// The duty of each agent: there is one holder.
  private var current: [String: Duty] = [:]

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    if case .lockChanged(let agent, _, _) = event.observation {
      guard situation.agent(agent).election.lock?.event == event else { return }  // It was only renewed.
    }
    for view in situation.elected { judge(view, by: event, in: situation) }
  }

  private func judge(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    let holder = view.election.lock?.holder
    if let duty = current[view.id], duty.holder != holder {
      settle(duty, isKept: true)  // Given up, or taken over by another.
    }
    guard let holder else { return }
    let duty = Duty(agent: view.id, holder: holder)
    guard situation.isAble(holder) else { return settle(duty, isKept: false) }  // It cannot give anything up.
    if situation.isLinked(holder, of: view) { return settle(duty, isKept: true) }
    // Cut off from the lock's store it can only cease to act; the record ends by itself.
    if !view.election.leads(holder), !situation.reachesLock(holder, of: view) {
      return settle(duty, isKept: false)
    }
    if current[view.id] != nil {
      // Behind a cut that it had not noticed, its socket is lost now: C28 gives 30 s from there.
      let isNoticed = event.isLoss(of: holder) && causes[duty]?.isCut == true
      // Its leadership was over, and it has gained the lock anew.
      guard isNoticed || event == view.election.lock?.event && !view.election.leads(holder) else { return }
    }
    current[view.id] = duty
    causes[duty] = event
    deadlines.set(duty, event.time + Self.allowed(view.id, in: situation))
  }

  /// It yields 30 s after losing its socket without a new one (C28); then the lock is released.
  private static func allowed(_ agent: String, in situation: Situation) -> Duration {
    situation.stretched(situation.timing.leaderLink, for: agent) + situation.timing.leaderRelease
  }

  private func settle(_ duty: Duty, isKept: Bool) {
    guard current[duty.agent] == duty else { return }
    current[duty.agent] = nil
    guard deadlines.clear(duty) != nil else { return }
    if isKept { docket.checks += 1 } else { docket.excused += 1 }
  }

  func expire(before time: Duration, in situation: Situation) {
    for (duty, due) in deadlines.expire(before: time) {
      let view = situation.agent(duty.agent)
      guard let cause = causes[duty] else { continue }
      let later =
        cause.time + Self.allowed(duty.agent, in: situation) + situation.slowness(since: cause.time)
      if later > due {
        deadlines.set(duty, later)
        continue
      }
      // It waits for the administrator, and nobody else could do better; then for its next poll.
      let approved = view.enrolment.flatMap { $0.step == .approved ? $0.time : nil }
      if situation.isEnrolling(view) || approved.map({ due < $0 + situation.timing.enrolmentPoll }) == true {
        docket.excused += 1
        deadlines.set(duty, due + situation.timing.enrolmentPoll)
        continue
      }
      docket.checks += 1
      let since = cause.time
      let wins = view.election.lock?.event == cause
      violate(
        "connected, or the lock is given up",
        "\(duty.holder) still holds the lock of \(duty.agent) (term \(view.election.lock?.term ?? 0)) at \(due.text), "
          + "though it has no connection to the control plane since \(since.text)"
          + (wins ? ", when it won the lock" : ""),
        at: due, by: cause, about: [.agent(duty.agent), .process(duty.holder)],
        excuses: ["it runs and is not paused", "it reaches the store of the lock or leads", "it is approved"],
        in: situation)
    }
  }

  func finish(at time: Duration, in situation: Situation) { docket.notJudged += deadlines.count }
}

extension TimedObservation {
  fileprivate func isLoss(of process: String) -> Bool {
    if case .agentLink(_, process, false) = observation { true } else { false }
  }

  fileprivate var isCut: Bool { if case .faultBegan = observation { true } else { false } }
}
