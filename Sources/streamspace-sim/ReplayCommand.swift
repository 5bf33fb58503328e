import ArgumentParser
import Chaos
import Foundation
import Oracles
import Reporting
import Scenarios
import SimulatedEnvironment
import StreamSpaceProtocol
import TestEnvironment

/// `./sim replay`: the same run again, told event by event.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Repeats one run and prints what happened.",
    discussion: """
      Examples:
        ./sim replay --case HA-API-06 --seed 7 --from 900 --until 25
        ./sim replay reports/failures/HA-API-10-T2-1.json
        ./sim replay fixtures/regressions/FILE.json --until 60

      With a file it ends with 1 if the failure is there again, and with 2 if the file is void for this build: then the run
      differs from the one that was stored, and is green.
      """)

  @Argument(help: "A replay file: of a case or of a chaos plan.")
  var file: String?

  @Option(name: .customLong("case"), help: "A case id.")
  var caseID: String?

  @Option(help: "The variant, as 'run' prints it (default: the first one of the seed).")
  var variant: String?

  @Option(help: "The seed.")
  var seed: String?

  @Option(help: "The profile.")
  var profile = "contract"

  @Option(help: "plain or full.")
  var depth = "plain"

  @Option(help: "How simultaneous events are ordered: random, fifo or pct(N).")
  var strategy = "random"

  @Option(help: "Stop telling at this virtual time in seconds.")
  var until: Int?

  @Option(help: "Begin telling at this event number.")
  var from: Int?

  @Flag(help: "Tell every kernel event, not only what simulators note.")
  var kernel = false

  @Flag(help: "Tell what the invariants observed, too.")
  var observations = false

  @Flag(help: "One JSON object on standard output, nothing else there.")
  var json = false

  func run() throws {
    if let until, until < 0 { throw UsageError("--until: '\(until)' is before the start of the run") }
    if let from, from < 0 { throw UsageError("--from: '\(from)' is before the first event") }
    guard let file else { return try tell(requestFromOptions(), stored: nil) }
    let failure = try FailureOnDisk(file)
    switch failure.file {
    case .ofCase(let stored): try tell(Self.request(of: stored), stored: stored)
    case .ofPlan(let replay):
      let output = PlanReplayOutput(replay, with: failure.executor)
      if json {
        Output.print(JSONText.of(output.json))
      } else {
        output.tell(from: from ?? 0, until: until.map { .seconds($0) }, kernel: kernel, observations: observations)
      }
      throw output.verdict.status
    }
  }

  /// `stored`: the file that the run comes from, if it comes from one.
  private func tell(_ request: CaseRequest, stored: ReplayFile?) throws {
    let (run, events) = CaseRunner.tell(request, everything: kernel)
    let limit = until.map { Int64($0) * 1_000_000_000 }
    let verdict = stored.map { stored in
      ReplayVerdict(
        signature: stored.signature ?? run.signature ?? "", fingerprint: stored.fingerprint, found: run.signature,
        foundFingerprint: run.fingerprint)
    }
    if json {
      Output.print(JSONText.of(Self.document(run, stored, verdict)))
      throw verdict?.status ?? (run.verdict == .failed ? .red : .green)
    }
    for event in events where event.sequence >= (from ?? 0) {
      if let limit, event.time.nanoseconds > limit { break }
      Output.print("\(event.sequence)\t\(event)")
    }
    if observations {
      for observation in run.observations { Output.print(observation.line) }
    }
    Output.print("")
    for expectation in run.expectations {
      Output.print("\(expectation.isMet ? "ok  " : "FAIL") \(expectation.name): \(ExpectationText.of(expectation))")
    }
    for invariant in run.invariants {
      for violation in invariant.violations {
        Output.print("FAIL \(invariant.id) at \(violation.time.secondsText): \(violation.message)")
      }
    }
    Output.print("\(run.verdict.rawValue)   fingerprint \(run.fingerprint)   \(run.reason)")
    if let stored, let verdict {
      Output.print(verdict.text(signature: stored.signature ?? "what it did", harness: stored.harness ?? "1"))
      throw verdict.status
    }
    if run.verdict == .failed { throw ExitStatus.red }
  }

  private static func document(_ run: CaseRun, _ stored: ReplayFile?, _ verdict: ReplayVerdict?) -> JSONValue {
    [
      "verdict": .string(verdict?.name ?? run.verdict.rawValue),
      "signature": run.signature.map { .string($0) } ?? .null,
      "expectedSignature": stored?.signature.map { .string($0) } ?? .null, "fingerprint": .string(run.fingerprint),
      "expectedFingerprint": stored.map { .string($0.fingerprint) } ?? .null, "reason": .string(run.reason),
    ]
  }

  private func requestFromOptions() throws -> CaseRequest {
    guard let caseID else { throw UsageError("replay needs a file, or --case and --seed") }
    guard let seed else { throw UsageError("--case needs --seed") }
    return try Self.request(
      caseID: caseID, variant: variant, seed: seed, profile: profile, depth: depth, strategy: strategy)
  }

  private static func request(
    caseID: String, variant: String?, seed: String, profile: String, depth: String, strategy: String
  ) throws -> CaseRequest {
    guard let testCase = Catalogue.cases.first(where: { $0.id == caseID.uppercased() }) else {
      throw UsageError("--case: no case is called '\(caseID)'; ./sim list shows all")
    }
    let range = try Selection.seeds(seed, flag: "--seed")
    guard range.count == 1 else { throw UsageError("--seed: replay takes one seed, not '\(seed)'") }
    guard let depthValue = Depth(rawValue: depth) else {
      throw UsageError("--depth: '\(depth)' is neither plain nor full")
    }
    let chosen: Variant
    if let variant {
      guard let found = testCase.variants.first(where: { $0.name == variant }) else {
        throw UsageError("--variant: \(testCase.id) has no variant '\(variant)'")
      }
      chosen = found
    } else {
      chosen = CaseRequest.variants(of: testCase, seed: range.lowerBound, depth: depthValue)[0]
    }
    return CaseRequest(
      testCase: testCase, variant: chosen, seed: range.lowerBound, profile: try Selection.profile(profile),
      depth: depthValue, strategy: try Selection.strategy(strategy))
  }

  /// What a replay file of a case asks for.
  static func request(of replay: ReplayFile) throws -> CaseRequest {
    var request = try request(
      caseID: replay.caseID, variant: replay.variant, seed: String(replay.seed), profile: replay.profile,
      depth: replay.depth, strategy: replay.strategy)
    request.follow(replay.decisions)
    return request
  }
}

/// Expectations and times as text.
enum ExpectationText {
  static func of(_ expectation: Expectation) -> String {
    let measured = text(expectation.measured)
    return switch expectation.target {
    case .reported: "\(measured) (reported)"
    case .equal(let wanted): "\(measured), wanted \(text(wanted))"
    case .atMost(let limit): "\(measured), at most \(text(limit))"
    case .atLeast(let limit): "\(measured), at least \(text(limit))"
    case .between(let low, let high): "\(measured), wanted \(text(low)) to \(text(high))"
    }
  }

  static func text(_ quantity: Quantity) -> String {
    switch quantity {
    case .duration(let duration): duration.secondsText
    case .count(let count): String(count)
    case .text(let text): "'\(text)'"
    }
  }
}
