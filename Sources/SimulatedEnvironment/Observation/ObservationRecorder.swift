import ControlPlane
import Database
import Kubernetes
import KubernetesAgent
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Turns what the simulators tell into the observations that invariants and cases read.
final class ObservationRecorder {
  private let simulation: Simulation
  private(set) var observations: [TimedObservation] = []
  /// Told of each observation as it is made.
  var onObservation: ((TimedObservation) -> Void)?
  /// Processes that a case or fault is ending right now: their end is injected.
  private var injected: Set<String> = []
  /// Action and session of the commands that agents have received.
  private var received: [String: (action: String, session: String)] = [:]
  /// The replica that holds each agent's newest connection.
  private(set) var holders: [String: String] = [:]
  /// Open connections of each agent, with their replica.
  private var connections: [String: [(connection: Int, replica: String)]] = [:]
  private var readyReplicas: Set<String> = []
  /// The command on whose behalf an agent works on a session.
  private var working: [String: String] = [:]

  init(_ simulation: Simulation) { self.simulation = simulation }

  func add(_ observation: Observation) {
    let timed = TimedObservation(
      time: Duration(simulation.now), sequence: observations.count, observation: observation)
    observations.append(timed)
    onObservation?(timed)
  }

  // MARK: Processes

  /// Reports starts and ends of a process, and with `availability` when it comes and goes.
  func watch(_ process: SimulatedProcess, availability: ((Bool) -> Observation)? = nil) {
    process.onStart = { [unowned self, unowned process] _ in
      add(.processStarted(process: process.name))
      if let availability { add(availability(true)) }
    }
    process.onEnd = { [unowned self, unowned process] _, reason in
      let wasInjected = injected.remove(process.name) != nil || Self.isInjected(reason)
      add(.processEnded(process: process.name, reason: reason.text, injected: wasInjected))
      if readyReplicas.remove(process.name) != nil { add(.replicaReady(replica: process.name, ready: false)) }
      forgetConnections(of: process.name)
      if let availability { add(availability(false)) }
    }
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

  // MARK: Control plane

  func note(_ event: ControlPlaneEvent, of replica: String) {
    switch event {
    case .agentRegistered(let identity):
      connections[identity.agentID, default: []].append((identity.connection, replica))
      holders[identity.agentID] = replica
      add(
        .agentConnected(
          agent: identity.agentID, replica: replica, connection: identity.connection, epoch: identity.epoch,
          instance: identity.instanceID ?? identity.agentID))
    case .agentUnregistered(let identity, let reason):
      connections[identity.agentID]?.removeAll { $0.connection == identity.connection && $0.replica == replica }
      if holders[identity.agentID] == replica,
        !(connections[identity.agentID] ?? []).contains(where: { $0.replica == replica })
      {
        holders[identity.agentID] = connections[identity.agentID]?.last?.replica
      }
      add(
        .agentDisconnected(
          agent: identity.agentID, replica: replica, connection: identity.connection, reason: reason.rawValue))
    case .commandSent(let command, let identity, let attempt, _):
      add(
        .commandSent(
          command: command, agent: identity.agentID, replica: replica, connection: identity.connection,
          attempt: attempt))
    case .hubQueued: add(.hubQueued(replica: replica))
    case .hubServed(_, _, let wait): add(.hubServed(replica: replica, wait: Duration(wait)))
    case .ready:
      readyReplicas.insert(replica)
      add(.replicaReady(replica: replica, ready: true))
    case .notReady:
      if readyReplicas.remove(replica) != nil { add(.replicaReady(replica: replica, ready: false)) }
    case .shutdownStep(.stoppedAccepting):
      readyReplicas.remove(replica)
      add(.replicaReady(replica: replica, ready: false))
    default: break
    }
  }

  // MARK: Agents

  func note(_ event: AgentEvent, of agent: String, instance: String) {
    switch event {
    case .commandReceived(let command, let action, let session):
      received[command] = (action, session)
      add(.commandReceived(command: command, agent: agent, instance: instance))
    case .commandBegun(let command, let session, _):
      working[session] = command
      add(
        .commandExecuted(
          command: command, agent: agent, instance: instance, action: received[command]?.action ?? "", session: session)
      )
    default: break
    }
  }

  // MARK: Database

  func note(_ change: DatabaseChange) {
    switch change {
    case .agent(let before, let after): noteAgent(before, after)
    case .session(let before, let after): noteSession(before, after)
    case .command(let before, let after): noteCommand(before, after)
    }
  }

  private func noteAgent(_ before: DatabaseChange.AgentRow?, _ after: DatabaseChange.AgentRow?) {
    guard let after else { return }
    if let beat = after.lastHeartbeat, beat != before?.lastHeartbeat, let holder = holders[after.agentID] {
      add(.heartbeat(agent: after.agentID, replica: holder))
    }
    add(.agentRow(agent: after.agentID, status: after.status ?? "", lastHeartbeat: after.lastHeartbeat.map(Self.time)))
  }

  private func noteSession(_ before: DatabaseChange.SessionRow?, _ after: DatabaseChange.SessionRow?) {
    guard let after else {
      if let before { add(.sessionDeleted(session: before.id)) }
      return
    }
    guard let before else {
      let resources = SessionResources(counting: ResourceAmounts(cpu: after.cpu ?? "", memory: after.memory ?? ""))
      add(
        .sessionInserted(
          session: after.id, user: after.userID ?? "", agent: after.agentID, state: after.state ?? "",
          milliCPU: Int(resources.cpuMilli), memoryMiB: Int(resources.memoryMebibytes)))
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
      add(
        .commandInserted(
          command: after.commandID, agent: after.agentID ?? "", session: after.sessionID, action: after.action))
      if after.status != "pending" {
        add(.commandStatus(command: after.commandID, from: "pending", to: after.status ?? "", times: Self.times(after)))
      }
      return
    }
    guard before.status != after.status else { return }
    add(
      .commandStatus(
        command: after.commandID, from: before.status ?? "", to: after.status ?? "", times: Self.times(after)))
  }

  private static func times(_ row: DatabaseChange.CommandRow) -> CommandTimes {
    CommandTimes(
      created: row.createdAt.map(time), sent: row.sentAt.map(time), acknowledged: row.acknowledgedAt.map(time),
      completed: row.completedAt.map(time))
  }

  /// Microseconds since 1970 as time since the start of the run.
  static func time(_ microseconds: Int64) -> Duration { .microseconds(microseconds - Epoch.microseconds) }

  // MARK: Redis

  func note(_ event: RedisEvent) {
    guard case .keyChanged(let change) = event, change.database == 1 else { return }
    let name = String(decoding: change.key.bytes, as: UTF8.self)
    guard let (agent, key) = Self.routeKey(name) else { return }
    add(.route(agent: agent, key: key, value: change.new?.value.text))
  }

  /// `agent:ID:pod` and `agent:ID:connected`; ids hold no colon.
  private static func routeKey(_ name: String) -> (agent: String, key: RouteKey)? {
    let parts = name.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, parts[0] == "agent", let key = RouteKey(rawValue: String(parts[2])) else { return nil }
    return (String(parts[1]), key)
  }

  // MARK: Platform

  func note(_ event: KubernetesEvent) {
    switch event {
    case .workloadCreated(let workload, _): note(workload, "deployment", .created)
    case .workloadScaled(let workload, let replicas, _):
      note(workload, "deployment", replicas == 0 ? .scaledToZero : .scaledUp)
    case .workloadDeleting: break
    case .workloadDeleted(let workload): note(workload, "deployment", .deleted)
    case .podReady(let workload, _): note(workload, "deployment", .ready)
    case .podUnready(let workload, _, _): note(workload, "deployment", .notReady)
    case .objectCreated(let object, let workload, _): note(workload, object, .created)
    case .objectDeleted(let object, let workload): note(workload, object, .deleted)
    default: break
    }
  }

  private func note(_ workload: KubernetesEvent.Workload, _ kind: String, _ event: WorkloadEvent) {
    guard !workload.session.isEmpty else { return }
    add(
      .workload(
        session: workload.session, agent: workload.agent, object: "\(kind)/\(workload.session)", event: event,
        command: working[workload.session] ?? (workload.command.isEmpty ? nil : workload.command)))
  }

  private func note(_ workload: KubernetesEvent.Workload, _ object: ObjectReference, _ event: WorkloadEvent) {
    guard !workload.session.isEmpty, let kind = Self.kind(object.kind) else { return }
    add(
      .workload(
        session: workload.session, agent: workload.agent, object: "\(kind)/\(object.name)", event: event,
        command: working[workload.session] ?? (workload.command.isEmpty ? nil : workload.command)))
  }

  /// The kinds that belong to a session's workload. The Session resource is a record, not a workload: the recorded
  /// agent leaves it behind (spec/03 §2.3).
  private static func kind(_ kind: KubernetesKind) -> String? {
    switch kind {
    case .service: "service"
    case .persistentVolumeClaim: "pvc"
    default: nil
    }
  }
}
