import Oracles
import TestEnvironment

/// A history written by hand: what happened, and when. It may be written down in any order.
struct History {
  var context: JudgeContext
  private var notes: [(time: Duration, observation: Observation)] = []

  init(_ topology: Topology = .t2, _ change: (inout JudgeContext) -> Void = { _ in }) {
    context = JudgeContext(topology: topology, replicas: ["r1", "r2", "r3"])
    change(&context)
  }

  mutating func at(_ time: Duration, _ observations: Observation...) {
    notes += observations.map { (time, $0) }
  }

  /// In order of time; at one moment, as written down.
  var events: [TimedObservation] {
    notes.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.enumerated().map {
      TimedObservation(time: $1.element.time, sequence: $0, observation: $1.element.observation)
    }
  }

  func judged(until end: Duration) -> [InvariantVerdict] {
    let judge = Judge(context: context)
    for event in events { judge.observe(event) }
    return judge.finish(at: end)
  }

  func verdict(_ id: String, until end: Duration) -> InvariantVerdict {
    judged(until: end).first { $0.id == id }
      ?? InvariantVerdict(id: "missing \(id)", statement: "", checks: 0, violationCount: 99)
  }

  /// The violations of all invariants, for histories that must have none.
  func alarms(until end: Duration) -> [String] {
    judged(until: end).flatMap { verdict in verdict.violations.map { "\(verdict.id) \($0)" } }
  }
}

extension Duration {
  /// Seconds to the millisecond.
  static func s(_ seconds: Double) -> Duration { .milliseconds(Int64((seconds * 1_000).rounded())) }
}

let agentID = "k8s-prod-cluster"

extension History {
  /// Replicas that are up and an agent that is connected to r1 from second 0, with a right route and row.
  static func steady(_ topology: Topology = .t2, _ change: (inout JudgeContext) -> Void = { _ in }) -> History {
    var history = History(topology, change)
    for replica in ["r1", "r2", "r3"] {
      history.at(.zero, .processStarted(process: replica), .replicaReady(replica: replica, ready: true))
    }
    history.at(.zero, .processStarted(process: agentID))
    history.connect(at: .zero, to: "r1", 1)
    return history
  }

  mutating func connect(at time: Duration, to replica: String, _ number: Int, route: Bool = true, row: Bool = true) {
    at(
      time,
      .agentConnected(agent: agentID, replica: replica, connection: number, epoch: Int64(number), instance: agentID))
    if route { self.route(at: time, replica) }
    if row { self.row(at: time, "online", beat: time) }
  }

  mutating func disconnect(at time: Duration, from replica: String, _ number: Int, _ reason: String = "closed") {
    at(time, .agentDisconnected(agent: agentID, replica: replica, connection: number, reason: reason))
  }

  mutating func route(at time: Duration, _ replica: String?) {
    at(
      time, .route(agent: agentID, key: .pod, value: replica),
      .route(agent: agentID, key: .connected, value: replica == nil ? nil : "true"))
  }

  mutating func row(at time: Duration, _ status: String, beat: Duration? = nil) {
    at(time, .agentRow(agent: agentID, status: status, lastHeartbeat: beat))
  }

  mutating func beat(at time: Duration, on replica: String = "r1") {
    at(time, .heartbeat(agent: agentID, replica: replica))
  }

  /// Heartbeats every 30 s, the first at `start`, none after `end`.
  mutating func beats(from start: Duration, to end: Duration, on replica: String = "r1") {
    var time = start
    while time <= end {
      beat(at: time, on: replica)
      time += .seconds(30)
    }
  }

  mutating func insert(
    at time: Duration, _ command: String, _ action: String, of session: String?, agent: String = agentID
  ) {
    at(time, .commandInserted(command: command, agent: agent, session: session, action: action))
  }

  mutating func status(
    at time: Duration, _ command: String, _ from: String, _ to: String, _ times: CommandTimes = .init()
  ) {
    at(time, .commandStatus(command: command, from: from, to: to, times: times))
  }

  mutating func send(at time: Duration, _ command: String, agent: String = agentID, attempt: Int = 1) {
    at(time, .commandSent(command: command, agent: agent, replica: "r1", connection: 1, attempt: attempt))
  }

  mutating func execute(at time: Duration, _ command: String, _ action: String, of session: String) {
    at(
      time,
      .commandExecuted(command: command, agent: agentID, instance: agentID, action: action, session: session))
  }

  mutating func workload(
    at time: Duration, _ session: String, _ event: WorkloadEvent, by command: String?, kind: String = "deployment",
    agent: String = agentID
  ) {
    at(
      time,
      .workload(session: session, agent: agent, object: "\(kind)/\(session)", event: event, command: command))
  }

  mutating func state(at time: Duration, _ session: String, _ from: String, _ to: String) {
    at(time, .sessionState(session: session, from: from, to: to, agent: agentID))
  }

  /// The whole way of a command that goes well, within a second.
  mutating func carryOut(
    at time: Duration, _ command: String, _ action: String, of session: String, effect: [WorkloadEvent],
    state edge: (from: String, to: String)? = nil
  ) {
    insert(at: time, command, action, of: session)
    send(at: time + .s(0.010), command)
    status(at: time + .s(0.011), command, "pending", "sent", CommandTimes(created: time, sent: time + .s(0.011)))
    at(time + .s(0.012), .commandReceived(command: command, agent: agentID, instance: agentID))
    status(at: time + .s(0.014), command, "sent", "ack")
    execute(at: time + .s(0.015), command, action, of: session)
    for event in effect { workload(at: time + .s(0.1), session, event, by: command) }
    status(at: time + .s(0.11), command, "ack", "completed")
    if let edge { state(at: time + .s(0.11), session, edge.from, edge.to) }
  }

  mutating func create(
    at time: Duration, _ session: String, user: String = "u01", state: String = "pending", agent: String = agentID,
    milliCPU: Int = 250, memoryMiB: Int = 512
  ) {
    at(
      time,
      .sessionInserted(
        session: session, user: user, agent: agent, state: state, milliCPU: milliCPU, memoryMiB: memoryMiB))
  }

  /// A session that was created and runs a second later.
  mutating func run(at time: Duration, _ session: String, user: String = "u01") {
    create(at: time, session, user: user)
    carryOut(
      at: time, "start-\(session)", "start_session", of: session, effect: [.created, .ready],
      state: ("pending", "running"))
  }

  mutating func stop(at time: Duration, _ session: String) {
    state(at: time, session, "running", "terminating")
    carryOut(
      at: time, "stop-\(session)", "stop_session", of: session, effect: [.deleted], state: ("terminating", "terminated")
    )
  }

  mutating func answer(
    at time: Duration, _ method: String, _ path: String, _ status: Int?, session: String? = nil, user: String = "u01",
    took: Duration = .milliseconds(40), state: String? = nil, listed: [String]? = nil, error: String? = nil
  ) {
    at(
      time,
      .requestAnswered(
        request: RequestRecord(
          method: method, path: "/api/v1" + path, user: user, replica: "r1", status: status, session: session,
          state: state, listed: listed, error: error, started: time - took, ended: time)))
  }
}
