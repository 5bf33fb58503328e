import Database
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Turns what is seen of a real control plane from outside into observations: rows that differ from those seen before,
/// keys of Redis, ends of processes. What cannot be seen is not told.
///
/// Unchecked: watchers on other threads hold it to hand it over to the simulation's, which alone uses it.
package final class ControlPlaneFollower: @unchecked Sendable {
  private unowned let deployment: Deployment
  private var agents: [String: ControlPlaneRows.Agent] = [:]
  private var sessions: [String: ControlPlaneRows.Session] = [:]
  private var commands: [String: ControlPlaneRows.Command] = [:]
  /// The connection of each agent that was told of.
  private var links: [String: (replica: String, epoch: Int64)] = [:]
  /// The epoch of each agent's connection that ended with its replica.
  private var ended: [String: Int64] = [:]
  private var routes: [String: (pod: String?, connected: String?)] = [:]
  /// Agents whose lock was seen, and what it said.
  private var locks: Set<String> = []
  private var lockTexts: [String: String] = [:]
  private var isDatabaseThere: Bool?
  private var isRedisThere: Bool?
  /// How often each command was sent, as far as that was told.
  private var attempts: [String: Int] = [:]
  /// Receipts of commands whose sending is not told yet: the row says when that was.
  private var receipts: [Receipt] = []

  private struct Receipt {
    let command: String
    let agent: String
    let time: Instant
    let link: (replica: String, epoch: Int64)
  }

  /// A receipt and the time in the row belong together if they lie no further apart.
  private static let sameSending = TimeSpan.milliseconds(500)

  package init(_ deployment: Deployment) {
    self.deployment = deployment
    deployment.recorder.streams.guess = AttachmentGuess()
    deployment.recorder.onReceipt = { [unowned self] command, agent, instance in
      delivered(command, to: agent, instance)
    }
  }

  private var recorder: ObservationRecorder { deployment.recorder }

  // MARK: Rows

  /// Takes the rows of one moment.
  package func follow(_ rows: ControlPlaneRows) {
    if isDatabaseThere != true {
      isDatabaseThere = true
      recorder.add(.databaseAvailable(true))
    }
    for agent in rows.agents where agents[agent.id] != agent { follow(agent) }
    for session in rows.sessions where sessions[session.id] != session { follow(session) }
    forgetMissing(rows.sessions)
    for command in rows.commands where commands[command.id] != command { follow(command) }
    tellOldReceipts()
  }

  /// The database does not answer.
  package func databaseIsGone() {
    guard isDatabaseThere == true else { return }
    isDatabaseThere = false
    recorder.add(.databaseAvailable(false))
  }

  private func since(_ microseconds: Int64?, _ body: () -> Void) {
    guard let microseconds else { return body() }
    recorder.add(since: recorder.time(microseconds), body)
  }

  private func follow(_ agent: ControlPlaneRows.Agent) {
    let before = agents.updateValue(agent, forKey: agent.id)
    let link = links[agent.id]
    since(agent.updated) {
      if agent.isConnected, let pod = agent.pod, link?.epoch != agent.epoch || link?.replica != pod,
        ended[agent.id] != agent.epoch
      {
        // A connection that was given up in between is told of no more than the one that took its place.
        if let link {
          recorder.unregistered(
            agent.id, at: link.replica, connection: Int(link.epoch), reason: "another took its place")
        }
        links[agent.id] = (pod, agent.epoch)
        recorder.registered(
          agent.id, at: pod, connection: Int(agent.epoch), epoch: agent.epoch,
          instance: instance(of: agent.id, at: pod))
      } else if !agent.isConnected, let link {
        links[agent.id] = nil
        recorder.unregistered(agent.id, at: link.replica, connection: Int(link.epoch), reason: "its row says offline")
      }
      recorder.note(.agent(before: before.map(Self.row), after: Self.row(agent)))
    }
  }

  /// The process of an agent that a new connection belongs to, as is seen inside. The row may be written before the
  /// process knows that it is connected: with an election it is who leads in the newest term.
  private func instance(of agent: String, at pod: String) -> String {
    guard let known = try? deployment.agent(agent) else { return agent }
    let instances = known.instances
    let leader = recorder.leading.filter { instances.contains($0.instance) }.max { $0.term < $1.term }
    if let leader { return leader.instance }
    let sockets = deployment.simulation.network.openSockets(on: pod).filter { instances.contains($0.remoteHost) }
    if let newest = sockets.max(by: { $0.connection < $1.connection }) { return newest.remoteHost }
    return instances.last { recorder.linked.contains($0) } ?? instances.first ?? agent
  }

  private static func row(_ agent: ControlPlaneRows.Agent) -> DatabaseChange.AgentRow {
    DatabaseChange.AgentRow(agentID: agent.id, status: agent.status, lastHeartbeat: agent.lastHeartbeat)
  }

  private func follow(_ session: ControlPlaneRows.Session) {
    guard let before = sessions.updateValue(session, forKey: session.id) else {
      var first = session
      // Sessions begin as pending: later states are told after that, and only as changes.
      if let state = session.state, state != SessionState.pending.rawValue, session.created != session.updated {
        first.state = SessionState.pending.rawValue
      }
      since(session.created) { recorder.note(.session(before: nil, after: Self.row(first))) }
      if first.state != session.state { change(from: first, to: session) }
      return
    }
    change(from: before, to: session)
  }

  private func change(from before: ControlPlaneRows.Session, to session: ControlPlaneRows.Session) {
    var last = before
    for state in Self.way(from: before.state ?? "", to: session.state ?? "").dropLast() {
      var step = session
      step.state = state
      since(session.updated) { recorder.note(.session(before: Self.row(last), after: Self.row(step))) }
      last = step
    }
    since(session.updated) { recorder.note(.session(before: Self.row(last), after: Self.row(session))) }
  }

  /// The states from one to another along the edges of C13, the last included: who looks now and then does not see all.
  /// Where there is no way the jump itself is told.
  static func way(from: String, to: String) -> [String] {
    guard from != to else { return [to] }
    var open = [[from]]
    var known: Set<String> = [from]
    while !open.isEmpty {
      let path = open.removeFirst()
      for next in edges[path[path.count - 1]] ?? [] where known.insert(next).inserted {
        if next == to { return Array(path.dropFirst()) + [to] }
        open.append(path + [next])
      }
    }
    return [to]
  }

  /// Terminating comes last: nobody ends a session without a word, but everybody may.
  private static let edges: [String: [String]] = [
    "pending": ["running", "failed", "terminating"], "running": ["hibernating", "failed", "terminating"],
    "hibernating": ["hibernated", "running", "terminating"], "hibernated": ["waking", "terminating"],
    "waking": ["running", "hibernated", "failed", "terminating"], "terminating": ["terminated"],
  ]

  private func forgetMissing(_ rows: [ControlPlaneRows.Session]) {
    guard rows.count < sessions.count else { return }
    let there = Set(rows.map(\.id))
    for id in sessions.keys.sorted() where !there.contains(id) {
      guard let gone = sessions.removeValue(forKey: id) else { continue }
      recorder.note(.session(before: Self.row(gone), after: nil))
    }
  }

  private static func row(_ session: ControlPlaneRows.Session) -> DatabaseChange.SessionRow {
    DatabaseChange.SessionRow(
      id: session.id, userID: session.user, state: session.state, agentID: session.agent,
      activeConnections: session.activeConnections, podName: session.podName, cpu: session.cpu,
      memory: session.memory, hasPersistentHome: session.hasPersistentHome)
  }

  private func follow(_ command: ControlPlaneRows.Command) {
    let known = commands.updateValue(command, forKey: command.id)
    var last = Self.row(known ?? command)
    if known == nil {
      last.status = "pending"
      let inserted = last
      since(command.created) { recorder.note(.command(before: nil, after: inserted)) }
    }
    // What happened in between stands in the row with its time.
    let steps = [("sent", command.sent), ("ack", command.acknowledged), (command.status ?? "", command.completed)]
    for (status, time) in steps {
      guard status != last.status, status == command.status || time != nil, Self.rank(status) > Self.rank(last.status),
        Self.rank(status) <= Self.rank(command.status)
      else { continue }
      var next = Self.row(command)
      next.status = status
      since(time) {
        if status == "sent" { sent(command) }
        recorder.note(.command(before: last, after: next))
      }
      last = next
    }
    // Back to pending: a re-send.
    if last.status != command.status {
      recorder.note(.command(before: last, after: Self.row(command)))
    }
  }

  private static func rank(_ status: String?) -> Int {
    switch status {
    case "pending": 0
    case "sent": 1
    case "ack": 2
    case "completed", "failed": 3
    default: -1
    }
  }

  private static func row(_ command: ControlPlaneRows.Command) -> DatabaseChange.CommandRow {
    DatabaseChange.CommandRow(
      commandID: command.id, agentID: command.agent, sessionID: command.session, action: command.action,
      status: command.status, createdAt: command.created, sentAt: command.sent,
      acknowledgedAt: command.acknowledged, completedAt: command.completed)
  }

  /// Who received a command was sent it, by whoever holds the other end.
  private func delivered(_ command: String, to agent: String, _ instance: String) {
    guard let link = links[agent] else { return }
    receipts.append(Receipt(command: command, agent: agent, time: deployment.simulation.now, link: link))
  }

  /// The row says that a command was sent: a replica wrote that after an agent's connection had taken it.
  private func sent(_ command: ControlPlaneRows.Command) {
    guard let agent = command.agent else { return }
    if let index = receipts.firstIndex(where: { $0.command == command.id }) {
      let receipt = receipts.remove(at: index)
      tellSending(of: command.id, to: agent, receipt.link)
    } else if attempts[command.id] == nil, let link = links[agent] {
      tellSending(of: command.id, to: agent, link)
    }
  }

  private func tellSending(of command: String, to agent: String, _ link: (replica: String, epoch: Int64)) {
    attempts[command, default: 0] += 1
    recorder.add(
      .commandSent(
        command: command, agent: agent, replica: link.replica, connection: Int(link.epoch),
        attempt: attempts[command] ?? 1))
  }

  /// Tells of sendings that no row will tell the time of.
  private func tellOldReceipts() {
    let limit = deployment.simulation.now - Self.sameSending
    while let first = receipts.first, first.time < limit {
      receipts.removeFirst()
      recorder.add(since: Duration(first.time)) { tellSending(of: first.command, to: first.agent, first.link) }
    }
  }

  // MARK: Keys

  /// Takes the two keys of an agent's route.
  package func follow(routeOf agent: String, pod: String?, connected: String?) {
    if isRedisThere != true {
      isRedisThere = true
      recorder.add(.redisAvailable(true))
    }
    let before = routes.updateValue((pod, connected), forKey: agent)
    if before?.pod != pod { recorder.add(.route(agent: agent, key: .pod, value: pod)) }
    if before?.connected != connected { recorder.add(.route(agent: agent, key: .connected, value: connected)) }
  }

  /// Takes the text of the lock of an agent that is kept in Redis; nil: there is none.
  package func follow(lockOf agent: String, text: String?) {
    guard !locks.contains(agent) || lockTexts[agent] != text else { return }
    locks.insert(agent)
    lockTexts[agent] = text
    recorder.lockRecordChanged(of: agent, text: text)
  }

  package func redisIsGone() {
    guard isRedisThere == true else { return }
    isRedisThere = false
    recorder.add(.redisAvailable(false))
  }

  // MARK: Processes

  /// A replica takes connections from now on.
  package func isListening(_ name: String) {
    for process in deployment.replicas where process.name == name && process.current == nil { process.start() }
  }

  package func processStarted(_ name: String) { recorder.add(.processStarted(process: name)) }

  package func processEnded(_ name: String, reason: String, isInjected: Bool) {
    // Their rows may go on to name it: they are told of again when they change.
    for agent in links.keys.sorted() where links[agent]?.replica == name {
      ended[agent] = links.removeValue(forKey: agent)?.epoch
    }
    recorder.ended(name, reason: reason, isInjected: isInjected)
    // Nobody listens there any more; who has vanished is not known to be gone.
    guard !reason.contains("vanish") else { return }
    for process in deployment.replicas where process.name == name { process.crash() }
  }

  package func processPaused(_ name: String) { recorder.add(.processPaused(process: name)) }
  package func processResumed(_ name: String) { recorder.add(.processResumed(process: name)) }

  package func isReady(_ replica: String, _ isReady: Bool, reason: String?) {
    recorder.setReady(replica, isReady, reason: reason)
  }
}
