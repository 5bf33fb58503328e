import StreamSpaceProtocol

/// `docker container prune` and its kin: a list, and a removal of each.
extension DockerService {
  /// False: another kind of call.
  func takePrune(_ call: DockerExchange) throws(DockerFailure) -> Bool {
    guard call.request.method == .post, call.path.count == 2, call.path[1] == "prune" else { return false }
    let filters = try DockerFilters(parameter: call.request.query["filters"])
    switch call.path[0] {
    case "containers":
      var wanted = filters
      for status in ["created", "exited", "dead"] { wanted.add("status", status) }
      prune(call, .listContainers(all: true, wanted), "ContainersDeleted", true) { response in
        guard case .containers(let all) = response else { return [] }
        return all.map { ($0.id, .removeContainer($0.id, force: false, volumes: false)) }
      }
    case "volumes":
      prune(call, .listVolumes(filters.and("dangling", "true")), "VolumesDeleted", true) { response in
        guard case .volumes(let all) = response else { return [] }
        return all.map { ($0.name, .removeVolume($0.name, force: false)) }
      }
    case "networks":
      prune(call, .listNetworks(filters), "NetworksDeleted", false) { response in
        guard case .networks(let all) = response else { return [] }
        // The engine's own and those in use are refused, and stay.
        return all.filter { !["bridge", "host", "none"].contains($0.name) }
          .map { ($0.name, .removeNetwork($0.id)) }
      }
    case "images": call.answer(["ImagesDeleted": nil, "SpaceReclaimed": 0])
    default: return false
    }
    return true
  }

  private func prune(
    _ call: DockerExchange, _ list: DockerRequest.Operation, _ member: String, _ hasSize: Bool,
    _ removals: @escaping (DockerResponse) -> [(name: String, removal: DockerRequest.Operation)]
  ) {
    daemon.need(list, for: call) { [self] response in
      remove(call, removals(response)[...], []) { names in
        var document = JSONObject()
        document.add(member, names.isEmpty ? JSONValue.null : names.json)
        if hasSize { document.add("SpaceReclaimed", 0) }
        call.answer(.object(document))
      }
    }
  }

  /// One after the other; what cannot be removed stays.
  private func remove(
    _ call: DockerExchange, _ rest: ArraySlice<(name: String, removal: DockerRequest.Operation)>, _ gone: [String],
    _ then: @escaping ([String]) -> Void
  ) {
    guard let next = rest.first else { return then(gone) }
    daemon.ask(next.removal, for: call) { [self] response in
      if case .failure = response { return remove(call, rest.dropFirst(), gone, then) }
      remove(call, rest.dropFirst(), gone + [next.name], then)
    }
  }
}
