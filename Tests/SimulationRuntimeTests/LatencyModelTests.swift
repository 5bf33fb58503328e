import Testing

@testable import SimulationRuntime

@Suite("Latency models")
struct LatencyModelTests {
  @Test("a constant needs no draw")
  func constant() {
    let decisions = Decisions(seed: 1, recording: true)
    #expect(decisions.draw(decisions.stream("l"), .constant(.milliseconds(3))) == .milliseconds(3))
    #expect(decisions.log.streams.isEmpty)
  }

  @Test("uniform runs from end to end", arguments: [(0, 10), (250_000, 12), (500_000, 15), (999_999, 19)])
  func uniform(u: Int64, expected: Int64) {
    #expect(LatencyModel.uniform(.nanoseconds(10), .nanoseconds(20)).span(atMillionth: u) == .nanoseconds(expected))
  }

  @Test("the quantiles of a log-normal are those of the table", arguments: LatencyModel.Sigma.allCases)
  func quantiles(sigma: LatencyModel.Sigma) {
    let model = LatencyModel.lognormal(median: .milliseconds(1), sigma)
    let positions: [Int64] = [10_000, 100_000, 250_000, 500_000, 750_000, 900_000, 950_000, 990_000, 999_000]
    let values = positions.map { model.span(atMillionth: $0).nanoseconds / 1_000 }
    #expect(values == sigma.thousandths)
    #expect(values[3] == 1_000)
    #expect(model.span(atMillionth: 0) == model.span(atMillionth: 10_000))
    #expect(model.span(atMillionth: 999_999) == model.span(atMillionth: 999_000))
  }

  @Test("a log-normal never falls as the quantile rises", arguments: LatencyModel.Sigma.allCases)
  func monotonic(sigma: LatencyModel.Sigma) {
    let model = LatencyModel.lognormal(median: .nanoseconds(123_457), sigma)
    var last = TimeSpan.zero
    for u in stride(from: Int64(0), to: 1_000_000, by: 997) {
      let span = model.span(atMillionth: u)
      #expect(span >= last)
      last = span
    }
  }

  @Test("extreme spans do not trap")
  func extremes() {
    let longest = TimeSpan.nanoseconds(.max)
    #expect(LatencyModel.lognormal(median: longest, .s116).span(atMillionth: 999_999) == longest)
    #expect(LatencyModel.uniform(.zero, longest).span(atMillionth: 999_999) < longest)
  }
}
