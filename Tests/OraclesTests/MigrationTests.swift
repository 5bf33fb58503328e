import Oracles
import TestEnvironment
import Testing

/// The invariants of scenario 9 count every comparison as a check, and every problem as a breach.
@Suite struct MigrationTests {
  private static let engine = DatabaseEngineName.sqlite

  /// One observation of each kind, with problems or without.
  static func observation(_ kind: Int, problems: [String]) -> Observation {
    switch kind {
    case 0: .schemaCompared(engine: engine, what: "fresh", with: "upgraded", differences: problems)
    case 1: .statementPrepared(engine: engine, statement: "insertSession", version: 8, problem: problems.first)
    case 2: .migrationRepeated(engine: engine, what: "version 5", times: 3, changes: problems)
    case 3: .migrationInterrupted(engine: engine, point: "4.2/1 crash", problems: problems)
    case 4: .migrationsTogether(engine: engine, what: "an empty database", runners: 3, problems: problems)
    default: .contentsCompared(engine: engine, what: "upgrade", table: "sessions", rows: 10, undeclared: problems)
    }
  }

  private static let ids = ["I-SCHEMA", "I-SCHEMA", "I-MIG-IDEM", "I-MIG-ATOM", "I-MIG-CONC", "I-MIG-DATA"]

  @Test("what was compared and is well holds", arguments: 0..<6)
  func held(kind: Int) {
    var history = History.steady()
    history.at(.s(1), Self.observation(kind, problems: []))
    for id in Set(Self.ids) {
      #expect(history.verdict(id, until: .s(2)).outcome == (id == Self.ids[kind] ? .held : .notExercised), "\(id)")
    }
  }

  @Test("a problem is a breach, told in its own words", arguments: 0..<6)
  func violated(kind: Int) {
    var history = History.steady()
    history.at(.s(1), Self.observation(kind, problems: ["column sessions.org_id is missing"]))
    let verdict = history.verdict(Self.ids[kind], until: .s(2))
    #expect(verdict.violationCount == 1)
    #expect(verdict.violations.first?.time == .s(1))
    #expect(verdict.violations.first?.message.contains("sessions.org_id is missing") == true)
    #expect(verdict.violations.first?.firstEvent?.line.contains("SQLite") == true)
  }

  @Test("the rows of an empty table prove nothing")
  func empty() {
    var history = History.steady()
    history.at(
      .s(1),
      .contentsCompared(engine: Self.engine, what: "upgrade", table: "licenses", rows: 0, undeclared: []))
    #expect(history.verdict("I-MIG-DATA", until: .s(2)).outcome == .notExercised)
    history.at(
      .s(2),
      .contentsCompared(engine: Self.engine, what: "upgrade", table: "licenses", rows: 0, undeclared: ["a row came"]))
    #expect(history.verdict("I-MIG-DATA", until: .s(3)).outcome == .violated)
  }

  @Test("many problems are one breach, of which the first few are shown")
  func many() {
    var history = History.steady()
    history.at(.s(1), Self.observation(0, problems: (1...40).map { "difference \($0)" }))
    let verdict = history.verdict("I-SCHEMA", until: .s(2))
    #expect(verdict.violationCount == 1)
    #expect(verdict.violations.first?.message.contains("in 40 places") == true)
    #expect(verdict.violations.first?.message.contains("difference 6") == false)
  }
}
