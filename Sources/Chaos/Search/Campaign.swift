/// A campaign under way: which plan is next, and what was found so far. It moves on by whole rounds, so that it is the
/// same whatever ran at the same time, and can be stored between two of them.
package struct Campaign: Sendable {
  /// Runs that are counted together. What a guided campaign learns in a round it uses from the next one on.
  package static let round = 16

  /// A run to be made.
  package struct Assignment: Sendable {
    package var seed: UInt64
    package var plan: ChaosPlan
    package var isChanged: Bool
  }

  /// Why a campaign is over.
  package enum End: Sendable, Equatable {
    case allSeeds
    case violation
    /// So many runs reached nothing new.
    case plateau(Int)
  }

  package let settings: CampaignSettings
  package internal(set) var tally = CampaignTally()
  /// Nil: each seed draws a plan of its own.
  package internal(set) var guide: CoverageGuide?
  private let draw: @Sendable (UInt64) -> ChaosPlan

  /// `draw` makes the plan of a seed.
  package init(_ settings: CampaignSettings, draw: @escaping @Sendable (UInt64) -> ChaosPlan) {
    self.settings = settings
    self.draw = draw
    guide = settings.isGuided ? CoverageGuide() : nil
  }

  package var runsDone: Int { tally.runs }

  /// The runs that are counted next, by their numbers; empty at the end.
  package var nextRound: Range<Int> { roundFrom(runsDone) }

  /// The round that begins with the run of that number.
  package func roundFrom(_ run: Int) -> Range<Int> { run..<min(run + Self.round, settings.runs) }

  /// How far runs can be made already: a guided campaign must have counted a round before the next.
  package var horizon: Int { guide == nil ? settings.runs : nextRound.upperBound }

  /// The run of that number, below the horizon.
  package func task(_ run: Int) -> Assignment {
    let seed = settings.seed(run)
    if let guide { return guide.task(seed, draw: draw) }
    return Assignment(seed: seed, plan: draw(seed), isChanged: false)
  }

  /// Counts the next round; its runs in order. Returns those violations that are new.
  @discardableResult
  package mutating func count(_ runs: [CampaignRun]) -> [(violation: CampaignViolation, run: CampaignRun)] {
    var found: [(CampaignViolation, CampaignRun)] = []
    for run in runs {
      let failing = tally.violations.count
      let novel = guide == nil ? [] : run.coverage.filter { tally.features[$0] == nil }
      tally.add(run)
      guide?.learn(run, novel: novel)
      if tally.violations.count > failing, let last = tally.violations.last { found.append((last, run)) }
    }
    guide?.weigh(by: tally.features)
    return found
  }

  /// Why the campaign is over; nil: it goes on.
  package func end(_ limits: CampaignLimits) -> End? {
    if runsDone >= settings.runs { return .allSeeds }
    if tally.violations.count >= (limits.keepsGoing ? limits.violations ?? .max : 1) { return .violation }
    if let plateau = limits.plateau, runsDone - tally.runsAtLastFeature >= plateau { return .plateau(plateau) }
    return nil
  }
}
