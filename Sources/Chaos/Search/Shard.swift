/// Every n-th seed of a range: what one of several machines explores. Shards of one count cover a range without overlap,
/// and each gets small and large seeds alike.
package struct Shard: Sendable, Hashable {
  /// From 0, as the completion index of an indexed Job counts.
  package let index: Int
  package let count: Int

  package static let whole = Shard(index: 0, count: 1)

  private init(index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// Reads `0/4` to `3/4`; nil for anything else.
  package init?(_ text: String) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let index = Int(parts[0]), let count = Int(parts[1]), (1...10_000).contains(count),
      (0..<count).contains(index)
    else { return nil }
    self.init(index: index, count: count)
  }

  package var name: String { "\(index)/\(count)" }

  /// How many seeds of the range are its own.
  package func runs(in seeds: ClosedRange<UInt64>) -> Int {
    let all = Int(clamping: seeds.upperBound - seeds.lowerBound) + 1
    return all <= index ? 0 : (all - index - 1) / count + 1
  }

  /// Its seed of that number, counted from 0.
  package func seed(_ run: Int, in seeds: ClosedRange<UInt64>) -> UInt64 {
    seeds.lowerBound + UInt64(index) + UInt64(run) * UInt64(count)
  }
}
