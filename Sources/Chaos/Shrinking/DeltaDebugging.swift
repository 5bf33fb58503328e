/// Delta debugging: the smallest part of a list that still fails, as far as leaving out single parts can tell.
///
/// What is left is 1-minimal: without any one of its elements it does not fail (unless the asker stopped answering). It
/// need not be the smallest of all: a failure may have several minimal causes, and which one is found depends on the order
/// of the list alone.
enum DeltaDebugging {
  /// `items` must fail. `firstFailing` gives the place of the first list that fails, nil if none does.
  static func minimize<Item>(_ items: [Item], firstFailing: ([[Item]]) -> Int?) -> [Item] {
    guard !items.isEmpty else { return [] }
    if firstFailing([[]]) != nil { return [] }
    var current = items
    var parts = 2
    /// The part that is left out first: those before it were needed a moment ago.
    var first = 0
    while current.count > 1 {
      let bounds = (0...parts).map { $0 * current.count / parts }
      let order = (0..<parts).map { ($0 + first) % parts }
      let candidates = order.map { part in Array(current[..<bounds[part]] + current[bounds[part + 1]...]) }
      if let hit = firstFailing(candidates) {
        current = candidates[hit]
        parts = max(parts - 1, 2)
        first = order[hit] % parts
      } else if parts < current.count {
        parts = min(parts * 2, current.count)
        first = 0
      } else {
        break
      }
      parts = min(parts, max(current.count, 2))
    }
    return current
  }
}
