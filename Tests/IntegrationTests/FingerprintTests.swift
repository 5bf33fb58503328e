import Oracles
import Scenarios
import SimulatedEnvironment
import SimulationRuntime
import TestEnvironment
import Testing

/// A seed decides a run, and nothing else does.
@Suite("Fingerprints")
struct FingerprintTests {
  /// A short case with requests, commands and a fault.
  private static let sample = "HA-API-10"

  private func testCase(_ id: String = sample) throws -> TestCase {
    try #require(Catalogue.cases.first { $0.id == id })
  }

  private func run(
    _ testCase: TestCase? = nil, variant: Int = 0, seed: UInt64, profile: String = "contract",
    strategy: Strategy = .random
  ) throws -> CaseRun {
    let chosen = try testCase ?? self.testCase()
    return CaseRunner.run(
      CaseRequest(
        testCase: chosen, variant: chosen.variants[variant], seed: seed, profile: try Profile(profile),
        strategy: strategy))
  }

  @Test("the same seed gives the same run, another seed another", arguments: [Strategy.random, .fifo, .pct(depth: 3)])
  func followSeed(_ strategy: Strategy) throws {
    let first = try run(seed: 42, strategy: strategy)
    let again = try run(seed: 42, strategy: strategy)
    let other = try run(seed: 43, strategy: strategy)
    #expect(first.fingerprint == again.fingerprint)
    #expect(first.kernelEvents == again.kernelEvents)
    #expect(first.fingerprint != other.fingerprint)
  }

  @Test("each strategy orders simultaneous events in its own way")
  func followStrategy() throws {
    // A seed may offer few choices; five offer enough.
    let differ = try (1...5).contains { (seed: UInt64) in
      let fingerprints = try [Strategy.random, .fifo, .pct(depth: 3)].map {
        try run(seed: seed, strategy: $0).fingerprint
      }
      return Set(fingerprints).count == 3
    }
    #expect(differ)
  }

  /// Defects with a case that can show them. What only an expectation sees (a limit of a container) may leave the trace
  /// as it is, and so does a socket that an agent keeps after the other end has closed it (C-18): nothing moves on it.
  private static let shown = DefectCatalogue.all.filter { defect in
    defect.evidence == .invariant && defect.id != "C-18"
      && DefectTests.mutants.contains { $0.defect.id == defect.id }
  }

  @Test("a defect changes the run of a case that exercises it", arguments: shown.map(\.id))
  func followProfile(_ id: String) throws {
    let testCase = try #require(DefectTests.mutants.first { $0.defect.id == id }).testCase
    // A variant or a seed may miss the moment that matters; not all of them do.
    let differs = try (1...5).contains { (seed: UInt64) in
      try testCase.variants.indices.prefix(8).contains { variant in
        let contract = try run(testCase, variant: variant, seed: seed)
        let defective = try run(testCase, variant: variant, seed: seed, profile: "contract+\(id)")
        return contract.fingerprint != defective.fingerprint
      }
    }
    #expect(differs)
  }

  @Test("runs side by side do not disturb each other")
  func areIndependent() async throws {
    let alone = try run(seed: 7).fingerprint
    let together = try await withThrowingTaskGroup(of: String.self) { group in
      for _ in 0..<4 { group.addTask { try run(seed: 7).fingerprint } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
    #expect(together == [alone, alone, alone, alone])
  }

  /// Recorded once and compared in debug here and in release by `./sim run`: the compiler does not change a run.
  /// Of scenario 1 every variant, of the others what a plain run does.
  @Test("every case and variant has its recorded fingerprint at seed 1")
  func areGolden() async throws {
    var lines: [String] = []
    let items = Catalogue.scenarios.flatMap { scenario in
      scenario == .haMultiPodAPI
        ? CaseAndVariant.all(of: scenario) : CaseAndVariant.plain(of: scenario, seed: ContractRuns.seed)
    }
    for item in items {
      lines.append("\(item.key)\t\(await ContractRuns.run(item).fingerprint)")
    }
    try Golden.check(lines.joined(separator: "\n") + "\n", against: "fingerprints.txt")
  }
}
