import TestEnvironment

/// I-NO-ORPHAN: when quiet, every platform object belongs to a live session, and every session has its objects.
final class NoOrphanInvariant: Invariant {
  static let id = "I-NO-ORPHAN"
  static let statement =
    "When quiet every platform object belongs to a live session, and every non-terminal session has its objects "
    + "(exempt: home PVC or volume, the Docker network, the issued-key Secret, and for 24 h a workload without row that "
    + "is listed as an orphan)."
  static let kinds: [ObservationKind] = []

  var docket = Docket()

  func judgeQuiet(at time: Duration, in situation: Situation) {
    guard situation.context.sight.platform, situation.context.sight.rows else { return }
    for session in situation.sessions.values where session.objects.count > 0 || session.isActive {
      if isListed(session, at: time) {
        // It is left alone by intent: an administrator decides (DBM-16).
        docket.excused += 1
        continue
      }
      guard situation.canSettle(session, at: time) else {
        docket.excused += 1
        continue
      }
      docket.checks += 1
      if session.isActive {
        judgeObjects(of: session, at: time, in: situation)
      } else {
        judgeRemains(of: session, at: time, in: situation)
      }
    }
    for view in situation.elected { judgeLock(of: view, at: time, in: situation) }
  }

  private static let patience = Duration.seconds(24 * 3_600)

  private func isListed(_ session: SessionView, at time: Duration) -> Bool {
    guard session.state == nil, let since = session.orphanSince else { return false }
    return time - since < Self.patience
  }

  /// A lock belongs to a process that lives, unless none of its agent does: by now another has taken it.
  private func judgeLock(of view: AgentView, at time: Duration, in situation: Situation) {
    guard let lock = view.election.lock, let holder = lock.holder, situation.isAgentUp(view.id) else { return }
    docket.checks += 1
    guard !situation.isRunning(holder), docket.reported.insert("lock \(view.id) \(holder)").inserted else { return }
    violate(
      "every lock belongs to a live agent",
      "the lock of \(view.id) is still held by \(holder) in term \(lock.term), which ended at "
        + "\((situation.processes[holder]?.lastEnded ?? .zero).text)",
      at: time, by: lock.event, about: [.agent(view.id), .process(holder)],
      excuses: ["quiet for \(situation.timing.quiet.text)", "another process of the agent runs"], in: situation)
  }

  private func judgeRemains(of session: SessionView, at time: Duration, in situation: Situation) {
    guard let first = session.remains.first, docket.reported.insert(session.id).inserted else { return }
    let owner =
      session.deleted != nil
      ? "whose row was deleted" : session.state.map { "which is \($0)" } ?? "which was never in the database"
    let what = session.remains.map { object in
      "\(object.name) on \(object.agent)" + (object.maker.map { " (made by \($0))" } ?? "")
    }
    violate(
      "every object belongs to a live session",
      "left over of session \(session.id), \(owner): \(what.joined(separator: ", "))", at: time, by: first.lastEvent,
      about: [.session(session.id)] + session.commands.map { .command($0.id) },
      excuses: situation.settledReasons(session) + ["not a home volume, network or issued key"], in: situation)
  }

  private func judgeObjects(of session: SessionView, at time: Duration, in situation: Situation) {
    // States on their way are I-SESS-TRUTH's and I-CMD-LIVE's.
    guard session.state == "running" || session.state == "hibernated", session.workloads.isEmpty,
      docket.reported.insert(session.id).inserted
    else { return }
    let gone = session.objects.values.filter(\.isWorkload).map(\.lastEvent).max { $0.sequence < $1.sequence }
    violate(
      "every session has its objects",
      "session \(session.id) (user \(session.user), \(session.state ?? ""), agent \(session.agent ?? "-")) has no "
        + "workload" + (gone.map { ", the last one went at \($0.time.text)" } ?? ""),
      at: time, by: gone ?? session.inserted,
      about: [.session(session.id)] + session.commands.map { .command($0.id) },
      excuses: situation.settledReasons(session), in: situation)
  }
}
