import TestEnvironment

/// Finds who plays a role now, and whether the run could bear the loss.
struct RoleResolver {
  let deployment: ChaosDeployment
  let environment: any Environment
  let watch: ProcessWatch

  /// Nobody plays the role: why.
  struct Nobody: Error {
    let reason: String
  }

  func component(of target: ChaosTarget) async throws -> Component {
    switch target {
    case .replica(let index): return .replica(try element(index, of: environment.replicas, "replica"))
    case .agent(let index): return .agent(try agent(index))
    case .instance(let agent, let index):
      return .instance(try element(index, of: environment.instances(of: self.agent(agent)), "process"))
    case .holder(let index):
      let agent = try agent(index)
      guard let holder = try await environment.holder(of: agent) else { throw Nobody(reason: "nobody held \(agent)") }
      return .replica(holder)
    case .leader(let index):
      let agent = try agent(index)
      guard let leader = try await leader(of: agent) else { throw Nobody(reason: "nobody led \(agent)") }
      return .instance(leader)
    case .standby(let index):
      let agent = try agent(index)
      let leader = try await leader(of: agent)
      let standbys = environment.instances(of: agent).filter { $0 != leader && watch.isAlive($0, in: environment) }
      guard let standby = standbys.first else { throw Nobody(reason: "nobody stood by for \(agent)") }
      return .instance(standby)
    case .redis:
      guard deployment.hasRedis else { throw Nobody(reason: "there is no Redis") }
      return .redis
    case .database: return .database
    case .kubernetes:
      guard deployment.agents.contains(where: { $0.platform == .kubernetes }) else {
        throw Nobody(reason: "there is no cluster")
      }
      return .kubernetes
    case .docker(let index): return .docker(host: try dockerHost(index))
    case .controlPlane: return .controlPlane
    }
  }

  func agent(_ index: Int) throws -> String { try element(index, of: environment.agents, "agent") }

  func dockerHost(_ index: Int) throws -> String {
    _ = try agent(index)
    guard deployment.agents[index].platform == .docker else {
      throw Nobody(reason: "agent \(index) has no Docker daemon")
    }
    return deployment.topology.agents[index].engine
  }

  /// The process that may act for the agent; of one without an election, its only one.
  private func leader(of agent: String) async throws -> String? {
    if let actor = try await environment.actors(of: agent).first { return actor }
    if let holder = try await environment.lock(of: agent)?.holder, environment.instances(of: agent).contains(holder) {
      return holder
    }
    return environment.instances(of: agent).count == 1 ? environment.instances(of: agent).first : nil
  }

  private func element(_ index: Int, of names: [String], _ what: String) throws -> String {
    guard names.indices.contains(index) else { throw Nobody(reason: "there is no \(what) \(index)") }
    return names[index]
  }

  // MARK: Processes

  /// The processes of a component, as observations name them; empty: those that the engine need not watch.
  func processes(of component: Component) -> [String] {
    switch component {
    case .replica(let name), .instance(let name): [name]
    case .agent(let id): environment.instances(of: id)
    case .controlPlane: environment.replicas
    case .redis, .database, .kubernetes, .docker: []
    }
  }

  func component(named process: String) -> Component {
    environment.replicas.contains(process) ? .replica(process) : .instance(process)
  }

  // MARK: Recoverability (lesson L17)

  /// Why the run could not bear the loss of the component; nil: it can. All of an agent or of the control plane is what
  /// the plan says, and so is the only process of a kind that a deployment has.
  func objection(to component: Component) async throws -> String? {
    switch component {
    case .replica(let name):
      let others = environment.replicas.filter { $0 != name }
      if others.isEmpty { return nil }
      for other in others where !watch.isImpaired(other) {
        if try await environment.isReady(other) { return nil }
      }
      return "\(name) was the last ready replica"
    case .instance(let name):
      guard let agent = environment.agents.first(where: { environment.instances(of: $0).contains(name) }) else {
        return nil
      }
      let others = environment.instances(of: agent).filter { $0 != name }
      if others.isEmpty { return nil }
      if others.contains(where: { watch.isAlive($0, in: environment) && !watch.isImpaired($0) }) { return nil }
      return "\(name) was the last process of \(agent)"
    default: return nil
    }
  }
}
