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

  /// Kill lists of spec/06 that name defects whose cases belong to later scenarios only; A-62 is a defect of a test.
  static let later = ["A-62", "B-56", "B-61", "B-63"]

  @Test("every defect that the cases of the catalogue must catch can be switched on, and names those cases")
  func catalogue() {
    for testCase in Catalogue.cases {
      for id in testCase.kills where !Self.later.contains(id) {
        #expect(
          DefectCatalogue.defect(id)?.cases.contains(testCase.id) == true, "\(testCase.id) must catch \(id)")
      }
    }
    #expect(Set(DefectCatalogue.all.map(\.id)).count == DefectCatalogue.all.count)
    #expect(Set(DefectCatalogue.all.map(\.slug)).count == DefectCatalogue.all.count)
    #expect(DefectCatalogue.all.allSatisfy { !$0.cases.isEmpty })
  }

  @Test(
    "a case turns red under a defect that it must catch, for what the defect breaks", arguments: assignments
  )
  func isCaught(_ item: Assignment) throws {
    let profile = try Profile("contract+\(item.defect.id)")
    var seen: [String] = []
    for seed in Self.seeds {
      for variant in CaseRequest.variants(of: item.testCase, seed: seed, depth: .plain) {
        let run = CaseRunner.run(
          CaseRequest(testCase: item.testCase, variant: variant, seed: seed, profile: profile))
        if Self.shows(item.defect, run) { return }
        seen.append(
          "seed \(seed)\(variant.name.isEmpty ? "" : ", \(variant.name)"): \(run.verdict.rawValue) \(run.reason)")
      }
    }
    Issue.record(
      """
      \(item.testCase.id) does not catch \(item.defect.id): it breaks \(item.defect.invariants), shown by \(item.defect.evidence)
      \(seen.joined(separator: "\n"))
      """)
  }

  /// Whether a run is red for what the defect breaks.
  private static func shows(_ defect: Defect, _ run: CaseRun) -> Bool {
    guard run.verdict == .failed else { return false }
    let violated = run.invariants.filter { $0.outcome == .violated }.map(\.id)
    if violated.contains(where: defect.invariants.contains) { return true }
    return defect.evidence == .expectation && run.expectations.contains { !$0.isMet }
  }
}
