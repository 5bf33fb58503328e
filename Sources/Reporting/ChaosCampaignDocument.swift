import Chaos
import StreamSpaceProtocol

/// The result of a campaign as the JSON object of DESIGN §7: `seeds`, `violations` and `seedsPerMinute` are stable.
package enum ChaosCampaignDocument {
  package static func json(_ summary: ChaosCampaignSummary, reports: String) -> JSONValue {
    let (settings, tally) = (summary.settings, summary.tally)
    var document = JSONObject()
    document["seeds"] = .int(Int64(tally.runs))
    document["violations"] = .array(
      tally.violations.map { violation in
        [
          "seed": number(violation.seed), "invariant": .string(violation.invariant),
          "file": violation.file.map { .string("\(reports)/\($0)") } ?? .null, "message": .string(violation.message),
          "faults": .int(Int64(violation.faults)), "fingerprint": .string(violation.fingerprint),
        ]
      })
    document["seedsPerMinute"] = .int(Int64(summary.seedsPerMinute))
    document["range"] = .string("\(settings.seeds.lowerBound)..\(settings.seeds.upperBound)")
    document["shard"] = .string(settings.shard.name)
    document["profile"] = .string(settings.profile)
    document["strategy"] = .string(settings.isGuided ? "coverage" : settings.strategy)
    document["end"] = .string(summary.end)
    document["notProved"] = .array(summary.failures.map { .string($0) })
    document["notes"] = .array(summary.notes.map { .string($0) })
    document["coverage"] = [
      "features": .int(Int64(tally.features.count)), "lastNewInRun": .int(Int64(tally.runsAtLastFeature)),
      "growth": .array(
        CoverageGrowth(tally, seeds: summary.seeds).points.map {
          ["seeds": .int(Int64($0.runs)), "features": .int(Int64($0.features))]
        }),
    ]
    document["obligations"] = .array(
      tally.obligations.sorted { $0.key < $1.key }.map { name, met in
        [
          "name": .string(name), "runs": .int(Int64(met.runs)), "times": .int(Int64(met.times)),
          "firstSeed": met.firstSeed.map(number) ?? .null,
        ]
      })
    document["faults"] = .array(
      tally.faults.sorted { $0.key < $1.key }.map { kind, faults in
        [
          "kind": .string(kind), "planned": .int(Int64(faults.planned)), "effective": .int(Int64(faults.effective)),
          "inert": .int(Int64(faults.inert)), "withheld": .int(Int64(faults.withheld)),
          "impossible": .int(Int64(faults.impossible)),
        ]
      })
    document["risks"] = .array(
      RiskRatio.all(of: tally).map { ratio in
        [
          "trait": .string(ratio.trait), "failingWith": .int(Int64(ratio.failingWith)),
          "runsWith": .int(Int64(ratio.runsWith)), "failingWithout": .int(Int64(ratio.failingWithout)),
          "runsWithout": .int(Int64(ratio.runsWithout)), "hundredths": .int(Int64(ratio.hundredths.ratio)),
        ]
      })
    document["virtualSeconds"] = .int(tally.virtualSeconds)
    document["fingerprint"] = .string(String(tally.fingerprint, radix: 16))
    document["wallSeconds"] = .double(Double(summary.wallMilliseconds) / 1_000)
    return .object(document)
  }

  /// A number where JSON can hold it, else text.
  private static func number(_ seed: UInt64) -> JSONValue {
    Int64(exactly: seed).map { .int($0) } ?? .string(String(seed))
  }
}
