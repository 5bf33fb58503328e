import Oracles
import Reporting
import TestEnvironment
import Testing

/// The extras of scenario 9: two engines side by side, and what no engine ran is never green.
@Suite("Report of scenario 9")
struct MigrationReportTests {
  private static func run(
    _ id: String, on engine: DatabaseEngineName, seed: UInt64 = 1, verdict: Verdict = .passed, reason: String = "",
    _ change: (inout CaseRun) -> Void = { _ in }
  ) -> CaseRun {
    let testCase = TestCase.database(id, "Made up", source: "[+]", needs: [], checks: [], kills: []) { _ in }
    var run = CaseRun(
      testCase: testCase, variant: testCase.variants[0], seed: seed, depth: .plain, profile: "contract",
      verdict: verdict, reason: reason)
    run.engine = engine
    run.fingerprint = engine == .sqlite ? "00000000000000aa" : ""
    change(&run)
    return run
  }

  private static func skipped(_ id: String) -> CaseRun {
    run(id, on: .postgreSQL, verdict: .skipped, reason: "needs PostgreSQL (--database-url)")
  }

  private static func measured(_ id: String, on engine: DatabaseEngineName, milliseconds: Int64 = 3) -> CaseRun {
    run(id, on: engine) { run in
      run.expectations = [
        SampleRuns.count("undeclared differences", 0, measured: 0),
        SampleRuns.within("step 9.2", .seconds(1), measured: .milliseconds(milliseconds)),
      ]
      run.tables = [
        .schemaDifferences(engine, "fresh", with: "upgraded", tables: 91, columns: 900, differences: 0),
        .crash(
          engine, place: "9.1/2", request: engine == .sqlite ? 41 : 44, kind: MigrationInterruption.crash.rawValue,
          first: "broken off", restarted: "ready at 10"),
        .runners(engine, "empty", runners: 3, schedules: 20, ready: 20, appliedOnce: 20),
        .lockTime(
          engine, version: 9, step: "9.2", table: "sessions", mode: "AccessExclusive",
          longest: .milliseconds(milliseconds)),
        .dataPreserved(engine, "1 to 8", table: "users", before: 1_000, after: 1_000, equal: true, declared: "org_id"),
        .rollBack(engine, version: 6, name: "organizations", loses: ["org_id"], restored: engine == .sqlite),
        .queryLint(engine, version: 10, statements: 310, prepared: 310, tooEarly: 0, problems: 0),
        .stepTime(
          engine, step: "9.2", name: "claims", kind: "schema", statements: 2, rows: 10,
          time: .milliseconds(milliseconds)),
        .dialectException("TEXT[]", postgreSQL: "array", sqlite: "JSON text", place: "sessions.tags"),
        .dialectParity("DBM-03", engine, verdict: engine == .sqlite ? "passed" : "failed"),
      ]
    }
  }

  private static func files(_ runs: [CaseRun], server: String? = nil) -> [ReportFile] {
    var suite = SuiteRun(
      runs: runs, seeds: 1...1, profile: "contract", environment: "simulated", depth: .plain, command: "./sim run")
    suite.databaseServer = server
    return ReportFiles.files(for: suite)
  }

  private static func text(_ files: [ReportFile], _ name: String = "INTEGRATION_TEST_DATABASE_MIGRATIONS.md") -> String
  {
    files.first { $0.name == name }.map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
  }

  private static let both = [
    measured("DBM-01", on: .sqlite, milliseconds: 0), measured("DBM-01", on: .postgreSQL, milliseconds: 250),
  ]

  @Test("verdicts of both engines stand side by side, each expectation on one line")
  func sideBySide() {
    let report = Self.text(Self.files(Self.both, server: "postgresql://u@h/d"))
    #expect(report.contains("| **DBM-01** Made up |  |  | passed |  | passed |  |"))
    #expect(report.contains("| — undeclared differences | = 0 | 0 | met | 0 | met | 1 |"))
    #expect(
      report.contains(
        "| — step 9.2 | ≤ 1000 ms | 0 ms / 0 ms / 0 ms / 0 ms | met | 250 ms / 250 ms / 250 ms / 250 ms |"))
    #expect(report.contains("| PostgreSQL | postgresql://u@h/d |"))
    #expect(report.contains("on SQLite: 1 passed, 0 failed, 0 skipped; on PostgreSQL: 1 passed, 0 failed, 0 skipped."))
  }

  @Test("a half without a server is skipped, is told among the limits, and is not counted as passed")
  func skippedHalves() {
    let runs = [
      Self.run("DBM-01", on: .sqlite), Self.run("DBM-02", on: .sqlite), Self.skipped("DBM-01"), Self.skipped("DBM-02"),
    ]
    let files = Self.files(runs)
    let report = Self.text(files)
    #expect(report.contains("| **DBM-02** Made up |  |  | passed |  | skipped |  |"))
    #expect(report.contains("on SQLite: 2 passed, 0 failed, 0 skipped; on PostgreSQL: 0 passed, 0 failed, 2 skipped."))
    #expect(report.contains("- PostgreSQL halves of DBM-01, DBM-02: skipped, needs PostgreSQL (--database-url)"))
    #expect(report.contains("| PostgreSQL | none |"))
    #expect(report.contains("Verdict: **green**"))
    let junit = Self.text(files, "junit.xml")
    #expect(junit.contains("<testsuite name=\"DBM-01\" tests=\"2\" failures=\"0\" skipped=\"1\">"))
    #expect(junit.contains("name=\"seed 1, SQLite\""))
    #expect(
      junit.contains(
        "name=\"seed 1, PostgreSQL\" time=\"0.000\"><skipped message=\"needs PostgreSQL (--database-url)\"/>"))
  }

  @Test("a server has no part in the fingerprint, a simulated run has")
  func fingerprint() {
    let alone = SampleRuns.suite([Self.run("DBM-01", on: .sqlite)])
    #expect(SampleRuns.suite(Self.both).fingerprint == alone.fingerprint)
    #expect(alone.fingerprint == "00000000000000aa")
  }

  @Test("every table has a column of each engine")
  func tables() {
    let report = Self.text(Self.files(Self.both))
    for line in [
      "| case | schema | compared with | SQLite: tables | SQLite: columns | SQLite: differences | PostgreSQL: tables |",
      "| DBM-01 | fresh | upgraded | 91 | 900 | 0 | 91 | 900 | 0 |",
      "| DBM-01 | 9.1/2 | crash | 41 | broken off | ready at 10 | 44 | broken off | ready at 10 |",
      "| DBM-01 | empty | 3 | 20 | 20 | 20 | 20 | 20 | 20 |",
      "| DBM-01 | 9 | 9.2 | sessions | AccessExclusive | 0 ms | 250 ms |",
      "| DBM-01 | 1 to 8 | users | 1000 | 1000 | equal | 1000 | 1000 | equal | org_id |",
      "| DBM-01 | 6 | organizations | org_id | yes | **no** |",
      "| DBM-01 | 10 | 310 | 310 | 0 | 0 | 310 | 310 | 0 | 0 |",
      "| DBM-01 | 9.2 | claims | schema | 2 | 10 | 0 ms | 2 | 10 | 250 ms |",
      "| DBM-03 | passed | failed | **no** |",
      "| TEXT[] | array | JSON text | sessions.tags |",
    ] {
      #expect(report.contains(line), "\(line)")
    }
    #expect(report.ranges(of: "TEXT[]").count == 1)
    #expect(!report.contains("Table “"))
  }

  @Test("an engine that measured nothing has no columns")
  func oneEngine() {
    let report = Self.text(Self.files([Self.measured("DBM-01", on: .sqlite), Self.skipped("DBM-01")]))
    #expect(
      report.contains(
        "| case | version | SQLite: statements | SQLite: prepared | SQLite: too early | SQLite: problems |\n"))
    #expect(!report.contains("lock-times.svg"))
  }

  @Test("the figure of lock times shows PostgreSQL beside the limit, and marks what exceeds it")
  func lockTimes() {
    let slow = Self.measured("DBM-15", on: .postgreSQL, milliseconds: 1_700)
    let files = Self.files(Self.both + [slow])
    let figure = Self.text(files, "figures/database-migrations-lock-times.svg")
    #expect(Self.text(files).contains("![Lock times](figures/database-migrations-lock-times.svg)"))
    #expect(figure.contains(">9.2 sessions (AccessExclusive)</text>"))
    #expect(figure.contains("250 ms") && figure.contains("1700 ms") && figure.contains("limit 1 s"))
    #expect(figure.ranges(of: "<rect ").count == 3)
    #expect(figure.ranges(of: "height=\"12\" fill=\"#c62828\"").count == 1)
    #expect(XMLReader.read(figure)?.first?.name == "svg")
  }

  @Test("a failure on a server says how to repeat it, and leaves no file for replay")
  func redOnServer() {
    let files = Self.files([
      Self.run("DBM-05", on: .sqlite),
      Self.run("DBM-05", on: .postgreSQL, seed: 7, verdict: .failed, reason: "PostgreSQL: no"),
    ])
    #expect(!files.contains { $0.name.hasPrefix("failures/") })
    #expect(Self.text(files).contains("### DBM-05 , PostgreSQL, seed 7"))
    #expect(Self.text(files).contains("./sim run DBM-05 --seed 7 --profile contract --database-url URL"))
  }
}
