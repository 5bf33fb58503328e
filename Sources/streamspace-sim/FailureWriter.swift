import Chaos
import Reporting

/// Makes the file that repeats a failed run: `./sim replay` and `./sim shrink` take it.
struct FailureWriter {
  let executor: any ChaosExecutor
  let settings: CampaignSettings

  /// Runs it again, to record what was left to chance (lesson L7): thousands of runs are not worth recording, one is.
  func file(_ run: CampaignRun) -> ReportFile {
    let options = ExecutionOptions(strategy: settings.strategy, recordsDecisions: true)
    var outcome = executor.run(run.plan, options)
    var trial = Trial(run.plan, strategy: settings.strategy, decisions: outcome.decisions)
    if outcome.fingerprint != run.fingerprint {
      Output.complain("seed \(run.seed): repeated, it was another run (I-DET); its file has the plan only")
      trial.decisions = nil
      outcome = ChaosOutcome(plan: run.plan, profile: settings.profile)
      outcome.fingerprint = run.fingerprint
      outcome.violations = [
        ChaosViolation(invariant: run.signature ?? "run", time: run.time, message: run.message)
      ]
    }
    let origin = "seed \(run.seed) of a campaign\(run.isChanged ? ", plan changed" : "")"
    let text = ChaosReplay(trial, outcome, origin: origin)?.text ?? ""
    return ReportFile("failures/chaos-\(run.seed).json", text)
  }
}
