/// Quantiles of measured values: the nearest rank, so that each is a value that was measured.
struct Distribution {
  let sorted: [Duration]

  init(_ values: [Duration]) { sorted = values.sorted() }

  var count: Int { sorted.count }
  var maximum: Duration { sorted.last ?? .zero }

  /// The smallest value that at least `permille` thousandths of the values do not exceed.
  func quantile(permille: Int) -> Duration {
    guard !sorted.isEmpty else { return .zero }
    let rank = (sorted.count * permille + 999) / 1_000
    return sorted[min(max(rank, 1), sorted.count) - 1]
  }

  /// `p50 / p95 / p99 / max`.
  var text: String {
    guard !sorted.isEmpty else { return "-" }
    return [500, 950, 990].map { DurationText.short(quantile(permille: $0)) }.joined(separator: " / ")
      + " / \(DurationText.short(maximum))"
  }

  /// A row of bars, one per tenth between zero and the maximum: the shape at a glance.
  var sketch: String {
    guard let top = sorted.last, top > .zero else { return "" }
    var buckets = [Int](repeating: 0, count: 10)
    for value in sorted {
      // A measure of two clocks may be below zero.
      let index = max(0, Int(value.nanoseconds * 10 / max(top.nanoseconds, 1)))
      buckets[min(index, 9)] += 1
    }
    let peak = buckets.max() ?? 1
    let bars = Array("▁▂▃▄▅▆▇█")
    return String(buckets.map { $0 == 0 ? "·" : bars[min(7, ($0 * 8 - 1) / max(peak, 1))] })
  }
}
