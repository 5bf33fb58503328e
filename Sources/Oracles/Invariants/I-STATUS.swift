import TestEnvironment

/// I-STATUS: the row of an agent tells the truth about its connection (C6).
final class StatusInvariant: Invariant {
  static let id = "I-STATUS"
  static let statement =
    "agents.status is offline 55 s after the last heartbeat of a lost agent (while a replica is ready and the database "
    + "answers), online 35 s after reconnection, and never offline for 35 s while the agent heart-beats."
  static let kinds: [ObservationKind] = [
    .agentRow, .agentConnected, .agentDisconnected, .heartbeat, .processEnded, .processResumed,
  ]

  private struct Duty: Hashable {
    var agent: String
    /// The row must become `online`; else `offline`.
    var online: Bool
  }

  /// A time in which the row of a connected agent is not online.
  private struct Spell {
    var since: Duration
    var connection: AgentView.Connection
    var event: TimedObservation
    /// The deadline waits for a heartbeat, for only that sets the row.
    var awaitsBeat = false
    /// The beat that ended the waiting.
    var beat: Duration?
  }

  var docket = Docket()
  private var deadlines = Deadlines<Duty>()
  private var spells: [String: Spell] = [:]
  /// The last sign of agents whose stale row was reported: once for each spell.
  private var reported: [String: Duration] = [:]
  /// Rows are observed at all.
  private var seesRows = false

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .agentRow(let agent, _, _):
      seesRows = true
      judge(situation.agent(agent), by: event, in: situation)
    case .heartbeat(let agent, _):
      let view = situation.agent(agent)
      if spells[agent]?.awaitsBeat == true {
        spells[agent]?.awaitsBeat = false
        spells[agent]?.beat = event.time
        deadlines.set(Duty(agent: agent, online: true), event.time + situation.timing.callDeadline)
      }
      // A beat only moves the bound for `offline`: the row is online and stays so.
      if view.status == "online", deadlines[Duty(agent: agent, online: false)] != nil {
        deadlines.set(Duty(agent: agent, online: false), event.time + situation.timing.offline)
      } else {
        judge(view, by: event, in: situation)
      }
    case .agentConnected(let agent, _, _, _, _), .agentDisconnected(let agent, _, _, _):
      judge(situation.agent(agent), by: event, in: situation)
    case .processEnded(let process, _, _), .processResumed(let process):
      for view in situation.agents(concernedBy: process) { judge(view, by: event, in: situation) }
    default: break
    }
  }

  private func judge(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    judgeOffline(view, in: situation)
    judgeOnline(view, by: event, in: situation)
  }

  /// The last sign of the agent that any replica or the row knows of.
  private func lastSign(of view: AgentView) -> Duration {
    [view.lastBeat?.time, view.rowBeat, view.open.last?.since, view.lastClosed?.connection.since].compactMap { $0 }
      .max() ?? view.statusSince
  }

  private func judgeOffline(_ view: AgentView, in situation: Situation) {
    let duty = Duty(agent: view.id, online: false)
    guard view.status == "online" else {
      if deadlines.clear(duty) != nil, view.status == "offline" { docket.checks += 1 }
      return
    }
    let sign = lastSign(of: view)
    guard reported[view.id] != sign else { return }
    let due = sign + situation.timing.offline
    deadlines.set(duty, max(due, deadlines[duty] ?? .zero))
  }

  private func judgeOnline(_ view: AgentView, by event: TimedObservation, in situation: Situation) {
    let duty = Duty(agent: view.id, online: true)
    let timing = situation.timing
    guard let live = view.live, situation.isRunning(live.replica), !situation.isPaused(live.replica) else {
      if settle(duty) { docket.excused += 1 }
      return
    }
    // `draining` is kept until the agent says otherwise (C6).
    if view.status == "online" || view.status == "draining" {
      if settle(duty) { docket.checks += 1 }
      return
    }
    guard spells[view.id]?.connection.event != live.event else { return }
    spells[view.id] = Spell(since: event.time, connection: live, event: event)
    deadlines.set(duty, event.time + timing.online)
  }

  /// Ends the spell; tells whether its verdict was still open.
  private func settle(_ duty: Duty) -> Bool {
    let waited = spells.removeValue(forKey: duty.agent)?.awaitsBeat ?? false
    return deadlines.clear(duty) != nil || waited
  }

  // MARK: Judgement

  func expire(before time: Duration, in situation: Situation) {
    for (duty, due) in deadlines.expire(before: time) {
      let view = situation.agent(duty.agent)
      if duty.online {
        expireOnline(duty, view, at: due, in: situation)
      } else {
        expireOffline(duty, view, at: due, in: situation)
      }
    }
  }

  private func expireOffline(_ duty: Duty, _ view: AgentView, at due: Duration, in situation: Situation) {
    let timing = situation.timing
    let grace = timing.sweep + timing.callDeadline
    // Only a ready replica with a database can sweep; its first sweep comes within 10 s.
    guard let service = sweeperSince(at: due, in: situation) else {
      docket.excused += 1
      deadlines.set(duty, due + grace)
      return
    }
    let later = max(service + grace, lastSign(of: view) + timing.offline + situation.slowness(since: due - grace))
    if later > due {
      docket.excused += 1
      deadlines.set(duty, later)
      return
    }
    docket.checks += 1
    reported[view.id] = lastSign(of: view)
    violate(
      "offline 55 s after the last heartbeat",
      "the row of \(view.id) is still online at \(due.text), \((due - lastSign(of: view)).text) after the agent's last "
        + "sign of life; "
        + (view.open.last.map { "\($0.replica) still holds connection \($0.number)" } ?? "no replica holds it"),
      at: due, by: view.lastBeat ?? view.statusEvent, about: [.agent(view.id), .database],
      excuses: ["a replica was ready and the database answered since \(service.text)"], in: situation)
  }

  /// Since when some replica could sweep; nil: none can.
  private func sweeperSince(at due: Duration, in situation: Situation) -> Duration? {
    guard let since = situation.serviceSince else { return nil }
    let cuts = situation.faults.filter { span in
      span.fault?.delay == nil && span.touches(.database) && span.fault?.path != nil && (span.ended ?? due) >= since
    }
    guard !cuts.isEmpty else { return since }
    // Replicas that were cut from the database cannot sweep; it is enough that one was not.
    let able = situation.context.replicas.filter { replica in
      situation.isReady(replica) && !cuts.contains { $0.touches(.replica(replica)) }
    }
    if !able.isEmpty { return since }
    return cuts.contains { $0.ended == nil } ? nil : cuts.compactMap(\.ended).max()
  }

  private func expireOnline(_ duty: Duty, _ view: AgentView, at due: Duration, in situation: Situation) {
    let timing = situation.timing
    guard let live = view.live, let spell = spells[view.id] else { return }
    guard seesRows else {
      docket.notJudged += 1
      return
    }
    guard let service = situation.serviceSince else {
      docket.excused += 1
      deadlines.set(duty, due + timing.online)
      return
    }
    let base = max(spell.since, service, wayToDatabase(of: live.replica, at: due, in: situation))
    let bound = max(
      base + timing.online + situation.slowness(since: spell.since), (spell.beat ?? .zero) + timing.callDeadline)
    if bound > due {
      docket.excused += 1
      deadlines.set(duty, bound)
      return
    }
    guard let beat = live.lastBeat, beat >= spell.since else {
      docket.excused += 1
      spells[view.id]?.awaitsBeat = true
      return
    }
    docket.checks += 1
    violate(
      "online while connected",
      "the row of \(view.id) says \(view.status ?? "offline (never written)") at \(due.text), though connection "
        + "\(live.number) lives on \(live.replica) since \(live.since.text) and its last heartbeat came at \(beat.text)",
      at: due, by: spell.event, about: [.agent(view.id), .process(live.replica), .database],
      excuses: [
        "the database answered since \(service.text)", "\(live.replica) runs and is not paused",
        "a heartbeat came since the row went wrong",
      ], in: situation)
  }

  /// When the replica could last not reach the database; zero: it always could.
  private func wayToDatabase(of replica: String, at due: Duration, in situation: Situation) -> Duration {
    situation.faults.filter { $0.fault?.delay == nil && $0.isBetween(.replica(replica), .database) }
      .map { $0.ended ?? due }.max() ?? .zero
  }

  func finish(at time: Duration, in situation: Situation) {
    docket.notJudged += deadlines.count
  }
}
