/// A failing run as a Swift test, ready to paste: the plan as a literal, and what is expected of it.
public enum TestSource {
  /// A whole file with one suite. `name`: a type's name, `ShrunkRouteLoss`.
  public static func of(_ replay: ChaosReplay, name: String) -> String {
    let plan = replay.trial.plan
    var lines = [
      "import Chaos", "import SimulatedEnvironment", "import TestEnvironment", "import Testing", "",
    ]
    lines += comment(replay.reason)
    lines += [
      "@Suite(\(SwiftLiteral.of("Regression: \(replay.signature), seed \(plan.seed)")))",
      "struct \(name) {",
    ]
    lines += ScenarioText.of(plan).split(separator: "\n").map { "  /// \($0)" }
    lines += ["  private static let plan = ChaosPlan(", "    seed: \(plan.seed),"]
    lines += deployment(plan.deployment)
    lines.append("    phases: ChaosPlan.Phases(")
    lines.append(
      "      settle: \(SwiftLiteral.of(plan.phases.settle)), load: \(SwiftLiteral.of(plan.phases.load)), "
        + "heal: \(SwiftLiteral.of(plan.phases.heal))),")
    lines += list("operations", plan.operations.map { SwiftLiteral.of($0) }, end: ",")
    lines += list("faults", plan.faults.map { SwiftLiteral.of($0) }, end: ")")
    lines.append("")
    lines += options(replay.trial)
    lines.append("")
    lines += [
      "  @Test(\(SwiftLiteral.of("violates \(replay.signature) under \(replay.profile)")))", "  func fails() throws {",
      "    let executor = SimulatedChaosExecutor(profile: try Profile(\(SwiftLiteral.of(replay.profile))))",
      "    #expect(executor.run(Self.plan, Self.options).signature == \(SwiftLiteral.of(replay.signature)))", "  }",
    ]
    if let green = replay.greenUnder {
      lines += [
        "", "  @Test(\(SwiftLiteral.of("is green under \(green)")))", "  func isGreen() throws {",
        "    let executor = SimulatedChaosExecutor(profile: try Profile(\(SwiftLiteral.of(green))))",
        "    let outcome = executor.run(Self.plan, Self.options)",
        "    #expect(outcome.isGreen, \"\\(outcome.violations.map(\\.message) + outcome.problems)\")", "  }",
      ]
    }
    return (lines + ["}", ""]).joined(separator: "\n")
  }

  /// `Shrunk` with the letters and digits of the failure and the seed: `ShrunkIROUTE4711`.
  public static func name(of replay: ChaosReplay) -> String {
    "Shrunk" + "\(replay.signature)\(replay.trial.plan.seed)".filter { $0.isASCII && ($0.isLetter || $0.isNumber) }
  }

  /// A doc comment in lines of up to ``commentWidth`` characters.
  private static func comment(_ text: String) -> [String] {
    var lines: [String] = []
    var line = ""
    for word in text.split(whereSeparator: \.isWhitespace) {
      if !line.isEmpty, line.count + 1 + word.count > commentWidth {
        lines.append(line)
        line = ""
      }
      line += (line.isEmpty ? "" : " ") + word
    }
    return (lines + [line]).map { "/// \($0)" }
  }

  private static let commentWidth = 110

  private static func deployment(_ deployment: ChaosDeployment) -> [String] {
    [
      "    deployment: ChaosDeployment(",
      "      replicas: \(deployment.replicas), hasRedis: \(deployment.hasRedis), cacheEnabled: \(deployment.cacheEnabled),",
      "      agents: [",
    ]
      + deployment.agents.map { "        \(SwiftLiteral.of($0))\(deployment.agents.count > 1 ? "," : "")" }
      + [
        "      ],",
        "      users: \(deployment.users), sessions: \(deployment.sessions), probes: \(deployment.probes)),",
      ]
  }

  private static func list(_ name: String, _ elements: [String], end: String) -> [String] {
    guard !elements.isEmpty else { return ["    \(name): []\(end)"] }
    // The formatter wants no comma behind a single element.
    let comma = elements.count > 1 ? "," : ""
    return ["    \(name): ["] + elements.map { "      \($0)\(comma)" } + ["    ]\(end)"]
  }

  private static func options(_ trial: Trial) -> [String] {
    let strategy = SwiftLiteral.of(trial.strategy)
    guard let decisions = trial.decisions else {
      return ["  private static let options = ExecutionOptions(strategy: \(strategy))"]
    }
    return [
      "  private static let options = ExecutionOptions(", "    strategy: \(strategy),",
      "    replaying: RecordedDecisions(streams: [",
    ]
      + decisions.streams.map { stream in
        let rest = stream.rest.map { ", rest: \($0)" } ?? ""
        let comma = decisions.streams.count > 1 ? "," : ""
        return "      .init(name: \(SwiftLiteral.of(stream.name)), \(answers(stream.answers))\(rest))\(comma)"
      } + ["    ]))"]
  }

  /// A few by value; many as the text that replay files hold.
  private static func answers(_ answers: [UInt64]) -> String {
    answers.count <= 12
      ? "answers: [\(answers.map { String($0) }.joined(separator: ", "))]"
      : "compact: \(SwiftLiteral.of(DecisionsText.text(of: answers)))"
  }
}

extension RecordedDecisions.Stream {
  /// `compact`: answers as replay files write them, `0x33 3`; what is no such text counts as none.
  public init(name: String, compact: String, rest: UInt64? = nil) {
    self.init(name: name, answers: DecisionsText.answers(of: compact) ?? [], rest: rest)
  }
}
