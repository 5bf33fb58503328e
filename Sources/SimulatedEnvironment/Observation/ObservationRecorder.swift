import ControlPlane
import Database
import Oracles
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Turns what the simulators tell into the observations that invariants and cases read.
package final class ObservationRecorder {
  let simulation: Simulation
  /// Microseconds since 1970 at the start of the run, by the clock of the database.
  var origin = Epoch.microseconds
  private static let observed = EventLabel("observed")
  /// Everything, or what is not older than ``retention``.
  package private(set) var observations: [TimedObservation] = []
  /// How many there have been.
  private var told = 0
  /// How long an observation is kept; nil: for ever. Old ones go in lots, so that each costs nothing much.
  var retention: Duration? {
    didSet { onRetention?(retention) }
  }
  /// Told when ``retention`` changes.
  var onRetention: ((Duration?) -> Void)?
  /// When what is observed now has happened; nil: now.
  private var past: Duration?
  /// Observations that wait for the one they follow from.
  private var held: [Observation]?
  /// Told of each observation as it is made.
  var onObservation: ((TimedObservation) -> Void)?
  /// Told of each command that a process of an agent receives, before it is observed: command, agent, process.
  var onReceipt: ((_ command: String, _ agent: String, _ instance: String) -> Void)?
  /// Told of each step boundary of an agent's process, after it was observed: agent, process, action, step.
  var onStep: ((_ agent: String, _ instance: String, _ action: String, WorkStep) -> Void)?
  /// Processes that a case or fault is ending right now: their end is injected.
  private var injected: Set<String> = []
  /// Action and session of the commands that agents have received.
  var received: [String: (action: String, session: String)] = [:]
  /// The replica that holds each agent's newest connection.
  private(set) var holders: [String: String] = [:]
  /// Open connections of each agent, with their replica.
  private var connections: [String: [(connection: Int, replica: String)]] = [:]
  private var readyReplicas: Set<String> = []
  /// Why each replica that runs is not ready, as its `/health` says.
  private(set) var unreadiness: [String: String] = [:]
  /// Told each time a replica becomes ready.
  var onReplicaReady: (() -> Void)?
  /// The commands on whose behalf processes work on a session, the one begun last at the end.
  var working: [String: [(instance: String, command: String)]] = [:]
  /// The agent of each of its processes, and whether that process may act for it now.
  private(set) var instances: [String: (agent: String, mayAct: () -> Bool)] = [:]
  /// Other names of processes: host names of containers, ids of swarm tasks.
  private var aliases: [String: String] = [:]
  /// What the locks outside the cluster say.
  var locks: [String: LeaderLock] = [:]
  /// How often the record of each of those locks was written, renewals included.
  var lockWrites: [String: Int] = [:]
  /// Told of each change of such a lock: agent, term.
  var onLock: ((_ agent: String, _ term: Int64) -> Void)?
  /// When each agent last connected or sent a heartbeat that was written.
  private var lastSigns: [String: Instant] = [:]
  /// Processes that lead, as far as they have told, with their term.
  var leading: [(instance: String, term: Int64)] = []
  /// Processes with a connection to the control plane, as they see it.
  var linked: Set<String> = []
  /// Processes of agents that were told to hold several sockets.
  var manySockets: Set<String> = []
  /// The observed part of each session's row, as it was last committed.
  private(set) var sessionRows: [String: DatabaseChange.SessionRow] = [:]
  /// The agent and the session of each command, by its row.
  private var commandOwners: [String: (agent: String, session: String?)] = [:]
  /// Whose each agent key is.
  private(set) var keyOwners: [String: String] = [:]

  /// Follows the streams between viewers and desktops.
  private(set) lazy var streams = StreamComparison(self)
  /// Attachments that live, with the replica that owns each.
  var attachments: [(attachment: String, session: String, replica: String)] = []
  /// Streams to desktops that stand, with the process that holds each.
  var tunnels: [(connection: Int, session: String, instance: String)] = []

  init(_ simulation: Simulation) { self.simulation = simulation }

  package func add(_ observation: Observation) {
    guard held == nil else {
      held?.append(observation)
      return
    }
    let timed = TimedObservation(
      time: past ?? Duration(simulation.now), sequence: told, observation: observation)
    told += 1
    observations.append(timed)
    simulation.trace.remark(Self.observed, at: simulation.now, timed.line)
    onObservation?(timed)
    if let retention { forget(before: timed.time - retention) }
  }

  /// What is observed while `body` runs happened at `time` already, and was seen only now.
  func add(since time: Duration, _ body: () -> Void) {
    past = max(.zero, min(time, Duration(simulation.now)))
    body()
    past = nil
  }

  private func forget(before time: Duration) {
    guard let first = observations.first, first.time < time, observations.count >= Self.lot,
      observations[observations.count / 2].time < time
    else { return }
    observations.removeFirst(observations.firstIndex { $0.time >= time } ?? observations.count)
  }

  private static let lot = 4_096

  /// What is observed while `body` runs follows the observation that `body` returns: a fault of an instant is told before
  /// its effects.
  func add(_ body: () throws -> Observation) rethrows {
    let outer = held
    held = []
    defer { held = outer }
    let first = try body()
    let effects = held ?? []
    held = outer
    for observation in [first] + effects { add(observation) }
  }

  // MARK: Processes

  /// Reports starts and ends of a process, and with `availability` when it comes and goes.
  func watch(_ process: SimulatedProcess, availability: ((Bool) -> Observation)? = nil) {
    process.onStart = { [unowned self, unowned process] _ in
      add(.processStarted(process: process.name))
      if let availability { add(availability(true)) }
    }
    process.onEnd = { [unowned self, unowned process] _, reason in
      ended(process.name, reason: reason.text, isInjected: Self.isInjected(reason))
      if let availability { add(availability(false)) }
    }
  }

  /// A process has ended: what it held is nobody's.
  func ended(_ process: String, reason: String, isInjected: Bool) {
    let wasInjected = injected.remove(process) != nil || isInjected
    add(.processEnded(process: process, reason: reason, injected: wasInjected))
    unreadiness[process] = nil
    if readyReplicas.remove(process) != nil { add(.replicaReady(replica: process, ready: false)) }
    forgetConnections(of: process)
    forgetAttachments(of: process)
    instanceEnded(process)
  }

  /// Whether a replica takes requests now, and why it does not.
  func setReady(_ replica: String, _ isReady: Bool, reason: String?) {
    unreadiness[replica] = isReady ? nil : reason
    guard isReady ? readyReplicas.insert(replica).inserted : readyReplicas.remove(replica) != nil else { return }
    add(.replicaReady(replica: replica, ready: isReady))
  }

  /// The next end of the process is asked for by the case.
  func expectEnd(of process: String) { injected.insert(process) }

  private static func isInjected(_ reason: ExitReason) -> Bool {
    switch reason {
    case .crashed, .vanished: true
    case .finished, .panicked: false
    }
  }

  /// A dead replica holds nothing.
  private func forgetConnections(of replica: String) {
    for agent in connections.keys.sorted() {
      for entry in connections[agent] ?? [] where entry.replica == replica {
        add(.agentDisconnected(agent: agent, replica: replica, connection: entry.connection, reason: "replica ended"))
      }
      connections[agent]?.removeAll { $0.replica == replica }
      if holders[agent] == replica { holders[agent] = connections[agent]?.last?.replica }
    }
  }

  func isReady(_ replica: String) -> Bool { readyReplicas.contains(replica) }
  func connectionCount(of agent: String) -> Int { connections[agent]?.count ?? 0 }

  // MARK: Agents

  /// A process that works for an agent.
  func watchInstance(_ process: SimulatedProcess, of agent: String, mayAct: @escaping () -> Bool) {
    instances[process.name] = (agent, { [unowned process] in process.current != nil && mayAct() })
    watch(process)
  }

  /// `name` stands for a process.
  func alias(_ name: String, of process: String) { aliases[name] = process }

  /// The process behind a name by which it calls itself.
  func processName(_ name: String) -> String { aliases[name] ?? name }

  /// A key belongs to an agent from now on; it loses those it had.
  func keyIssued(_ key: String, to agent: String) {
    for (old, owner) in keyOwners.sorted(by: { $0.key < $1.key }) where owner == agent { keyOwners[old] = nil }
    keyOwners[key] = agent
  }

  /// The key issued to an agent.
  func key(of agent: String) -> String? {
    keyOwners.sorted { $0.key < $1.key }.first { $0.value == agent }?.key
  }

  // MARK: Control plane

  func note(_ event: ControlPlaneEvent, of replica: String) {
    switch event {
    case .agentRegistered(let identity):
      registered(
        identity.agentID, at: replica, connection: identity.connection, epoch: identity.epoch,
        instance: identity.instanceID.map(processName) ?? identity.agentID)
    case .agentUnregistered(let identity, let reason):
      unregistered(identity.agentID, at: replica, connection: identity.connection, reason: reason.rawValue)
    case .commandSent(let command, let identity, let attempt, _):
      add(
        .commandSent(
          command: command, agent: identity.agentID, replica: replica, connection: identity.connection,
          attempt: attempt))
    case .hubQueued: add(.hubQueued(replica: replica))
    case .hubServed(_, _, let wait): add(.hubServed(replica: replica, wait: Duration(wait)))
    case .ready:
      readyReplicas.insert(replica)
      unreadiness[replica] = nil
      add(.replicaReady(replica: replica, ready: true))
      onReplicaReady?()
    case .notReady(let reason):
      unreadiness[replica] = reason
      if readyReplicas.remove(replica) != nil { add(.replicaReady(replica: replica, ready: false)) }
    case .shutdownStep(.stoppedAccepting):
      readyReplicas.remove(replica)
      add(.replicaReady(replica: replica, ready: false))
    case .agentCallAnswered(let call, let agent, let key, let status):
      let isBootstrapKey = key == AgentKeys.bootstrap
      add(
        .agentCall(
          agent: agent, replica: replica, call: call == .register ? .register : .connect,
          keyOwner: isBootstrapKey ? nil : keyOwners[key], isBootstrapKey: isBootstrapKey, status: status))
    case .enrolment(let agent, let step): note(step, of: agent)
    case .keyIssued(let agent, let key): keyIssued(key, to: agent)
    case .reportJudged(let agent, let session, let isAccepted):
      if let owner = sessionRows[session]?.agentID, owner != agent {
        add(.foreignReport(agent: agent, session: session, isAccepted: isAccepted))
      }
    case .orphanListed(let agent, let session): add(.orphanListed(session: session, agent: agent))
    case .answerJudged(let agent, let command, let isAccepted):
      if let owner = commandOwners[command], owner.agent != agent {
        add(.foreignReport(agent: agent, session: owner.session ?? "", isAccepted: isAccepted))
      }
    case .viewerAccepted(_, let attachment, let connection): streams.attachmentBegan(attachment, viewer: connection)
    case .attachmentReady(let session, let attachment): attached(attachment, session, at: replica)
    case .attachmentEnded(_, let attachment, _, _): detached(attachment)
    default: break
    }
  }

  /// `replica` holds a new connection of the agent.
  func registered(_ agent: String, at replica: String, connection: Int, epoch: Int64, instance: String) {
    connections[agent, default: []].append((connection, replica))
    holders[agent] = replica
    lastSigns[agent] = simulation.now
    add(
      .agentConnected(agent: agent, replica: replica, connection: connection, epoch: epoch, instance: instance))
  }

  /// `replica` holds that connection no more.
  func unregistered(_ agent: String, at replica: String, connection: Int, reason: String) {
    connections[agent]?.removeAll { $0.connection == connection && $0.replica == replica }
    if holders[agent] == replica, !(connections[agent] ?? []).contains(where: { $0.replica == replica }) {
      holders[agent] = connections[agent]?.last?.replica
    }
    add(.agentDisconnected(agent: agent, replica: replica, connection: connection, reason: reason))
  }

  private func note(_ step: ControlPlaneEvent.EnrolmentStep, of agent: String) {
    let told: EnrolmentStep =
      switch step {
      case .registered: .registered
      case .approved: .approved
      case .rejected: .rejected
      case .keyUsed: .keyUsed
      }
    add(.enrolment(agent: agent, told))
  }

  // MARK: Database

  func note(_ change: DatabaseChange) {
    switch change {
    case .agent(let before, let after): noteAgent(before, after)
    case .session(let before, let after): noteSession(before, after)
    case .command(let before, let after): noteCommand(before, after)
    }
  }

  /// Whether a heartbeat of the agent, or a new connection, came in the last `span`.
  func wasHeard(_ agent: String, within span: TimeSpan) -> Bool {
    lastSigns[agent].map { simulation.now - $0 <= span } ?? false
  }

  private func noteAgent(_ before: DatabaseChange.AgentRow?, _ after: DatabaseChange.AgentRow?) {
    guard let after else { return }
    if let beat = after.lastHeartbeat, beat != before?.lastHeartbeat, let holder = holders[after.agentID] {
      lastSigns[after.agentID] = simulation.now
      add(.heartbeat(agent: after.agentID, replica: holder))
    }
    add(.agentRow(agent: after.agentID, status: after.status ?? "", lastHeartbeat: after.lastHeartbeat.map(time)))
  }

  private func noteSession(_ before: DatabaseChange.SessionRow?, _ after: DatabaseChange.SessionRow?) {
    guard let after else {
      if let before {
        sessionRows[before.id] = nil
        add(.sessionDeleted(session: before.id))
      }
      return
    }
    sessionRows[after.id] = after
    guard let before else {
      let resources = SessionResources(counting: ResourceAmounts(cpu: after.cpu ?? "", memory: after.memory ?? ""))
      add(
        .sessionInserted(
          session: after.id, user: after.userID ?? "", agent: after.agentID, state: after.state ?? "",
          milliCPU: Int(resources.cpuMilli), memoryMiB: Int(resources.memoryMebibytes)))
      if let isPersistent = after.hasPersistentHome {
        add(.sessionHome(session: after.id, isPersistent: isPersistent))
      }
      return
    }
    if before.state != after.state {
      add(.sessionState(session: after.id, from: before.state ?? "", to: after.state ?? "", agent: after.agentID))
    }
    if before.activeConnections != after.activeConnections {
      add(.activeConnections(session: after.id, count: Int(after.activeConnections ?? 0)))
    }
  }

  private func noteCommand(_ before: DatabaseChange.CommandRow?, _ after: DatabaseChange.CommandRow?) {
    guard let after else { return }
    guard let before else {
      commandOwners[after.commandID] = (after.agentID ?? "", after.sessionID)
      add(
        .commandInserted(
          command: after.commandID, agent: after.agentID ?? "", session: after.sessionID, action: after.action))
      if after.status != "pending" {
        add(.commandStatus(command: after.commandID, from: "pending", to: after.status ?? "", times: times(after)))
      }
      return
    }
    guard before.status != after.status else { return }
    add(
      .commandStatus(
        command: after.commandID, from: before.status ?? "", to: after.status ?? "", times: times(after)))
  }

  /// A restore has taken a row away, or brought an earlier state back.
  func forgetRow(of session: String) { sessionRows[session] = nil }
  func setState(_ state: String, of session: String) { sessionRows[session]?.state = state }

  private func times(_ row: DatabaseChange.CommandRow) -> CommandTimes {
    CommandTimes(
      created: row.createdAt.map(time), sent: row.sentAt.map(time), acknowledged: row.acknowledgedAt.map(time),
      completed: row.completedAt.map(time))
  }

  /// Microseconds since 1970 as time since the start of the run.
  func time(_ microseconds: Int64) -> Duration { .microseconds(microseconds - origin) }

  // MARK: Redis

  func note(_ event: RedisEvent) {
    guard case .keyChanged(let change) = event else { return }
    guard change.database == 1 else { return noteLock(change) }
    let name = String(decoding: change.key.bytes, as: UTF8.self)
    guard let (agent, key) = Self.routeKey(name) else { return }
    add(.route(agent: agent, key: key, value: change.new?.value.text))
  }

  /// The lock record of a Docker agent with the Redis election.
  private func noteLock(_ change: KeyChange) {
    guard change.database == DockerPlatform.redisDatabase else { return }
    let name = String(decoding: change.key.bytes, as: UTF8.self)
    let prefix = RouteKeys.leader(agent: "")
    guard name.hasPrefix(prefix), !name.hasSuffix(":term") else { return }
    lockRecordChanged(of: String(name.dropFirst(prefix.count)), text: change.new?.value.text)
  }

  /// `agent:ID:pod` and `agent:ID:connected`; ids hold no colon.
  private static func routeKey(_ name: String) -> (agent: String, key: RouteKey)? {
    let parts = name.utf8.split(separator: UInt8(ascii: ":"), omittingEmptySubsequences: false).map { Substring($0) }
    guard parts.count == 3, parts[0] == "agent", let key = RouteKey(rawValue: String(parts[2])) else { return nil }
    return (String(parts[1]), key)
  }
}
