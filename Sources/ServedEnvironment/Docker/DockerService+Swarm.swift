import SimulationRuntime
import StreamSpaceProtocol

/// The swarm of one node: the calls around services that `docker swarm`, `docker node` and `docker service` need.
extension DockerService {
  /// False: another kind of call.
  func takeSwarm(_ call: DockerExchange) throws(DockerFailure) -> Bool {
    switch (call.request.method, call.path) {
    case (.post, ["swarm", "init"]): try beginSwarm(call)
    case (.post, ["swarm", "leave"]): try endSwarm(call)
    case (.get, ["swarm"]):
      manager(call) { [self] info in
        var cluster = details.cluster(info).members ?? JSONObject()
        cluster.add(
          "JoinTokens", ["Worker": "SWMTKN-simulated-worker", "Manager": "SWMTKN-simulated-manager"] as JSONValue)
        call.answer(.object(cluster))
      }
    case (.get, ["nodes"]): manager(call) { [self] info in call.answer([details.node(info)]) }
    case (.get, ["secrets"]), (.get, ["configs"]): manager(call) { _ in call.answer([]) }
    case (.get, let path) where path.count == 2 && ["nodes", "secrets", "configs"].contains(path[0]):
      manager(call) { [self] info in
        guard path[0] == "nodes", path[1] == info.swarm.nodeID || path[1] == info.name else {
          return call.refuse(DockerFailure(404, "\(path[0].dropLast()) \(path[1]) not found"))
        }
        call.answer(details.node(info))
      }
    case (.get, let path) where path.count == 2 && path[0] == "tasks":
      daemon.need(.listTasks(DockerFilters.none.and("id", path[1])), for: call) { [self] response in
        guard case .tasks(let found) = response, !found.isEmpty else {
          return call.refuse(DockerFailure(404, "task \(path[1]) not found"))
        }
        listTasks(call, found) { $0[0] }
      }
    case (.get, ["tasks"]):
      // A filter of Docker's own client: tasks of the service's newest version. All are.
      var filters = DockerFilters.none
      for entry in try DockerFilters(parameter: call.request.query["filters"]).entries where entry.key != "_up-to-date"
      {
        for value in entry.values { filters.add(entry.key, value) }
      }
      daemon.need(.listTasks(filters), for: call) { [self] response in
        guard case .tasks(let found) = response else { return call.refuse(.serverError) }
        listTasks(call, found) { .array($0) }
      }
    default: return false
    }
    return true
  }

  // MARK: Begin and end

  private func beginSwarm(_ call: DockerExchange) throws(DockerFailure) {
    guard let swarm else { throw .notSimulated("docker swarm init on this engine") }
    let body: JSONValue?
    do throws(WireError) { body = try call.request.body.json() } catch { body = nil }
    guard let address = body?["ListenAddr"]?.text, !address.isEmpty else {
      throw DockerFailure(400, "invalid ListenAddr \"\": invalid empty address")
    }
    info(call) { [self] info in
      guard info.swarm.localNodeState == "inactive" else {
        return call.refuse(
          DockerFailure(
            503,
            "This node is already part of a swarm. Use \"docker swarm leave\" to leave this swarm and join another one."
          ))
      }
      swarm.begin()
      self.info(call) { info in call.answer(.string(info.swarm.nodeID)) }
    }
  }

  private func endSwarm(_ call: DockerExchange) throws(DockerFailure) {
    guard let swarm else { throw .notSimulated("docker swarm leave on this engine") }
    info(call) { info in
      guard info.swarm.localNodeState == "active" else {
        return call.refuse(DockerFailure(503, "This node is not part of a swarm"))
      }
      guard call.flag("force") else {
        return call.refuse(
          DockerFailure(
            503,
            "You are attempting to leave the swarm on a node that is participating as a manager. Removing the last "
              + "manager erases all current state of the swarm. Use `--force` to ignore this message. "))
      }
      swarm.end()
      call.answer(HTTPResponse(.ok))
    }
  }

  private func info(_ call: DockerExchange, _ then: @escaping (DaemonInfo) -> Void) {
    daemon.need(.info, for: call) { response in
      guard case .info(let info) = response else { return call.refuse(.serverError) }
      then(info)
    }
  }

  private func manager(_ call: DockerExchange, _ then: @escaping (DaemonInfo) -> Void) {
    info(call) { info in
      guard info.swarm.isManager else { return call.refuse(.notAManager) }
      then(info)
    }
  }

  // MARK: Services and tasks

  func listServices(_ call: DockerExchange, _ services: [ServiceInspection]) {
    guard call.flag("status") else {
      return call.answer(.array(services.map { details.of($0, counts: nil) }))
    }
    daemon.need(.listTasks(.none), for: call) { [self] response in
      guard case .tasks(let tasks) = response else { return call.refuse(.serverError) }
      call.answer(
        .array(
          services.map { service in
            let own = tasks.filter { $0.serviceID == service.id && $0.desiredState == "running" }
            return details.of(
              service, counts: (own.filter { $0.state == "running" }.count, service.specification.replicas))
          }))
    }
  }

  /// Tasks with what their clients read of the service and of the container.
  func listTasks(
    _ call: DockerExchange, _ tasks: [TaskInspection], _ shape: @escaping ([JSONValue]) -> JSONValue
  ) {
    daemon.need(.listServices(.none), for: call) { [self] response in
      guard case .services(let services) = response else { return call.refuse(.serverError) }
      daemon.need(.listContainers(all: true, .none), for: call) { [self] response in
        guard case .containers(let containers) = response else { return call.refuse(.serverError) }
        call.answer(
          shape(
            tasks.map { task in
              let service = services.first { $0.id == task.serviceID }
              let container = containers.first { $0.id == task.containerID }
              return details.of(
                task, of: service, since: container?.createdAt ?? service?.updatedAt ?? details.made)
            }))
      }
    }
  }
}
