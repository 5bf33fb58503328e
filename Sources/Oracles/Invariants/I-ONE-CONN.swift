import TestEnvironment

/// I-ONE-CONN: one registration per agent id is current, and the newest survives whatever happens to older ones (C1).
final class OneConnectionInvariant: Invariant {
  static let id = "I-ONE-CONN"
  static let statement =
    "Per agent id one registration is current system-wide. The newest registration survives the closing, late "
    + "time-out or late unregister of any older one."
  static let kinds: [ObservationKind] = [.agentConnected, .agentDisconnected, .processEnded]

  private struct Registration: Hashable {
    var agent: String
    var replica: String
    var number: Int
  }

  /// The newest registration was closed and nothing explains it, so far.
  private struct Suspicion {
    var closed: AgentView.Connection
    var event: TimedObservation
  }

  var docket = Docket()
  /// Older registrations that must go.
  private var older = Deadlines<Registration>()
  private var suspicions: [String: Suspicion] = [:]
  /// How long a suspicion stands.
  private var open = Deadlines<String>()

  /// The last takeovers of live connections of an agent without election.
  private var takeovers: [String: [TimedObservation]] = [:]

  /// A live connection is one that sent a frame in the last 15 s (C1).
  private static let lively: Duration = .seconds(15)
  /// How close three takeovers lie, and how long the id is locked to its holder then (C1).
  private static let takeoverLock: Duration = .seconds(60)
  /// Two observations of one cause lie no farther apart.
  private static let moment: Duration = .seconds(1)

  var nextDeadline: Duration? {
    switch (older.earliest, open.earliest) {
    case (let a?, let b?): min(a, b)
    case (let a, let b): a ?? b
    }
  }

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .agentConnected(let agent, _, _, _, let instance):
      judgeTakeover(by: instance, of: situation.agent(agent), event, in: situation)
      judgeReturn(of: instance, to: situation.agent(agent), by: event, in: situation)
      noteOlder(of: situation.agent(agent), at: event.time, in: situation)
    case .agentDisconnected(let agent, _, _, _): noteClosing(situation.agent(agent), in: situation)
    case .processEnded(let process, _, _):
      if let agent = situation.agentID(ofProcess: process), suspicions[agent] != nil {
        forget(agent)  // It left before it ended.
        docket.excused += 1
      }
    default: break
    }
  }

  // MARK: The newest survives

  private func noteClosing(_ view: AgentView, in situation: Situation) {
    guard let (closed, wasNewest, event) = view.lastClosed else { return }
    if older.clear(registration(view, closed)) != nil { docket.checks += 1 }
    guard wasNewest else { return }
    if explanation(of: closed, view, at: event.time, in: situation) != nil {
      docket.excused += 1
      return
    }
    suspicions[view.id] = Suspicion(closed: closed, event: event)
    open.set(view.id, event.time + situation.timing.olderRegistration)
  }

  /// Why the newest registration may have been closed; nil: no reason is known.
  private func explanation(
    of closed: AgentView.Connection, _ view: AgentView, at time: Duration, in situation: Situation
  ) -> String? {
    let timing = situation.timing
    // What lies longer back has had its effect: a ping is answered or missed within a minute (spec/05 §1).
    let window = max(closed.since, time - timing.olderRegistration * 2)
    if closed.isSevered || !situation.isAgentUp(view.id) { return "the agent's process ended" }
    let ended = situation.processes[closed.replica]?.lastEnded
    if !situation.isReady(closed.replica) || ended.map({ $0 >= closed.since }) == true {
      return "the replica was leaving"
    }
    if situation.wasPaused(closed.replica, since: window - timing.olderRegistration) {
      return "the replica was paused"
    }
    if situation.wasPaused(closed.instance, since: window) || situation.wasPaused(view.id, since: window) {
      return "the agent was paused"
    }
    if time - closed.lastSign > timing.staleThreshold { return "no heartbeat for over 45 s" }
    // Who leads no more closes its own connection (C28), and registers again when it has won again. A connection that was
    // asked for while it led may be told to it, and to us, just after the end.
    if view.election.former[closed.instance].map({ $0.ended >= closed.since - timing.callDeadline }) == true {
      return "its leadership ended"
    }
    if view.open.contains(where: {
      !$0.isSevered && $0.since <= time && closed.since - $0.since <= timing.callDeadline
    }) {
      return "a registration of the same moment won"  // The row decides the order of two replicas (00, epoch).
    }
    if situation.hadFault(from: window, to: time + Self.moment, { breaks(closed, view, $0, timing) }) {
      return "a fault cut the connection"
    }
    if !situation.isDatabaseAvailable || situation.databaseChanges.contains(where: { $0 >= window }) {
      return "the database was away"
    }
    return nil
  }

  /// Whether the fault can end this very connection.
  private func breaks(
    _ connection: AgentView.Connection, _ view: AgentView, _ span: FaultSpan, _ timing: Timing
  ) -> Bool {
    let margin = timing.staleThreshold - timing.heartbeat
    switch span.fault {
    case .halfOpen(let a, let b):
      return span.began >= connection.since && [a, b].contains { isOwner($0, of: connection, view) }
    case .cut(let a, let b), .cutOneWay(let a, let b), .reset(let a, let b):
      return [a, b].contains { isOwner($0, of: connection, view) }
    case .slow(let a, let b, let delay):
      // Behind a full window a write waits for what is under way there and back, and its deadline ends the connection.
      return [a, b].contains { isOwner($0, of: connection, view) } && (delay >= margin || delay * 2 >= timing.write)
    case .delayHeartbeat(let agent, let gap): return agent == view.id && gap > timing.staleThreshold
    case .some: return false
    case nil: return span.touches(.agent(view.id)) || span.touches(.replica(connection.replica))
    }
  }

  /// Whether the fault of `component` is one of the process that holds the connection; a sibling's is not.
  private func isOwner(_ component: Component, of connection: AgentView.Connection, _ view: AgentView) -> Bool {
    component == .agent(view.id) || component == .instance(connection.instance)
  }

  /// The agent that lost its newest registration is back: it had not wanted to leave.
  private func judgeReturn(
    of instance: String, to view: AgentView, by event: TimedObservation, in situation: Situation
  ) {
    guard let suspicion = suspicions[view.id] else { return }
    forget(view.id)
    // A takeover closes the older connection in the same step; an agent that was cut off waits 1 s at least (C26).
    let closed = suspicion.closed
    docket.checks += 1
    guard event.time - suspicion.event.time >= .seconds(1), instance == closed.instance else { return }
    // The cause may have been told after its effect.
    if explanation(of: closed, view, at: suspicion.event.time, in: situation) != nil {
      docket.excused += 1
      return
    }
    violate(
      "the newest registration survives",
      "connection \(closed.number) of \(view.id) (instance \(instance)), registered at \(closed.replica) at "
        + "\(closed.since.text), was the newest and was closed at \(suspicion.event.time.text), "
        + "\((suspicion.event.time - closed.lastSign).text) after its last sign of life; the agent had to register "
        + "again at \(event.time.text)",
      at: suspicion.event.time, by: suspicion.event, about: [.agent(view.id), .process(closed.replica)],
      excuses: [
        "no newer registration", "agent and replica ran, unpaused and ready", "last heartbeat within 45 s",
        "no fault on this connection", "the database answered", "its leadership, if it has one, went on",
      ], in: situation)
  }

  private func forget(_ agent: String) {
    suspicions[agent] = nil
    open.clear(agent)
  }

  // MARK: Takeovers

  /// Three takeovers of a live connection within 60 s lock the id to its holder for 60 s (C1). A newer leader is never
  /// locked out, so agents with an election have their own rules (I-LEADER-ONE).
  private func judgeTakeover(
    by instance: String, of view: AgentView, _ event: TimedObservation, in situation: Situation
  ) {
    guard view.election.lock == nil, situation.context.agent(view.id)?.election == nil,
      let loser = view.open.dropLast().last, !loser.isSevered, loser.instance != instance,
      event.time - loser.lastSign <= Self.lively
    else { return }
    docket.checks += 1
    // Two that meet on two replicas are one takeover: the row decides which of them it was (00, epoch).
    if let last = takeovers[view.id]?.last, event.time - last.time < Self.moment { return }
    var recent = Array(takeovers[view.id, default: []].suffix(3)) + [event]
    if recent.count == 4, recent[2].time - recent[0].time <= Self.takeoverLock,
      event.time - recent[2].time <= Self.takeoverLock
    {
      violate(
        "three takeovers lock the id",
        "\(instance) took \(view.id) over from \(loser.instance) at \(event.time.text), though three takeovers at "
          + recent.prefix(3).map(\.time.text).joined(separator: ", ") + " had locked the id to its holder",
        at: event.time, by: event, about: [.agent(view.id)],
        excuses: ["no election", "the holder had sent a frame within \(Self.lively.text)"], in: situation)
      recent.removeFirst()
    }
    takeovers[view.id] = recent
  }

  // MARK: Older ones go

  private func registration(_ view: AgentView, _ connection: AgentView.Connection) -> Registration {
    Registration(agent: view.id, replica: connection.replica, number: connection.number)
  }

  private func noteOlder(of view: AgentView, at time: Duration, in situation: Situation) {
    // Looked at and found alone: one registration is current.
    if view.open.count == 1 { docket.checks += 1 }
    for connection in view.open.dropLast() where older[registration(view, connection)] == nil {
      older.set(registration(view, connection), time + situation.timing.olderRegistration)
    }
  }

  func expire(before time: Duration, in situation: Situation) {
    for (agent, _) in open.expire(before: time) {
      suspicions[agent] = nil
      docket.notJudged += 1  // It never came back: perhaps it meant to go.
    }
    for (registration, due) in older.expire(before: time) {
      judgeOlder(registration, at: due, in: situation)
    }
  }

  private func judgeOlder(_ registration: Registration, at due: Duration, in situation: Situation) {
    let timing = situation.timing
    let view = situation.agent(registration.agent)
    guard
      let place = view.open.firstIndex(where: {
        $0.replica == registration.replica && $0.number == registration.number
      }), place < view.open.count - 1, let newest = view.open.last
    else { return }
    let connection = view.open[place]
    let window = due - timing.olderRegistration
    if situation.wasPaused(connection.replica, since: window) || !situation.isDatabaseAvailable
      || situation.databaseChanges.contains(where: { $0 >= window })
      || situation.hadFault(from: window, to: due, { $0.isBetween(.replica(connection.replica), .database) })
    {
      docket.excused += 1
      older.set(registration, due + timing.olderRegistration)
      return
    }
    docket.checks += 1
    violate(
      "one registration is current",
      "\(view.id) has \(view.open.count) registrations: connection \(connection.number) at \(connection.replica) since "
        + "\(connection.since.text) was still held at \(due.text), though connection \(newest.number) at "
        + "\(newest.replica) is newer",
      at: due, by: connection.event, about: [.agent(view.id), .process(connection.replica)],
      excuses: ["\(connection.replica) was not paused", "the database answered it"], in: situation)
  }

  func finish(at time: Duration, in situation: Situation) {
    docket.notJudged += older.count + open.count
  }
}
