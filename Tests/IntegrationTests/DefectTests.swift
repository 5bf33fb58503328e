import Oracles
import Scenarios
import SimulatedEnvironment
import TestEnvironment
import Testing

/// Every defect of the catalogue turns red each case that is there to catch it.
@Suite("Defects")
struct DefectTests {
  /// A defect and a case that must catch it.
  struct Assignment: Sendable, CustomTestStringConvertible {
    let defect: Defect
    let testCase: TestCase
    var testDescription: String { "\(defect.id) \(defect.slug) is caught by \(testCase.id)" }
  }

  static let seeds: ClosedRange<UInt64> = 1...5

  static let assignments = DefectCatalogue.all.flatMap { defect in
    defect.cases.compactMap { id in
      Catalogue.cases.first { $0.id == id }.map { Assignment(defect: defect, testCase: $0) }
    }
  }

  @Test("the first eight defects can be switched on, and each has a case that catches it")
  func catalogue() {
    #expect(DefectCatalogue.all.map(\.id).sorted() == ["A-01", "A-04", "A-05", "A-06", "B-01", "B-02", "B-03", "B-10"])
    for defect in DefectCatalogue.all {
      #expect(Self.assignments.contains { $0.defect.id == defect.id }, "nothing can catch \(defect.id)")
    }
  }

  @Test(
    "a case turns red under a defect that it must catch, by an invariant that the defect breaks", arguments: assignments
  )
  func isCaught(_ item: Assignment) throws {
    let profile = try Profile("contract+\(item.defect.id)")
    var seen: [String] = []
    for seed in Self.seeds {
      for variant in CaseRequest.variants(of: item.testCase, seed: seed, depth: .plain) {
        let run = CaseRunner.run(
          CaseRequest(testCase: item.testCase, variant: variant, seed: seed, profile: profile))
        let violated = run.invariants.filter { $0.outcome == .violated }.map(\.id)
        if run.verdict == .failed, violated.contains(where: item.defect.invariants.contains) { return }
        seen.append(
          "seed \(seed)\(variant.name.isEmpty ? "" : ", \(variant.name)"): \(run.verdict.rawValue) \(run.reason)")
      }
    }
    Issue.record(
      """
      \(item.testCase.id) does not catch \(item.defect.id): none of \(item.defect.invariants) is violated
      \(seen.joined(separator: "\n"))
      """)
  }
}
