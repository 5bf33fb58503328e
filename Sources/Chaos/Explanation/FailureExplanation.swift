/// Why a run failed, as far as more runs can tell.
public struct FailureExplanation: Sendable {
  /// The violation that came first; nil: the run itself broke.
  public var violation: ChaosViolation?
  public var problems: [String]
  /// What led to it by the kernel's account; empty where the environment keeps none.
  public var chain: CausalChain
  public var ablations: [Ablation]
  public var curve: LikelihoodCurve
  /// Runs that were made for it.
  public var runs: Int

  public var signature: String { violation?.invariant ?? "run" }

  /// For a person.
  public var lines: [String] {
    var lines: [String] = []
    if let violation {
      lines.append("\(violation.invariant) is violated at \(violation.time.secondsText): \(violation.message)")
      if !violation.chain.isEmpty {
        lines += ["", "What was observed, oldest first:"] + violation.chain.map { "  \($0)" }
      }
    }
    lines += problems.map { "the run broke: \($0)" }
    if !chain.steps.isEmpty {
      lines +=
        ["", "What led to it, each line scheduled or sent by the one before it:"] + chain.lines.map { "  \($0)" }
    }
    if !ablations.isEmpty {
      lines += ["", "What the failure needs:"]
      lines += ablations.map { ablation in
        let without = ablation.signature.map { "without it \($0)" } ?? "without it green"
        return
          "  \(ablation.matters ? "needed    " : "not needed")  \(ablation.what)\(ablation.matters ? " (\(without))" : "")"
      }
    }
    if !curve.points.isEmpty {
      lines += ["", "How likely it had become (same run up to then, other chances afterwards):"]
      lines += curve.lines.map { "  \($0)" }
      if let steep = curve.steepest {
        lines.append(
          "  It was decided between \(steep.from.time.secondsText) (\(steep.from.percent) %) and "
            + "\(steep.to.time.secondsText) (\(steep.to.percent) %).")
      }
    }
    return lines + ["", "\(runs) runs were made for this."]
  }
}

extension FailureExplanation {
  /// The curve and the ablation as Markdown.
  public var markdown: String {
    var text = "# Why \(signature) was violated\n\n"
    if let violation { text += "At \(violation.time.secondsText): \(violation.message)\n\n" }
    text += "| what was left out | what came of it |\n|---|---|\n"
    for ablation in ablations {
      let result = ablation.matters ? "needed: without it \(ablation.signature ?? "green")" : "not needed"
      text += "| \(ablation.what.replacing("|", with: "/")) | \(result) |\n"
    }
    text += "\n| same run up to | then it failed | |\n|---:|---:|---|\n"
    for point in curve.points {
      text += "| \(point.time.secondsText) | \(point.failures) of \(point.runs) |"
      text += " \(String(repeating: "█", count: point.percent / 5)) |\n"
    }
    if !chain.steps.isEmpty { text += "\n```text\n\(chain.lines.joined(separator: "\n"))\n```\n" }
    return text
  }
}
