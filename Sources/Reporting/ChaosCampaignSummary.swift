import Chaos

/// What a campaign came to: of one call, of several that went on, or of shards that were joined.
package struct ChaosCampaignSummary: Sendable {
  package var settings: CampaignSettings
  package var tally: CampaignTally
  /// Seeds that were run, ascending.
  package var seeds: [UInt64]
  /// Why it ended, as a sentence without full stop.
  package var end: String
  /// The command line that repeats it.
  package var command: String
  package var wallMilliseconds: Int64
  /// What a reader must know beside figures: shards that are missing.
  package var notes: [String]
  /// What the campaign failed to see, beside violations: inert faults, unmet obligations.
  package var failures: [String]

  package init(
    settings: CampaignSettings, tally: CampaignTally, seeds: [UInt64], end: String, command: String,
    wallMilliseconds: Int64, notes: [String] = [], demands: CampaignDemands = CampaignDemands()
  ) {
    self.settings = settings
    self.tally = tally
    self.seeds = seeds
    self.end = end
    self.command = command
    self.wallMilliseconds = wallMilliseconds
    self.notes = notes
    failures = demands.failures(of: tally)
  }

  package var isGreen: Bool { tally.violations.isEmpty && failures.isEmpty }

  /// Runs a minute of real time.
  package var seedsPerMinute: Int { Int(Int64(tally.runs) * 60_000 / max(wallMilliseconds, 1)) }

  /// Violations, those of the shortest runs first (lesson L25): they are the easiest to read.
  package var ranked: [CampaignViolation] {
    tally.violations.sorted {
      ($0.faults + $0.operations, $0.kernelEvents, $0.seed) < ($1.faults + $1.operations, $1.kernelEvents, $1.seed)
    }
  }
}
