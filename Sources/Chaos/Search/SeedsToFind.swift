/// How many seeds it takes to find a failure: seeds are independent of each other, so the distance from one that fails to
/// the next is a search of its own.
package struct SeedsToFind: Sendable, Equatable {
  /// Seeds each search took, in order.
  package var searches: [Int]
  /// Seeds that were run.
  package var runs: Int
  /// The invariant that was violated first, by how many finds, most frequent first.
  package var invariants: [(name: String, finds: Int)]

  package init(_ tally: CampaignTally, firstSeed: UInt64) {
    runs = tally.runs
    var previous = firstSeed &- 1
    searches = []
    var counts: [String: Int] = [:]
    for violation in tally.violations {
      searches.append(Int(truncatingIfNeeded: violation.seed &- previous))
      previous = violation.seed
      counts[violation.invariant, default: 0] += 1
    }
    invariants = counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { ($0.key, $0.value) }
  }

  /// Nil: nothing was found.
  package var median: Int? { searches.isEmpty ? nil : searches.sorted()[(searches.count - 1) / 2] }

  package static func == (left: Self, right: Self) -> Bool {
    left.searches == right.searches && left.runs == right.runs
      && left.invariants.elementsEqual(right.invariants) { $0 == $1 }
  }
}
