import Testing

@testable import LoadModel

@Suite("Latencies and flow")
struct MeasurementTests {
  /// The value of rank ⌈n · share⌉ of the sorted values.
  private func exact(_ values: [Duration], _ perMille: Int) -> Duration {
    values.sorted()[max(0, (values.count * perMille + 999) / 1_000 - 1)]
  }

  @Test("quantiles are those of the sorted values within a thousandth", arguments: Array(1...10) as [UInt64])
  func quantiles(seed: UInt64) {
    var dice = Dice(seed)
    let values = (0..<1 + dice.roll(2_000)).map { _ in
      ThinkTime.exponential(mean: .milliseconds(40)).draw { dice.roll($0) }
    }
    let histogram = LatencyHistogram(values)
    #expect(histogram.count == values.count)
    #expect(histogram.maximum == values.max())
    #expect(histogram.minimum == values.min())
    for perMille in [1, 10, 100, 500, 900, 950, 990, 999, 1_000] {
      let wanted = exact(values, perMille)
      let tolerance = wanted / 1_000 + .microseconds(1)
      let got = histogram.quantile(perMille: perMille) ?? .zero
      #expect(
        abs(got.inNanoseconds - wanted.inNanoseconds) <= tolerance.inNanoseconds, "p\(perMille): \(got), \(wanted)")
    }
  }

  @Test("merging counts as one histogram would")
  func merge() {
    var dice = Dice(7)
    let first = (0..<300).map { _ in Duration.microseconds(dice.roll(90_000)) }
    let second = (0..<500).map { _ in Duration.microseconds(dice.roll(9_000_000)) }
    var merged = LatencyHistogram(first)
    merged.merge(LatencyHistogram(second))
    merged.merge(LatencyHistogram())
    let whole = LatencyHistogram(first + second)
    #expect(merged.count == 800)
    #expect(merged.distribution(rows: 50) == whole.distribution(rows: 50))
    #expect(merged.mean == whole.mean)
    #expect(merged.maximum == whole.maximum)
  }

  @Test("an empty histogram has no quantiles")
  func empty() {
    #expect(LatencyHistogram().p99 == nil)
    #expect(LatencyHistogram().distribution().isEmpty)
    #expect(LatencyHistogram().mean == nil)
  }

  @Test("the distribution ends at the maximum")
  func distribution() {
    let rows = LatencyHistogram((1...100).map { Duration.milliseconds($0) }).distribution(rows: 4)
    #expect(rows.map(\.perMille) == [250, 500, 750, 1_000])
    #expect(rows.last?.value == .milliseconds(100))
    #expect(LatencyHistogram((1...100).map { Duration.milliseconds($0) }).count(upTo: .milliseconds(30)) == 30)
  }

  @Test("Little's law holds for whatever came and left", arguments: Array(1...20) as [UInt64])
  func little(seed: UInt64) throws {
    var dice = Dice(seed)
    let stays = (0..<1 + dice.roll(200)).map { _ in
      let begin = Duration.milliseconds(dice.roll(50_000))
      return (begin: begin, end: begin + .milliseconds(dice.roll(9_000)))
    }
    let flow = try #require(Flow(stays, from: .zero, to: .seconds(60)))
    #expect(abs(flow.meanInsidePerMille - flow.insideByLittlePerMille) <= 1)
    #expect(flow.mostInside * 1_000 >= flow.meanInsidePerMille)
  }

  @Test("one leaves before the next comes at the same instant")
  func handOver() throws {
    let stays = (0..<10).map { (begin: Duration.seconds($0), end: Duration.seconds($0 + 1)) }
    let flow = try #require(Flow(stays, from: .zero, to: .seconds(10)))
    #expect(flow.mostInside == 1)
    #expect(flow.meanInsidePerMille == 1_000)
    #expect(flow.perMinute == 60)
    #expect(flow.perSecondPerMille == 1_000)
    #expect(flow.utilisationPerMille(servers: 2, service: .milliseconds(500)) == 250)
  }

  @Test("a result tells refusals from failures")
  func result() {
    let requests = [200, 200, 404, 503, nil].enumerated().map { index, status in
      LoadedRequest(
        verb: index == 1 ? "get" : "list", user: "u01", arrival: .seconds(index),
        end: .seconds(index) + .milliseconds(10 * (index + 1)), status: status)
    }
    let result = LoadResult(requests: requests, start: .zero, end: .seconds(6))
    #expect(result.serverFailuresPerMille == 400)
    #expect(result.statuses().map(\.count) == [1, 2, 1, 1])
    #expect(result.statuses()[0].status == nil)
    #expect(result.latencies().count == 2)
    #expect(result.latencies(of: "get").maximum == .milliseconds(20))
  }
}
