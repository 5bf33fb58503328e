import Chaos
import Reporting
import StreamSpaceProtocol

/// Writes the reports of a campaign, prints its result, and ends red when it is.
struct CampaignOutput {
  let summary: ChaosCampaignSummary
  let reports: String
  let json: Bool

  func write(to folder: ReportFolder) throws {
    let document = ChaosCampaignDocument.json(summary, reports: reports)
    try folder.write([
      ReportFile("campaign.md", ChaosCampaignReport.text(summary)),
      ReportFile("campaign.json", JSONText.of(document) + "\n"),
    ])
    if json {
      Output.print(JSONText.of(document))
    } else {
      Output.print(CampaignText.result(summary, reports: reports))
    }
    if !summary.isGreen { throw ExitStatus.red }
  }
}

/// A campaign for a person.
enum CampaignText {
  /// Violations that are printed; the report has all.
  private static let printed = 5

  static func progress(_ campaign: Campaign, runsBefore: Int, nanoseconds: UInt64) -> String {
    let tally = campaign.tally
    let fresh = UInt64(max(campaign.runsDone - runsBefore, 0))
    let perMinute = fresh * 60_000_000_000 / max(nanoseconds, 1)
    let left = UInt64(campaign.settings.runs - campaign.runsDone)
    let time = perMinute == 0 ? "" : ", \(duration(left * 60 / perMinute)) left"
    return "\(campaign.runsDone) of \(campaign.settings.runs) seeds, \(perMinute) a minute, "
      + "\(tally.violations.count) violations, \(tally.features.count) features\(time)"
  }

  static func end(_ ending: CampaignRunner.Ending) -> String {
    switch ending {
    case .over(.allSeeds): "all seeds were run"
    case .over(.violation): "stopped by a violation"
    case .over(.plateau(let runs)): "\(runs) seeds in a row reached nothing new"
    case .time: "the time was up"
    case .interrupted: "interrupted"
    }
  }

  static func result(_ summary: ChaosCampaignSummary, reports: String) -> String {
    let tally = summary.tally
    var lines: [String] = []
    for violation in summary.ranked.prefix(printed) {
      lines.append(
        "FAIL seed \(violation.seed) \(violation.invariant) at \(violation.milliseconds / 1_000) s: \(violation.message)"
      )
      lines.append("     again: \(replayLine(violation, summary, reports: reports))")
    }
    if tally.violations.count > printed {
      lines.append("     and \(tally.violations.count - printed) more in the report")
    }
    lines += summary.failures.map { "FAIL \($0)" }
    lines += summary.notes.map { "note: \($0)" }
    let known = tally.obligations.count
    let met = tally.obligations.count { $0.value.runs > 0 }
    lines += [
      "\(tally.runs) of \(summary.settings.runs) seeds, \(tally.violations.count) violations, "
        + "\(summary.seedsPerMinute) a minute; \(summary.end)",
      "\(tally.features.count) features, the last new one in run \(tally.runsAtLastFeature); "
        + "\(met) of \(known) obligations met; \(inert(tally))",
      "fingerprint \(String(tally.fingerprint, radix: 16)), report \(reports)/campaign.md",
    ]
    return lines.joined(separator: "\n")
  }

  static func replayLine(
    _ violation: CampaignViolation, _ summary: ChaosCampaignSummary, reports: String
  ) -> String {
    if let file = violation.file { return "./sim replay \(reports)/\(file)" }
    return "./sim chaos --seeds \(violation.seed) --profile \(summary.settings.profile)"
  }

  private static func inert(_ tally: CampaignTally) -> String {
    let used = tally.faults.values.reduce(0) { $0 + $1.used }
    let inert = tally.faults.values.reduce(0) { $0 + $1.inert }
    return "\(inert) of \(used) faults had no effect"
  }

  private static func duration(_ seconds: UInt64) -> String {
    seconds < 120 ? "\(seconds) s" : seconds < 7_200 ? "\(seconds / 60) min" : "\(seconds / 3_600) h"
  }
}
