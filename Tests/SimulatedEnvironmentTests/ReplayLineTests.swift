import Oracles
import Scenarios
import SimulatedEnvironment
import SimulationRuntime
import Testing

@Suite("Replay lines")
struct ReplayLineTests {
  @Test("a replay line names everything that decides the run", arguments: [Strategy.random, .fifo, .pct(depth: 3)])
  func complete(strategy: Strategy) throws {
    let testCase = try #require(Catalogue.cases(matching: "HA-API-10").first)
    let request = CaseRequest(
      testCase: testCase, variant: testCase.variants[1], seed: 7, profile: try Profile("contract+B-01"),
      strategy: strategy)
    let line = CaseRunner.run(request).replayLine
    #expect(line.hasPrefix("./sim replay --case HA-API-10 --variant 'T2' --seed 7 --profile contract+B-01"))
    #expect(line.hasSuffix("--strategy '\(strategy)'") == (strategy != .random))
  }
}
