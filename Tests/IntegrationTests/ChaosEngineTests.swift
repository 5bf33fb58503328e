import Chaos
import SimulatedEnvironment
import TestEnvironment
import Testing

@Suite("Chaos engine")
struct ChaosEngineTests {
  @Test("drawn plans keep the contract", arguments: 1...12 as ClosedRange<UInt64>)
  func contract(seed: UInt64) {
    let outcome = SimulatedChaosExecutor().run(ChaosPlan(swarm: seed), ExecutionOptions())
    #expect(outcome.problems.isEmpty)
    #expect(outcome.violations.map { "\($0.invariant): \($0.message)" } == [])
    #expect(outcome.virtualTime >= .seconds(600))
    #expect(outcome.faults.count == outcome.plan.faults.count)
    #expect(!outcome.coverage.isEmpty && outcome.coverage == Array(Set(outcome.coverage)).sorted())
  }

  @Test("the same seed makes the same run, with and without recording, and its own decisions repeat it")
  func repeatable() {
    let plan = ChaosPlan(swarm: 3)
    let executor = SimulatedChaosExecutor()
    let first = executor.run(plan, ExecutionOptions())
    let second = executor.run(plan, ExecutionOptions(recordsDecisions: true, keepsObservations: true))
    #expect(first.fingerprint == second.fingerprint)
    #expect(first.coverage == second.coverage && first.obligations == second.obligations)
    #expect(first.decisions == nil && first.observations.isEmpty)
    #expect(!second.observations.isEmpty)
    let replayed = executor.run(plan, ExecutionOptions(replaying: second.decisions))
    #expect(replayed.fingerprint == first.fingerprint)
    #expect(executor.run(plan, ExecutionOptions(strategy: "fifo")).fingerprint != first.fingerprint)
    #expect(executor.run(plan, ExecutionOptions(strategy: "luck")).problems.count == 1)
  }

  @Test("a plan that was read from its text makes the same run")
  func text() throws {
    let plan = ChaosPlan(swarm: 4)
    let executor = SimulatedChaosExecutor()
    let again = executor.run(try ChaosPlan(text: plan.text), ExecutionOptions())
    #expect(executor.run(plan, ExecutionOptions()).fingerprint == again.fingerprint)
  }

  @Test("what became of each fault is told: effective, inert, withheld, impossible")
  func ledger() {
    var plan = ChaosPlan(seed: 9, deployment: ChaosDeployment(replicas: 2, agents: [.init()], users: 2))
    plan.phases = ChaosPlan.Phases(settle: .seconds(20), load: .seconds(60), heal: .seconds(60))
    plan.faults = [
      PlannedFault(at: .seconds(5), lasts: .seconds(20), .kill(.replica(0), .crash)),
      PlannedFault(at: .seconds(10), lasts: .seconds(5), .kill(.replica(1), .crash)),
      PlannedFault(at: .seconds(30), lasts: .seconds(5), .kill(.standby(agent: 0), .crash)),
      // Nobody creates a session: no step is ever reached.
      PlannedFault(
        at: .seconds(40), lasts: .seconds(10), .killAtStep(agent: 0, command: "start_session", .received, .crash)),
    ]
    let outcome = SimulatedChaosExecutor().run(plan, ExecutionOptions())
    #expect(outcome.isGreen, "\(outcome.violations) \(outcome.problems)")
    #expect(
      outcome.faults.map(\.fate) == [
        .effective(touched: 1), .withheld("api-2 was the last ready replica"),
        .impossible("nobody stood by for k8s-c1"), .inert,
      ])
  }

  @Test("a planted race is found among drawn plans", arguments: ["B-01", "C-05", "B-46"])
  func finds(defect: String) throws {
    let executor = SimulatedChaosExecutor(profile: try Profile("contract+\(defect)"))
    let found = (1...200 as ClosedRange<UInt64>).first { seed in
      executor.run(ChaosPlan(swarm: seed), ExecutionOptions()).signature != nil
    }
    #expect(found != nil)
  }
}
