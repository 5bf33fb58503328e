import SimulationRuntime
import StreamSpaceProtocol

/// Calls about services and tasks, as one manager of the swarm answers them.
extension DockerEngine {
  func swarmAnswer(
    _ request: DockerRequest, _ writer: EngineEvent.Writer
  ) throws(DockerFailure) -> DockerResponse {
    guard let swarm, swarm.node(of: self)?.isManager == true else { throw .notAManager }
    guard swarm.hasLeader(seenBy: self) else { throw .noSwarmLeader }
    switch request.operation {
    case .createService(let specification):
      let service = try swarm.add(specification, at: time)
      publishService(service, "create")
      noteLeader(swarm, before: Labels(), after: specification.labels, by: writer)
      swarm.reconcile(service)
      return .serviceCreated(id: service.id)
    case .inspectService(let name): return .service(try swarm.service(name).inspection)
    case .listServices(let filters): return .services(try listServices(swarm, filters))
    case .updateService(let name, let version, let specification):
      guard let version else { throw .invalidServiceVersion("") }
      return try update(try swarm.service(name), version, specification, by: writer, in: swarm)
    case .removeService(let name):
      let service = try swarm.service(name)
      swarm.remove(service)
      for task in swarm.tasks where task.service === service && task.desiredState == "running" { swarm.end(task) }
      swarm.tasks.removeAll { $0.service === service }
      publishService(service, "remove")
      return .serviceRemoved
    case .listTasks(let filters): return .tasks(try swarm.list(filters))
    default: throw .pageNotFound
    }
  }

  private func listServices(_ swarm: Swarm, _ filters: DockerFilters) throws(DockerFailure) -> [ServiceInspection] {
    try filters.check(["id", "label", "name"])
    func any(_ key: String, _ holds: (String) -> Bool) -> Bool {
      filters[key].isEmpty || filters[key].contains(where: holds)
    }
    return swarm.services.filter { service in
      filters.matches(service.specification.labels) && any("id") { service.id.hasPrefix($0) }
        && any("name") { service.specification.name.hasPrefix($0) }
    }.map(\.inspection)
  }

  private func update(
    _ service: Swarm.Service, _ version: Int64, _ specification: ServiceSpecification, by writer: EngineEvent.Writer,
    in swarm: Swarm
  ) throws(DockerFailure) -> DockerResponse {
    let before = service.specification
    try swarm.update(service, version: version, specification, at: time)
    publishService(service, "update")
    noteLeader(swarm, before: before.labels, after: specification.labels, by: writer)
    // A change of labels alone restarts nothing (spec/04 §4.5).
    let isReplacing =
      before.image != specification.image || before.command != specification.command
      || before.containerLabels != specification.containerLabels
    if isReplacing || before.replicas != specification.replicas {
      swarm.reconcile(service, isReplacing: isReplacing)
    }
    return .serviceUpdated(warnings: [])
  }

  private func publishService(_ service: Swarm.Service, _ action: String) {
    publish(.service, action, actor: service.id, ["name": service.specification.name])
  }

  /// Looks for changes of the agents' locks; their terms are news for the fences of all engines.
  private func noteLeader(_ swarm: Swarm, before: Labels, after: Labels, by writer: EngineEvent.Writer) {
    var agentIDs: [String] = []
    for pair in before.pairs + after.pairs {
      guard let agentID = SwarmLabel.agentID(ofLeaderLabel: pair.key), !agentIDs.contains(agentID) else { continue }
      agentIDs.append(agentID)
    }
    for agentID in agentIDs {
      func term(_ labels: Labels) -> Int64 { labels[SwarmLabel.leaderTerm(of: agentID)].flatMap { Int64($0) } ?? 0 }
      let (old, new) = (before[SwarmLabel.leader(of: agentID)] ?? "", after[SwarmLabel.leader(of: agentID)] ?? "")
      for node in swarm.nodes { node.engine.see(term: term(after), of: agentID) }
      guard old != new || term(before) != term(after) else { continue }
      emit(.leaderLabelChanged(agentID: agentID, holder: new, term: term(after), previous: old, by: writer))
    }
  }
}
