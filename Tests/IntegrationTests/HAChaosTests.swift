import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Scenario 5 under the contract: what it promises beyond what ``ContractTests`` ask of all.
@Suite("HA chaos")
struct HAChaosTests {
  /// Cases whose schedule is another with each seed: more seeds than the one that every case has.
  static let explored: [(id: String, seed: UInt64)] = ["CHAOS-03", "CHAOS-09", "CHAOS-12", "CHAOS-13"].flatMap { id in
    (2...5).map { (id, $0) }
  }

  @Test("a case of random kills, interleavings or crash points is green from other seeds too", arguments: explored)
  func isGreen(_ item: (id: String, seed: UInt64)) throws {
    let testCase = try #require(Catalogue.cases.first { $0.id == item.id })
    let variants = testCase.variants
    let run = CaseRunner.run(
      CaseRequest(testCase: testCase, variant: variants[Int(item.seed) % variants.count], seed: item.seed))
    #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
  }

  @Test("ten seeds in a row meet every crash point, and each operation is struck by every trouble")
  func everyPoint() throws {
    let testCase = try #require(Catalogue.cases.first { $0.id == "CHAOS-13" })
    var struck: Set<String> = []
    for seed: UInt64 in 1...10 {
      let run = CaseRunner.run(CaseRequest(testCase: testCase, variant: testCase.variants[0], seed: seed))
      for entry in run.tables where entry.table == "crash points" {
        guard case .text(let operation)? = entry["operation"], case .text(let trouble)? = entry["trouble"],
          case .count(let met)? = entry["met"], met > 0
        else { continue }
        struck.insert("\(operation), \(trouble)")
      }
    }
    #expect(struck.count == 18, "\(struck.sorted())")
  }

  @Test("a soak forgets what it has observed: its observations do not grow with its length")
  func staysFlat() throws {
    let testCase = try #require(Catalogue.cases.first { $0.id == "CHAOS-14" })
    let run = CaseRunner.run(CaseRequest(testCase: testCase, variant: testCase.variants[0], seed: 1))
    #expect(run.verdict == .passed, "\(run.reason)\nagain: \(run.replayLine)")
    #expect(run.virtualTime >= .seconds(3_600))
    #expect((run.observations.first?.sequence ?? 0) > 0, "nothing was forgotten")
  }
}
