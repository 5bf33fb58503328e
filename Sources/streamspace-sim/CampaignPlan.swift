import Chaos
import Foundation
import SimulatedEnvironment

/// What a chaos command was asked to do, checked.
struct CampaignPlan {
  let settings: CampaignSettings
  let profile: Profile
  let limits: CampaignLimits
  let jobs: Int
  /// Nanoseconds; nil: no limit.
  let time: UInt64?
  /// Where its state is.
  let state: String
  /// The command line that repeats it.
  let command: String

  init(
    seeds: String, shard: String?, profile: String, strategy: String, jobs: Int?, minutes: Double?, keepsGoing: Bool,
    plateau: Int?, state: String?, reports: String
  ) throws {
    let range = try Selection.seeds(seeds, flag: "--seeds")
    let part: Shard
    if let shard {
      guard let read = Shard(shard) else {
        throw UsageError("--shard: '\(shard)' is no shard: write 0/4 to 3/4 for the first to the last of four")
      }
      part = read
    } else {
      part = .whole
    }
    guard part.runs(in: range) > 0 else { throw UsageError("--shard: '\(part.name)' has none of the seeds \(seeds)") }
    let isGuided = strategy == "coverage"
    let order = isGuided ? "random" : try Selection.order(strategy)
    if let jobs, !(1...64).contains(jobs) { throw UsageError("--jobs: '\(jobs)' is not between 1 and 64") }
    if let minutes, !(minutes > 0 && minutes <= 100_000) {
      throw UsageError("--minutes: '\(minutes)' is no time up to 100 000 minutes")
    }
    if let plateau, plateau < 1 { throw UsageError("--plateau: '\(plateau)' is no number of seeds") }
    self.profile = try Selection.profile(profile)
    settings = CampaignSettings(
      seeds: range, shard: part, profile: self.profile.name, strategy: order, isGuided: isGuided,
      build: BuildIdentity.digest)
    limits = CampaignLimits(keepsGoing: keepsGoing, plateau: plateau)
    self.jobs = min(jobs ?? max(1, Foundation.ProcessInfo.processInfo.activeProcessorCount), 64, settings.runs)
    time = minutes.map { UInt64($0 * 60_000_000_000) }
    let suffix = part == .whole ? "" : "-\(part.index)-of-\(part.count)"
    self.state =
      state ?? URL(fileURLWithPath: reports).appendingPathComponent("campaign\(suffix).state.json").relativePath
    var words = ["./sim chaos --seeds \(seeds)"]
    if part != .whole { words.append("--shard \(part.name)") }
    if self.profile.name != "contract" { words.append("--profile \(self.profile.name)") }
    if strategy != "random" { words.append("--strategy '\(strategy)'") }
    command = words.joined(separator: " ")
  }

  /// The campaign that the state file holds, if it is this one; else a new one. Throws when the file holds another one
  /// that is not at its end.
  func campaign(isFresh: Bool, draw: @escaping @Sendable (UInt64) -> ChaosPlan) throws -> (Campaign, spent: Int64) {
    let new = Campaign(settings, draw: draw)
    guard !isFresh, let data = FileManager.default.contents(atPath: state) else { return (new, 0) }
    let file: CampaignFile
    do { file = try CampaignFile(Array(data)) } catch {
      throw UsageError("--state: '\(state)' cannot be gone on from: \(error); --fresh begins anew")
    }
    let differences = settings.differences(from: file.settings)
    guard differences.isEmpty else {
      if file.isFinished { return (new, 0) }
      throw UsageError(
        "--state: '\(state)' holds a campaign that is not at its end, with \(differences.joined(separator: ", ")); "
          + "--fresh begins anew, --state FILE leaves it alone")
    }
    return (file.campaign(draw: draw), file.wallMilliseconds)
  }
}
