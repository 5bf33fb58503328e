import Foundation
import SimulationRuntime
import Testing

@testable import SocketBridges

@Suite("A simulation by the machine's clock")
struct WallClockDriverTests {
  private static let tick = EventLabel("test.tick")

  /// What a simulation's thread tells the test's.
  private final class Box: @unchecked Sendable {
    private let lock = NSLock()
    private var values: [Int64] = []
    func add(_ value: Int64) { lock.withLock { values.append(value) } }
    var all: [Int64] { lock.withLock { values } }
  }

  @Test("events run in order, none before its time")
  func inTime() throws {
    let driver = WallClockDriver()
    let box = Box()
    let semaphore = DispatchSemaphore(value: 0)
    let start = DispatchTime.now().uptimeNanoseconds
    try driver.start(seed: 3) { simulation in
      for milliseconds in [60, 20, 40] as [Int64] {
        simulation.schedule(after: .milliseconds(milliseconds), Self.tick) {
          box.add(milliseconds)
          if milliseconds == 60 { semaphore.signal() }
        }
      }
    }
    #expect(semaphore.wait(timeout: .now() + 20) == .success)
    #expect(DispatchTime.now().uptimeNanoseconds - start >= 60_000_000)
    driver.stop()
    #expect(box.all == [20, 40, 60])
  }

  @Test("what is posted happens at the time of the machine, not at that of the last event")
  func posted() throws {
    let driver = WallClockDriver()
    let box = Box()
    let semaphore = DispatchSemaphore(value: 0)
    try driver.start(seed: 3) { _ in }
    Thread.sleep(forTimeInterval: 0.05)
    driver.post { simulation in
      box.add(simulation.now.nanoseconds)
      semaphore.signal()
    }
    #expect(semaphore.wait(timeout: .now() + 20) == .success)
    driver.stop()
    #expect((box.all.first ?? 0) >= 50_000_000)
  }

  @Test("a question is answered inside, and unanswered once the run has ended")
  func question() throws {
    let driver = WallClockDriver()
    try driver.start(seed: 3) { _ in }
    #expect(driver.ask { $0.now >= Instant(nanoseconds: 0) } == true)
    driver.stop()
    #expect(driver.ask { _ in 1 } == nil)
  }

  @Test("an error while the simulation is furnished reaches the caller")
  func error() {
    struct Wrong: Error {}
    #expect(throws: Wrong.self) { try WallClockDriver().start(seed: 1) { _ in throw Wrong() } }
  }
}
