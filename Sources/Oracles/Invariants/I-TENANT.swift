import TestEnvironment

/// I-TENANT: nobody reads or changes another user's session, administrators excepted (C16).
final class TenantInvariant: Invariant {
  static let id = "I-TENANT"
  static let statement = "No read or write of another user's / organisation's session succeeds (except admin)."
  static let kinds: [ObservationKind] = [.requestAnswered]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard case .requestAnswered(let record) = event.observation, let status = record.status,
      !situation.context.administrators.contains(record.user)
    else { return }
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
    guard session.user != record.user, succeeded else { return }
    violate(
      "foreign sessions do not exist",
      "\(record.method) \(record.path) of \(record.user) was answered \(record.status ?? 0) by \(record.replica ?? "?") at "
        + "\(record.ended.text), but session \(id) belongs to \(session.user)",
      at: event.time, by: event, about: [.session(id), .user(record.user)],
      excuses: ["\(record.user) is no administrator"], in: situation)
  }
}
