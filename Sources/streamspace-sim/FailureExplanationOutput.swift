import Chaos
import Reporting
import StreamSpaceProtocol
import TestEnvironment

/// `./sim explain FILE`: why a run failed.
struct FailureExplanationOutput {
  let explanation: FailureExplanation

  /// Runs what is needed. Throws a usage error if the file's run does not fail.
  init(_ path: String, runs: Int, concurrency: Concurrency, showsProgress: Bool) throws {
    let failure = try FailureOnDisk(path)
    var explainer = FailureExplainer(budget: runs, concurrency: concurrency)
    if showsProgress { explainer.onProgress = { Output.progress("\($0) of \($1) runs") } }
    do { explanation = try explainer.explain(failure.trial, with: failure.executor) } catch {
      throw UsageError("'\(path)': \(error.description)")
    }
    if showsProgress { Output.progress("") }
  }

  var json: JSONValue {
    [
      "signature": .string(explanation.signature),
      "seconds": .int(explanation.violation?.time.components.seconds ?? 0),
      "message": .string(explanation.violation?.message ?? explanation.problems.joined(separator: "; ")),
      "observed": .array((explanation.violation?.chain ?? []).map { .string($0) }),
      "chain": .array(explanation.chain.lines.map { .string($0) }),
      "ablation": .array(
        explanation.ablations.map {
          [
            "without": .string($0.what), "matters": .bool($0.matters),
            "signature": $0.signature.map { .string($0) } ?? .null,
          ]
        }),
      "likelihood": .array(
        explanation.curve.points.map {
          [
            "milliseconds": .int(
              $0.time.components.seconds * 1_000 + $0.time.components.attoseconds / 1_000_000_000_000_000),
            "failures": .int(Int64($0.failures)), "runs": .int(Int64($0.runs)),
          ]
        }),
      "runs": .int(Int64(explanation.runs)),
    ]
  }
}
