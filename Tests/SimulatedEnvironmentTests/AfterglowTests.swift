import SimulationRuntime
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

/// How long a deployment goes on after its case.
@Suite struct AfterglowTests {
  /// Seconds that the run goes on after a case of 100 s, if these things happen.
  private static func seconds(_ changes: [(at: Int, Observation)], openUntil: Int = 0) throws -> Int64 {
    let simulation = Simulation(.init(seed: 1))
    defer { simulation.tearDown() }
    let afterglow = Afterglow()
    let host = simulation.host("clock")
    let process = try simulation.addProcess("clock", on: host) { Player($0, changes, afterglow) }
    process.start()
    try simulation.run(until: .start + .seconds(100))
    try afterglow.pass(in: simulation) { simulation.now < .start + .seconds(Int64(openUntil)) }
    return (simulation.now - .start).nanoseconds / 1_000_000_000 - 100
  }

  private final class Player: Program {
    private let incarnation: Incarnation
    private let changes: [(at: Int, Observation)]
    private let afterglow: Afterglow
    private static let label = EventLabel("test.change")

    init(_ incarnation: Incarnation, _ changes: [(at: Int, Observation)], _ afterglow: Afterglow) {
      self.incarnation = incarnation
      self.changes = changes
      self.afterglow = afterglow
    }

    func start() {
      for (number, change) in changes.enumerated() {
        incarnation.after(.seconds(Int64(change.at)), Self.label) { [afterglow] in
          afterglow.observe(TimedObservation(time: .seconds(change.at), sequence: number, observation: change.1))
        }
      }
    }

    func terminate() { incarnation.exit("terminated") }
  }

  private static let change = Observation.sessionState(session: "s1", from: "pending", to: "running", agent: nil)

  @Test("it lasts until quiet is judged, and 91 s from the last change, but no longer than 130 s")
  func lastsUntilSettled() throws {
    #expect(try Self.seconds([(5, Self.change)]) == 61)
    #expect(try Self.seconds([(100, Self.change)]) == 91)
    #expect(try Self.seconds([(99, Self.change), (120, Self.change)]) == 111)
    #expect(try Self.seconds([(99, Self.change), (180, Self.change)]) == 130)
  }

  @Test("what repeats by itself does not prolong it")
  func ignoresRepetition() throws {
    let beats = (0..<20).map { (at: 5 + $0 * 10, Observation.heartbeat(agent: "a", replica: "r1")) }
    let rows = (0..<20).map {
      (at: 6 + $0 * 10, Observation.agentRow(agent: "a", status: "online", lastHeartbeat: nil))
    }
    let locks = (0..<90).map { (at: 7 + $0 * 2, Observation.lockChanged(agent: "a", holder: "a-1", term: 1)) }
    let routes = (0..<20).map { (at: 8 + $0 * 10, Observation.route(agent: "a", key: .pod, value: "r1")) }
    #expect(try Self.seconds(beats + rows + locks + routes) == 61)
    // Offline at 110 s, online again with the next row at 116 s.
    #expect(try Self.seconds(rows + [(110, .agentRow(agent: "a", status: "offline", lastHeartbeat: nil))]) == 107)
  }

  @Test("open commands get their deadline and 30 s")
  func waitsForCommands() throws {
    #expect(try Self.seconds([(5, Self.change)], openUntil: 170) == 71)
    #expect(try Self.seconds([(5, Self.change)], openUntil: 10_000) == 550)
  }
}
