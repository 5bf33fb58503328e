import TestEnvironment

/// I-QUOTA: no user exceeds the quota, all together never the licence (C15, C36).
final class QuotaInvariant: Invariant {
  static let id = "I-QUOTA"
  static let statement =
    "Per user: sessions, CPU, memory in non-terminal states never exceed the limits (user_quotas row, else 5 sessions, "
    + "4000m, 8192 Mi in all, 2000m, 4096 Mi each), nor all sessions the licence."
  static let kinds: [ObservationKind] = [.sessionInserted, .sessionState, .sessionDeleted]

  var docket = Docket()
  private var users = Occupancy()
  private var licence = Occupancy()

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .sessionState(let id, _, _, _), .sessionDeleted(let id): follow(situation.session(id))
    case .sessionInserted(let id, _, _, let state, _, _):
      let session = situation.session(id)
      follow(session)
      judge(session, insertedAs: state, by: event, in: situation)
    default: break
    }
  }

  private func follow(_ session: SessionView) {
    guard session.inserted != nil else { return }
    users.follow(session, holder: session.user)
    licence.follow(session, holder: "")
  }

  private func judge(
    _ session: SessionView, insertedAs state: String, by event: TimedObservation, in situation: Situation
  ) {
    // Rows put in place by the case were let in by nobody.
    guard state == "pending" else { return }
    docket.checks += 1
    let user = session.user
    let quota = situation.context.quota(of: user)
    let load = users.load(of: user)
    let measures = [
      ("sessions", load.sessions, quota.sessions), ("mCPU in all", load.milliCPU, quota.milliCPU),
      ("MiB in all", load.memoryMiB, quota.memoryMiB),
      ("mCPU for one session", session.milliCPU, quota.sessionMilliCPU),
      ("MiB for one session", session.memoryMiB, quota.sessionMemoryMiB),
    ]
    for (what, value, limit) in measures where value > limit {
      let mine = situation.sessions(of: user).filter(\.isActive)
      violate(
        "within the user's quota",
        "session \(session.id) was let in at \(event.time.text) and gives user \(user) \(value) \(what), where \(limit) are "
          + "allowed; non-final sessions: \(mine.map { "\($0.id) (\($0.state ?? ""))" }.joined(separator: ", "))",
        at: event.time, by: event, about: [.user(user)], in: situation)
    }
    judgeLicence(session, by: event, in: situation)
  }

  private func judgeLicence(_ session: SessionView, by event: TimedObservation, in situation: Situation) {
    let count = licence.load(of: "").sessions
    guard let limit = situation.context.licensedSessions, count > limit else { return }
    violate(
      "within the licence",
      "session \(session.id) of \(session.user) was let in at \(event.time.text) as number \(count) of all users, "
        + "where the licence allows \(limit)",
      at: event.time, by: event, about: [.session(session.id)], in: situation)
  }
}
