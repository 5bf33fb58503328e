/// Values by key, visited in the order in which their keys first appeared, so that what is judged never depends on
/// a hash.
struct Table<Key: Hashable, Value> {
  private(set) var keys: [Key] = []
  private(set) var values: [Value] = []
  private var places: [Key: Int] = [:]

  var count: Int { keys.count }

  subscript(key: Key) -> Value? { places[key].map { values[$0] } }

  /// Changes the value of `key`, which is `initial` at first.
  @discardableResult
  mutating func update<Result>(
    _ key: Key, or initial: @autoclosure () -> Value, _ change: (inout Value) -> Result
  ) -> Result {
    if let place = places[key] { return change(&values[place]) }
    places[key] = keys.count
    keys.append(key)
    values.append(initial())
    return change(&values[values.count - 1])
  }

  /// Forgets what `isDone` picks; the others keep their order.
  mutating func removeAll(where isDone: (Value) -> Bool) {
    let kept = values.indices.filter { !isDone(values[$0]) }
    guard kept.count < values.count else { return }
    keys = kept.map { keys[$0] }
    values = kept.map { values[$0] }
    places = [:]
    for (place, key) in keys.enumerated() { places[key] = place }
  }

  /// The value of `key`, put in if absent.
  mutating func value(_ key: Key, or initial: @autoclosure () -> Value) -> Value {
    update(key, or: initial()) { $0 }
  }
}
