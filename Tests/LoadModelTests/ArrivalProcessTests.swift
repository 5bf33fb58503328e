import Testing

@testable import LoadModel

@Suite("Arrival process")
struct ArrivalProcessTests {
  @Test("a Poisson process has the declared rate", arguments: [1, 2, 3, 4, 5] as [UInt64])
  func rate(seed: UInt64) {
    var dice = Dice(seed)
    let times = ArrivalProcess.poisson(count: 100, per: .seconds(1)).arrivals(within: .seconds(100)) { dice.roll($0) }
    // 10 000 expected, standard deviation 100.
    #expect(abs(times.count - 10_000) < 400)
    #expect(times == times.sorted())
    #expect(times.allSatisfy { $0 >= .zero && $0 < .seconds(100) })
  }

  @Test("the counts of a Poisson process in equal windows vary as their mean", arguments: [1, 2, 3] as [UInt64])
  func dispersion(seed: UInt64) {
    var dice = Dice(seed)
    let times = ArrivalProcess.poisson(count: 10, per: .seconds(1)).arrivals(within: .seconds(1_000)) { dice.roll($0) }
    var windows = [Int](repeating: 0, count: 1_000)
    for time in times { windows[Int(time.components.seconds)] += 1 }
    let sum = windows.reduce(0, +)
    // Variance over mean is 1 for independent arrivals and 0 for even ones; its standard deviation here is 0.045.
    let squares = windows.reduce(0) { $0 + $1 * $1 }
    let dispersion = (squares * 1_000 - sum * sum) / sum
    #expect((800...1_200).contains(dispersion), "\(dispersion) thousandths")
  }

  @Test("evenly spaced arrivals begin at zero and do not drift")
  func constant() {
    let times = ArrivalProcess.constant(count: 3, per: .seconds(1)).arrivals(within: .seconds(2)) { _ in 0 }
    #expect(times.count == 6)
    #expect(times[0] == .zero)
    #expect(times[3] == .seconds(1))
    #expect(times[1] == .nanoseconds(333_333_333))
  }

  @Test("a closed process and an empty rate have no arrivals of their own")
  func none() {
    #expect(ArrivalProcess.closed(users: 3, think: .seconds(1)).arrivals(within: .seconds(9)) { _ in 0 }.isEmpty)
    #expect(ArrivalProcess.poisson(count: 0, per: .seconds(1)).arrivals(within: .seconds(9)) { _ in 0 }.isEmpty)
  }

  @Test("quantiles of the exponential distribution are those of the logarithm")
  func quantiles() {
    // −ln(1 − u) in billionths at u = 0.25, 0.5, 0.9, 0.99, 0.999.
    let known: [(numerator: Int, denominator: Int, value: Int64)] = [
      (1, 4, 287_682_072), (1, 2, 693_147_181), (9, 10, 2_302_585_093), (99, 100, 4_605_170_186),
      (999, 1_000, 6_907_755_279),
    ]
    for point in known {
      let u = ExponentialQuantiles.resolution / point.denominator * point.numerator
      let value = ExponentialQuantiles.billionths(at: u)
      #expect(abs(value - point.value) < 1_000_000, "u \(point.numerator)/\(point.denominator): \(value)")
    }
    #expect(ExponentialQuantiles.billionths(at: 0) == 0)
    #expect(ExponentialQuantiles.billionths(at: ExponentialQuantiles.resolution - 1) < 21_500_000_000)
  }

  @Test("quantiles never fall", arguments: [1, 2, 3] as [UInt64])
  func monotonic(seed: UInt64) {
    var dice = Dice(seed)
    let points = (0..<5_000).map { _ in dice.roll(ExponentialQuantiles.resolution) }.sorted()
    let values = points.map { ExponentialQuantiles.billionths(at: $0) }
    #expect(values == values.sorted())
  }

  @Test("think times have the declared mean", arguments: [1, 2, 3] as [UInt64])
  func think(seed: UInt64) {
    var dice = Dice(seed)
    for think in [ThinkTime.exponential(mean: .seconds(2)), .uniform(.seconds(1), .seconds(3)), .constant(.seconds(2))]
    {
      var sum = Duration.zero
      for _ in 0..<20_000 { sum += think.draw { dice.roll($0) } }
      // The exponential one has a standard deviation of 14 ms here.
      #expect((Duration.milliseconds(1_940)...(.milliseconds(2_060))).contains(sum / 20_000))
    }
  }
}
