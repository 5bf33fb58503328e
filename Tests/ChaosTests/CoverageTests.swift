import TestEnvironment
import Testing

@testable import Chaos

@Suite("What is counted of a run")
struct CoverageTests {
  private func reading(_ observations: [Observation]) -> RunReading {
    RunReading(
      observations.enumerated().map {
        TimedObservation(time: .seconds($0.offset), sequence: $0.offset, observation: $0.element)
      })
  }

  private let state = Observation.sessionState(session: "s", from: "pending", to: "running", agent: "a")

  @Test("a transition counts once, whoever makes it")
  func once() {
    let other = Observation.sessionState(session: "t", from: "pending", to: "running", agent: "b")
    #expect(reading([state]).coverage.count == 1)
    #expect(reading([state, other]).coverage == reading([state]).coverage)
  }

  @Test("the same transition under a fault is another feature, under two faults of one kind it is not")
  func underFaults() {
    let cut = [Observation.faultBegan(name: "cut(a,b)"), .faultBegan(name: "cut(c,d)")]
    let calm = reading([state]).coverage
    let one = reading([cut[0], state]).coverage
    #expect(Set(one).isStrictSuperset(of: calm))
    #expect(reading(cut + [state]).coverage == one)
    #expect(reading([cut[0], .faultEnded(name: "cut(a,b)"), state]).coverage == calm)
  }

  @Test("pairs of transitions belong to one thing")
  func pairs() {
    let second = Observation.sessionState(session: "s", from: "running", to: "terminating", agent: "a")
    let others = Observation.sessionState(session: "t", from: "running", to: "terminating", agent: "a")
    #expect(reading([state, second]).coverage.count == 3)
    #expect(reading([state, others]).coverage.count == 2)
  }

  @Test("features are the same on every machine")
  func stable() { #expect(StableHash.of("session pending to running") == 0x2c16_109a_2dd1_989b) }

  @Test("every obligation is counted, those that never came about with zero")
  func obligations() {
    let lead = { (process: String) in
      Observation.leadership(agent: "a", instance: process, term: 1, isLeading: true, reason: "")
    }
    let counts = reading([
      lead("a-1"), lead("a-1"), lead("a-2"),
      .commandInserted(command: "c", agent: "a", session: "s", action: "start_session"), .faultBegan(name: "cut(a,b)"),
      .faultBegan(name: "cut(a,b)"),
    ]).obligations
    #expect(counts.count == Obligation.allCases.count)
    #expect(counts[Obligation.failOver.rawValue] == 1)
    #expect(counts[Obligation.startMetFault.rawValue] == 1)
    #expect(counts[Obligation.agentMoved.rawValue] == 0)
  }
}
