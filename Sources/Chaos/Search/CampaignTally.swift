/// What the runs of a campaign add up to. Adding is commutative but for the order of violations, which is by seed: shards
/// add up to what one machine would have found.
package struct CampaignTally: Sendable, Equatable {
  /// What became of the faults of one kind.
  package struct Faults: Sendable, Equatable {
    package var planned = 0
    package var effective = 0
    package var inert = 0
    package var withheld = 0
    package var impossible = 0

    /// Those that were carried out.
    package var used: Int { effective + inert }
  }

  /// Runs with a trait, and how many of them failed.
  package struct Trait: Sendable, Equatable {
    package var runs = 0
    package var failing = 0
  }

  /// A "sometimes": in how many runs it came about, and how often.
  package struct Obligation: Sendable, Equatable {
    package var runs = 0
    package var times = 0
    package var firstSeed: UInt64?
  }

  /// A feature that runs reached.
  package struct Feature: Sendable, Equatable {
    package var runs = 0
    /// The smallest seed that reached it.
    package var firstSeed: UInt64
  }

  package var runs = 0
  package var failing = 0
  package var kernelEvents = 0
  package var statements = 0
  package var virtualSeconds: Int64 = 0
  /// Of all runs with their seeds, whatever their order.
  package var fingerprint: UInt64 = 0
  package var faults: [String: Faults] = [:]
  package var traits: [String: Trait] = [:]
  package var obligations: [String: Obligation] = [:]
  package var features: [UInt64: Feature] = [:]
  /// By seed.
  package var violations: [CampaignViolation] = []
  /// How many runs there were when the last new feature came.
  package var runsAtLastFeature = 0

  package init() {}

  /// Counts a run; true when it reached something new.
  @discardableResult
  package mutating func add(_ run: CampaignRun) -> Bool {
    runs += 1
    kernelEvents += run.kernelEvents
    statements += run.statements
    virtualSeconds += run.virtualTime.components.seconds
    fingerprint &+= Self.digest("\(run.seed) \(run.fingerprint)")
    for fault in run.faults { faults[fault.kind, default: Faults()].add(fault.fate) }
    for name in run.traits {
      traits[name, default: Trait()].runs += 1
      if run.signature != nil { traits[name, default: Trait()].failing += 1 }
    }
    for (name, times) in run.obligations.sorted(by: { $0.key < $1.key }) {
      var obligation = obligations[name] ?? Obligation()
      if times > 0 {
        obligation.runs += 1
        obligation.times += times
        obligation.firstSeed = min(obligation.firstSeed ?? run.seed, run.seed)
      }
      obligations[name] = obligation
    }
    let known = features.count
    for feature in run.coverage {
      features[feature, default: Feature(firstSeed: run.seed)].runs += 1
    }
    if features.count > known { runsAtLastFeature = runs }
    if let signature = run.signature {
      failing += 1
      let alike = violations.count { $0.invariant == signature }
      violations.append(CampaignViolation(run, signature, isKept: alike < CampaignViolation.filesPerInvariant))
    }
    return features.count > known
  }

  /// Adds what another shard counted.
  package mutating func add(_ other: CampaignTally) {
    runs += other.runs
    failing += other.failing
    kernelEvents += other.kernelEvents
    statements += other.statements
    virtualSeconds += other.virtualSeconds
    fingerprint &+= other.fingerprint
    faults.merge(other.faults) { $0.sum($1) }
    traits.merge(other.traits) { Trait(runs: $0.runs + $1.runs, failing: $0.failing + $1.failing) }
    obligations.merge(other.obligations) { $0.sum($1) }
    features.merge(other.features) { Feature(runs: $0.runs + $1.runs, firstSeed: min($0.firstSeed, $1.firstSeed)) }
    violations = (violations + other.violations).sorted { $0.seed < $1.seed }
  }

  /// FNV-1a of a text.
  private static func digest(_ text: String) -> UInt64 {
    text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
  }
}

extension CampaignTally.Faults {
  fileprivate mutating func add(_ fate: FaultEffect.Fate) {
    planned += 1
    switch fate {
    case .effective: effective += 1
    case .inert: inert += 1
    case .withheld: withheld += 1
    case .impossible: impossible += 1
    }
  }

  fileprivate func sum(_ other: Self) -> Self {
    Self(
      planned: planned + other.planned, effective: effective + other.effective, inert: inert + other.inert,
      withheld: withheld + other.withheld, impossible: impossible + other.impossible)
  }
}

extension CampaignTally.Obligation {
  fileprivate func sum(_ other: Self) -> Self {
    Self(
      runs: runs + other.runs, times: times + other.times,
      firstSeed: [firstSeed, other.firstSeed].compactMap(\.self).min())
  }
}
