/// Looks for an order of the operations of a history that keeps the order of those which did not overlap and that the
/// specification allows (Wing and Gong, with the list and the memory of Lowe).
///
/// A state of the search is the set of operations that were put in order and the belief they lead to; none is entered
/// twice. Three rules cut it further; none changes a verdict, because beliefs are monotone:
/// - an answered operation that only observes, and leaves the belief as it is, goes first, and nothing else need be tried
///   in its place (one that writes may be wanted after another writer);
/// - an unanswered one that leaves the belief as it is need not have happened;
/// - of equal unanswered ones the earliest goes first.
package struct LinearizabilityChecker<Specification: SequentialSpecification> {
  private let specification: Specification
  /// Calls of the specification at most.
  private let budget: Int

  package init(_ specification: Specification, budget: Int = 100_000) {
    self.specification = specification
    self.budget = budget
  }

  /// What was put in order: bit n is operation n of the history.
  private struct Visit: Hashable {
    var placed: [UInt64]
    var belief: Specification.Belief
  }

  private struct Step {
    var entry: CallList.Entry
    /// Before the operation.
    var belief: Specification.Belief
    /// Nothing else need be tried in its place.
    var isForced: Bool
  }

  package func check(_ history: [RecordedOperation<Specification.Operation>]) -> LinearizabilityVerdict {
    var list = CallList(history.map { ($0.begin, $0.end) })
    let twins = Self.twins(history)
    var belief = specification.initial
    var placed = [UInt64](repeating: 0, count: (history.count + 63) / 64)
    var visited: Set<Visit> = []
    var path: [Step] = []
    var longest: [Int] = []
    var stuck = -1
    var steps = 0
    var entry = list.first
    while list.returns > 0, let current = entry {
      let operation = CallList.operation(of: current)
      if CallList.isReturn(current) {
        // This operation should have taken effect by now: what was put in order before it is wrong.
        if path.count >= longest.count, stuck < 0 || path.count > longest.count {
          longest = path.map { CallList.operation(of: $0.entry) }
          stuck = operation
        }
        guard let next = backtrack(&path, &list, &placed, &belief) else {
          return .notLinearizable(order: longest, stuck: stuck)
        }
        entry = list.entry(after: next)
        continue
      }
      entry = list.entry(after: current)
      let isAnswered = history[operation].end != nil
      if !isAnswered, let twin = twins[operation], placed[twin / 64] & (1 << (twin % 64)) == 0 { continue }
      steps += 1
      if steps > budget { return .unknown(steps: budget) }
      guard let next = specification.belief(after: history[operation].operation, from: belief) else { continue }
      let isIdle = next == belief
      if isIdle, !isAnswered { continue }
      let isForced = isIdle && specification.isObservation(history[operation].operation)
      placed[operation / 64] |= 1 << (operation % 64)
      // What follows from a visit without a choice needs no memory of its own.
      guard isForced || visited.insert(Visit(placed: placed, belief: next)).inserted else {
        placed[operation / 64] &= ~(1 << (operation % 64))
        continue
      }
      path.append(Step(entry: current, belief: belief, isForced: isForced))
      belief = next
      list.lift(operation)
      entry = list.first
    }
    return .linearizable(order: path.map { CallList.operation(of: $0.entry) })
  }

  /// Takes back the last choice and those that were none before it; gives its entry, or nil: there was no choice left.
  private func backtrack(
    _ path: inout [Step], _ list: inout CallList, _ placed: inout [UInt64], _ belief: inout Specification.Belief
  ) -> CallList.Entry? {
    while let step = path.popLast() {
      let operation = CallList.operation(of: step.entry)
      list.unlift(operation)
      placed[operation / 64] &= ~(1 << (operation % 64))
      belief = step.belief
      if !step.isForced { return step.entry }
    }
    return nil
  }

  /// For each unanswered operation the last equal one that was asked before it and not answered either.
  private static func twins(_ history: [RecordedOperation<Specification.Operation>]) -> [Int?] {
    var twins = [Int?](repeating: nil, count: history.count)
    let open = history.indices.filter { history[$0].end == nil }.sorted {
      (history[$0].begin, $0) < (history[$1].begin, $1)
    }
    for (place, operation) in open.enumerated() {
      twins[operation] = open[..<place].last { history[$0].operation == history[operation].operation }
    }
    return twins
  }
}
