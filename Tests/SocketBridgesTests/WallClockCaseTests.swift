import Foundation
import SimulationRuntime
import Testing

@testable import SocketBridges

@Suite("Case bodies by the machine's clock")
struct WallClockCaseTests {
  private struct Wrong: Error {}

  @Test("a body runs to its end and its sleeps take real time")
  func sleeps() throws {
    let driver = WallClockDriver()
    try driver.start(seed: 1) { _ in }
    let began = DispatchTime.now().uptimeNanoseconds
    let ticks = try driver.runCase(limit: .seconds(20)) { simulation in
      let cases = simulation.cases
      return {
        for _ in 0..<3 { try await cases.sleep(.milliseconds(30)) }
        return 3
      }
    }
    #expect(ticks == 3)
    #expect(DispatchTime.now().uptimeNanoseconds - began >= 90_000_000)
    driver.stop()
  }

  @Test("what is posted from outside ends a wait of a body")
  func posted() throws {
    let driver = WallClockDriver()
    try driver.start(seed: 1) { _ in }
    let answer = try driver.runCase(limit: .seconds(20)) { simulation in
      let cases = simulation.cases
      return {
        try await cases.wait("an answer from outside") { (handle: WaitHandle<Int>) in
          Thread.detachNewThread { driver.post { _ in handle.succeed(7) } }
        }
      }
    }
    #expect(answer == 7)
    driver.stop()
  }

  @Test("a limit ends a body that waits, and says what it waited for")
  func limit() throws {
    let driver = WallClockDriver()
    try driver.start(seed: 1) { _ in }
    do {
      try driver.runCase(limit: .milliseconds(50)) { simulation in
        let cases = simulation.cases
        return { try await cases.wait("the moon") { (_: WaitHandle<Void>) in } }
      }
      Issue.record("the body ended by itself")
    } catch let error as SimulationError {
      guard case .timeLimit(_, let waiting) = error else { throw error }
      #expect(waiting == ["the moon"])
    }
    // The simulation goes on: another body runs.
    #expect(try driver.runCase(limit: .seconds(20)) { _ in { 5 } } == 5)
    driver.stop()
  }

  @Test("what a body throws reaches the caller, and a stop ends the wait for it")
  func errors() throws {
    let driver = WallClockDriver()
    try driver.start(seed: 1) { _ in }
    #expect(throws: Wrong.self) { try driver.runCase(limit: .seconds(20)) { _ in { throw Wrong() } } }
    Thread.detachNewThread {
      Thread.sleep(forTimeInterval: 0.05)
      driver.stop()
    }
    #expect(throws: RunEnded.self) {
      try driver.runCase(limit: .seconds(20)) { simulation in
        let cases = simulation.cases
        return { try await cases.sleep(.seconds(3_600)) }
      }
    }
  }
}
