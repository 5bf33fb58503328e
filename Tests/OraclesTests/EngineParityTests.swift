import Oracles
import TestEnvironment
import Testing

@Suite("Parity of the database engines (DBM-17)")
struct EngineParityTests {
  private static func run(_ id: String, _ engine: DatabaseEngineName, _ verdict: Verdict, seed: UInt64 = 1) -> CaseRun {
    let testCase = TestCase.database(id, "Made up", source: "", needs: [], checks: [], kills: []) { _ in }
    var run = CaseRun(
      testCase: testCase, variant: testCase.variants[0], seed: seed, depth: .plain, profile: "contract",
      verdict: verdict, reason: "")
    run.engine = engine
    return run
  }

  private static func judged(_ runs: [CaseRun]) -> CaseRun? {
    var runs = runs
    EngineParity.judge(&runs)
    return runs.first { $0.testCase.id == "DBM-17" && $0.engine == .postgreSQL }
  }

  private static let own = [run("DBM-17", .sqlite, .passed), run("DBM-17", .postgreSQL, .passed)]

  @Test("equal verdicts leave it green, with a line for each case and engine", arguments: [Verdict.passed, .failed])
  func equal(_ verdict: Verdict) throws {
    let half = try #require(
      Self.judged(Self.own + [Self.run("DBM-01", .sqlite, verdict), Self.run("DBM-01", .postgreSQL, verdict)]))
    #expect(half.verdict == .passed)
    #expect(half.expectations.map(\.isMet) == [true])
    #expect(half.tables.map { $0["verdict"] } == [.text(verdict.rawValue), .text(verdict.rawValue)])
  }

  @Test("a case that ends differently fails it, by name", arguments: [Verdict.passed, .failed])
  func different(_ onSQLite: Verdict) throws {
    let other: Verdict = onSQLite == .passed ? .failed : .passed
    let half = try #require(
      Self.judged(
        Self.own + [
          Self.run("DBM-05", .sqlite, onSQLite), Self.run("DBM-05", .postgreSQL, other),
          Self.run("DBM-06", .sqlite, .passed), Self.run("DBM-06", .postgreSQL, .passed),
        ]))
    #expect(half.verdict == .failed)
    #expect(
      half.reason
        == "verdicts differ between the engines: DBM-05 (SQLite \(onSQLite.rawValue), PostgreSQL \(other.rawValue))")
    #expect(half.expectations.map(\.isMet) == [false])
  }

  @Test("only the seed that ran on the server is compared")
  func seeds() throws {
    let half = try #require(
      Self.judged(
        Self.own + [
          Self.run("DBM-05", .sqlite, .passed), Self.run("DBM-05", .sqlite, .failed, seed: 2),
          Self.run("DBM-05", .postgreSQL, .passed),
        ]))
    #expect(half.verdict == .passed)
  }

  @Test("without a server nothing is judged")
  func withoutServer() throws {
    let half = try #require(
      Self.judged([
        Self.run("DBM-17", .sqlite, .passed), Self.run("DBM-17", .postgreSQL, .skipped),
        Self.run("DBM-05", .sqlite, .passed), Self.run("DBM-05", .postgreSQL, .skipped),
      ]))
    #expect(half.verdict == .skipped && half.expectations.isEmpty && half.tables.isEmpty)
  }
}
