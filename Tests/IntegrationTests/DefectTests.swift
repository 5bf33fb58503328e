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
    defect.cases.filter { exempt["\(defect.id) \($0)"] == nil }.compactMap { id in
      Catalogue.cases.first { $0.id == id }.map { Assignment(defect: defect, testCase: $0) }
    }
  }

  /// Pairs of spec/06 that cannot turn red here, with the reason.
  static let exempt = [
    "A-62 HA-API-13": "a defect of StreamSpace's test: the case proves its own premise",
    "B-05 HA-API-08": "a dial to a stopped Redis is refused at once, so that the lock is held for no time",
    "B-07 HA-API-10": "the gap between the claim's answer and the end of the old socket is under a millisecond",
    "B-13 HA-LE-09": "the older socket is closed in the moment of the takeover: no frame of it is read any more",
    "B-18 HA-LE-09": "frames of a replaced connection end with it; HA-API-18 has late answers on the current one",
    "B-21 HA-API-12": "nothing is delivered twice in this case under contract",
    "B-41 VNC-K-14": "the pod that goes is gone before a tunnel looks for the new one",
    "A-17 DBM-12": "its text prepares, what it reads is wrong; DBM-13 has it",
    "B-58 VNC-K-11": "a pod that ends closes its streams in order, which is no error; VNC-K-12 has one",
    "B-67 VNC-K-15": "no queue comes to 256 frames there; VNC-K-16 has a viewer that lets one",
    "B-32 CHAOS-07": "the columns that it lacks are in the image that a topology starts from; DBM-01 installs afresh",
    "B-33 CHAOS-03": "a killed replica resets its sockets, which ends the reader too; HA-API-05 has it",
    "C-04 DOCK-14": "when the leader goes on after 16 s none of its writes is left to make; HA-LE-09 has one",
    "C-09 HA-API-07": "the case evicts keys itself; an eviction policy of Redis comes with the load cases",
  ]

  /// Pairs that a plain run of five seeds may miss: C-17 shows with the sixth incident, B-38 and B-39 at some of the 24
  /// moments at which HA-LE-06 loses its leader.
  static let needsCampaign = ["C-17 HA-API-05", "B-38 HA-LE-06", "B-39 HA-LE-06"]

  /// B-08 needs the loss of Redis within a few milliseconds of a start.
  /// A-44 needs the crash point between two of the three rows of a user: a plain run of CHAOS-13 does each tenth point.
  static let rare: [String: ClosedRange<UInt64>] = ["A-44": 1...20, "B-08": 1...40]

  @Test("every defect that the cases of the catalogue must catch can be switched on, and names those cases")
  func catalogue() {
    for testCase in Catalogue.cases {
      for id in testCase.kills where Self.exempt["\(id) \(testCase.id)"] == nil {
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
    // Some take more incidents than a plain run has.
    let depth: Depth = Self.needsCampaign.contains("\(item.defect.id) \(item.testCase.id)") ? .full : .plain
    for seed in Self.rare[item.defect.id] ?? Self.seeds {
      for variant in CaseRequest.variants(of: item.testCase, seed: seed, depth: depth) {
        let run = CaseRunner.run(
          CaseRequest(testCase: item.testCase, variant: variant, seed: seed, profile: profile, depth: depth))
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

  /// Whether a run is red for what the defect breaks.
  private static func shows(_ defect: Defect, _ run: CaseRun) -> Bool {
    guard run.verdict == .failed else { return false }
    let violated = run.invariants.filter { $0.outcome == .violated }.map(\.id)
    if violated.contains(where: defect.invariants.contains) { return true }
    switch defect.evidence {
    case .invariant: return false
    case .expectation: return run.expectations.contains { !$0.isMet }
    case .premise:
      return run.expectations.contains { !$0.isMet } || run.reason.contains("premise not met")
        || run.reason.contains("nobody holds")
    }
  }
}
