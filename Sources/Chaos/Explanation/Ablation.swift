import TestEnvironment

/// What became of a failure when one thing was taken away.
public struct Ablation: Sendable, Equatable {
  /// What was taken away, in words.
  public var what: String
  /// How the run failed without it; nil: it was green.
  public var signature: String?
  /// Whether the failure needs it: without it the run did not fail in the same way.
  public var matters: Bool
}

extension ChaosPlan {
  /// The plan without each of its faults, and without each group of operations, with the name of what is missing.
  /// Operations are taken one by one as long as there are few, else by user and verb.
  var ablations: [(what: String, plan: ChaosPlan)] {
    var lists: [(what: String, plan: ChaosPlan)] = []
    for index in faults.indices {
      var fewer = faults
      let fault = fewer.remove(at: index)
      lists.append((fault.name, with(faults: fewer)))
    }
    let groups = operationGroups
    for group in groups {
      lists.append((group.name, with(operations: operations.filter { !group.contains($0) })))
    }
    return lists
  }

  private struct OperationGroup {
    let name: String
    let contains: (PlannedOperation) -> Bool
  }

  /// Fewer operations than this are taken away one by one.
  private static let fewOperations = 12

  private var operationGroups: [OperationGroup] {
    if operations.count < Self.fewOperations {
      return operations.map { operation in OperationGroup(name: operation.sentence) { $0 == operation } }
    }
    var groups: [OperationGroup] = []
    var seen: [String] = []
    for operation in operations {
      let (user, verb) = (operation.user, operation.verb.name)
      let name = "all '\(verb)' of user \(user)"
      guard !seen.contains(name) else { continue }
      seen.append(name)
      groups.append(OperationGroup(name: name) { $0.user == user && $0.verb.name == verb })
    }
    return groups
  }
}
