import ArgumentParser
import Foundation
import Oracles
import Reporting
import SimulatedEnvironment
import StreamSpaceProtocol
import TestEnvironment

/// `./sim run`: scenarios or cases, from seeds, with reports.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Runs scenarios or cases and writes their reports.",
    discussion: """
      Examples:
        ./sim run ha-multi-pod-api --seed 42
        ./sim run HA-API-10 --seeds 1..500 --depth full
        ./sim run HA-API-10 --profile contract+B-01
        ./sim run database-migrations --database-url postgresql://postgres@localhost/postgres
      """)

  @Argument(help: "Scenarios, case ids or id prefixes (default: all).")
  var selection: [String] = []

  @Option(help: "One seed (default: 1).")
  var seed: String?

  @Option(help: "A range of seeds, such as 1..20.")
  var seeds: String?

  @Option(help: "contract, or contract+ID[+ID…] with defects of the catalogue.")
  var profile = "contract"

  @Option(help: "plain (one schedule a case) or full (campaign sizes).")
  var depth = "plain"

  @Option(help: "Where the cases run; this build knows 'simulated'.")
  var environment = "simulated"

  @Option(help: "How simultaneous events are ordered: random, fifo or pct(N).")
  var strategy = "random"

  @Option(help: "Folder of the reports.")
  var reports = "reports"

  @Option(help: "Cases run side by side (default: one per core).")
  var jobs: Int?

  @Option(
    name: .customLong("database-url"),
    help: "A PostgreSQL server, where the database halves of scenario 9 run, too (default: they are skipped).")
  var databaseURL: String?

  @Flag(help: "Run once only: no check that a second run has the same fingerprint (I-DET).")
  var once = false

  @Flag(help: "One JSON object on standard output, nothing else there.")
  var json = false

  func run() throws {
    let plan = try SuitePlan(
      selection: selection, seed: seed, seeds: seeds, profile: profile, depth: depth, environment: environment,
      strategy: strategy, jobs: jobs, checksDeterminism: !once, databaseURL: databaseURL)
    let folder = try ReportFolder(reports)
    let server = try plan.database.map(DatabaseServer.init)
    Interruption.watch()
    let began = DispatchTime.now().uptimeNanoseconds
    let suite = try SuiteRunner(plan: plan, showsProgress: !json).run(on: server)
    let wall = DispatchTime.now().uptimeNanoseconds - began
    let files = ReportFiles.files(for: suite)
    try folder.write(files)
    if json {
      Output.print(JSONText.of(SuiteJSON.document(suite, wallNanoseconds: wall)))
    } else {
      SuiteText.print(suite, wallNanoseconds: wall, folder: reports)
    }
    if suite.runs.contains(where: { $0.verdict == .failed }) { throw ExitStatus.red }
  }
}
