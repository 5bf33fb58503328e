import ArgumentParser
import Foundation
import LiveEnvironment
import Scenarios
import StreamSpaceProtocol
import TestEnvironment

/// `./sim live`: the plan of a live run, and clean-up after one.
struct LiveCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "live", abstract: "Shows what a live run would do, or removes what one has left.",
    discussion: """
      Examples:
        ./sim live --config staging.yaml --dry-run
        ./sim live --config staging.yaml --dry-run HA-API --json
        ./sim live --config staging.yaml --clean 1a2b3c4d
      Exit codes: 0, 1 something could not be removed, 2 the file or a password is wrong, 3 somebody does not answer.
      """)

  @Argument(help: "Scenarios, case ids or id prefixes (default: all).")
  var selection: [String] = []

  @Option(help: "The environment file.")
  var config: String

  @Flag(help: "Prints which cases would run and what would be touched; changes nothing.")
  var dryRun = false

  @Option(help: "Removes everything that carries the label of this run: its eight hexadecimal digits.")
  var clean: String?

  @Flag(help: "One JSON object on standard output, nothing else there.")
  var json = false

  func validate() throws {
    guard dryRun != (clean != nil) else { throw ValidationError("live wants either --dry-run or --clean RUN") }
    if let clean, Self.label(clean) == nil {
      throw ValidationError("--clean must be a run's eight hexadecimal digits, not '\(clean)'")
    }
    if clean != nil, !selection.isEmpty {
      throw ValidationError("--clean takes no cases: it removes all that the run has left")
    }
  }

  func run() throws {
    #if Live
      let cases = try chosenCases()
      let file = try LiveFile.read(config)
      if let clean, let label = Self.label(clean) { return try remove(label, file) }
      let report = LiveFile.probe(file)
      let label = file.safety.runLabel.flatMap { RunLabel($0) } ?? .drawn()
      let plan = LivePlan(file, report.capabilities, cases: cases, label: label, drivers: report.seen.offers)
      if json {
        guard var object = LiveJSON.plan(plan).members else { return }
        object["environment"] = .string(file.name)
        object["mode"] = .string(file.mode.rawValue)
        object["checks"] = LiveJSON.lines(report.lines)
        object["capabilities"] = LiveJSON.capabilities(report.capabilities)
        LiveFile.json(.object(object))
      } else if report.troubles.isEmpty {
        LiveText.print(plan)
      }
      for line in report.troubles { LiveFile.complain("error: \(line.complaint)") }
      if report.exitStatus != 0 { throw ExitCode(report.exitStatus) }
    #else
      LiveFile.complain("error: live is built with the package trait Live: use ./sim live")
      throw ExitCode(3)
    #endif
  }

  /// `1a2b3c4d`, or as labels write it: `ssim-run=1a2b3c4d`.
  private static func label(_ text: String) -> RunLabel? {
    let start = "\(RunLabel.key)="
    return RunLabel(text.hasPrefix(start) ? String(text.dropFirst(start.count)) : text)
  }

  private func chosenCases() throws -> [TestCase] {
    guard !selection.isEmpty else { return Catalogue.cases }
    var chosen: [TestCase] = []
    for selector in selection {
      let found = Catalogue.cases(matching: selector)
      guard !found.isEmpty else {
        LiveFile.complain("error: no case or scenario is called '\(selector)'; ./sim list shows all")
        throw ExitCode(2)
      }
      for testCase in found where !chosen.contains(where: { $0.id == testCase.id }) { chosen.append(testCase) }
    }
    return chosen
  }

  #if Live
    private func remove(_ label: RunLabel, _ file: EnvironmentFile) throws {
      let outcome = LiveFile.wait { await RunCleaner(file, label).run() }
      if json {
        LiveFile.json([
          "run": .string(label.label),
          "removed": .array(
            outcome.removals.map { removal in
              [
                "what": .string(removal.what), "name": .string(removal.name), "gone": .bool(removal.failure == nil),
                "reason": removal.failure.map { .string($0) } ?? .null,
              ]
            }),
          "checks": LiveJSON.lines(outcome.troubles),
        ])
      } else {
        for removal in outcome.removals where removal.failure == nil {
          LiveFile.say("removed \(removal.what) \(removal.name)")
        }
        if outcome.removals.isEmpty, outcome.troubles.isEmpty { LiveFile.say("nothing carries \(label)") }
      }
      for removal in outcome.removals {
        guard let failure = removal.failure else { continue }
        LiveFile.complain("error: \(removal.what) \(removal.name) is still there: \(failure)")
      }
      for line in outcome.troubles { LiveFile.complain("error: \(line.complaint)") }
      if outcome.exitStatus != 0 { throw ExitCode(outcome.exitStatus) }
    }
  #endif
}
