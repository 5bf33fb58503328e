import ArgumentParser
import Chaos
import Foundation
import Reporting
import StreamSpaceProtocol

/// `./sim shrink`: the smallest run that still fails in the same way.
struct ShrinkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "shrink", abstract: "Makes a failing run as small as it still fails.",
    discussion: """
      Examples:
        ./sim shrink reports/failures/I-ROUTE-4711.json
        ./sim shrink reports/failures/HA-API-10-T2-1.json --steps 500 --jobs 2

      Of a chaos plan the faults, the operations, the deployment, the parameters and the schedule become smaller; of a case
      only the schedule can. Written beside the file (or into --output): NAME.small.json, which 'replay', 'explain' and
      'shrink' take again; NAME.small.txt, the scenario in words; NAME.small.swift, a test to paste.
      """)

  @Argument(help: "A replay file.")
  var file: String

  @Option(help: "Folder of what is written (default: that of the file).")
  var output: String?

  @Option(help: "Runs that may be made.")
  var steps = PlanShrinker.usualBudget

  @Option(help: "Runs made side by side (default: one per core). The result does not depend on it.")
  var jobs: Int?

  @Flag(help: "One JSON object on standard output, nothing else there.")
  var json = false

  func run() throws {
    guard (3...1_000_000).contains(steps) else {
      throw UsageError("--steps: '\(steps)' is not between 3 and 1000000")
    }
    let failure = try FailureOnDisk(file)
    let folder = try ReportFolder(output ?? failure.folder, flag: "--output")
    var shrinker = PlanShrinker(budget: steps, concurrency: try .threads(option: jobs))
    Interruption.watch()
    shrinker.isStopped = { Interruption.isRequested }
    if !json {
      shrinker.onProgress = { progress in
        Output.progress(
          "\(progress.steps) runs: \(progress.stage.rawValue), \(progress.faults) faults and "
            + "\(progress.operations) operations left")
      }
    }
    let result: ShrinkResult
    do { result = try Self.shrink(failure, with: shrinker) } catch {
      Output.progress("")
      throw UsageError("'\(file)': \(error.description)")
    }
    Output.progress("")
    let written = ShrunkFiles(failure, result)
    try folder.write(written.files)
    let names = written.files.map {
      URL(fileURLWithPath: output ?? failure.folder).appendingPathComponent($0.name).path
    }
    if json { Output.print(JSONText.of(Self.document(result, names))) } else { Self.tell(result, written, names) }
    if Interruption.isRequested { throw ExitStatus.interrupted }
  }

  private static func shrink(
    _ failure: FailureOnDisk, with shrinker: PlanShrinker
  ) throws(ShrinkError) -> ShrinkResult {
    switch failure.file {
    case .ofPlan: try shrinker.shrink(failure.trial, signature: failure.signature, with: failure.executor)
    case .ofCase: try shrinker.shrinkSchedule(failure.trial, signature: failure.signature, with: failure.executor)
    }
  }

  private static func document(_ result: ShrinkResult, _ files: [String]) -> JSONValue {
    let (before, after) = (result.original.plan, result.smallest.plan)
    return [
      "faultsBefore": .int(Int64(before.faults.count)), "faultsAfter": .int(Int64(after.faults.count)),
      "stepsTried": .int(Int64(result.stepsTried)), "file": .string(files.first ?? ""),
      "operationsBefore": .int(Int64(before.operations.count)),
      "operationsAfter": .int(Int64(after.operations.count)),
      "signature": .string(result.outcome.signature ?? ""), "isCutShort": .bool(result.isCutShort),
      "otherFiles": .array(files.dropFirst().map { .string($0) }),
    ]
  }

  private static func tell(_ result: ShrinkResult, _ written: ShrunkFiles, _ names: [String]) {
    let (before, after) = (result.original.plan, result.smallest.plan)
    Output.print(
      "\(before.faults.count) faults, now \(after.faults.count); \(before.operations.count) operations, now "
        + "\(after.operations.count); \(result.stepsTried) runs"
        + (Interruption.isRequested
          ? ", then it was interrupted: the smallest run so far"
          : result.isCutShort ? ", then --steps was reached" : ""))
    Output.print("")
    Output.print(written.scenario)
    for name in names { Output.print("wrote \(name)") }
  }
}
