import TestEnvironment

/// How a case ended.
public enum Verdict: String, Sendable { case passed, failed, skipped }

/// One run of one variant of one case from one seed, judged: what reports are made from.
public struct CaseRun: Sendable {
  public var testCase: TestCase
  public var variant: Variant
  public var seed: UInt64
  public var depth: Depth
  public var profile: String
  /// How simultaneous events were ordered, as the command line writes it.
  public var strategy: String
  /// The engine of its database half; nil: the case has none. A run on SQLite includes the deployment's half, one on
  /// PostgreSQL is the database half alone, in real time.
  public var engine: DatabaseEngineName?
  public var verdict: Verdict
  /// Why it failed or was skipped; empty if it passed.
  public var reason: String
  public var expectations: [Expectation]
  public var marks: [TimelineMark]
  public var samples: [(name: String, values: [Duration])]
  public var routing: [RoutingSample]
  /// Rows that the case wrote for named tables.
  public var tables: [TableEntry]
  /// Pictures that the case took.
  public var attachments: [CaseAttachment]
  public var invariants: [InvariantVerdict]
  public var observations: [TimedObservation]
  public var faults: [FaultSummary]
  public var commands: [CommandRow]
  /// Digest of the run's trace.
  public var fingerprint: String
  /// Virtual time of the run.
  public var virtualTime: Duration
  public var kernelEvents: Int
  public var statements: Int

  public init(
    testCase: TestCase, variant: Variant, seed: UInt64, depth: Depth, profile: String, strategy: String = "random",
    verdict: Verdict, reason: String
  ) {
    self.testCase = testCase
    self.variant = variant
    self.seed = seed
    self.depth = depth
    self.profile = profile
    self.strategy = strategy
    self.verdict = verdict
    self.reason = reason
    expectations = []
    marks = []
    samples = []
    routing = []
    tables = []
    attachments = []
    invariants = []
    observations = []
    faults = []
    commands = []
    fingerprint = ""
    virtualTime = .zero
    kernelEvents = 0
    statements = 0
  }

  /// Checks done: expectations and checks of invariants.
  public var checks: Int { expectations.count + invariants.reduce(0) { $0 + $1.checks } }

  /// The command that repeats this run.
  public var replayLine: String {
    if engine == .postgreSQL {
      return
        "./sim run \(testCase.id) --seed \(seed) --profile \(profile)\(depth == .plain ? "" : " --depth \(depth.rawValue)") --database-url URL"
    }
    let variantOption = variant.name.isEmpty ? "" : " --variant '\(variant.name)'"
    let depthOption = depth == .plain ? "" : " --depth \(depth.rawValue)"
    let strategyOption = strategy == "random" ? "" : " --strategy '\(strategy)'"
    return
      "./sim replay --case \(testCase.id)\(variantOption) --seed \(seed) --profile \(profile)\(depthOption)\(strategyOption)"
  }
}

/// What a fault of a run did.
public struct FaultSummary: Sendable, Equatable {
  public var name: String
  public var start: Duration
  /// Nil: to the end of the run.
  public var end: Duration?
  /// Deliveries, timers or calls it affected; 0: it proved nothing.
  public var touched: Int

  public init(name: String, start: Duration, end: Duration?, touched: Int) {
    self.name = name
    self.start = start
    self.end = end
    self.touched = touched
  }
}

/// Everything one command ran.
public struct SuiteRun: Sendable {
  public var runs: [CaseRun]
  public var seeds: ClosedRange<UInt64>
  public var profile: String
  public var environment: String
  public var depth: Depth
  /// The command that repeats it.
  public var command: String
  /// The PostgreSQL server that was given, without its password; nil: none.
  public var databaseServer: String?

  public init(
    runs: [CaseRun], seeds: ClosedRange<UInt64>, profile: String, environment: String, depth: Depth, command: String
  ) {
    self.runs = runs
    self.seeds = seeds
    self.profile = profile
    self.environment = environment
    self.depth = depth
    self.command = command
  }

  /// Digest over the fingerprints of all simulated runs, in order. A server does not repeat itself.
  public var fingerprint: String { Self.fingerprint(of: runs) }

  /// The runs by case, in the order of the catalogue.
  public var cases: [(testCase: TestCase, runs: [CaseRun])] {
    var order: [String] = []
    var groups: [String: [CaseRun]] = [:]
    for run in runs {
      if groups[run.testCase.id] == nil { order.append(run.testCase.id) }
      groups[run.testCase.id, default: []].append(run)
    }
    return order.compactMap { id in groups[id].map { ($0[0].testCase, $0) } }
  }

  /// Digest over the fingerprints of runs, in order (FNV-1a, 64 bits); that of a single run is its own.
  public static func fingerprint(of runs: [CaseRun]) -> String {
    let runs = runs.filter { $0.engine != .postgreSQL }
    if runs.count == 1 { return runs[0].fingerprint }
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in runs.flatMap({ Array($0.fingerprint.utf8) }) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    let digits = String(hash, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Worst verdict of the runs on one engine; nil: there is none.
  public static func verdict(of runs: [CaseRun], on engine: DatabaseEngineName) -> Verdict? {
    let own = runs.filter { $0.engine == engine }
    return own.isEmpty ? nil : verdict(of: own)
  }

  /// Worst verdict of the runs: failed over passed over skipped.
  public static func verdict(of runs: [CaseRun]) -> Verdict {
    if runs.contains(where: { $0.verdict == .failed }) { return .failed }
    return runs.contains { $0.verdict == .passed } ? .passed : .skipped
  }
}
