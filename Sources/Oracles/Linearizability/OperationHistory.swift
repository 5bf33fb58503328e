/// An operation of a history: asked at `begin`, answered at `end`.
package struct RecordedOperation<Operation: Equatable> {
  package var operation: Operation
  package var begin: Duration
  /// Nil: no answer came. It may have taken effect at any time after `begin`, or never (lesson L27).
  package var end: Duration?

  package init(_ operation: Operation, begin: Duration, end: Duration?) {
    self.operation = operation
    self.begin = begin
    self.end = end
  }
}

/// What a check has found.
package enum LinearizabilityVerdict: Equatable {
  /// The order in which the operations may have taken effect, as positions in the history. Unanswered ones that are
  /// not in it had no effect.
  case linearizable(order: [Int])
  /// `order`: the longest that fits; `stuck`: the operation that was answered next and fits nowhere after it.
  case notLinearizable(order: [Int], stuck: Int)
  /// The budget was spent.
  case unknown(steps: Int)
}

/// Splits a history into those of single keys: an object of independent keys is linearizable exactly if each is.
package func partitioned<Operation, Key: Hashable>(
  _ history: [RecordedOperation<Operation>], by key: (Operation) -> Key
) -> [(key: Key, positions: [Int], history: [RecordedOperation<Operation>])] {
  var places: [Key: Int] = [:]
  var parts: [(key: Key, positions: [Int], history: [RecordedOperation<Operation>])] = []
  for (position, recorded) in history.enumerated() {
    let key = key(recorded.operation)
    let place = places[key] ?? parts.count
    if place == parts.count {
      places[key] = place
      parts.append((key, [], []))
    }
    parts[place].positions.append(position)
    parts[place].history.append(recorded)
  }
  return parts
}
