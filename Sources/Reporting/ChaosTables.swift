import Oracles
import TestEnvironment

/// What spec/06 §5 asks of the report of scenario 5 beyond the ten parts: the fault calendar, recovery times beside those
/// that StreamSpace measured, availability and survival, seeds and violations, what was shrunk, which faults met which
/// parts, and what did not recover.
struct ChaosTables {
  let cases: [(testCase: TestCase, runs: [CaseRun])]

  /// Tables that are printed here, and not among the others.
  static let tables = ["recovery", "availability", "sessions", "unrecovered", "crash points"]

  private var runs: [CaseRun] { cases.flatMap(\.runs) }

  var text: String {
    [calendar, recoveries, availability, survival, seeds, coverage, crashPoints, counterExamples, unrecovered]
      .compactMap { $0 }.joined(separator: "\n")
  }

  private var calendar: String? {
    guard FaultCalendarFigure(cases: cases).svg != nil else { return nil }
    return "### Fault calendar\n\n![Fault calendar](\(FaultCalendarFigure.fileName))\n"
  }

  // MARK: Recovery

  private var recoveries: String? {
    let lines = TableLines("recovery", of: runs)
    let rows = Recovery.allCases.compactMap { what -> [String]? in
      let own = lines.lines.filter { $0["what"] == what.rawValue }
      guard !own.isEmpty else { return nil }
      let times = own.flatMap { Self.durations($0, "time") }
      let distribution = Distribution(times)
      let most = distribution.maximum
      let targets = own.flatMap { Self.durations($0, "target") }
      let limit = targets.max() ?? .zero
      let isMet = own.allSatisfy { line in
        zip(Self.durations(line, "time"), Self.durations(line, "target")).allSatisfy { $0 <= $1 }
      }
      return [
        what.rawValue, "\(times.count)", DurationText.short(distribution.quantile(permille: 500)),
        DurationText.short(distribution.quantile(permille: 950)), DurationText.short(most),
        "≤ \(DurationText.short(limit))", isMet ? "met" : "**missed**",
        what.observed.map(DurationText.short) ?? "never run",
        Array(Set(own.map(\.caseID))).sorted().joined(separator: ", "),
      ]
    }
    guard !rows.isEmpty else { return nil }
    return
      "### Recovery times\n\nFrom the fault, or its end where the specification counts from there, to the moment at which "
      + "all is in use again. “StreamSpace” is what its own runs of 2025 give (HA_CHAOS_TESTING_RESULTS, "
      + "COMBINED_HA_CHAOS_TESTING): one observation each, graceful stops, and for Redis with one key missing. Where cases "
      + "have different targets the largest is shown.\n\n"
      + Markdown.table(
        ["what", "n", "p50", "p95", "max", "target", "verdict", "StreamSpace", "cases"], rows)
  }

  // MARK: Availability and survival

  private var availability: String? {
    let lines = TableLines("availability", of: runs).lines
    guard !lines.isEmpty else { return nil }
    var sums = (requests: 0, answered: 0)
    let rows = lines.map { line -> [String] in
      let requests = Self.sum(line, "requests")
      let answered = Self.sum(line, "answered")
      sums.requests += requests
      sums.answered += answered
      return [
        line.caseID, line["load"], "\(requests)", Self.percent(answered, of: requests), "\(Self.sum(line, "refused"))",
        "\(Self.sum(line, "cut"))",
      ]
    }
    return
      "### Availability\n\nRequests under faults; a request whose socket is cut counts by its one retry. Cases whose fault "
      + "takes away what every request needs (CHAOS-05) are in it.\n\n"
      + Markdown.table(
        ["case", "load", "requests", "answered 2xx", "refused", "cut twice"],
        rows + [["all", "", "\(sums.requests)", Self.percent(sums.answered, of: sums.requests), "", ""]])
  }

  private var survival: String? {
    let lines = TableLines("sessions", of: runs).lines
    guard !lines.isEmpty else { return nil }
    var sums = (before: 0, untouched: 0)
    let rows = lines.map { line -> [String] in
      let before = Self.sum(line, "sessions before")
      let untouched = Self.sum(line, "workloads untouched")
      sums.before += before
      sums.untouched += untouched
      return [
        line.caseID, line["fault"], "\(before)", Self.percent(Self.sum(line, "sessions after"), of: before),
        Self.percent(untouched, of: before),
      ]
    }
    return
      "### Survival\n\nSessions that run before a fault: those that run after it, and those whose workload is the very one "
      + "that it was.\n\n"
      + Markdown.table(
        ["case", "fault", "sessions", "running after", "workload untouched"],
        rows + [["all", "", "\(sums.before)", "", Self.percent(sums.untouched, of: sums.before)]])
  }

  // MARK: Exploration

  private var seeds: String {
    let rows = cases.map { testCase, runs -> [String] in
      let violations = runs.flatMap(\.invariants).reduce(0) { $0 + $1.violationCount }
      return [
        testCase.id, "\(Set(runs.map(\.seed)).count)", "\(runs.count)", "\(runs.reduce(0) { $0 + $1.faults.count })",
        "\(violations)", "\(runs.flatMap(\.expectations).count { !$0.isMet })",
      ]
    }
    return "### Seeds and violations\n\n"
      + Markdown.table(["case", "seeds", "runs", "faults", "violations", "missed targets"], rows)
  }

  /// How often each kind of fault met each kind of part, over all runs.
  private var coverage: String {
    var counts: [String: [String: Int]] = [:]
    func count(_ part: String, _ fault: String) { counts[part, default: [:]][fault, default: 0] += 1 }
    for run in runs {
      let agents = run.variant.topology.agents
      func part(_ process: String) -> String { Self.part(process, agents) }
      for timed in run.observations {
        switch timed.observation {
        case .processEnded(let process, let reason, true):
          count(part(process), reason.contains("crash") ? "crash" : reason.contains("vanish") ? "vanish" : "stop")
        case .processPaused(let process): count(part(process), "pause")
        case .faultBegan(_, let fault?):
          for (part, name) in fault.coverage { count(part, name) }
        default: break
        }
      }
    }
    let faults = Self.faultOrder.filter { fault in counts.values.contains { $0[fault] != nil } }
    let rows = Self.partOrder.filter { counts[$0] != nil }.map { part in
      [part] + faults.map { counts[part]?[$0].map(String.init) ?? "-" }
    }
    return "### Failure modes covered\n\nHow often each part met each fault in these runs; `-`: not in these cases.\n\n"
      + Markdown.table(["part"] + faults, rows)
  }

  private static let partOrder = ["API replica", "agent", "Redis", "database", "cluster API", "Docker", "workload"]
  private static let faultOrder = [
    "crash", "stop", "vanish", "pause", "down", "emptied", "fail-over", "eviction", "cut", "half-open", "reset",
    "split",
    "slow", "errors", "commit unknown", "statement fails", "skew",
  ]

  private static func part(_ process: String, _ agents: [Topology.Agent]) -> String {
    if process.hasPrefix("api-") { return "API replica" }
    if process.hasPrefix("redis") { return "Redis" }
    if process.hasPrefix("database") || process.hasPrefix("postgres") { return "database" }
    if process.hasPrefix("kubernetes") { return "cluster API" }
    return "agent"
  }

  private var crashPoints: String? {
    let lines = TableLines("crash points", of: runs).lines
    guard !lines.isEmpty else { return nil }
    let rows = lines.map { line in
      [line["operation"], line["trouble"], "\(Self.sum(line, "points"))", "\(Self.sum(line, "met"))"]
    }
    return
      "### Crash points\n\nPlaces at which a request to the database met a trouble, over all runs; a plain run takes every "
      + "tenth, offset by its seed.\n\n" + Markdown.table(["operation", "trouble", "points", "met"], rows)
  }

  // MARK: What is left

  private var counterExamples: String {
    "### Shrunk counter-examples\n\nNone was given to this report. `./sim chaos` writes those of a campaign beside its "
      + "results.\n"
  }

  private var unrecovered: String {
    let lines = TableLines("unrecovered", of: runs).lines
    guard !lines.isEmpty else { return "### Unrecovered states\n\nNone.\n" }
    return "### Unrecovered states\n\n"
      + Markdown.table(
        ["case", "what", "as it stood", "n"], lines.map { [$0.caseID, $0["object"], $0["state"], "\($0.count)"] })
  }

  // MARK: Sums

  private static func durations(_ line: TableLines.Line, _ column: String) -> [Duration] {
    (line.values.first { $0.column == column }?.values ?? []).compactMap {
      if case .duration(let duration) = $0 { duration } else { nil }
    }
  }

  private static func sum(_ line: TableLines.Line, _ column: String) -> Int {
    (line.values.first { $0.column == column }?.values ?? []).reduce(0) { sum, value in
      if case .count(let count) = value { sum + count } else { sum }
    }
  }

  /// With two decimals, cut.
  private static func percent(_ part: Int, of whole: Int) -> String {
    guard whole > 0 else { return "-" }
    let hundredths = part * 10_000 / whole
    let rest = hundredths % 100
    return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest) %"
  }
}

extension Fault {
  /// The cells of the matrix of failure modes that it fills.
  fileprivate var coverage: [(part: String, fault: String)] {
    switch self {
    case .redisDown: [("Redis", "down")]
    case .redisRestartEmpty: [("Redis", "emptied")]
    case .redisFailOver: [("Redis", "fail-over")]
    case .redisEvict: [("Redis", "eviction")]
    case .redisSlow: [("Redis", "slow")]
    case .redisLosePubSub: [("Redis", "errors")]
    case .redisSplit: [("Redis", "split"), ("API replica", "split")]
    case .databaseDown: [("database", "down")]
    case .databaseSlow, .dispatcherSlow: [("database", "slow")]
    case .databaseCommitUnknown: [("database", "commit unknown")]
    case .databaseRequest(_, _, .crash): [("database", "statement fails")]
    case .databaseRequest(_, _, .error): [("database", "statement fails")]
    case .databaseRequest(_, _, .answerLost): [("database", "commit unknown")]
    case .cut(let a, let b), .cutOneWay(let a, let b): [a, b].compactMap(\.part).map { ($0, "cut") }
    case .halfOpen(let a, let b): [a, b].compactMap(\.part).map { ($0, "half-open") }
    case .reset(let a, let b): [a, b].compactMap(\.part).map { ($0, "reset") }
    case .slow(let a, let b, _): [a, b].compactMap(\.part).map { ($0, "slow") }
    case .skew(let component, _), .drift(let component, _): [component].compactMap(\.part).map { ($0, "skew") }
    case .kubernetes(.slow): [("cluster API", "slow")]
    case .kubernetes(.down): [("cluster API", "down")]
    case .kubernetes: [("cluster API", "errors")]
    case .docker: [("Docker", "errors")]
    case .workload: [("workload", "crash")]
    default: []
    }
  }
}

extension Component {
  fileprivate var part: String? {
    switch self {
    case .replica, .controlPlane: "API replica"
    case .agent, .instance: "agent"
    case .redis: "Redis"
    case .database: "database"
    case .kubernetes: "cluster API"
    case .docker: "Docker"
    }
  }
}
