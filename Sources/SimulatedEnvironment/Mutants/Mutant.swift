import Oracles
import TestEnvironment

/// A defect, and a case that must catch it (DESIGN §4, spec/06 "K").
public struct Mutant: Sendable {
  public let defect: Defect
  public let testCase: TestCase
  /// Seeds that are tried until the case is red for what the defect breaks.
  public let seeds: ClosedRange<UInt64>
  public let depth: Depth

  /// Every pair of a defect and a case that must catch it, in the order of the catalogues; those that cannot turn red
  /// here are in ``exempt(of:)``.
  public static func all(of defects: [Defect], in cases: [TestCase]) -> [Mutant] {
    pairs(of: defects, in: cases).filter { KillExemptions.impossible[$0.key] == nil }.map {
      Mutant($0.defect, $0.testCase)
    }
  }

  /// Pairs of spec/06 that cannot turn red here, with the reason.
  public static func exempt(of defects: [Defect], in cases: [TestCase]) -> [(defect: Defect, case: String, why: String)]
  {
    pairs(of: defects, in: cases).compactMap { pair in
      KillExemptions.impossible[pair.key].map { (pair.defect, pair.testCase.id, $0) }
    }
  }

  /// Runs the case under the defect from one seed after another until it is caught.
  ///
  /// `isCancelled` is asked before each run.
  public func search(isCancelled: () -> Bool = { false }) -> KillSearch {
    var missed: [String] = []
    for seed in seeds {
      for variant in CaseRequest.variants(of: testCase, seed: seed, depth: depth) {
        if isCancelled() { return KillSearch(kill: nil, missed: missed) }
        let run = CaseRunner.run(
          CaseRequest(testCase: testCase, variant: variant, seed: seed, profile: Profile(defect), depth: depth))
        if let evidence = evidence(in: run) {
          return KillSearch(kill: Kill(seed: seed, variant: variant.name, evidence: evidence), missed: missed)
        }
        missed.append(
          "seed \(seed)\(variant.name.isEmpty ? "" : ", \(variant.name)"): \(run.verdict.rawValue) \(run.reason)")
      }
    }
    return KillSearch(kill: nil, missed: missed)
  }

  /// What shows that a run is red for what the defect breaks; nil if nothing does.
  private func evidence(in run: CaseRun) -> Kill.Evidence? {
    guard run.verdict == .failed else { return nil }
    let violated = run.invariants.first { $0.outcome == .violated && defect.invariants.contains($0.id) }
    if let violated { return .invariant(violated.id) }
    let missed = run.expectations.first { !$0.isMet }
    switch defect.evidence {
    case .invariant: return nil
    case .expectation: return missed.map { .expectation($0.name) }
    case .premise:
      if let missed { return .expectation(missed.name) }
      let isPremise = run.reason.contains("premise not met") || run.reason.contains("nobody holds")
      return isPremise ? .premise(run.reason) : nil
    }
  }

  /// As ``KillExemptions`` calls the pair.
  private var key: String { KillExemptions.key(defect, testCase) }

  private static func pairs(of defects: [Defect], in cases: [TestCase]) -> [Mutant] {
    defects.flatMap { defect in
      defect.cases.compactMap { id in cases.first { $0.id == id }.map { Mutant(defect, $0) } }
    }
  }

  init(_ defect: Defect, _ testCase: TestCase) {
    self.defect = defect
    self.testCase = testCase
    seeds = KillExemptions.rare[defect.id] ?? 1...5
    // Some take more incidents than a plain run has.
    depth = KillExemptions.needsCampaign.contains(KillExemptions.key(defect, testCase)) ? .full : .plain
  }
}

extension Mutant: CustomStringConvertible {
  public var description: String { "\(defect.id) \(defect.slug) is caught by \(testCase.id)" }
}

/// A run that was red for what a defect breaks.
public struct Kill: Sendable, Equatable {
  /// What showed the defect.
  public enum Evidence: Sendable, Equatable {
    case invariant(String)
    case expectation(String)
    /// The case could not even begin.
    case premise(String)
  }

  public let seed: UInt64
  public let variant: String
  public let evidence: Evidence
}

/// What became of the runs of a ``Mutant``.
public struct KillSearch: Sendable {
  /// Nil: no run caught the defect.
  public let kill: Kill?
  /// A line for each run before that did not.
  public let missed: [String]
}
