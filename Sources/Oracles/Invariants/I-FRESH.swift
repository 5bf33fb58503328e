import TestEnvironment

/// I-FRESH: a GET shows what was committed a second ago (C19).
final class FreshInvariant: Invariant {
  static let id = "I-FRESH"
  static let statement =
    "After a successful mutation every replica's GET shows it within 1 s (declared cache TTL otherwise)."
  static let kinds: [ObservationKind] = [.requestAnswered]

  var docket = Docket()

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard situation.context.sight.rows, case .requestAnswered(let record) = event.observation else { return }
    let age = max(situation.timing.freshness, situation.context.cacheTTL ?? .zero)
    let from = record.started - age
    switch SessionRequestKind(record) {
    case .get(let id):
      guard let session = situation.sessions[id], session.inserted != nil else { return }
      if record.status == 200, let state = record.state {
        judge(record, shows: state, of: session, from: from, by: event, in: situation)
      } else if record.status == 404, session.user == record.user {
        judge(record, shows: nil, of: session, from: from, by: event, in: situation)
      }
    case .list where record.status == 200:
      if let listed = record.listed { judge(record, listed, from: from, by: event, in: situation) }
    default: break
    }
  }

  /// What held at some moment of `from ... to`; nil in the list: no row.
  private func states(of session: SessionView, from: Duration, to: Duration) -> [String?] {
    let current = session.history.last { $0.since < from }
    return [current?.state] + session.history.filter { from <= $0.since && $0.since <= to }.map(\.state)
  }

  private func judge(
    _ record: RequestRecord, shows state: String?, of session: SessionView, from: Duration, by event: TimedObservation,
    in situation: Situation
  ) {
    let possible = states(of: session, from: from, to: record.ended)
    // Whether a final session is still shown is not this invariant's business.
    if state == nil, possible.contains(where: { SessionView.isFinal($0) }) { return }
    docket.checks += 1
    guard !possible.contains(state) else { return }
    let last = session.history.last { $0.since <= from }
    violate(
      "every replica shows it within 1 s",
      "GET of session \(session.id) by \(record.user) at \(record.replica ?? "?"), asked at \(record.started.text), showed "
        + "\(state ?? "404"), but from \(from.text) to \(record.ended.text) the row was "
        + "\(possible.map { $0 ?? "absent" }.joined(separator: ", then ")), since \((last?.since ?? .zero).text)",
      at: event.time, by: event, about: [.session(session.id)],
      excuses: ["the mutation was committed more than \((record.started - from).text) before the request"],
      in: situation)
  }

  /// A list holds every session of the caller that is not final.
  private func judge(
    _ record: RequestRecord, _ listed: [String], from: Duration, by event: TimedObservation, in situation: Situation
  ) {
    let shown = Set(listed)
    for session in situation.sessions(of: record.user) {
      let possible = states(of: session, from: from, to: record.ended)
      guard possible.allSatisfy({ $0 != nil && !SessionView.isFinal($0) }) else { continue }
      docket.checks += 1
      guard !shown.contains(session.id) else { continue }
      violate(
        "every replica shows it within 1 s",
        "GET of the list by \(record.user) at \(record.replica ?? "?"), asked at \(record.started.text), lacks session "
          + "\(session.id), which is \(session.state ?? "gone") since \(session.stateSince.text)",
        at: event.time, by: event, about: [.session(session.id)],
        excuses: ["it was there for \((record.started - from).text) before the request"], in: situation)
    }
  }
}
