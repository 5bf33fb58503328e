import TestEnvironment

/// I-TENANT: nobody reads or changes another user's session, administrators of its organisation excepted (C16).
final class TenantInvariant: Invariant {
  static let id = "I-TENANT"
  static let statement = "No read or write of another user's / organisation's session succeeds (except admin)."
  static let kinds: [ObservationKind] = [.requestAnswered, .pushed]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    if case .pushed(let user, let sessions) = event.observation {
      return judgePush(to: user, sessions, by: event, in: situation)
    }
    guard case .requestAnswered(let record) = event.observation, let status = record.status else { return }
    let succeeded = (200..<300).contains(status)
    let kind = SessionRequestKind(record)
    if let id = kind.session ?? (kind == .create ? record.session : nil) {
      judge(record, id, succeeded: succeeded, by: event, in: situation)
    }
    for id in record.listed ?? [] where succeeded { judge(record, id, succeeded: true, by: event, in: situation) }
  }

  private func judge(
    _ record: RequestRecord, _ id: String, succeeded: Bool, by event: TimedObservation, in situation: Situation
  ) {
    guard let session = situation.sessions[id], session.inserted != nil else { return }
    // A list of one's own is a check too: it could have held others' sessions. Asking for one's own proves nothing.
    if session.user != record.user || record.listed != nil { docket.checks += 1 }
    guard !maySee(record.user, session, in: situation), succeeded else { return }
    violate(
      "foreign sessions do not exist",
      "\(record.method) \(record.path) of \(record.user) was answered \(record.status ?? 0) by \(record.replica ?? "?") at "
        + "\(record.ended.text), but session \(id) belongs to \(session.user)",
      at: event.time, by: event, about: [.session(id), .user(record.user)],
      excuses: ["\(record.user) is no administrator of its organisation"], in: situation)
  }

  /// Its owner, and the administrators of the owner's organisation.
  private func maySee(_ user: String, _ session: SessionView, in situation: Situation) -> Bool {
    if session.user == user { return true }
    let topology = situation.context.topology
    return situation.context.administrators.contains(user)
      && topology.organisation(of: user) == topology.organisation(of: session.user)
  }

  private func judgePush(
    to user: String, _ sessions: [String], by event: TimedObservation, in situation: Situation
  ) {
    docket.checks += 1
    for id in sessions {
      guard let session = situation.sessions[id], session.inserted != nil, !maySee(user, session, in: situation),
        docket.reported.insert("\(user) \(id)").inserted
      else { continue }
      violate(
        "nobody is pushed foreign sessions",
        "the feed of \(user) (\(situation.context.topology.organisation(of: user))) told of session \(id) at "
          + "\(event.time.text), which belongs to \(session.user) "
          + "(\(situation.context.topology.organisation(of: session.user)))",
        at: event.time, by: event, about: [.session(id), .user(user)],
        excuses: ["\(user) is no administrator of its organisation"], in: situation)
    }
  }
}
