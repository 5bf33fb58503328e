import TestEnvironment

/// I-CAP: agents are not over-booked, and equal ones share the load (C15).
final class CapacityInvariant: Invariant {
  static let id = "I-CAP"
  static let statement =
    "Sessions on an agent never exceed its maxSessions; a new session goes where the spread among equal agents stays "
    + "<= 2, and never to one that is not approved."
  static let kinds: [ObservationKind] = [.sessionInserted, .sessionState, .sessionDeleted]

  /// Spread that equal agents may show (spec/05 §1).
  private static let spread = 2

  var docket = Docket()
  private var agents = Occupancy()

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .sessionState(let id, _, _, _), .sessionDeleted(let id):
      agents.follow(situation.session(id), holder: situation.session(id).agent)
    case .sessionInserted(let id, _, let agent, let state, _, _):
      let session = situation.session(id)
      agents.follow(session, holder: agent)
      guard state == "pending", let agent, let chosen = situation.context.agent(agent) else { return }
      judge(session, on: chosen, by: event, in: situation)
    default: break
    }
  }

  private func judge(
    _ session: SessionView, on chosen: Topology.Agent, by event: TimedObservation, in situation: Situation
  ) {
    docket.checks += 1
    let count = agents.load(of: chosen.id).sessions
    if count > chosen.maxSessions {
      violate(
        "within maxSessions",
        "session \(session.id) of \(session.user) is number \(count) on agent \(chosen.id), whose maxSessions is \(chosen.maxSessions)",
        at: event.time, by: event, about: [.session(session.id), .agent(chosen.id)], in: situation)
    }
    judgeApproval(session, on: chosen, by: event, in: situation)
    judgeSpread(session, on: chosen, count: count, by: event, in: situation)
  }

  /// Only approved agents are chosen (C15).
  private func judgeApproval(
    _ session: SessionView, on chosen: Topology.Agent, by event: TimedObservation, in situation: Situation
  ) {
    guard !chosen.isEnrolled else { return }
    docket.checks += 1
    let view = situation.agent(chosen.id)
    guard situation.isEnrolling(view) else { return }
    violate(
      "only approved agents",
      "session \(session.id) of \(session.user) was put on \(chosen.id), which is not approved (last step: "
        + "\(view.enrolment?.step.rawValue ?? "none"))",
      at: event.time, by: event, about: [.session(session.id), .agent(chosen.id)], in: situation)
  }

  /// Stops leave agents uneven, so it is the choice that is judged: an emptier equal agent was there to take it.
  private func judgeSpread(
    _ session: SessionView, on chosen: Topology.Agent, count: Int, by event: TimedObservation, in situation: Situation
  ) {
    let settled = situation.timing.online
    let equals = situation.context.topology.agents.filter { other in
      let view = situation.agent(other.id)
      return other.id != chosen.id && other.platform == chosen.platform && other.maxSessions == chosen.maxSessions
        && view.status == "online" && view.statusSince + settled <= event.time
        && (view.connectedSince.map { $0 + settled <= event.time } ?? false)
    }
    for other in equals {
      let less = agents.load(of: other.id).sessions
      docket.checks += 1
      guard count - less > Self.spread else { continue }
      violate(
        "equal agents share",
        "session \(session.id) of \(session.user) was put on \(chosen.id) as number \(count), while the equal agent "
          + "\(other.id) had \(less)",
        at: event.time, by: event, about: [.session(session.id), .agent(chosen.id), .agent(other.id)],
        excuses: ["\(other.id) was online and connected for \(settled.text)"], in: situation)
    }
  }
}
