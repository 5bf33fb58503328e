import TestEnvironment

/// Objects of one kind over the time of a case.
private struct ObjectCount {
  let kind: String
  /// What stood before the first request was put in place.
  var before = 0
  var most = 0
  var present: Set<String> = []
}

extension Environment {
  /// Writes rows of table `inventory`: what the platforms had of containers, volumes and networks before the first
  /// request, the most at once, and what they have now. What belongs to a session that lives on, the home of one made
  /// with `persistentHome`, and the network may stay.
  func recordInventory(of title: String) async throws {
    var counts: [ObjectCount] = ["container", "volume"].map { ObjectCount(kind: $0) }
    var living: Set<String> = []
    var homes: Set<String> = []
    var hasBegun = false
    for timed in observations {
      switch timed.observation {
      case .requestAnswered, .commandInserted: hasBegun = true
      case .sessionInserted(let session, _, _, _, _, _): living.insert(session)
      case .sessionHome(let session, true): homes.insert(session)
      case .sessionState(let session, _, let state, _) where state == "terminated" || state == "failed":
        living.remove(session)
      case .workload(_, _, let object, let event, _):
        guard let index = counts.firstIndex(where: { object.hasPrefix($0.kind + "/") }) else { break }
        if event == .deleted { counts[index].present.remove(object) }
        if event == .created || event == .ready { counts[index].present.insert(object) }
        counts[index].most = max(counts[index].most, counts[index].present.count)
        if !hasBegun { counts[index].before = counts[index].present.count }
      default: break
      }
    }
    var left: [PlatformObject] = []
    for agent in agents {
      for object in try await inventory(of: agent)
      where !left.contains(where: { $0.kind == object.kind && $0.name == object.name }) {
        left.append(object)
      }
    }
    for count in counts where count.most > 0 {
      let after = left.filter { $0.kind == count.kind }
      let declared = after.count { object in
        guard let session = object.session else { return false }
        return living.contains(session) || count.kind == "volume" && homes.contains(session)
      }
      record.add(
        .inventory(
          what: title, object: count.kind, before: count.before, most: count.most, after: after.count,
          declared: declared))
    }
    let networks = left.count { $0.kind == "network" }
    if networks > 0 {
      record.add(
        .inventory(
          what: title, object: "network", before: 0, most: networks, after: networks, declared: networks))
    }
  }
}
