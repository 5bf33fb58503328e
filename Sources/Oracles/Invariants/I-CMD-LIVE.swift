import TestEnvironment

/// I-CMD-LIVE: every accepted command comes to an end.
///
/// Only time that counts against the control plane is measured: none while a fault is active, no replica is ready or
/// the database is away. A command is charged on one meter while its agent is connected (C11) and on another while it
/// is absent (C12), so that an agent that flaps does not put the end off for ever.
final class CommandLiveInvariant: Invariant {
  static let id = "I-CMD-LIVE"
  static let statement =
    "Every accepted command reaches completed or failed within its own deadline (C11, C12) + agent down-time + 30 s, "
    + "once faults heal."
  static let kinds: [ObservationKind] = [
    .commandInserted, .commandStatus, .agentConnected, .agentDisconnected, .processStarted, .processEnded,
    .processPaused, .processResumed, .replicaReady, .databaseAvailable, .redisAvailable, .faultBegan, .faultEnded,
  ]

  /// The two meters of an agent.
  private struct Meters {
    var connected = Meter()
    var absent = Meter()
    /// Reading of ``connected`` when the agent last brought some command to its end: the queue moves.
    var progress: Duration = .zero
    var wasConnected = false
    /// Reading of ``absent`` when the present absence began.
    var absence: Duration = .zero
  }

  private struct Charge {
    var view: CommandView
    /// Readings from which this command is charged.
    var connected: Duration
    var absent: Duration
  }

  var docket = Docket()
  private var deadlines = Deadlines<String>()
  private var charges: [String: Charge] = [:]
  private var meters = Table<String, Meters>()

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .commandInserted(let command, let agent, _, _):
      guard charges[command] == nil, let view = situation.commands[command] else { return }
      run(agent, at: event.time, in: situation)
      let reading = meters[agent] ?? Meters()
      charges[command] = Charge(
        view: view, connected: reading.connected.reading(at: event.time),
        absent: reading.absent.reading(at: event.time))
      deadlines.set(command, event.time + remaining(of: command, at: event.time, in: situation).left)
    case .commandStatus(let command, _, let to, _):
      guard let charge = charges[command] else { return }
      let agent = charge.view.agent
      let reading = meters[agent]?.connected.reading(at: event.time) ?? .zero
      if to == "completed" || to == "failed" {
        docket.checks += 1
        charges[command] = nil
        deadlines.clear(command)
        meters.update(agent, or: Meters()) { $0.progress = reading }
      } else {
        charges[command]?.connected = reading
        deadlines.set(command, event.time + remaining(of: command, at: event.time, in: situation).left)
      }
    case .agentConnected(let agent, _, _, _, _), .agentDisconnected(let agent, _, _, _):
      run(agent, at: event.time, in: situation)
    default:
      for agent in meters.keys { run(agent, at: event.time, in: situation) }
    }
  }

  /// Lets the meters of an agent run or stand, as things are now.
  private func run(_ agent: String, at time: Duration, in situation: Situation) {
    let counts =
      situation.serviceSince != nil && !situation.hasActiveFault && situation.pausedProcesses == 0
    let isConnected = situation.agent(agent).live != nil
    meters.update(agent, or: Meters()) {
      $0.connected.run(counts && isConnected, at: time)
      $0.absent.run(counts && !isConnected, at: time)
      if isConnected != $0.wasConnected {
        $0.wasConnected = isConnected
        $0.absence = $0.absent.reading(at: time)
      }
    }
  }

  /// What is left of the bounds of a command, and which of them is nearer.
  private func remaining(
    of command: String, at time: Duration, in situation: Situation
  ) -> (left: Duration, isAbsence: Bool) {
    guard let charge = charges[command], let meters = meters[charge.view.agent] else { return (.zero, false) }
    let timing = situation.timing
    let isPending = charge.view.status == "pending"
    // A pending row waits for the window of its agent (C34) as long as the queue moves; it may wait as long as C12
    // lets it. One that was sent is acked on arrival (C26), so the deadline of its action counts from there (C11).
    let limit = isPending ? timing.absence : timing.deadline(of: charge.view.action)
    let start = isPending ? max(charge.connected, meters.progress) : charge.connected
    let connected = limit + timing.commandMargin - (meters.connected.reading(at: time) - start)
    // The five minutes count from when the agent is seen offline, at most 55 s after it left (C12, I-STATUS).
    let absence = timing.absence + timing.offline + timing.commandMargin
    let absent = absence - (meters.absent.reading(at: time) - max(charge.absent, meters.absence))
    return absent < connected ? (absent, true) : (connected, false)
  }

  func expire(before time: Duration, in situation: Situation) {
    for (command, due) in deadlines.expire(before: time) {
      guard let charge = charges[command] else { continue }
      let (left, isAbsence) = remaining(of: command, at: due, in: situation)
      if left > .zero {
        deadlines.set(command, due + left)
        continue
      }
      docket.checks += 1
      charges[command] = nil
      report(charge.view, at: due, isAbsence: isAbsence, in: situation)
    }
  }

  private func report(_ view: CommandView, at due: Duration, isAbsence: Bool, in situation: Situation) {
    let timing = situation.timing
    let bound =
      isAbsence
      ? "5 min for an absent agent (C12), 55 s to see it offline, 30 s"
      : view.status == "pending"
        ? "5 min in which its agent was connected and brought no command to an end, 30 s"
        : "\(timing.deadline(of: view.action).text) for its action (C11), 30 s"
    let agent = situation.agent(view.agent)
    violate(
      "every accepted command ends",
      "command \(view.id) (\(view.action) of session \(view.session ?? "-") for agent \(view.agent)) is still "
        + "\(view.status) at \(due.text), inserted at \(view.inserted.time.text), last change at "
        + "\(view.statusEvent.time.text); agent "
        + (agent.live.map { "connected to \($0.replica) since \($0.since.text)" }
          ?? "absent since \((agent.absentSince ?? .zero).text)") + "; bound: \(bound)",
      at: due, by: view.statusEvent,
      about: [.command(view.id), .agent(view.agent)] + (view.session.map { [.session($0)] } ?? []),
      excuses: ["time with an active fault, without a ready replica or without database was not counted"],
      in: situation)
  }

  /// Commands still within their bounds have neither passed nor failed.
  func finish(at time: Duration, in situation: Situation) {
    docket.notJudged += deadlines.count
  }
}
