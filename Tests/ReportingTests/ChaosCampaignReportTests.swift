import Chaos
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import Reporting

@Suite("Report of a campaign")
struct ChaosCampaignReportTests {
  /// A hundred runs of one plan with one fault: every tenth fails, the first ten reach something new.
  private func summary(failing: Bool = true, isLed: Bool = true, notes: [String] = []) -> ChaosCampaignSummary {
    var tally = CampaignTally()
    for seed in UInt64(1)...100 {
      var plan = ChaosPlan(seed: seed, deployment: ChaosDeployment())
      plan.faults = [PlannedFault(at: .zero, lasts: .seconds(1), seed % 10 == 0 ? .redisDown : .databaseDown)]
      var outcome = ChaosOutcome(plan: plan, profile: "contract")
      outcome.faults = [FaultEffect(name: "f", fate: .effective(touched: 1))]
      outcome.obligations = ["a leader changed": isLed && seed == 7 ? 2 : 0, "a viewer came back": 1]
      outcome.coverage = seed <= 10 ? [seed] : [1]
      outcome.virtualTime = .seconds(600)
      if failing, seed % 10 == 0 {
        outcome.violations = [ChaosViolation(invariant: "I-ROUTE", time: .seconds(61), message: "a | b")]
      }
      tally.add(CampaignRun(outcome, seed: seed))
    }
    var demands = CampaignDemands()
    demands.obligationRuns = 100
    return ChaosCampaignSummary(
      settings: CampaignSettings(seeds: 1...100, build: "b"), tally: tally, seeds: Array(1...100),
      end: "all seeds were run", command: "./sim chaos --seeds 1..100", wallMilliseconds: 2_000, notes: notes,
      demands: demands)
  }

  @Test("it tells what was explored, found and reached")
  func text() {
    let text = ChaosCampaignReport.text(summary(notes: ["shard 1/2 is missing"]))
    #expect(text.hasPrefix("# Chaos campaign\n\n`./sim chaos --seeds 1..100`\n"))
    for line in [
      "| Explored | 100 of 100 |", "| Violations | 10 |", "| Seeds a minute | 3000 |", "| Virtual time | 16 hours |",
      "| Features reached | 10, the last new one in run 10 |", "- Note: shard 1/2 is missing.",
      "| 10 | I-ROUTE | 61 s | 1 | 0 | a \\| b | `failures/chaos-10.json` |",
      "| redis-down | 10 of 10 | 0 of 90 |", "The last 90 runs reached nothing new.",
      "| a leader changed | 1 of 100 | 2 | 7 |", "| redis-down | 10 | 10 | 0 | 0 | 0 |",
      "| 10 | 10 | 5 | ████████████████████████████████████████ |",
    ] { #expect(text.contains(line), "\(line) is not in\n\(text)") }
  }

  @Test("a green campaign says so, and has no table of violations")
  func green() {
    let text = ChaosCampaignReport.text(summary(failing: false))
    #expect(text.contains("- No violation, and everything that a campaign must see was seen."))
    #expect(!text.contains("## Violations") && !text.contains("## What failures"))
    #expect(summary(failing: false).isGreen)
  }

  @Test("what was not seen fails it, by its name")
  func notProved() {
    let summary = summary(failing: false, isLed: false)
    #expect(!summary.isGreen)
    #expect(
      ChaosCampaignReport.text(summary).contains(
        "- Not proved: obligation 'a leader changed' was met in none of 100 runs."))
  }

  @Test("the document has the keys that are promised")
  func document() throws {
    let document = ChaosCampaignDocument.json(summary(), reports: "out")
    #expect(document["seeds"]?.integer == 100)
    #expect(document["seedsPerMinute"]?.integer == 3_000)
    let violations = try #require(document["violations"]?.elements)
    #expect(violations.compactMap { $0["seed"]?.integer } == [10, 20, 30, 40, 50, 60, 70, 80, 90, 100])
    #expect(violations[0]["invariant"]?.text == "I-ROUTE")
    #expect(violations[0]["file"]?.text == "out/failures/chaos-10.json")
    #expect(document["coverage"]?["growth"]?.elements?.last?["features"]?.integer == 10)
  }

  @Test("violations of small plans come first")
  func ranking() {
    var changed = summary()
    changed.tally.violations[7].faults = 0
    #expect(changed.ranked.map(\.seed).prefix(2) == [80, 10])
  }
}
