import TestEnvironment

/// I-QUOTA: no user exceeds the quota, all together never the licence (C15, C36).
final class QuotaInvariant: Invariant {
  static let id = "I-QUOTA"
  static let statement =
    "Per user: sessions, CPU, memory in non-terminal states never exceed the limits (user_quotas row, else 5 sessions, "
    + "4000m, 8192 Mi in all, 2000m, 4096 Mi each), nor all sessions the licence."
  static let kinds: [ObservationKind] = [.sessionInserted]

  var docket = Docket()
  /// Sessions of each user that were active when last looked at.
  private var active: [String: [SessionView]] = [:]
  private var all: [SessionView] = []

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .sessionInserted(let id, let user, _, let state, let milliCPU, let memoryMiB) = event.observation else {
      return
    }
    let session = situation.session(id)
    let mine = (active[user] ?? []).filter { $0.isActive && $0.id != id } + [session]
    active[user] = mine
    all.append(session)
    // Rows put in place by the case were let in by nobody.
    guard state == "pending" else { return }
    docket.checks += 1
    let quota = situation.context.quota(of: user)
    let measures = [
      ("sessions", mine.count, quota.sessions), ("mCPU in all", mine.reduce(0) { $0 + $1.milliCPU }, quota.milliCPU),
      ("MiB in all", mine.reduce(0) { $0 + $1.memoryMiB }, quota.memoryMiB),
      ("mCPU for one session", milliCPU, quota.sessionMilliCPU),
      ("MiB for one session", memoryMiB, quota.sessionMemoryMiB),
    ]
    for (what, value, limit) in measures where value > limit {
      violate(
        "within the user's quota",
        "session \(id) was let in at \(event.time.text) and gives user \(user) \(value) \(what), where \(limit) are "
          + "allowed; non-final sessions: \(mine.map { "\($0.id) (\($0.state ?? ""))" }.joined(separator: ", "))",
        at: event.time, by: event, about: [.user(user)], in: situation)
    }
    judgeLicence(session, by: event, in: situation)
  }

  private func judgeLicence(_ session: SessionView, by event: TimedObservation, in situation: Situation) {
    guard let limit = situation.context.licensedSessions, all.count > limit else { return }
    all.removeAll { !$0.isActive }
    guard all.count > limit else { return }
    violate(
      "within the licence",
      "session \(session.id) of \(session.user) was let in at \(event.time.text) as number \(all.count) of all users, "
        + "where the licence allows \(limit)",
      at: event.time, by: event, about: [.session(session.id)], in: situation)
  }
}
