import TestEnvironment

/// What a run cost, or may cost: kernel events and SQL statements.
public struct RunCost: Sendable, Equatable {
  public var events: Int
  public var statements: Int

  public init(events: Int, statements: Int) {
    self.events = events
    self.statements = statements
  }

  /// Whether neither figure is above that of `budget`.
  public func isWithin(_ budget: RunCost) -> Bool { events <= budget.events && statements <= budget.statements }

  /// In percent of `budget`, the figure that is closer to its limit.
  func percent(of budget: RunCost) -> Int {
    max(events * 100 / max(budget.events, 1), statements * 100 / max(budget.statements, 1))
  }
}

/// The plain runs of one seed against what they may cost (spec/06 §10.4).
///
/// Statements are those of deployments: what a case of scenario 9 asks of a database beside them is not counted.
///
/// The specification bounds the median case, ten heavy cases by name, and the sum. A case that is none of the ten has the
/// allowance of ``ordinary`` besides, or of ``crowd`` where many at once are what it tests, so that one that grows is named
/// before the median or the sum shows it.
public struct RunCosts: Sendable {
  /// The ten cases that may be heavy.
  public static let heavyCases: Set<String> = [
    "VNC-K-02", "VNC-K-07", "VNC-K-17", "MU-09", "PERF-THR-05", "PERF-LOAD-01", "PERF-LOAD-03", "PERF-LOAD-05",
    "DBM-02", "DBM-06",
  ]
  /// The median of the cases that are not heavy.
  public static let median = RunCost(events: 5_000, statements: 300)
  /// A heavy case.
  public static let heavy = RunCost(events: 200_000, statements: 20_000)
  /// Any other case: ten times the median. A decision of this project, the specification has no figure for it.
  public static let ordinary = RunCost(events: 50_000, statements: 3_000)
  /// Cases that test a crowd, a backlog or a long time: 50 and 100 agents, 500 commands, 200 creates or starts, an hour.
  public static let crowds: Set<String> = [
    "CHAOS-11", "CHAOS-14", "MU-13", "PERF-THR-03", "PERF-RES-02", "PERF-RES-05", "PERF-LOAD-04", "PERF-LOAD-06",
  ]
  /// One of them: a decision of this project too.
  public static let crowd = RunCost(events: 150_000, statements: 10_000)
  /// All cases of one seed together.
  public static let total = RunCost(events: 2_500_000, statements: 150_000)

  /// What one case cost: the dearest of the variants that a plain run does of it.
  public struct Entry: Sendable, Equatable {
    public var testCase: String
    public var cost: RunCost
    public var isHeavy: Bool { RunCosts.heavyCases.contains(testCase) }
    /// `heavy`, `crowd` or `ordinary`.
    public var kind: String { isHeavy ? "heavy" : RunCosts.crowds.contains(testCase) ? "crowd" : "ordinary" }
    public var budget: RunCost { RunCosts.budget(of: testCase) }
    public var isWithinBudget: Bool { cost.isWithin(budget) }
  }

  /// What a plain run of the case may cost.
  public static func budget(of testCase: String) -> RunCost {
    heavyCases.contains(testCase) ? heavy : crowds.contains(testCase) ? crowd : ordinary
  }

  /// One for each case, in the order of the runs.
  public let entries: [Entry]
  /// Of the runs of cases that are not heavy.
  public let medianCost: RunCost
  /// Of all runs.
  public let sum: RunCost

  /// Of the first seed's runs; nil when they are not plain: campaigns have no budget.
  public init?(_ suite: SuiteRun) {
    guard suite.depth == .plain else { return nil }
    let runs = suite.runs.filter {
      $0.seed == suite.seeds.lowerBound && $0.engine != .postgreSQL && $0.verdict != .skipped
    }
    guard !runs.isEmpty else { return nil }
    var entries: [Entry] = []
    var places: [String: Int] = [:]
    for run in runs {
      let cost = RunCost(events: run.kernelEvents, statements: run.statements)
      guard let place = places[run.testCase.id] else {
        places[run.testCase.id] = entries.count
        entries.append(Entry(testCase: run.testCase.id, cost: cost))
        continue
      }
      entries[place].cost.events = max(entries[place].cost.events, cost.events)
      entries[place].cost.statements = max(entries[place].cost.statements, cost.statements)
    }
    self.entries = entries
    let light = runs.filter { !Self.heavyCases.contains($0.testCase.id) }
    medianCost = RunCost(
      events: Self.median(of: light.map(\.kernelEvents)), statements: Self.median(of: light.map(\.statements)))
    sum = RunCost(
      events: runs.reduce(0) { $0 + $1.kernelEvents }, statements: runs.reduce(0) { $0 + $1.statements })
  }

  private static func median(of values: [Int]) -> Int {
    values.isEmpty ? 0 : values.sorted()[values.count / 2]
  }

  /// The dearest entries, measured by their own budgets, at most `count`.
  public func dearest(_ count: Int) -> [Entry] {
    let ranked = entries.sorted {
      ($1.cost.percent(of: $1.budget), $0.testCase) < ($0.cost.percent(of: $0.budget), $1.testCase)
    }
    return Array(ranked.prefix(count))
  }

  /// Whether everything is within its bound. The median says something of whole scenarios only.
  public var isWithinBudgets: Bool { warnings.isEmpty }

  /// What is above its bound, a line each.
  public var warnings: [String] {
    var lines = entries.filter { !$0.isWithinBudget }.map { entry in
      "\(entry.testCase) costs \(entry.cost.text); a case\(entry.isHeavy ? " of the heavy ten" : "") may cost "
        + entry.budget.text
    }
    if !sum.isWithin(Self.total) { lines.append("all cases cost \(sum.text); one seed may cost \(Self.total.text)") }
    if entries.count >= Self.casesOfAMedian, !medianCost.isWithin(Self.median) {
      lines.append("the median case costs \(medianCost.text); it may cost \(Self.median.text)")
    }
    return lines
  }

  /// As many cases as the smallest scenario has: the median of fewer says nothing.
  private static let casesOfAMedian = 14
}

extension RunCost {
  /// `5 000 events and 300 statements`.
  public var text: String { "\(Self.grouped(events)) events and \(Self.grouped(statements)) statements" }

  private static func grouped(_ number: Int) -> String {
    var groups: [Substring] = []
    var digits = String(number)[...]
    while digits.count > 3 {
      groups.append(digits.suffix(3))
      digits = digits.dropLast(3)
    }
    return ([digits] + groups.reversed()).joined(separator: " ")
  }
}
