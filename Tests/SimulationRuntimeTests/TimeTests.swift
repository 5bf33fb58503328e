import Testing

@testable import SimulationRuntime

@Suite("Instants and spans")
struct TimeTests {
  @Test(
    "seconds are written by integers",
    arguments: [
      (0, 3, "0.000"), (1, 9, "0.000000001"), (-1_500_000_000, 1, "-1.5"), (12_345_678_901, 0, "12"),
      (999_999_999, 2, "0.99"),
    ])
  func decimalSeconds(nanoseconds: Int64, decimals: Int, text: String) {
    #expect(DecimalSeconds.text(nanoseconds, decimals: decimals) == text)
  }

  @Test("the ends of the range do not trap")
  func ends() {
    #expect(DecimalSeconds.text(.min, decimals: 0) == "-9223372036")
    #expect(Instant.distantFuture + .seconds(1) == .distantFuture)
    #expect(Instant(nanoseconds: .min) + .seconds(-1) == Instant(nanoseconds: .min))
  }

  @Test("descriptions show seconds")
  func descriptions() {
    #expect("\(Instant(nanoseconds: 10_250_000_000))" == "10.250000")
    #expect("\(TimeSpan.milliseconds(12_345))" == "12.345s")
  }

  @Test("a run begins at the first moment of 2026")
  func epoch() {
    let daysFrom1970To2026 = (1970..<2026).reduce(0) { $0 + ($1 % 4 == 0 ? 366 : 365) }
    #expect(Epoch.unixSeconds == Int64(daysFrom1970To2026) * 86_400)
  }

  @Test("units agree")
  func units() {
    #expect(TimeSpan.minutes(1) == .seconds(60))
    #expect(TimeSpan.seconds(1) == .milliseconds(1_000))
    #expect(TimeSpan.milliseconds(1) == .microseconds(1_000))
    #expect(TimeSpan.microseconds(7).nanoseconds == 7_000)
    #expect(TimeSpan.nanoseconds(-1_999_999).milliseconds == -1)
    #expect((TimeSpan.seconds(7) / 2) * 2 == .seconds(7))
  }
}
