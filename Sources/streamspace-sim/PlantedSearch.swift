import Chaos
import Foundation
import SimulatedEnvironment
import StreamSpaceProtocol

/// How many seeds it takes to find planted defects.
struct PlantedSearch {
  /// What was found of one defect.
  struct Row {
    let defect: Defect
    let found: SeedsToFind
    let seedsPerMinute: Int
  }

  /// So many finds are searches enough for a median.
  private static let finds = 9

  let defects: [String]
  let plan: CampaignPlan
  let json: Bool

  func run() throws {
    let chosen = try defects == ["lot"] ? DefectLot.drawn : defects.map { try Selection.defect($0, flag: "--planted") }
    Interruption.watch()
    let rows = try chosen.map { defect in
      let row = try search(defect)
      if !json { Output.print(line(row)) }
      return row
    }
    if json { Output.print(JSONText.of(["planted": .array(rows.map(document))])) }
    if rows.contains(where: { $0.found.median == nil }) { throw ExitStatus.red }
  }

  private func search(_ defect: Defect) throws -> Row {
    let profile = try Selection.profile("contract+\(defect.id)")
    var settings = plan.settings
    settings.profile = profile.name
    let runner = CampaignRunner(
      executor: SimulatedChaosExecutor(profile: profile),
      limits: CampaignLimits(keepsGoing: true, violations: Self.finds), jobs: plan.jobs, deadline: nil, spentBefore: 0,
      showsProgress: !json, store: { _, _, _ in })
    let result = try runner.run(Campaign(settings) { ChaosPlan(swarm: $0) })
    if result.ending == .interrupted {
      Output.complain("interrupted: nothing was written")
      throw ExitStatus.interrupted
    }
    let runs = Int64(result.campaign.runsDone)
    return Row(
      defect: defect, found: SeedsToFind(result.campaign.tally, firstSeed: settings.seeds.lowerBound),
      seedsPerMinute: Int(runs * 60_000 / max(result.wallMilliseconds, 1)))
  }

  private func line(_ row: Row) -> String {
    let median = row.found.median.map(String.init) ?? "not found"
    let by = row.found.invariants.map { "\($0.name) \($0.finds)" }.joined(separator: ", ")
    return "\(row.defect.id.padded(to: 5)) \(row.defect.slug.padded(to: 42)) \(median.leftPadded(to: 9)) median seeds, "
      + "\(row.found.searches.count) finds in \(row.found.runs) seeds  \(by)"
  }

  private func document(_ row: Row) -> JSONValue {
    [
      "id": .string(row.defect.id), "medianSeeds": row.found.median.map { .int(Int64($0)) } ?? .null,
      "searches": .array(row.found.searches.map { .int(Int64($0)) }), "seeds": .int(Int64(row.found.runs)),
      "by": .array(
        row.found.invariants.map { ["invariant": .string($0.name), "finds": .int(Int64($0.finds))] }),
      "seedsPerMinute": .int(Int64(row.seedsPerMinute)),
    ]
  }
}

/// The ten defects of concurrency and distribution that chaos must find: drawn by a fixed lot, so that nobody chose them.
enum DefectLot {
  static let size = 10

  /// What goes wrong between processes: connections, routes, commands, leaders.
  private static let invariants: Set<String> = [
    "I-ONE-CONN", "I-ROUTE", "I-CMD-ONCE", "I-CMD-MONO", "I-CMD-LIVE", "I-LEADER-ONE", "I-LEADER-LIVE",
    "I-LEADER-WORK", "I-HUB-LIVE", "I-SESS-SURVIVE",
  ]
  /// Parts whose defects are of one process or of the schema, which scenarios of their own are after, and parts that no
  /// chaos deployment has.
  private static let otherParts = [
    "schema", "migrations", "enrolment", "viewers", "relay", "tunnels", "heartbeat", "swarm", "election, Redis",
  ]

  /// Of tiers B and C, those by which such an invariant is seen to break, by the digest of their ids: the first ten.
  static let drawn: [Defect] = {
    let candidates = DefectCatalogue.all.filter { defect in
      !defect.id.hasPrefix("A") && defect.evidence == .invariant && !invariants.isDisjoint(with: defect.invariants)
        && !otherParts.contains { defect.component.contains($0) }
    }
    return candidates.sorted { (digest($0.id), $0.id) < (digest($1.id), $1.id) }.prefix(size).sorted { $0.id < $1.id }
  }()

  /// FNV-1a, mixed: ids that differ in a digit must not stay neighbours.
  private static func digest(_ text: String) -> UInt64 {
    let folded = text.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01b3 }
    var draw = SearchDraw(seed: folded, purpose: 0)
    return draw.next()
  }
}
