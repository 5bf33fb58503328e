import TestEnvironment

/// Everything that a chaos run does, as data: what is deployed, what users do, what breaks and when. A seed draws it once
/// (swarm); afterwards it can be stored, replayed, edited and shrunk, and a live environment can carry it out.
public struct ChaosPlan: Sendable, Hashable {
  /// What is left to chance once the plan is fixed: latencies, ids, the order of simultaneous events.
  public var seed: UInt64
  public var deployment: ChaosDeployment
  public var phases: Phases
  /// What users do, ordered by time.
  public var operations: [PlannedOperation]
  /// What breaks, ordered by time.
  public var faults: [PlannedFault]

  /// How long each part of a run lasts (lesson L14, L18): settle, load with faults, heal, quiet check.
  public struct Phases: Sendable, Hashable {
    /// Agents connect, sessions start, viewers attach; no faults.
    public var settle: Duration
    /// Operations run and faults hold.
    public var load: Duration
    /// Everything is healed, load goes on: recovery is due within the bounds of the invariants.
    public var heal: Duration

    public init(settle: Duration = .seconds(20), load: Duration = .seconds(460), heal: Duration = .seconds(120)) {
      self.settle = settle
      self.load = load
      self.heal = heal
    }
  }

  public init(
    seed: UInt64, deployment: ChaosDeployment, phases: Phases = Phases(), operations: [PlannedOperation] = [],
    faults: [PlannedFault] = []
  ) {
    self.seed = seed
    self.deployment = deployment
    self.phases = phases
    self.operations = operations
    self.faults = faults
  }
}

/// What a chaos run is deployed on: the part of a ``Topology`` that swarm configurations vary.
public struct ChaosDeployment: Sendable, Hashable {
  public var replicas: Int
  public var hasRedis: Bool
  public var cacheEnabled: Bool
  public var agents: [Agent]
  public var users: Int
  /// Running sessions at the start of the load, in turn over users and agents.
  public var sessions: Int
  /// Probe viewers (spec/06 §10.4, 4), on the first sessions.
  public var probes: Int

  /// One agent id.
  public struct Agent: Sendable, Hashable {
    public var platform: Topology.Agent.Platform
    /// Processes that share the id; more than one elect a leader.
    public var instances: Int
    public var maxSessions: Int

    public init(platform: Topology.Agent.Platform = .kubernetes, instances: Int = 1, maxSessions: Int = 100) {
      self.platform = platform
      self.instances = instances
      self.maxSessions = maxSessions
    }
  }

  public init(
    replicas: Int = 3, hasRedis: Bool = true, cacheEnabled: Bool = false, agents: [Agent] = [Agent(instances: 3)],
    users: Int = 4, sessions: Int = 6, probes: Int = 3
  ) {
    self.replicas = replicas
    self.hasRedis = hasRedis
    self.cacheEnabled = cacheEnabled
    self.agents = agents
    self.users = users
    self.sessions = sessions
    self.probes = probes
  }

  /// The agent's id: `k8s-c1`, `docker-c2`, by place from 0.
  public func agentID(_ index: Int) -> String {
    "\(agents[index].platform == .kubernetes ? "k8s" : "docker")-c\(index + 1)"
  }

  public var topology: Topology {
    var topology = Topology(
      name, replicas: replicas, redis: hasRedis,
      agents: agents.indices.map { index in
        let agent = agents[index]
        let election: Topology.Agent.Election? =
          agent.instances == 1 ? nil : agent.platform == .kubernetes ? .lease : .file(shared: true)
        var deployed = Topology.Agent(
          agentID(index), platform: agent.platform, maxSessions: agent.maxSessions, replicas: agent.instances,
          election: election)
        deployed.engine = "docker-\(index + 1)"
        return deployed
      }, users: users)
    topology.cacheEnabled = cacheEnabled
    return topology
  }

  /// `3 replicas, Redis, agents 3k+1d, 6 sessions`.
  public var name: String {
    let kinds = agents.map { "\($0.instances)\($0.platform == .kubernetes ? "k" : "d")" }.joined(separator: "+")
    return "\(replicas) replicas, \(hasRedis ? "Redis" : "no Redis")\(cacheEnabled ? " and cache" : ""), "
      + "agents \(kinds), \(sessions) sessions"
  }
}
