import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Counts what the components of a deployment do over a span, and prices it by the resource model.
struct ResourceMeter {
  private unowned let deployment: Deployment
  private let began: Instant
  private let firstObservation: Int
  private let statements: [Int]
  private let delivered: [String: Int]
  private let redisCommands: Int64
  private let served: Int

  /// Begins to count.
  init(_ deployment: Deployment) throws {
    self.deployment = deployment
    began = deployment.simulation.now
    firstObservation = (deployment.recorder.observations.last?.sequence ?? -1) + 1
    statements = deployment.binaries.map(\.requestsEver)
    delivered = deployment.recorder.streams.delivered
    redisCommands = deployment.redis?.commandsProcessed ?? 0
    served = try deployment.database.statementsServed
    for binary in deployment.binaries { binary.pool.begin() }
  }

  private var span: Int64 { (deployment.simulation.now - began).microseconds }

  /// What the observations tell of each process.
  private struct Work {
    var requests = 0
    var logins = 0
    var keyChecks = 0
    var frames = 0
    var commands = 0
  }

  /// What each component used so far.
  func use() -> [ComponentUse] {
    var work: [String: Work] = [:]
    // Earlier ones may have been forgotten meanwhile.
    for timed in deployment.recorder.observations.reversed() {
      guard timed.sequence >= firstObservation else { break }
      Self.add(timed.observation, to: &work)
    }
    let replicas = deployment.replicas.indices.map { replica($0, work) }
    let agents = deployment.agents.flatMap { agent($0, work) }
    let shared = [redis, database].compactMap(\.self)
    return replicas + agents + shared + nodes(replicas + agents + shared)
  }

  private static func add(_ observation: Observation, to work: inout [String: Work]) {
    switch observation {
    case .requestAnswered(let request):
      guard let replica = request.replica else { return }
      work[replica, default: Work()].requests += 1
    case .agentCall(_, let replica, _, _, _, _): work[replica, default: Work()].keyChecks += 1
    case .heartbeat(let agent, let replica):
      work[replica, default: Work()].frames += 1
      work[agent, default: Work()].frames += 1
    case .commandSent(_, let agent, let replica, _, _):
      // The command and what comes back for it: ack, status, complete.
      work[replica, default: Work()].frames += 4
      work[agent, default: Work()].frames += 4
      work[agent, default: Work()].commands += 1
    default: break
    }
  }

  // MARK: Components

  private func replica(_ index: Int, _ work: [String: Work]) -> ComponentUse {
    let process = deployment.replicas[index]
    let name = process.name
    let binary = deployment.binaries[index]
    guard process.current != nil else { return ComponentUse(name, .replica, milliCPU: 0, memoryKiB: 0) }
    let done = work[name] ?? Work()
    let sent = binary.requestsEver - statements[index]
    let held = deployment.agents.filter { deployment.recorder.holders[$0.id] == name }.map(\.id)
    let relayed = deliveredKiB { held.contains($0) }
    let attachments = deployment.recorder.attachments.count { $0.replica == name }
    let microseconds =
      sent * ResourceModel.statement + done.requests * ResourceModel.request + done.frames * ResourceModel.frame
      + done.keyChecks * ResourceModel.keyCheck + relayed * ResourceModel.relayedKiB
    let memory =
      ResourceModel.replicaBaseMemory + binary.pool.open * ResourceModel.databaseConnection
      + held.count * ResourceModel.agentConnection + attachments * ResourceModel.attachment
    return ComponentUse(
      name, .replica,
      milliCPU: ResourceModel.milliCPU(
        base: ResourceModel.replicaBaseCPU, microseconds: microseconds, over: span),
      memoryKiB: memory,
      counts: [
        .init("requests", done.requests), .init("statements", sent), .init("agent frames", done.frames),
        .init("key checks", done.keyChecks), .init("agents", held.count), .init("attachments", attachments),
        .init("KiB relayed", relayed), .init("database connections", binary.pool.open),
      ], pool: binary.pool.use)
  }

  /// KiB that viewers of sessions received whose agent is one of these.
  private func deliveredKiB(_ isOne: (String) -> Bool) -> Int {
    var bytes = 0
    for (session, count) in deployment.recorder.streams.delivered.sorted(by: { $0.key < $1.key }) {
      guard let agent = deployment.recorder.sessionRows[session]?.agentID, isOne(agent) else { continue }
      bytes += count - (delivered[session] ?? 0)
    }
    return (bytes + 1_023) / 1_024
  }

  private func agent(_ agent: DeployedAgent, _ work: [String: Work]) -> [ComponentUse] {
    let actors = deployment.actors(of: agent)
    let sessions = deployment.recorder.sessionRows.values.count {
      $0.agentID == agent.id && Self.holdsWorkload($0.state)
    }
    return agent.processes.map { process in
      guard process.current != nil else { return ComponentUse(process.name, .agent, milliCPU: 0, memoryKiB: 0) }
      guard actors.contains(process.name) else {
        return ComponentUse(
          process.name, .standby, milliCPU: ResourceModel.standbyBaseCPU, memoryKiB: ResourceModel.standbyBaseMemory)
      }
      let done = work[agent.id] ?? Work()
      let tunnels = deployment.recorder.tunnels.count { $0.instance == process.name }
      let relayed = deliveredKiB { $0 == agent.id }
      // It looks at each of its workloads every 10 s (C13).
      let looks = sessions * Int(span / 10_000_000)
      let microseconds =
        done.frames * ResourceModel.frame + done.commands * ResourceModel.command + looks * ResourceModel.look
        + relayed * ResourceModel.relayedKiB
      return ComponentUse(
        process.name, .agent,
        milliCPU: ResourceModel.milliCPU(
          base: ResourceModel.leaderBaseCPU, microseconds: microseconds, over: span),
        memoryKiB: ResourceModel.leaderBaseMemory + sessions * ResourceModel.session + tunnels * ResourceModel.tunnel,
        counts: [
          .init("sessions", sessions), .init("commands", done.commands), .init("agent frames", done.frames),
          .init("tunnels", tunnels), .init("KiB relayed", relayed),
        ])
    }
  }

  private static func holdsWorkload(_ state: String?) -> Bool {
    state.flatMap(SessionState.init).map { !$0.isFinal && $0 != .hibernated } ?? false
  }

  private var redis: ComponentUse? {
    guard let redis = deployment.redis else { return nil }
    guard redis.isAvailable else { return ComponentUse(HostName.redis, .redis, milliCPU: 0, memoryKiB: 0) }
    let commands = Int(redis.commandsProcessed - redisCommands)
    let clients = deployment.replicas.count { $0.current != nil }
    let channels = redis.channelCount
    let agents = redis.keys(matching: "agent:*:pod", database: 1).count
    let cached = redis.keys(matching: "response:*", database: 0).count
    return ComponentUse(
      HostName.redis, .redis,
      milliCPU: ResourceModel.milliCPU(
        base: ResourceModel.redisBaseCPU, microseconds: commands * ResourceModel.redisCommand, over: span),
      memoryKiB: clients * ResourceModel.redisReplica + channels * ResourceModel.redisChannel
        + agents * ResourceModel.redisAgent + (redis.usedMemory ?? 0) / 1_024,
      counts: [
        .init("commands", commands), .init("replicas", clients), .init("channels", channels),
        .init("agents routed", agents), .init("cached answers", cached), .init("bytes held", redis.usedMemory ?? 0),
      ])
  }

  private var database: ComponentUse? {
    guard let all = try? deployment.database.statementsServed else { return nil }
    let statements = all - served
    let connections = deployment.binaries.reduce(0) { $0 + $1.pool.open }
    return ComponentUse(
      HostName.database, .database,
      milliCPU: ResourceModel.milliCPU(
        base: ResourceModel.databaseBaseCPU, microseconds: statements * ResourceModel.databaseStatement, over: span),
      memoryKiB: ResourceModel.databaseBaseMemory + connections * ResourceModel.databaseBackend,
      counts: [.init("statements", statements), .init("connections", connections)])
  }

  // MARK: Nodes

  /// The components are spread over the nodes in turn; the sessions' pods are where they were scheduled, and count with
  /// what they are limited to.
  private func nodes(_ components: [ComponentUse]) -> [ComponentUse] {
    let names = deployment.cluster.configuration.nodes
    return names.enumerated().map { index, name in
      var milliCPU = 0
      var memory = 0
      for (place, component) in components.enumerated() where place % names.count == index {
        milliCPU += component.milliCPU
        memory += component.memoryKiB
      }
      var pods = 0
      for pod in deployment.cluster.store.list(.pod).compactMap(\.pod) where pod.nodeName == name {
        pods += 1
        milliCPU += (try? ResourceQuantity(pod.template.cpu)).map { Int($0.milli) } ?? 0
        memory += (try? ResourceQuantity(pod.template.memory)).map { Int($0.units / 1_024) } ?? 0
      }
      return ComponentUse(
        name, .node, milliCPU: milliCPU, memoryKiB: memory, counts: [.init("pods of sessions", pods)],
        capacity: .init(milliCPU: ResourceModel.nodeCPU, memoryMiB: ResourceModel.nodeMemory))
    }
  }
}
