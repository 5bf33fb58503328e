import TestEnvironment
import Testing

@testable import LiveEnvironment

@Suite("What real time explains")
struct WallClockAllowanceTests {
  private func judged(_ target: TestEnvironment.Target, _ measured: Quantity) -> TestEnvironment.Expectation {
    WallClockAllowance().reported(
      TestEnvironment.Expectation(name: "x", target: target, measured: measured, time: .zero))
  }

  @Test("a duration that missed its target by a second is reported, by more it is red")
  func durations() {
    #expect(judged(.atMost(.duration(.seconds(5))), .duration(.seconds(6))).isMet)
    #expect(!judged(.atMost(.duration(.seconds(5))), .duration(.milliseconds(6_001))).isMet)
    #expect(judged(.atLeast(.duration(.seconds(5))), .duration(.milliseconds(4_750))).isMet)
    #expect(!judged(.atLeast(.duration(.seconds(5))), .duration(.milliseconds(4_749))).isMet)
    #expect(judged(.atMost(.duration(.seconds(5))), .duration(.seconds(6))).target == .reported)
  }

  @Test("counts and texts are judged as ever")
  func counts() {
    #expect(!judged(.equal(.count(3)), .count(4)).isMet)
    #expect(!judged(.equal(.text("a")), .text("b")).isMet)
  }
}
