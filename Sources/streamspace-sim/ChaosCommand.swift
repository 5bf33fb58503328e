import ArgumentParser
import Chaos
import Foundation
import Reporting
import SimulatedEnvironment

/// `./sim chaos`: many seeds of users and faults, with reports.
struct ChaosCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "chaos", abstract: "Draws deployments, users and faults from seeds and looks for violations.",
    discussion: """
      Examples:
        ./sim chaos --seeds 1..1000 --jobs 2
        ./sim chaos --seeds 1..100000 --minutes 5 --strategy coverage
        ./sim chaos --seeds 1..100000 --shard 0/4        the first of four machines
        ./sim chaos --merge shards/*.state.json          joins what they found
        ./sim chaos --profile contract+B-01              a planted defect must be found
        ./sim chaos --planted lot --seeds 1..3000        how many seeds that takes
      It ends with the round of the first violation and prints the line that repeats it. Stopped by Ctrl-C or --minutes,
      the same command goes on where it stopped.
      """)

  @Option(help: "A range of seeds, such as 1..1000.")
  var seeds = "1..200"

  @Option(help: "Runs side by side (default: one per core). What is found does not depend on it.")
  var jobs: Int?

  @Option(help: "Every n-th seed only: 0/4 to 3/4 are the parts of four, counted from 0.")
  var shard: String?

  @Option(help: "Stop after so many minutes of real time and keep what there is.")
  var minutes: Double?

  @Option(help: "contract, or contract+ID[+ID…] with defects of the catalogue.")
  var profile = "contract"

  @Option(
    help:
      "Order of simultaneous events: random, fifo, pct or pct(N); or coverage: plans that reach something new are changed and tried again."
  )
  var strategy = "random"

  @Option(help: "Where the campaign is kept while it runs (default: in the folder of reports).")
  var state: String?

  @Flag(help: "Begin anew, whatever the state file holds.")
  var fresh = false

  @Flag(help: "Go on after a violation.")
  var keepGoing = false

  @Option(help: "Stop when so many seeds in a row reached nothing new.")
  var plateau: Int?

  @Option(help: "Folder of the reports.")
  var reports = "reports/chaos"

  @Option(parsing: .upToNextOption, help: "Join the state files of shards instead of running.")
  var merge: [String] = []

  @Option(
    parsing: .upToNextOption,
    help: "Measure how many seeds it takes to find these defects; 'lot' is ten drawn from the catalogue.")
  var planted: [String] = []

  @Flag(help: "One JSON object on standard output, nothing else there.")
  var json = false

  func run() throws {
    if !merge.isEmpty { return try ShardMerging(files: merge, reports: reports, json: json).run() }
    let plan = try CampaignPlan(
      seeds: seeds, shard: shard, profile: profile, strategy: strategy, jobs: jobs, minutes: minutes,
      keepsGoing: keepGoing, plateau: plateau, state: state, reports: reports)
    if !planted.isEmpty { return try PlantedSearch(defects: planted, plan: plan, json: json).run() }
    let (campaign, spent) = try plan.campaign(isFresh: fresh) { ChaosPlan(swarm: $0) }
    let folder = try ReportFolder(reports)
    if !json, campaign.runsDone > 0 {
      Output.print("goes on from \(plan.state): \(campaign.runsDone) of \(campaign.settings.runs) seeds are done")
    }
    Interruption.watch()
    let result = try run(plan, campaign, spent: spent, in: folder)
    if result.ending == .interrupted {
      Output.complain(
        "interrupted: \(result.campaign.runsDone) of \(result.campaign.settings.runs) seeds are kept in "
          + "'\(plan.state)'; the same command goes on")
      throw ExitStatus.interrupted
    }
    let summary = ChaosCampaignSummary(
      settings: result.campaign.settings, tally: result.campaign.tally,
      seeds: (0..<result.campaign.runsDone).map { result.campaign.settings.seed($0) },
      end: CampaignText.end(result.ending), command: plan.command, wallMilliseconds: result.wallMilliseconds)
    try CampaignOutput(summary: summary, reports: reports, json: json).write(to: folder)
  }

  private func run(
    _ plan: CampaignPlan, _ campaign: Campaign, spent: Int64, in folder: ReportFolder
  ) throws -> (campaign: Campaign, ending: CampaignRunner.Ending, wallMilliseconds: Int64) {
    let executor = SimulatedChaosExecutor(profile: plan.profile)
    let writer = FailureWriter(executor: executor, settings: plan.settings)
    let runner = CampaignRunner(
      executor: executor, limits: plan.limits, jobs: plan.jobs,
      deadline: plan.time.map { DispatchTime.now().uptimeNanoseconds + $0 }, spentBefore: spent, showsProgress: !json
    ) { campaign, found, wall in
      // Failure files first: a state that names a file must never be without it.
      let kept = found.filter { run in campaign.tally.violations.contains { $0.seed == run.seed && $0.file != nil } }
      try folder.write(kept.map(writer.file))
      let file = CampaignFile(campaign, isFinished: campaign.end(plan.limits) != nil, wallMilliseconds: wall)
      try AtomicFile.write(file.text, to: plan.state, flag: "--state")
    }
    return try runner.run(campaign)
  }
}
