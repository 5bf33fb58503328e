import TestEnvironment
import Testing

@testable import Reporting

@Suite("Texts of a report")
struct TextTests {
  @Test("a table escapes bars and keeps each row on one line", arguments: ["\n", "\r\n", "\r", "\u{2028}"])
  func cellsAreEscaped(_ lineBreak: String) {
    let table = Markdown.table(["a", "b|c"], [["1|2", "3\(lineBreak)4"], ["", "ü"]])
    #expect(table == "| a | b\\|c |\n|---|---|\n| 1\\|2 | 3 4 |\n|  | ü |\n")
  }

  @Test(
    "a duration is short and cut, never rounded up",
    arguments: [
      (Duration.zero, "0 ms"), (.nanoseconds(999), "0 µs"), (.microseconds(350), "350 µs"),
      (.microseconds(1_999), "1 ms"), (.milliseconds(9_999), "9999 ms"), (.milliseconds(10_000), "10.0 s"),
      (.milliseconds(12_399), "12.3 s"), (.seconds(3_600), "3600.0 s"),
    ])
  func durations(_ duration: Duration, _ text: String) {
    #expect(DurationText.short(duration) == text)
  }

  @Test(
    "a place on the time-line has three decimals",
    arguments: [
      (Duration.zero, "0.000 s"), (.milliseconds(7), "0.007 s"), (.milliseconds(12_345), "12.345 s"),
      (.microseconds(1_999_999), "1.999 s"),
    ])
  func places(_ duration: Duration, _ text: String) {
    #expect(duration.secondsText == text)
  }

  @Test("targets read as conditions")
  func targets() {
    #expect(DurationText.of(.atMost(.duration(.seconds(5)))) == "≤ 5000 ms")
    #expect(DurationText.of(.atLeast(.count(3))) == "≥ 3")
    #expect(DurationText.of(.equal(.text("api-1"))) == "= api-1")
    #expect(DurationText.of(.between(.count(1), .count(4))) == "1 … 4")
    #expect(DurationText.of(Target.reported) == "reported")
  }
}

@Suite("Distributions")
struct DistributionTests {
  /// By the definition: the smallest measured value that at least that share does not exceed.
  private func nearestRank(_ values: [Duration], permille: Int) -> Duration {
    let sorted = values.sorted()
    return sorted.first { value in sorted.count { $0 <= value } * 1_000 >= permille * sorted.count } ?? .zero
  }

  @Test("a quantile is the nearest rank, a value that was measured", arguments: 1...25)
  func quantiles(_ count: Int) {
    let values = (0..<count).map { Duration.milliseconds(($0 * 7_919) % 101) }
    for permille in [1, 10, 250, 500, 501, 950, 990, 999, 1_000] {
      let quantile = Distribution(values).quantile(permille: permille)
      #expect(quantile == nearestRank(values, permille: permille), "\(permille) ‰ of \(count)")
      #expect(values.contains(quantile))
    }
  }

  @Test("the known example: of 1 to 100 the quantiles are 50, 95, 99 and 100")
  func hundred() {
    let distribution = Distribution((1...100).reversed().map { .milliseconds($0) })
    #expect(distribution.text == "50 ms / 95 ms / 99 ms / 100 ms")
    #expect(distribution.count == 100)
    #expect(distribution.maximum == .milliseconds(100))
  }

  @Test("nothing measured is a dash")
  func empty() {
    #expect(Distribution([]).text == "-")
    #expect(Distribution([]).sketch.isEmpty)
    #expect(Distribution([]).quantile(permille: 500) == .zero)
  }

  @Test("the sketch has ten bars, dots where nothing is, the highest at the mode")
  func sketch() {
    let sketch = Distribution(Array(repeating: .milliseconds(1), count: 8) + [.milliseconds(100)]).sketch
    #expect(sketch.count == 10)
    #expect(sketch.first == "█")
    #expect(sketch.last == "▁")
    #expect(sketch.dropFirst().dropLast().allSatisfy { $0 == "·" })
  }
}
