import Chaos
import StreamSpaceProtocol
import TestEnvironment

/// `./sim replay` of a plan: the same run again, event by event, and what it says about the file.
struct PlanReplayOutput {
  let replay: ChaosReplay
  let outcome: ChaosOutcome
  let verdict: ReplayVerdict

  init(_ replay: ChaosReplay, with executor: any ChaosExecutor) {
    var options = ExecutionOptions(strategy: replay.trial.strategy, replaying: replay.trial.decisions)
    options.keepsEvents = true
    self.replay = replay
    outcome = executor.run(replay.trial.plan, options)
    verdict = ReplayVerdict(replay, outcome)
  }

  /// `from`: number of the first event told; `until`: virtual time of the last one.
  func tell(from: Int, until: Duration?, kernel: Bool, observations: Bool) {
    for event in outcome.events where event.number >= from && (kernel || event.isNote) {
      if event.kind == "observed", !observations { continue }
      if let until, event.time > until { break }
      Output.print("\(event.number)\t\(event.line)")
    }
    Output.print("")
    for (fault, effect) in zip(replay.trial.plan.faults, outcome.faults) {
      Output.print("fault \(fault.name): \(effect.fate.text)")
    }
    for violation in outcome.violations {
      Output.print("FAIL \(violation.invariant) at \(violation.time.secondsText): \(violation.message)")
    }
    for problem in outcome.problems { Output.print("FAIL \(problem)") }
    Output.print(
      "fingerprint \(outcome.fingerprint)   \(verdict.text(signature: replay.signature, harness: replay.harness))")
  }

  var json: JSONValue {
    [
      "verdict": .string(verdict.name), "signature": outcome.signature.map { .string($0) } ?? .null,
      "expectedSignature": .string(replay.signature), "fingerprint": .string(outcome.fingerprint),
      "expectedFingerprint": .string(replay.fingerprint),
      "violations": .array(
        outcome.violations.map {
          [
            "invariant": .string($0.invariant), "seconds": .int($0.time.components.seconds),
            "message": .string($0.message),
          ]
        }), "problems": .array(outcome.problems.map { .string($0) }),
    ]
  }
}

extension ReplayVerdict {
  /// As `--json` names it.
  var name: String {
    switch self {
    case .same: "same"
    case .sameFailureOfAnotherBuild: "sameFailureOfAnotherBuild"
    case .void: "void"
    case .judgedOtherwise: "judgedOtherwise"
    }
  }

  /// A file that says nothing about this build is neither green nor red.
  var status: ExitStatus {
    switch self {
    case .same, .sameFailureOfAnotherBuild: .red
    case .void(let found), .judgedOtherwise(let found): found == nil ? .usage : .red
    }
  }
}

extension FaultEffect.Fate {
  var text: String {
    switch self {
    case .effective(let touched): "touched \(touched)"
    case .inert: "touched nothing"
    case .withheld(let reason): "withheld: \(reason)"
    case .impossible(let reason): "impossible: \(reason)"
    }
  }
}

extension CausalEvent {
  /// One line, as the kernel tells its events.
  var line: String {
    let who = process.isEmpty ? "-" : "\(process)#\(life)"
    return "\(time.secondsText) \(who) \(kind)\(details.isEmpty ? "" : " ")\(details)"
  }
}
