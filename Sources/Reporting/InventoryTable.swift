import Oracles
import TestEnvironment

/// Platform objects by kind as the runs of a case saw them: at most at once, and left at the end (spec/06 §3).
struct InventoryTable {
  let cases: [(testCase: TestCase, runs: [CaseRun])]

  /// Nil if no run saw an object.
  var text: String? {
    let rows = cases.flatMap { testCase, runs -> [[String]] in
      var kinds: [String] = []
      var highest: [String: Count] = [:]
      for count in runs.flatMap(Self.counts) {
        if highest[count.kind] == nil { kinds.append(count.kind) }
        let known = highest[count.kind] ?? count
        highest[count.kind] = Count(
          kind: count.kind, before: max(known.before, count.before), most: max(known.most, count.most),
          after: max(known.after, count.after))
      }
      return kinds.sorted().compactMap { highest[$0] }.map {
        [testCase.id, $0.kind, "\($0.before)", "\($0.most)", "\($0.after)"]
      }
    }
    guard !rows.isEmpty else { return nil }
    return
      "### Object inventory\n\nObjects of sessions on the platform: before its first request, the most at once, and after it; the "
      + "highest of all runs. What is left belongs to sessions that live on, or is exempt (I-NO-ORPHAN).\n\n"
      + Markdown.table(["case", "object", "before", "most", "after"], rows)
  }

  /// Objects of one kind.
  private struct Count {
    var kind: String
    var before: Int
    var most: Int
    var after: Int
  }

  /// Kinds in the order in which they appeared. What stands before the first request or command was put in place.
  private static func counts(_ run: CaseRun) -> [Count] {
    var order: [String] = []
    var present: [String: Set<String>] = [:]
    var before: [String: Int] = [:]
    var most: [String: Int] = [:]
    var hasBegun = false
    for timed in run.observations {
      switch timed.observation {
      case .requestAnswered, .commandInserted: hasBegun = true
      case .workload(_, let agent, let object, let event, _):
        guard let kind = object.split(separator: "/").first.map(String.init) else { continue }
        if present[kind] == nil { order.append(kind) }
        if event == .deleted {
          present[kind, default: []].remove("\(agent) \(object)")
        } else if event == .created || event == .ready {
          present[kind, default: []].insert("\(agent) \(object)")
        }
        let count = present[kind]?.count ?? 0
        most[kind] = max(most[kind] ?? 0, count)
        if !hasBegun { before[kind] = count }
      default: break
      }
    }
    return order.map { kind in
      Count(kind: kind, before: before[kind] ?? 0, most: most[kind] ?? 0, after: present[kind]?.count ?? 0)
    }
  }
}
