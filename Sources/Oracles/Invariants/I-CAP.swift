import TestEnvironment

/// I-CAP: agents are not over-booked, and equal ones share the load (C15).
final class CapacityInvariant: Invariant {
  static let id = "I-CAP"
  static let statement =
    "Sessions on an agent never exceed its maxSessions; a new session goes where the spread among equal agents stays "
    + "<= 2."
  static let kinds: [ObservationKind] = [.sessionInserted]

  /// Spread that equal agents may show (spec/05 §1).
  private static let spread = 2

  var docket = Docket()
  private var booked: [String: [SessionView]] = [:]

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .sessionInserted(let id, let user, let agent?, let state, _, _) = event.observation else { return }
    let session = situation.session(id)
    booked[agent] = load(of: agent).filter { $0.id != id } + [session]
    guard state == "pending", let chosen = situation.context.agent(agent) else { return }
    docket.checks += 1
    let count = load(of: agent).count
    if count > chosen.maxSessions {
      violate(
        "within maxSessions",
        "session \(id) of \(user) is number \(count) on agent \(agent), whose maxSessions is \(chosen.maxSessions)",
        at: event.time, by: event, about: [.session(id), .agent(agent)], in: situation)
    }
    judgeSpread(session, on: chosen, count: count, by: event, in: situation)
  }

  /// Non-final sessions of the agent.
  private func load(of agent: String) -> [SessionView] {
    let live = (booked[agent] ?? []).filter { $0.isActive && ($0.agent ?? agent) == agent }
    booked[agent] = live
    return live
  }

  /// Stops leave agents uneven, so it is the choice that is judged: an emptier equal agent was there to take it.
  private func judgeSpread(
    _ session: SessionView, on chosen: Topology.Agent, count: Int, by event: TimedObservation, in situation: Situation
  ) {
    let settled = situation.context.timing.online
    let equals = situation.context.topology.agents.filter { other in
      let view = situation.agent(other.id)
      return other.id != chosen.id && other.platform == chosen.platform && other.maxSessions == chosen.maxSessions
        && view.status == "online" && view.statusSince + settled <= event.time
        && (view.connectedSince.map { $0 + settled <= event.time } ?? false)
    }
    for other in equals {
      let less = load(of: other.id).count
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
