/// What must have happened by when. Setting and clearing cost O(1); the list is searched only when time has passed
/// the earliest entry that may still be there.
struct Deadlines<Key: Hashable> {
  private struct Entry {
    var key: Key
    var due: Duration
    /// Orders entries of one instant: the order in which they were first set.
    var number: Int
  }

  private var entries: [Entry] = []
  private var places: [Key: Int] = [:]
  private var numbers = 0
  /// No entry is due before this; it may be too early, never too late.
  private(set) var earliest: Duration?

  var count: Int { entries.count }

  subscript(key: Key) -> Duration? { places[key].map { entries[$0].due } }

  mutating func set(_ key: Key, _ due: Duration) {
    if let place = places[key] {
      entries[place].due = due
    } else {
      places[key] = entries.count
      entries.append(Entry(key: key, due: due, number: numbers))
      numbers += 1
    }
    earliest = min(earliest ?? due, due)
  }

  /// Forgets the key; tells when it was due.
  @discardableResult
  mutating func clear(_ key: Key) -> Duration? {
    guard let place = places.removeValue(forKey: key) else { return nil }
    let due = entries[place].due
    let last = entries.removeLast()
    if place < entries.count {
      entries[place] = last
      places[last.key] = place
    }
    if entries.isEmpty { earliest = nil }
    return due
  }

  /// Removes and returns what was due strictly before `time`, in order of time. At the limit is in time.
  mutating func expire(before time: Duration) -> [(key: Key, due: Duration)] {
    guard let bound = earliest, bound < time else { return [] }
    let late = entries.filter { $0.due < time }.sorted { ($0.due, $0.number) < ($1.due, $1.number) }
    for entry in late { clear(entry.key) }
    earliest = entries.map(\.due).min()
    return late.map { ($0.key, $0.due) }
  }
}
