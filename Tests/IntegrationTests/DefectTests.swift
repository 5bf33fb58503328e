import Oracles
import Scenarios
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

/// Every defect of the catalogue turns red each case that is there to catch it. `./sim mutants`, which `./sim test` runs
/// after the tests, tries every pair in a release build; here it is some of each tier, with a debug build's checks.
@Suite("Defects")
struct DefectTests {
  static let mutants = Mutant.all(of: DefectCatalogue.all, in: Catalogue.cases)
  static let sample = stride(from: 0, to: mutants.count, by: 12).map { mutants[$0] }

  @Test("every defect that the cases of the catalogue must catch can be switched on, and names those cases")
  func catalogue() {
    for testCase in Catalogue.cases {
      for id in testCase.kills where KillExemptions.impossible["\(id) \(testCase.id)"] == nil {
        #expect(
          DefectCatalogue.defect(id)?.cases.contains(testCase.id) == true, "\(testCase.id) must catch \(id)")
      }
    }
    #expect(Set(DefectCatalogue.all.map(\.id)).count == DefectCatalogue.all.count)
    #expect(Set(DefectCatalogue.all.map(\.slug)).count == DefectCatalogue.all.count)
    #expect(DefectCatalogue.all.allSatisfy { !$0.cases.isEmpty })
    let exempt = Mutant.exempt(of: DefectCatalogue.all, in: Catalogue.cases)
    let named = Set(Self.mutants.map(\.defect.id) + exempt.map(\.defect.id))
    #expect(DefectCatalogue.all.allSatisfy { named.contains($0.id) })
  }

  @Test("a case turns red under a defect that it must catch, for what the defect breaks", arguments: sample)
  func isCaught(_ mutant: Mutant) {
    let search = mutant.search()
    #expect(
      search.kill != nil,
      """
      \(mutant.testCase.id) does not catch \(mutant.defect.id): it breaks \(mutant.defect.invariants), shown by \(mutant.defect.evidence)
      \(search.missed.joined(separator: "\n"))
      """)
  }

  @Test("a case that is red for something else has not caught a defect")
  func otherReason() throws {
    let harmless = try #require(DefectCatalogue.defect("B-01"))
    let broken = TestCase(
      "TEST-01", "A case that fails by itself", in: .haMultiPodAPI, source: "", variants: [Variant("", .t1)], needs: [],
      checks: [], kills: ["B-01"]
    ) { _ in throw CaseFailure("nothing to do with it") }
    let search = Mutant(harmless, broken).search()
    #expect(search.kill == nil)
    #expect(search.missed.count == 5)
    #expect(search.missed.first?.contains("nothing to do with it") == true)
  }

  @Test("replicas that migrate in vain for ever end in a failure that says so, not in a run without end (B-32)")
  func endlessMigration() throws {
    let testCase = try #require(Catalogue.cases.first { $0.id == "CHAOS-07" })
    let variant = Variant("fresh install", testCase.variants[0].topology.with { $0.database = .empty })
    let run = CaseRunner.run(
      CaseRequest(testCase: testCase, variant: variant, seed: 1, profile: try Profile("contract+B-32")))
    #expect(run.verdict == .failed)
    #expect(run.reason.contains("every replica is ready"), "\(run.reason)")
    #expect(run.kernelEvents < RunCosts.heavy.events)
  }
}
