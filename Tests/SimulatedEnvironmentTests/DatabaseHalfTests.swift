import Oracles
import StreamSpaceProtocol
import Synchronization
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Database half of a case")
struct DatabaseHalfTests {
  /// A case with a database half only, on a stand-in.
  private func databaseOnly(
    seed: UInt64 = 1, _ ledger: StandInLaboratory.Ledger = .init(),
    _ body: @escaping @Sendable (DatabaseBench) throws -> Void
  ) -> CaseRequest {
    let testCase = TestCase.database(
      "TEST-02", "A case on a database", source: "", needs: [], checks: [], kills: [], body: body)
    return request(testCase, seed: seed, ledger)
  }

  private func request(_ testCase: TestCase, seed: UInt64 = 1, _ ledger: StandInLaboratory.Ledger) -> CaseRequest {
    var request = CaseRequest(testCase: testCase, variant: testCase.variants[0], seed: seed)
    request.makeLaboratory = { StandInLaboratory(.sqlite, ledger) }
    return request
  }

  @Test("a case with a database half only takes no virtual time and builds no deployment")
  func noDeployment() {
    let run = CaseRunner.run(
      databaseOnly { bench in
        bench.record.add(
          Expectation(name: "engine", target: .reported, measured: .text(bench.engine.rawValue), time: bench.now))
        bench.tell(.schemaCompared(engine: .sqlite, what: "fresh", with: "upgraded", differences: []))
      }, twice: true)
    #expect(run.verdict == .passed, "\(run.reason)")
    #expect(run.engine == .sqlite)
    #expect(run.virtualTime == .zero && run.kernelEvents == 0)
    #expect(run.told("engine") == [.text("SQLite")])
    #expect(
      run.observations.map(\.observation) == [
        .schemaCompared(engine: .sqlite, what: "fresh", with: "upgraded", differences: [])
      ])
    #expect(run.invariants.first { $0.id == "I-DET" }?.outcome == .held)
  }

  @Test("where a case has both halves, the database comes first and its facts are the deployment's too")
  func bothHalves() {
    let order = Mutex<[String]>([])
    var both = adHoc { environment in
      order.withLock { $0.append("deployment") }
      try await environment.connected()
    }
    both.testCase.databaseBody = { bench in
      order.withLock { $0.append("database") }
      bench.tell(.schemaCompared(engine: .sqlite, what: "fresh", with: "upgraded", differences: []))
    }
    both.makeLaboratory = { StandInLaboratory() }
    let run = CaseRunner.run(both)
    #expect(run.verdict == .passed, "\(run.reason)")
    #expect(order.withLock { $0 } == ["database", "deployment"])
    #expect(run.observations.contains { if case .schemaCompared = $0.observation { true } else { false } })
    #expect(run.virtualTime > .seconds(90))
  }

  @Test("a half that throws is red with one line, and what it left is removed")
  func throwing() {
    let ledger = StandInLaboratory.Ledger()
    let run = CaseRunner.run(
      databaseOnly(ledger) { bench in
        let database = try bench.laboratory.makeDatabase()
        _ = try database.copy()
        try bench.laboratory.makeDatabase().drop()
        throw EnvironmentError("no\nschema")
      })
    #expect(run.verdict == .failed)
    #expect(run.reason == "SQLite: no schema")
    #expect(
      ledger.all == ["made db0", "made db0 copy", "made db2", "dropped db2", "dropped db0 copy", "dropped db0"])
  }

  @Test("the deployment's half runs even when the database half is red")
  func goOnAfterRed() {
    var both = adHoc { $0.tell("reached", "the deployment") }
    both.testCase.databaseBody = { _ in throw EnvironmentError("no schema") }
    both.makeLaboratory = { StandInLaboratory() }
    let run = CaseRunner.run(both)
    #expect(run.reason == "SQLite: no schema")
    #expect(run.told("reached") == [.text("the deployment")])
  }

  @Test("what a half tells, expects or writes down decides the fingerprint", arguments: ["told", "expected", "row"])
  func fingerprint(_ what: String) {
    let turn = Mutex(0)
    let request = databaseOnly { bench in
      let number = turn.withLock { value in
        value += 1
        return value
      }
      switch what {
      case "told": bench.tell(.statementPrepared(engine: .sqlite, statement: "s\(number)", version: 10, problem: nil))
      case "expected":
        bench.record.add(
          Expectation(name: "rows", target: .reported, measured: .count(number), time: bench.now))
      default: bench.record.add(TableEntry(table: "t", row: ["n": .count(number)]))
      }
    }
    let run = CaseRunner.run(request, twice: true)
    #expect(run.verdict == .failed)
    #expect(run.reason.hasPrefix("I-DET"))
  }

  @Test("choices follow the seed, and are the same on either engine", arguments: [UInt64(1), 2, 77])
  func choices(_ seed: UInt64) {
    let request = databaseOnly(seed: seed) { bench in
      for name in ["a", "b"] {
        bench.record.add(
          Expectation(name: name, target: .reported, measured: .count(bench.choose(name, 1_000_000)), time: bench.now))
      }
    }
    let simulated = CaseRunner.run(request)
    let real = CaseRunner.run(
      request, on: StandInLaboratory(.postgreSQL), clock: { .zero }, isStopped: { false })
    #expect(simulated.told("a") == real.told("a") && simulated.told("b") == real.told("b"))
    #expect(simulated.told("a") != simulated.told("b"))
    #expect(real.engine == .postgreSQL && real.fingerprint.isEmpty)
  }

  @Test("on a server time is real, from the start of the case")
  func realTime() {
    let clock = Mutex(Duration.seconds(1_000))
    let run = CaseRunner.run(
      databaseOnly { bench in
        clock.withLock { $0 += .seconds(5) }
        bench.record.add(Expectation(name: "now", target: .reported, measured: .duration(bench.now), time: bench.now))
        bench.tell(.schemaCompared(engine: .postgreSQL, what: "a", with: "b", differences: []))
      }, on: StandInLaboratory(.postgreSQL), clock: { clock.withLock { $0 } }, isStopped: { false })
    #expect(run.told("now") == [.duration(.seconds(5))])
    #expect(run.observations.map(\.time) == [.seconds(5)])
    #expect(run.virtualTime == .seconds(5))
  }

  @Test("a case that its user stops finds its connections lost, and leaves nothing behind")
  func stopping() {
    let ledger = StandInLaboratory.Ledger()
    let stopped = Mutex(false)
    let run = CaseRunner.run(
      databaseOnly { bench in
        let database = try bench.laboratory.makeDatabase()
        let connection = try database.connect()
        try connection.execute("SELECT 1")
        stopped.withLock { $0 = true }
        try connection.execute("SELECT 2")
        bench.record.add(Expectation(name: "gone on", target: .reported, measured: .count(1), time: bench.now))
      }, on: StandInLaboratory(.postgreSQL, ledger), clock: { .zero }, isStopped: { stopped.withLock { $0 } })
    #expect(run.reason == "PostgreSQL: interrupted")
    #expect(run.told("gone on").isEmpty)
    #expect(ledger.all == ["made db0", "dropped db0"])
  }

  @Test("a half that waits for a server is skipped with the reason")
  func skipping() {
    let run = CaseRunner.skipped(databaseOnly { _ in }, on: .postgreSQL, "needs PostgreSQL")
    #expect(run.verdict == .skipped && run.reason == "needs PostgreSQL" && run.engine == .postgreSQL)
  }
}
