/// What a campaign explores. Two campaigns with equal settings find the same, whatever the number of threads and however
/// often they were interrupted.
package struct CampaignSettings: Sendable, Equatable {
  package var seeds: ClosedRange<UInt64>
  package var shard: Shard
  /// `contract`, `contract+B-01`.
  package var profile: String
  /// How simultaneous events are ordered: `random`, `fifo`, `pct(N)`.
  package var strategy: String
  /// Whether plans that reached something new are changed and tried again, beside drawing new ones.
  package var isGuided: Bool
  /// Which executable ran it: a seed is a handle for one build.
  package var build: String

  package init(
    seeds: ClosedRange<UInt64>, shard: Shard = .whole, profile: String = "contract", strategy: String = "random",
    isGuided: Bool = false, build: String = ""
  ) {
    self.seeds = seeds
    self.shard = shard
    self.profile = profile
    self.strategy = strategy
    self.isGuided = isGuided
    self.build = build
  }

  /// Runs of the whole campaign.
  package var runs: Int { shard.runs(in: seeds) }

  package func seed(_ run: Int) -> UInt64 { shard.seed(run, in: seeds) }

  /// What differs from other settings, in words; empty: nothing.
  package func differences(from other: CampaignSettings) -> [String] {
    func text(_ seeds: ClosedRange<UInt64>) -> String { "\(seeds.lowerBound)..\(seeds.upperBound)" }
    func search(_ isGuided: Bool) -> String { isGuided ? "coverage" : "fresh plans" }
    let pairs = [
      ("seeds", text(seeds), text(other.seeds)), ("shard", shard.name, other.shard.name),
      ("profile", profile, other.profile), ("order", strategy, other.strategy),
      ("search", search(isGuided), search(other.isGuided)), ("build", build, other.build),
    ]
    return pairs.filter { $0.1 != $0.2 }.map { "\($0.0) \($0.2), not \($0.1)" }
  }
}

/// When a campaign ends before its last seed. It may change from call to call: it decides how far a campaign goes, not
/// what it finds on the way.
package struct CampaignLimits: Sendable, Equatable {
  /// Goes on after a violation.
  package var keepsGoing: Bool
  /// Ends when so many runs in a row reached nothing new (lesson L24); nil: never.
  package var plateau: Int?
  /// Ends with so many violations when it keeps going; nil: never.
  package var violations: Int?

  package init(keepsGoing: Bool = false, plateau: Int? = nil, violations: Int? = nil) {
    self.keepsGoing = keepsGoing
    self.plateau = plateau
    self.violations = violations
  }
}
