/// Several campaigns joined: shards of one, or ranges that follow each other.
package struct CampaignMerge: Sendable {
  package var tally: CampaignTally
  /// Of the first, with the range of all and no shard.
  package var settings: CampaignSettings
  /// Seeds that were run, ascending.
  package var seeds: [UInt64]
  package var wallMilliseconds: Int64
  /// Shards nobody handed in, seeds that were not run, builds that differ: a line each.
  package var notes: [String]
  /// Whether whole shards are missing: then the result proves nothing about their seeds.
  package var isMissingShards: Bool

  /// Throws when they are no parts of one campaign: another profile or way to search, or a seed that was run twice.
  package init(_ parts: [(name: String, file: CampaignFile)]) throws(CampaignFileError) {
    guard let first = parts.first?.file else { throw CampaignFileError("there is nothing to join") }
    settings = first.settings
    tally = CampaignTally()
    wallMilliseconds = 0
    notes = []
    isMissingShards = false
    var lowest = first.settings.seeds.lowerBound
    var highest = first.settings.seeds.upperBound
    var owners: [(seed: UInt64, part: Int)] = []
    for (number, part) in parts.enumerated() {
      var own = part.file.settings
      lowest = min(lowest, own.seeds.lowerBound)
      highest = max(highest, own.seeds.upperBound)
      (own.seeds, own.shard, own.build) = (settings.seeds, settings.shard, settings.build)
      let differences = own.differences(from: settings)
      guard differences.isEmpty else {
        throw CampaignFileError("'\(part.name)' is of another campaign: \(differences.joined(separator: ", "))")
      }
      if part.file.settings.build != settings.build {
        notes.append("'\(part.name)' was run by another build: a seed may do something else there")
      }
      owners += part.file.seeds.map { ($0, number) }
      tally.add(part.file.tally)
      wallMilliseconds += part.file.wallMilliseconds
    }
    owners.sort { ($0.seed, $0.part) < ($1.seed, $1.part) }
    if let twice = zip(owners, owners.dropFirst()).first(where: { $0.seed == $1.seed }) {
      throw CampaignFileError(
        "seed \(twice.0.seed) is in '\(parts[twice.0.part].name)' and in '\(parts[twice.1.part].name)'")
    }
    seeds = owners.map(\.seed)
    settings.seeds = lowest...highest
    settings.shard = .whole
    let missing = Self.missingShards(parts.map(\.file.settings))
    isMissingShards = !missing.isEmpty
    notes += missing.map { "shard \($0) is missing" }
    let left = settings.runs - seeds.count
    if left > 0 { notes.append("\(left) of \(settings.runs) seeds were not run") }
    let last = tally.features.values.map(\.firstSeed).max() ?? 0
    tally.runsAtLastFeature = seeds.count { $0 <= last }
  }

  /// Of each count that some part names, those nobody handed in.
  private static func missingShards(_ settings: [CampaignSettings]) -> [String] {
    Set(settings.map(\.shard.count)).sorted().flatMap { count in
      let there = Set(settings.filter { $0.shard.count == count }.map(\.shard.index))
      return (0..<count).filter { !there.contains($0) }.map { "\($0)/\(count)" }
    }
  }
}
