import Oracles
import TestEnvironment

/// The Markdown report of one scenario, with the ten parts of spec/06 §0.3.
struct ScenarioReport {
  let suite: SuiteRun
  let scenario: ScenarioName
  let cases: [(testCase: TestCase, runs: [CaseRun])]

  private var runs: [CaseRun] { cases.flatMap(\.runs) }
  private var hasEngines: Bool { EngineResults.apply(to: cases) }

  var text: String {
    let title = scenario.reportFile.dropLast(3)
    return [
      "# \(title)\n", header, summary, environment, results, timelines, invariants, failures, metrics, mutation, limits,
      rerun,
    ].joined(separator: "\n")
  }

  private var header: String {
    let seeds =
      suite.seeds.count == 1 ? "\(suite.seeds.lowerBound)" : "\(suite.seeds.lowerBound) … \(suite.seeds.upperBound)"
    let server = hasEngines ? [["PostgreSQL", suite.databaseServer ?? "none"]] : []
    return Markdown.table(
      ["", ""],
      [["seeds", seeds], ["profile", suite.profile], ["environment", suite.environment]] + server + [
        ["depth", suite.depth.rawValue], ["runs", "\(runs.count)"], ["trace hash", SuiteRun.fingerprint(of: runs)],
      ])
  }

  // MARK: 1

  private var summary: String {
    let verdicts = cases.map { SuiteRun.verdict(of: $0.runs) }
    let failed = verdicts.count { $0 == .failed }
    let skipped = verdicts.count { $0 == .skipped }
    var lines = [
      "## 1. Summary\n",
      "\(cases.count) cases in \(runs.count) runs: \(verdicts.count { $0 == .passed }) passed, \(failed) failed, "
        + "\(skipped) skipped. Verdict: **\(failed == 0 ? "green" : "red")**.\n",
    ]
    if hasEngines { lines.append(EngineResults(cases: cases).summary + "\n") }
    lines.append("Findings:\n")
    for finding in findings.prefix(3) { lines.append("- \(finding)") }
    return lines.joined(separator: "\n") + "\n"
  }

  /// What a reader should know first: failures, then the expectations closest to their targets.
  private var findings: [String] {
    var findings = runs.filter { $0.verdict == .failed }.map { run in
      "\(run.testCase.id)\(run.variant.name.isEmpty ? "" : " (\(run.variant.name))") is red from seed \(run.seed): \(run.reason)"
    }
    let inert = runs.flatMap { run in run.faults.filter { $0.touched == 0 }.map { (run.testCase.id, $0.name) } }
    for (id, name) in inert {
      findings.append("\(id): the fault \(name) touched nothing; that run proves less than it says")
    }
    // The tightest run of each expectation.
    var names: [String] = []
    var tight: [String: (used: Int64, text: String)] = [:]
    for run in runs {
      for expectation in run.expectations {
        guard case .atMost(.duration(let limit)) = expectation.target, case .duration(let took) = expectation.measured,
          limit > .zero
        else { continue }
        let used = took.nanoseconds * 100 / limit.nanoseconds
        let name = "\(run.testCase.id) \(expectation.name)"
        if tight[name] == nil { names.append(name) }
        guard used > tight[name]?.used ?? -1 else { continue }
        let share = "\(DurationText.short(took)) of \(DurationText.short(limit)), seed \(run.seed)"
        tight[name] = (used, "\(run.testCase.id): “\(expectation.name)” used \(used) % of its target (\(share))")
      }
    }
    let ranked = names.enumerated().compactMap { offset, name in tight[name].map { (offset, $0) } }
    for (_, item) in ranked.sorted(by: { ($1.1.used, $0.0) < ($0.1.used, $1.0) }).prefix(3) {
      findings.append(item.text)
    }
    return findings
  }

  // MARK: 2

  private var environment: String {
    var seen: [Topology] = []
    for run in runs where !seen.contains(where: { $0.name == run.variant.topology.name }) {
      seen.append(run.variant.topology)
    }
    let topologies = seen.map { topology in
      [
        topology.name, "\(topology.replicas)", topology.hasRedis ? "yes" : "no",
        topology.agents.map(Self.describe).joined(separator: ", "),
      ]
    }
    let text = """
      ## 2. Environment

      \(Markdown.table(["topology", "replicas", "Redis", "agents (sessions)"], topologies))
      Timing constants: heartbeat 30 s, stale after 45 s checked every 10 s, selector window 90 s, route keys 300 s, \
      WebSocket ping 54 s and deadline 60 s, dispatcher scan 5 s, re-send after 10, 20, 40, 60 s, window 8 commands an \
      agent, reconnect 2 … 32 s drawn from [b/2, b], key check 270 … 300 ms on one core, reconciler 60 s.

      Latency model: spec/06 §10.3 (log-normal quantile tables in integers): LAN hop 1 ms, API to agent 5 ms, SQL \
      statement 1 ms (sigma 1.16), Redis call 0.5 ms, cached image 2 s, API process start 12 … 20 s.

      """
    return electionConstants.isEmpty ? text : text + electionConstants
  }

  /// `id (sessions)`, and what is not the rule: its platform, its processes and how they elect.
  private static func describe(_ agent: Topology.Agent) -> String {
    var parts = ["\(agent.maxSessions)"]
    if agent.platform == .docker { parts.append("docker") }
    if agent.replicas > 1 { parts.append("\(agent.replicas) processes") }
    switch agent.election {
    case .lease: parts.append("lease")
    case .file(let shared): parts.append(shared ? "file" : "file, unshared")
    case .redis: parts.append("redis")
    case .swarm: parts.append("swarm")
    case nil: if agent.replicas > 1 { parts.append("no election") }
    }
    return "\(agent.id) (\(parts.joined(separator: ", ")))"
  }

  /// The constants of the election, where one is held.
  private var electionConstants: String {
    guard runs.contains(where: { $0.variant.topology.agents.contains { $0.election != nil } }) else { return "" }
    return
      "Election: lease of 15 s renewed every 2 s, candidates look every 2 … 4.4 s (Docker: 2 s), authority ends 12 s "
      + "after the sending of the last acknowledged renewal, a leader yields 25 s after the last frame of the control "
      + "plane or 30 s after losing its connection.\n"
  }

  // MARK: 3

  private var results: String {
    let note = "## 3. Results\n\nDurations are p50 / p95 / p99 / max over all runs of the case.\n\n"
    if hasEngines { return note + EngineResults(cases: cases).table }
    var rows: [[String]] = []
    for (testCase, runs) in cases {
      rows.append([
        "**\(testCase.id)** \(testCase.title)", "", "", SuiteRun.verdict(of: runs).rawValue, Self.worstSeed(runs),
      ])
      for line in ExpectationLine.lines(of: runs) {
        rows.append(["— \(line.name)", line.target, line.measured, line.verdict, line.worstSeed])
      }
    }
    return note
      + Markdown.table(["case and expectation", "target", "measured", "verdict", "worst seed"], rows)
  }

  private static func worstSeed(_ runs: [CaseRun]) -> String {
    runs.first { $0.verdict == .failed }.map { String($0.seed) } ?? ""
  }

  // MARK: 4

  private var timelines: String {
    var lines = ["## 4. Time-lines\n", "The fault is marked, the recovery shaded; one column of time a figure.\n"]
    for (testCase, runs) in cases {
      let figures = [
        SwimLaneFigure.representative(of: runs).map { ($0, "", SwimLaneFigure.fileName(testCase)) },
        StripChart.representative(of: runs).map { ($0, ", who leads", StripChart.fileName(testCase)) },
        LifeLineFigure.representative(of: runs).map { ($0, ", containers", LifeLineFigure.fileName(testCase)) },
      ]
      for (run, what, file) in figures.compactMap({ $0 }) {
        let variant = run.variant.name.isEmpty ? "" : ", \(run.variant.name)"
        lines.append("### \(testCase.id)\(what) (seed \(run.seed)\(variant))\n")
        lines.append("![\(testCase.id)\(what)](\(file))\n")
      }
    }
    return lines.joined(separator: "\n")
  }

  // MARK: 5

  private var invariants: String {
    var order: [String] = []
    var checks: [String: Int] = [:]
    var violations: [String: Int] = [:]
    var statements: [String: String] = [:]
    for invariant in runs.flatMap(\.invariants) {
      if checks[invariant.id] == nil { order.append(invariant.id) }
      checks[invariant.id, default: 0] += invariant.checks
      violations[invariant.id, default: 0] += invariant.violationCount
      statements[invariant.id] = invariant.statement
    }
    let rows = order.sorted().map { id -> [String] in
      let count = checks[id] ?? 0
      let broken = violations[id] ?? 0
      let verdict = broken > 0 ? "violated" : count == 0 ? "not exercised" : "holds"
      return [id, statements[id] ?? "", "\(count)", "\(broken)", verdict]
    }
    return "## 5. Invariants\n\n" + Markdown.table(["invariant", "statement", "checks", "violations", "verdict"], rows)
  }

  // MARK: 6

  private var failures: String {
    let red = runs.filter { $0.verdict == .failed }
    guard !red.isEmpty else { return "## 6. Failures\n\nNone.\n" }
    return "## 6. Failures\n\n" + red.map { FailureAnalysis(run: $0).text }.joined(separator: "\n")
  }

  // MARK: 7

  private var metrics: String {
    var order: [String] = []
    var values: [String: [Duration]] = [:]
    for run in runs {
      // Calibration has its own table.
      for (name, samples) in run.samples where Calibration(rawValue: name) == nil {
        let key = "\(run.testCase.id): \(name)"
        if values[key] == nil { order.append(key) }
        values[key, default: []] += samples
      }
    }
    let rows = order.map { key -> [String] in
      let distribution = Distribution(values[key] ?? [])
      return [key, "\(distribution.count)", distribution.text, distribution.sketch]
    }
    var text = "## 7. Metrics\n\n" + Markdown.table(["quantity", "n", "p50 / p95 / p99 / max", "0 … max"], rows)
    if scenario == .haMultiPodAPI { text += "\n" + RoutingTables(runs: runs).text }
    for part in extraParts { text += "\n" + part }
    return text
  }

  /// What spec/06 §2, §3, §4 and §8 ask of a report beyond the ten parts: whatever the runs have to show of it.
  private var extraParts: [String] {
    var parts: [String] = []
    if let elections = ElectionTables(cases: cases).text { parts.append(elections) }
    if FailOverFigure(runs: runs).svg != nil {
      parts.append("![Fail-over times](\(FailOverFigure.fileName(scenario)))\n")
    }
    // The comparison of back ends is made from DOCK-13, -14, -15 and XP-08 (spec/06 §3).
    let comparison = scenario == .dockerAgentLifecycle ? suite.runs.filter { $0.testCase.id == "XP-08" } : []
    let isStreaming = scenario == .vncStreaming
    if isStreaming, let streams = StreamTables(runs: runs).text { parts.append(streams) }
    let isMigrating = scenario == .databaseMigrations
    if isMigrating, let migrations = MigrationTables(runs: runs).text { parts.append(migrations) }
    if scenario == .performanceLoad, let throughput = ThroughputTables(runs: runs).text { parts.append(throughput) }
    let isChaos = scenario == .haChaos
    if isChaos { parts.append(ChaosTables(cases: cases).text) }
    let hasTenants = scenario == .multiUserConcurrent
    if hasTenants, let tenants = TenantTables(runs: runs).text { parts.append(tenants) }
    let excluded =
      switch scenario {
      case .vncStreaming: StreamTables.tables
      case .databaseMigrations: MigrationTables.tables
      case .haChaos: ChaosTables.tables
      case .multiUserConcurrent: TenantTables.tables
      case .performanceLoad: ThroughputTables.tables
      default: [String]()
      }
    let tables = ExtraTables(runs: runs, others: comparison, excluded: excluded).text
    if !tables.isEmpty { parts.append(tables) }
    if scenario == .dockerAgentLifecycle || scenario == .crossPlatform,
      // Cases that wrote their own rows are in the table above.
      let inventory = InventoryTable(
        cases: cases.filter { !$0.runs.contains { $0.tables.contains { $0.table == "inventory" } } }
      ).text
    {
      parts.append(inventory)
    }
    if let calibration = CalibrationTable(runs: runs).text { parts.append(calibration) }
    return parts
  }

  // MARK: 8 to 10

  private var mutation: String {
    let assigned = Array(Set(cases.flatMap(\.testCase.kills))).sorted()
    return """
      ## 8. Mutation score

      Defects assigned to these cases: \(assigned.count) (\(assigned.joined(separator: ", "))). This run had the profile \
      `\(suite.profile)`; a defect is judged by a run of `contract+ID`.

      """
  }

  private var limits: String {
    let own = cases.filter { !$0.testCase.limits.isEmpty }.map { "- \($0.testCase.id): \($0.testCase.limits)" }
    let skipped =
      runs.filter { $0.verdict == .skipped && $0.engine != .postgreSQL }.map { "- \($0.testCase.id): \($0.reason)" }
      + EngineResults.limits(of: runs)
    let general = [
      "- A simulation shows the protocol as the simulators speak it, not the real programs. No case was run live.",
      "- CPU time other than the key check, memory and the Go scheduler are not modelled.",
      "- \(suite.depth == .plain ? "Plain depth: one schedule a case; campaigns need --depth full." : "Full depth.")",
    ]
    return (["## 9. Limits\n"] + general + own + skipped).joined(separator: "\n") + "\n"
  }

  private var rerun: String { "## 10. Run it again\n\n    \(suite.command)\n" }
}
