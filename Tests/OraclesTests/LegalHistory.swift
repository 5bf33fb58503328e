import Oracles
import TestEnvironment

/// A small reproducible source of choices (SplitMix64), for histories from a seed.
struct Choices {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next(_ count: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return Int((z ^ (z >> 31)) % UInt64(count))
  }

  mutating func chance(_ percent: Int) -> Bool { next(100) < percent }
  /// A whole number of milliseconds.
  mutating func span(_ low: Double, _ high: Double) -> Duration {
    .milliseconds(Int64(low * 1_000) + Int64(next(Int((high - low) * 1_000) + 1)))
  }
}

/// Writes histories as a deployment that keeps the contract could make them: faults, absences, repeats and races
/// included. No invariant may ever raise an alarm over one.
struct LegalHistory {
  private enum Absence: CaseIterable {
    case crash, stop, replicaCrash, replicaStop, halfOpen, cut, redis, emptied, database
  }

  private(set) var history: History
  private var choices: Choices
  /// Spans in which the agent is away: no command is carried out then.
  private var absences: [(from: Duration, to: Duration)] = []
  private var connection = 1
  private var replica = "r1"
  /// The last heartbeat or the registration of the present connection.
  private var lastBeat: Duration = .zero
  /// The last outage of the database: rows are not written in it.
  private var databaseAway: (from: Duration, to: Duration) = (.zero, .zero)
  private var commands = 0
  private let end: Duration = .seconds(1_500)

  /// When the history is over: long enough after its load for all deadlines.
  let close: Duration = .seconds(2_400)

  init(seed: UInt64) {
    choices = Choices(seed: seed)
    history = .steady()
    disturb()
    for number in 0..<(4 + choices.next(6)) { live("s\(number)", user: "u\(number % 3)") }
    refuse()
    history.at(end, .loadStopped)
  }

  // MARK: Disturbances

  private mutating func disturb() {
    var time: Duration = .seconds(60)
    while true {
      time += choices.span(120, 300)
      guard time < end - .seconds(200) else { break }
      let kind = Absence.allCases[choices.next(Absence.allCases.count)]
      time = absent(kind, at: time)
    }
    keepAlive(until: close)
  }

  /// Heartbeats of the present connection up to `time`.
  private mutating func keepAlive(until time: Duration) {
    while lastBeat + .seconds(30) < time {
      lastBeat += .seconds(30)
      history.beat(at: lastBeat, on: replica)
      guard lastBeat < databaseAway.from || lastBeat > databaseAway.to else { continue }
      history.row(at: lastBeat + .milliseconds(3), "online", beat: lastBeat)
    }
  }

  private mutating func move(to next: String, at time: Duration, redis: Bool = true) {
    connection += 1
    replica = next
    lastBeat = time
    history.connect(at: time, to: next, connection, route: redis)
  }

  private mutating func absent(_ kind: Absence, at start: Duration) -> Duration {
    keepAlive(until: start)
    let other = replica == "r1" ? "r2" : "r1"
    let back = start + choices.span(3, 40)
    let (old, number) = (replica, connection)
    switch kind {
    case .crash:
      history.at(start, .processEnded(process: agentID, reason: "SIGKILL", injected: true))
      leave(at: start + .milliseconds(5), old, number)
      history.at(back - .seconds(1), .processStarted(process: agentID))
      move(to: choices.chance(50) ? old : other, at: back)
    case .stop:
      leave(at: start, old, number)
      history.at(start + .seconds(2), .processEnded(process: agentID, reason: "SIGTERM", injected: true))
      history.at(back, .processStarted(process: agentID))
      move(to: other, at: back + .seconds(1))
      absences.append((start, back + .seconds(1)))
      return back + .seconds(1)
    case .replicaCrash:
      history.at(start, .processEnded(process: old, reason: "SIGKILL", injected: true))
      let swept = lastBeat + choices.span(45, 55)  // by the other replica
      if swept < back { history.row(at: swept, "offline") }
      move(to: other, at: back)
      history.at(back + .seconds(20), .processStarted(process: old))
      history.at(back + .seconds(25), .replicaReady(replica: old, ready: true))
      absences.append((start, back))
      return back + .seconds(30)
    case .replicaStop:
      history.at(start, .replicaReady(replica: old, ready: false))
      leave(at: start + .milliseconds(50), old, number)
      move(to: other, at: start + .seconds(2))
      history.at(start + .seconds(3), .processEnded(process: old, reason: "SIGTERM", injected: true))
      history.at(start + .seconds(20), .processStarted(process: old))
      history.at(start + .seconds(25), .replicaReady(replica: old, ready: true))
      absences.append((start, start + .seconds(2)))
      return start + .seconds(30)
    case .halfOpen:
      let name = "half-open \(start)"
      history.at(start, .faultBegan(name: name, fault: .halfOpen(gone: .agent(agentID), unaware: .replica(old))))
      history.at(start + .milliseconds(1), .faultEnded(name: name))
      move(to: other, at: start + .seconds(2))
      history.disconnect(at: start + choices.span(15, 55), from: old, number, "stale")
      absences.append((start, start + .seconds(2)))
      return start + .seconds(60)
    case .cut:
      let name = "cut \(start)"
      history.at(start, .faultBegan(name: name, fault: .cut(.agent(agentID), .replica(old))))
      leave(at: lastBeat + choices.span(45, 54), old, number)
      history.at(start + .seconds(60), .faultEnded(name: name))
      move(to: old, at: start + choices.span(62, 95))
      absences.append((start, lastBeat))
      return lastBeat
    case .redis, .emptied:
      let name = "redis \(start)"
      let fault = kind == .redis ? Fault.redisDown : .redisRestartEmpty
      history.at(start, .faultBegan(name: name, fault: fault), .redisAvailable(false))
      history.at(back, .redisAvailable(true), .faultEnded(name: name))
      if kind == .emptied {
        history.route(at: back, nil)
        history.route(at: back + choices.span(0, 9), replica)
      }
      return back
    case .database:
      history.at(start, .faultBegan(name: "db \(start)", fault: .databaseDown), .databaseAvailable(false))
      history.at(back, .databaseAvailable(true), .faultEnded(name: "db \(start)"))
      absences.append((start, back))
      databaseAway = (start, back)
      keepAlive(until: back + .seconds(1))
      return back
    }
    absences.append((start, back))
    return back
  }

  private mutating func leave(at time: Duration, _ old: String, _ number: Int) {
    history.disconnect(at: time, from: old, number)
    history.row(at: time + .milliseconds(2), "offline")
    history.route(at: time + .milliseconds(3), nil)
  }

  // MARK: Sessions

  /// The first moment from `time` on at which the agent is there for `span`.
  private func present(from time: Duration, for span: Duration) -> Duration {
    var start = time
    for absence in absences.sorted(by: { $0.from < $1.from })
    where absence.from - .milliseconds(50) < start + span && start < absence.to + .milliseconds(50) {
      start = absence.to + .milliseconds(100)
    }
    return start
  }

  private mutating func live(_ session: String, user: String) {
    var time = present(from: choices.span(5, 700), for: .seconds(1))
    history.create(at: time, session, user: user)
    history.answer(at: time + .milliseconds(20), "POST", "/sessions", 202, session: session, user: user)
    if choices.chance(15) {
      let failed = command("start_session", of: session, at: time, [.created, .deleted], ok: false)
      history.state(at: failed, session, "pending", "failed")
      return
    }
    time = command("start_session", of: session, at: time, [.created, .ready], ok: true)
    history.state(at: time, session, "pending", "running")
    for _ in 0..<choices.next(3) {
      time = sleepAndWake(session, user, from: time)
      read(session, user, "running", at: time + .seconds(2))
    }
    if choices.chance(60) {
      time = present(from: time + choices.span(5, 60), for: .seconds(1))
      history.state(at: time, session, "running", "terminating")
      let done = command("stop_session", of: session, at: time, [.deleted], ok: true)
      history.answer(at: time + .milliseconds(30), "DELETE", "/sessions/\(session)", 202, session: session, user: user)
      history.state(at: done, session, "terminating", "terminated")
    }
  }

  private mutating func sleepAndWake(_ session: String, _ user: String, from start: Duration) -> Duration {
    let asleep = present(from: start + choices.span(5, 60), for: .seconds(1))
    history.state(at: asleep, session, "running", "hibernating")
    let path = "/sessions/\(session)/"
    let slept = command("hibernate_session", of: session, at: asleep, [.scaledToZero], ok: true)
    history.answer(at: asleep + .milliseconds(30), "PUT", path + "hibernate", 202, session: session, user: user)
    history.state(at: slept, session, "hibernating", "hibernated")
    let woken = present(from: slept + choices.span(5, 60), for: .seconds(1))
    history.state(at: woken, session, "hibernated", "waking")
    let awake = command("wake_session", of: session, at: woken, [.scaledUp, .ready], ok: true)
    history.answer(at: woken + .milliseconds(30), "PUT", path + "wake", 202, session: session, user: user)
    history.state(at: awake, session, "waking", "running")
    return awake
  }

  private mutating func read(_ session: String, _ user: String, _ state: String, at time: Duration) {
    history.answer(at: time, "GET", "/sessions/\(session)", 200, session: session, user: user, state: state)
    history.answer(at: time, "GET", "/sessions/\(session)", 404, session: session, user: "stranger")
  }

  /// One command on its whole way; returns when its row is final.
  private mutating func command(
    _ action: String, of session: String, at inserted: Duration, _ effect: [WorkloadEvent], ok: Bool
  ) -> Duration {
    commands += 1
    let id = "cmd-\(commands)"
    history.insert(at: inserted, id, action, of: session)
    let work = choices.span(0.2, 6)
    let sent = present(from: inserted + choices.span(0.001, 2), for: work + .seconds(1))
    history.send(at: sent, id)
    var status = "pending"
    var times = CommandTimes(created: inserted)
    if choices.chance(80) {
      times.sent = sent + .milliseconds(1)
      history.status(at: sent + .milliseconds(1), id, status, "sent", times)
      status = "sent"
    }
    history.at(sent + .milliseconds(2), .commandReceived(command: id, agent: agentID, instance: agentID))
    if choices.chance(20) {  // The ack is lost; the frame comes again and is suppressed.
      history.send(at: sent + .milliseconds(500), id, attempt: 2)
      history.at(sent + .milliseconds(502), .commandReceived(command: id, agent: agentID, instance: agentID))
    } else {
      times.acknowledged = sent + .milliseconds(4)
      history.status(at: sent + .milliseconds(4), id, status, "ack", times)
      status = "ack"
    }
    history.execute(at: sent + .milliseconds(5), id, action, of: session)
    for (number, event) in effect.enumerated() {
      history.workload(at: sent + work + .milliseconds(Int64(number)), session, event, by: id)
    }
    let done = sent + work + .milliseconds(600)
    times.completed = done
    history.status(at: done, id, status, ok ? "completed" : "failed", times)
    return done
  }

  /// Requests that come to nothing, and some of which nobody knows.
  private mutating func refuse() {
    for _ in 0..<5 {
      let time = choices.span(1_200, 1_400)
      history.answer(at: time, "POST", "/sessions", [403, 404, 503][choices.next(3)], user: "u\(choices.next(4))")
    }
    history.answer(at: .seconds(1_450), "POST", "/sessions", nil, user: "u9", took: .seconds(10))
  }
}
