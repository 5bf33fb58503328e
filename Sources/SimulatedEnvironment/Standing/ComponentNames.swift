import TestEnvironment

/// What a person calls the parts of a deployment: `api-1`, `redis`, `database`, `kubernetes`, `docker-1`, an agent's id,
/// the name of one of its processes, `control-plane`.
struct ComponentNames {
  private unowned let deployment: Deployment

  init(_ deployment: Deployment) { self.deployment = deployment }

  /// All names that ``component(_:)`` knows, in order.
  var all: [String] {
    let processes = deployment.agents.flatMap { agent in
      agent.instances.count > 1 ? [agent.id] + agent.instances : [agent.id]
    }
    return deployment.replicas.map(\.name) + ["control-plane"] + (deployment.redis == nil ? [] : ["redis"])
      + ["database", "kubernetes"] + deployment.docker.machines.map(\.host) + processes
  }

  func component(_ name: String) throws(CommandError) -> Component {
    switch name {
    case "control-plane": return .controlPlane
    case "redis" where deployment.redis != nil: return .redis
    case "database": return .database
    case "kubernetes": return .kubernetes
    case _ where deployment.replicas.contains { $0.name == name }: return .replica(name)
    case _ where deployment.docker.machine(name) != nil: return .docker(host: name)
    case _ where deployment.agents.contains { $0.id == name }: return .agent(name)
    case _ where deployment.agents.contains { $0.instances.contains(name) }: return .instance(name)
    default: throw CommandError("this deployment has no '\(name)'; it has \(all.joined(separator: ", "))")
    }
  }

  func replica(_ name: String) throws(CommandError) -> String {
    guard deployment.replicas.contains(where: { $0.name == name }) else {
      let names = deployment.replicas.map(\.name).joined(separator: ", ")
      throw CommandError("this deployment has no replica '\(name)'; it has \(names)")
    }
    return name
  }

  func agent(_ id: String) throws(CommandError) -> String {
    guard deployment.agents.contains(where: { $0.id == id }) else {
      throw CommandError(
        "this deployment has no agent '\(id)'; it has \(deployment.agents.map(\.id).joined(separator: ", "))")
    }
    return id
  }

  /// The Docker host of that name; without one the only one there is.
  func engine(_ name: String?) throws(CommandError) -> String {
    let hosts = deployment.docker.machines.map(\.host)
    if let name {
      guard hosts.contains(name) else {
        throw CommandError("this deployment has no Docker host '\(name)'; it has \(hosts.joined(separator: ", "))")
      }
      return name
    }
    guard hosts.count == 1 else {
      throw CommandError(
        hosts.isEmpty ? "this deployment has no Docker host" : "'host' is one of \(hosts.joined(separator: ", "))")
    }
    return hosts[0]
  }

  /// A session that has a workload on some platform.
  func session(_ name: String) throws(CommandError) -> String {
    guard
      deployment.cluster.workloads.contains(where: { $0.workload.session == name })
        || deployment.docker.machine(ofSession: name) != nil
    else {
      throw CommandError("no platform has a workload of a session '\(name)'; {\"state\":\"sessions\"} shows them")
    }
    return name
  }

  /// The session whose workload has that pod; the name of a session itself is one too.
  func session(ofPod pod: String) throws(CommandError) -> String {
    for snapshot in deployment.cluster.workloads
    where snapshot.workload.session == pod || snapshot.readyPods.contains(where: { $0.name == pod }) {
      return snapshot.workload.session
    }
    throw CommandError("the cluster has no ready pod '\(pod)' of a session")
  }
}
