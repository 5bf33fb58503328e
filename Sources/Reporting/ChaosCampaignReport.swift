import Chaos

/// The Markdown report of a campaign.
package enum ChaosCampaignReport {
  /// Violations that are listed one by one; the rest is counted.
  private static let listed = 50

  package static func text(_ summary: ChaosCampaignSummary) -> String {
    [
      head(summary), verdict(summary), violations(summary), risks(summary), growth(summary), obligations(summary),
      faults(summary),
    ].filter { !$0.isEmpty }.joined(separator: "\n")
  }

  private static func head(_ summary: ChaosCampaignSummary) -> String {
    let (settings, tally) = (summary.settings, summary.tally)
    var rows = [
      ["Seeds", "\(settings.seeds.lowerBound)..\(settings.seeds.upperBound)"],
      ["Explored", "\(tally.runs) of \(settings.runs)"],
      ["Violations", "\(tally.violations.count)"],
      ["Profile", settings.profile],
      ["Search", settings.isGuided ? "guided by coverage" : "a fresh plan for each seed"],
      ["Order of simultaneous events", settings.strategy],
      ["Ended", summary.end],
      ["Virtual time", hours(tally.virtualSeconds)],
      ["Seeds a minute", "\(summary.seedsPerMinute)"],
      [
        "Kernel events and statements of a run",
        "\(mean(tally.kernelEvents, tally)) and \(mean(tally.statements, tally))",
      ],
      ["Features reached", "\(tally.features.count), the last new one in run \(tally.runsAtLastFeature)"],
      ["Fingerprint", String(tally.fingerprint, radix: 16)],
    ]
    if settings.shard != .whole { rows.insert(["Shard", settings.shard.name], at: 1) }
    return "# Chaos campaign\n\n`\(summary.command)`\n\n" + Markdown.table(["", ""], rows)
  }

  private static func verdict(_ summary: ChaosCampaignSummary) -> String {
    var lines = summary.notes.map { "- Note: \($0)." }
    lines += summary.failures.map { "- Not proved: \($0)." }
    if summary.isGreen { lines.append("- No violation, and everything that a campaign must see was seen.") }
    return lines.isEmpty ? "" : lines.joined(separator: "\n") + "\n"
  }

  private static func violations(_ summary: ChaosCampaignSummary) -> String {
    let ranked = summary.ranked
    guard !ranked.isEmpty else { return "" }
    let rows = ranked.prefix(listed).map { violation in
      [
        "\(violation.seed)", violation.invariant, "\(violation.milliseconds / 1_000) s", "\(violation.faults)",
        "\(violation.operations)", violation.message, violation.file.map { "`\($0)`" } ?? "from the seed",
      ]
    }
    let rest = ranked.count > listed ? "\nAnd \(ranked.count - listed) more.\n" : ""
    return "## Violations, the smallest plans first\n\n"
      + Markdown.table(["Seed", "Invariant", "At", "Faults", "Operations", "What", "File"], rows) + rest
  }

  private static func risks(_ summary: ChaosCampaignSummary) -> String {
    let ratios = RiskRatio.all(of: summary.tally)
    guard !ratios.isEmpty else { return "" }
    let rows = ratios.prefix(25).map { ratio in
      let figures = ratio.hundredths
      return [
        ratio.trait, "\(ratio.failingWith) of \(ratio.runsWith)", "\(ratio.failingWithout) of \(ratio.runsWithout)",
        decimal(figures.ratio), "\(decimal(figures.low)) to \(decimal(figures.high))",
      ]
    }
    return """
      ## What failures have in common

      How much likelier a run fails with a trait than without it, and the 95 % interval. A lower bound well above 1 is
      a hint, not a cause: traits come together.

      """ + "\n" + Markdown.table(["Trait", "Failed with it", "Failed without it", "Risk ratio", "Interval"], rows)
  }

  private static func growth(_ summary: ChaosCampaignSummary) -> String {
    let points = CoverageGrowth(summary.tally, seeds: summary.seeds).points
    guard let last = points.last, last.features > 0 else { return "" }
    let rows = zip([0] + points.map(\.features), points).map { before, point in
      [
        "\(point.runs)", "\(point.features)", "\(point.features - before)",
        String(repeating: "█", count: point.features * 40 / last.features),
      ]
    }
    let quiet = summary.tally.runs - summary.tally.runsAtLastFeature
    return "## Coverage\n\n" + Markdown.table(["Seeds", "Features", "New", ""], rows)
      + "\nThe last \(quiet) runs reached nothing new.\n"
  }

  private static func obligations(_ summary: ChaosCampaignSummary) -> String {
    let rows = summary.tally.obligations.sorted { ($0.value.runs, $0.key) < ($1.value.runs, $1.key) }.map { name, met in
      [
        name, "\(met.runs) of \(summary.tally.runs)", "\(met.times)",
        met.firstSeed.map { "\($0)" } ?? "never met",
      ]
    }
    guard !rows.isEmpty else { return "" }
    return "## Obligations, the rarest first\n\n"
      + Markdown.table(["What must happen sometimes", "Runs", "Times", "First seed"], rows)
  }

  private static func faults(_ summary: ChaosCampaignSummary) -> String {
    let rows = summary.tally.faults.sorted { $0.key < $1.key }.map { kind, faults in
      [
        kind, "\(faults.planned)", "\(faults.effective)", "\(faults.inert)", "\(faults.withheld)",
        "\(faults.impossible)",
      ]
    }
    guard !rows.isEmpty else { return "" }
    return """
      ## Faults

      Inert: carried out without touching anything. Withheld: the system could not have recovered. Impossible: nobody
      had the role when the fault was due.

      """ + "\n" + Markdown.table(["Kind", "Planned", "Effective", "Inert", "Withheld", "Impossible"], rows)
  }

  private static func mean(_ sum: Int, _ tally: CampaignTally) -> Int { sum / max(tally.runs, 1) }

  private static func hours(_ seconds: Int64) -> String {
    seconds < 7_200 ? "\(seconds / 60) minutes" : "\(seconds / 3_600) hours"
  }

  private static func decimal(_ hundredths: Int) -> String {
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
  }
}
