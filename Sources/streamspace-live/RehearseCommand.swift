import ArgumentParser
import Foundation
import LiveEnvironment
import Oracles
import Reporting
import Scenarios
import SimulatedEnvironment
import StreamSpaceProtocol
import TestEnvironment

struct RehearseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rehearse",
    abstract: "Runs cases against real processes: served replicas, a real Redis and a real PostgreSQL.",
    discussion: """
      Examples:
        ./sim rehearse                              every case that takes 60 s or less
        ./sim rehearse HA-API VNC-K-01 --limit-seconds 120
        ./sim rehearse --list                       what would run, how long, and what is skipped why
      It starts a redis-server and a PostgreSQL of its own on free ports and ends them, also after Ctrl-C. Exit status: 0 no
      case failed, 1 one did, 2 wrong usage, 3 a server is not to be had.
      """)

  @Argument(help: "Scenarios, case ids or beginnings of ids; none: all.")
  var selectors: [String] = []

  @Option(help: "Seconds that a case may take; those that take longer in the simulation are skipped.")
  var limitSeconds = 60

  @Option(help: "Decides what cases choose.")
  var seed: UInt64 = 1

  @Option(help: "Writes reports to this folder.")
  var reports: String?

  @Option(help: "A PostgreSQL server to use instead of one of its own; its role must be allowed to create databases.")
  var databaseURL: String?

  @Flag(help: "Says what would run and what would not, and runs nothing.")
  var list = false

  @Flag(help: "Judges gates that quote the latency model, too.")
  var strict = false

  @Flag(help: "Leaves the folder with the logs of replicas and servers, and says where it is.")
  var keep = false

  @Flag(help: "Prints one JSON object on standard output.")
  var json = false

  func validate() throws {
    guard (1...86_400).contains(limitSeconds) else {
      throw ValidationError("--limit-seconds must be 1 to 86400, not \(limitSeconds)")
    }
    for selector in selectors where Catalogue.cases(matching: selector).isEmpty {
      throw ValidationError("no scenario or case is called '\(selector)'")
    }
  }

  func run() throws {
    #if Live
      let began = DispatchTime.now().uptimeNanoseconds
      let items = cases.compactMap {
        RehearsalPlan.item($0, seed: seed, limit: .seconds(limitSeconds))
      }
      if list { return show(items) }
      var runs: [CaseRun] = []
      if items.contains(where: { $0.reason == nil }) { runs = try perform(items) } else { runs = items.map(skipped) }
      let suite = suite(runs)
      if let reports { try write(ReportFiles.files(for: suite) + runs.map { observations(of: $0) }, to: reports) }
      let counts = Verdict.allCounts(of: runs)
      let wall = DispatchTime.now().uptimeNanoseconds - began
      if json {
        say(JSONWriter.text(of: RehearsalDocument.document(suite, items, wallNanoseconds: wall)))
      } else {
        say(
          "\n\(counts.passed) passed, \(counts.failed) failed, \(counts.skipped) skipped   "
            + "environment rehearsal   \(wall / 1_000_000_000) s")
      }
      if counts.failed > 0 { throw ExitCode(1) }
    #else
      complain("error: rehearse is built with the package trait Live: use ./sim rehearse")
      throw ExitCode(3)
    #endif
  }

  private var cases: [TestCase] {
    guard !selectors.isEmpty else { return Catalogue.cases }
    let wanted = Set(selectors.flatMap { Catalogue.cases(matching: $0).map(\.id) })
    return Catalogue.cases.filter { wanted.contains($0.id) }
  }

  private func say(_ line: String) { FileHandle.standardOutput.write(Data((line + "\n").utf8)) }
  private func complain(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }

  #if Live
    private func perform(_ items: [RehearsalPlan.Item]) throws -> [CaseRun] {
      let interruption = Interruption()
      let servers: RehearsalServers
      do {
        servers = try RehearsalServers(script: try RepositoryFiles.postgresScript(), databaseURL: databaseURL)
      } catch {
        complain("error: the rehearsal cannot begin: \(error)")
        throw ExitCode(3)
      }
      let runner = RehearsalRunner(servers, program: RepositoryFiles.program, isStrict: strict)
      Thread.detachNewThread {
        interruption.wait()
        runner.interrupt()
      }
      defer {
        keep ? complain("logs are in \(servers.folder)") : ()
        servers.stop(keepsFolder: keep)
      }
      var runs: [CaseRun] = []
      for item in items {
        guard item.reason == nil else {
          runs.append(skipped(item))
          continue
        }
        let run = runner.run(item.request, limit: .seconds(max(Int64(limitSeconds) * 3 / 2, 30)))
        guard !runner.wasInterrupted else {
          complain("interrupted: \(item.id) did not end")
          servers.stop(keepsFolder: keep)
          throw ExitCode(130)
        }
        runs.append(run)
        if !json { show(run) }
      }
      return runs
    }

    private func skipped(_ item: RehearsalPlan.Item) -> CaseRun {
      var run = CaseRun(item.request, on: nil)
      run.verdict = .skipped
      run.reason = item.reason ?? ""
      if !json, !list { show(run) }
      return run
    }

    private func show(_ run: CaseRun) {
      let mark =
        switch run.verdict {
        case .passed: "ok  "
        case .failed: "FAIL"
        case .skipped: "skip"
        }
      let id = run.testCase.id.padding(toLength: max(12, run.testCase.id.count), withPad: " ", startingAt: 0)
      let name = run.variant.name.isEmpty ? "" : " (\(run.variant.name))"
      let time =
        run.verdict == .skipped ? "" : "  \(RehearsalDocument.seconds(run.virtualTime)) s, \(run.checks) checks"
      say("\(mark) \(id) \(run.testCase.title)\(name)\(time)")
      if run.verdict != .passed { say("     \(run.reason)") }
    }

    private func show(_ items: [RehearsalPlan.Item]) {
      if json { return say(JSONWriter.text(of: RehearsalDocument.plan(items))) }
      for item in items {
        let time = item.expected.map { "\(RehearsalDocument.seconds($0)) s" } ?? "-"
        say("\(item.reason == nil ? "run " : "skip") \(item.id)  \(time)  \(item.reason ?? "")")
      }
      say("\(items.count { $0.reason == nil }) of \(items.count) would run")
    }

    /// Everything that was observed of a run, a line each.
    private func observations(of run: CaseRun) -> ReportFile {
      ReportFile(
        "observations/\(run.testCase.id).txt", run.observations.map { "\($0.line)\n" }.joined())
    }

    private func suite(_ runs: [CaseRun]) -> SuiteRun {
      SuiteRun(
        runs: runs, seeds: seed...seed, profile: "contract", environment: "rehearsal", depth: .plain,
        command: (["./sim", "rehearse"] + selectors).joined(separator: " "))
    }

    private func write(_ files: [ReportFile], to folder: String) throws {
      do {
        for file in files {
          let url = URL(fileURLWithPath: folder).appendingPathComponent(file.name)
          try FileManager.default.createDirectory(
            at: url.deletingLastPathComponent(), withIntermediateDirectories: true)
          try Data(file.bytes).write(to: url, options: .atomic)
        }
      } catch {
        complain("error: --reports \(folder) cannot be written: \(error.localizedDescription)")
        throw ExitCode(2)
      }
    }
  #endif
}

extension Verdict {
  static func allCounts(of runs: [CaseRun]) -> (passed: Int, failed: Int, skipped: Int) {
    (
      runs.count { $0.verdict == .passed }, runs.count { $0.verdict == .failed }, runs.count { $0.verdict == .skipped }
    )
  }
}
