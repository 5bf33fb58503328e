/// A part of a live deployment that a driver may act on.
package struct LiveComponent: Sendable, Hashable {
  package enum Kind: Sendable, Hashable {
    case replica
    /// A process of the agent with this id.
    case agent(id: String)
    case redis
    case database
    /// The daemon that the agent with this id works on.
    case dockerDaemon(agent: String)
  }

  /// As `safety.allow` names it.
  package var name: String
  package var kind: Kind
  /// Nil: nothing acts on it.
  package var binding: EnvironmentFile.Binding?
  /// Its name is in `safety.allow`.
  package var isAllowed: Bool
}

extension EnvironmentFile {
  /// The driver of an agent that the `kubernetes` section describes by its label selector alone.
  package static let implicitKubectl = "kubectl"

  /// Every component of the file, in its order: replicas, Redis, database, agents, daemons. Names are unique in a file
  /// that was read.
  ///
  /// An agent entry is called by its target, and by its id if it has none; a Docker daemon `docker/AGENT`.
  package var components: [LiveComponent] {
    var found: [LiveComponent] = []
    func add(_ name: String, _ kind: LiveComponent.Kind, _ binding: Binding?) {
      found.append(LiveComponent(name: name, kind: kind, binding: binding, isAllowed: safety.allow.contains(name)))
    }
    for replica in replicas { add(replica.name, .replica, replica.binding) }
    if let redis { add("redis", .redis, redis.binding) }
    if let database { add("database", .database, database.binding) }
    for agent in agents { add(agent.binding?.target ?? agent.id, .agent(id: agent.id), agent.binding) }
    if let kubernetes, !agents.contains(where: { $0.id == kubernetes.agentID }) {
      let selector = Binding(driver: Self.implicitKubectl, target: "selector/\(kubernetes.agentSelector)")
      add(kubernetes.agentID, .agent(id: kubernetes.agentID), selector)
    }
    for host in docker {
      if !agents.contains(where: { $0.id == host.agentID }) { add(host.agentID, .agent(id: host.agentID), nil) }
      add("docker/\(host.agentID)", .dockerDaemon(agent: host.agentID), host.binding)
    }
    return found
  }

  /// Ids of all agents with their platform, each once.
  package var agentIDs: [(id: String, platform: Agent.Platform)] {
    var found: [(id: String, platform: Agent.Platform)] = []
    func add(_ id: String, _ platform: Agent.Platform) {
      if !found.contains(where: { $0.id == id }) { found.append((id, platform)) }
    }
    if let kubernetes { add(kubernetes.agentID, .kubernetes) }
    for host in docker { add(host.agentID, .docker) }
    for agent in agents { add(agent.id, agent.platform) }
    return found
  }
}
