/// Remembers the events just before a livelock is called, to name the parties.
struct LivelockWitness {
  /// Events before the limit that are remembered.
  static let window = 1_000

  private var instant: Int64 = -1
  private var tally: [(name: String, count: Int)] = []

  mutating func saw(_ label: EventLabel, of owner: Incarnation?, at time: Int64) {
    if time != instant { tally.removeAll() }
    instant = time
    let name = owner.map { "\($0.process.name)#\($0.number) \(label.name)" } ?? label.name
    if let index = tally.firstIndex(where: { $0.name == name }) {
      tally[index].count += 1
    } else {
      tally.append((name, 1))
    }
  }

  /// The five most frequent, with how often each was seen.
  var busiest: [String] {
    tally.enumerated().sorted { ($1.element.count, $0.offset) < ($0.element.count, $1.offset) }.prefix(5)
      .map { "\($0.element.name) (\($0.element.count) times)" }
  }
}
