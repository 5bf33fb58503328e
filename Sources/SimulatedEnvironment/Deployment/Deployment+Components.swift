import SimulationRuntime
import TestEnvironment

/// What the parts of a deployment are called in cases.
extension Deployment {
  /// The processes of a component, in order. Throws where the topology has no such part.
  func processes(of component: Component) throws -> [SimulatedProcess] {
    let found: [SimulatedProcess] =
      switch component {
      case .replica(let name): replicas.filter { $0.name == name }
      case .agent(let id): agents.first { $0.id == id }?.processes ?? []
      case .instance(let name): agents.flatMap(\.processes).filter { $0.name == name }
      case .redis: redis.map { [$0.process] } ?? []
      case .database: [try database.process]
      case .kubernetes: [kubernetes]
      case .docker(let host): docker.machine(host).map { [$0.daemon] } ?? []
      case .controlPlane: replicas + [balancer]
      }
    guard !found.isEmpty else { throw EnvironmentError("this topology has no \(component)") }
    return found
  }

  /// What a replica's process runs.
  func replica(_ name: String) throws -> DeployedReplica {
    guard let replica = binaries.first(where: { $0.name == name }) else {
      throw EnvironmentError("this topology has no replica \(name)")
    }
    return replica
  }

  /// The hosts on which a component runs, each once, in the order of its processes.
  func hosts(of component: Component) throws -> [String] {
    var names: [String] = []
    for process in try processes(of: component) where !names.contains(process.host.name) {
      names.append(process.host.name)
    }
    return names
  }

  /// The agent with that id.
  func agent(_ id: String) throws -> DeployedAgent {
    guard let agent = agents.first(where: { $0.id == id }) else {
      throw EnvironmentError("this topology has no agent \(id)")
    }
    return agent
  }

  /// The processes of an agent that may act for it now.
  func actors(of agent: DeployedAgent) -> [String] {
    zip(agent.processes, agent.roles).filter { $0.current != nil && $1.mayAct() }.map(\.0.name)
  }

  /// The control plane's end of an agent's newest connection, at the replica that holds it.
  func holderSocket(_ agent: String) throws -> Socket? {
    let instances = try self.agent(agent).instances
    guard let holder = recorder.holders[agent] else { return nil }
    return simulation.network.openSockets(on: holder).filter { instances.contains($0.remoteHost) }
      .max { $0.connection < $1.connection }
  }

  /// The agent's end of its newest connection to a replica, over all its processes.
  func agentSocket(_ agent: String) throws -> Socket? {
    try self.agent(agent).processes.flatMap { simulation.network.openSockets(on: $0.host.name) }
      .filter { $0.remoteHost.hasPrefix(HostName.replicaPrefix) }.max { $0.connection < $1.connection }
  }
}
