import SimulationRuntime
import Testing

@testable import VNCServer

@Suite("Turning hosts away")
struct LoginThrottleTests {
  private func second(_ number: Int64) -> Instant { Instant(nanoseconds: number * 1_000_000_000) }

  @Test("after five marks one attempt a block is let in, and blocks double")
  func blocks() {
    var throttle = LoginThrottle()
    for _ in 0..<5 {
      let result1 = throttle.admits("a", at: second(1))
      #expect(result1)
    }
    var admitted: [Int64] = []
    for time in 1...100 where throttle.admits("a", at: second(Int64(time))) { admitted.append(Int64(time)) }
    #expect(admitted == [1, 11, 31, 71])
    let result2 = throttle.admits("b", at: second(1))
    #expect(result2, "another host is another matter")
  }

  @Test("a success wipes the marks")
  func success() {
    var throttle = LoginThrottle()
    for _ in 0..<30 {
      let result3 = throttle.admits("a", at: second(1))
      #expect(result3)
      throttle.succeeded("a")
    }
  }
}
