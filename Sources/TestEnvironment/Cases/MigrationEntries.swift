/// What breaks a run of migrations off at one statement (DBM-06). Its raw value stands in the table `crashes`.
public enum MigrationInterruption: String, Sendable, Equatable, CaseIterable {
  /// The runner dies before the server has the statement.
  case crash
  /// The server answers with an error.
  case error
  /// The server did it and the runner never heard.
  case unknown = "done, answer lost"
}

// MARK: - Migrations (scenario 9)

extension TableEntry {
  /// Table `schema differences`, columns `engine`, `schema`, `compared with`, `tables`, `columns`, `differences`: two schemas
  /// by their catalogues, and how many lines differ that nobody declared (must be zero).
  public static func schemaDifferences(
    _ engine: DatabaseEngineName, _ schema: String, with other: String, tables: Int, columns: Int, differences: Int
  ) -> TableEntry {
    TableEntry(
      table: "schema differences",
      row: [
        "engine": .text(engine.rawValue), "schema": .text(schema), "compared with": .text(other),
        "tables": .count(tables), "columns": .count(columns), "differences": .count(differences),
      ])
  }

  /// Table `crashes`, columns `engine`, `statement`, `request`, `kind`, `first run`, `after restart`: a run that was broken
  /// off. `place`: `version.step/statement`; `request`: its number in the run, from 1; `outcome`: how the run that
  /// started afterwards ended.
  public static func crash(
    _ engine: DatabaseEngineName, place: String, request: Int, kind: String, first: String, restarted outcome: String
  ) -> TableEntry {
    TableEntry(
      table: "crashes",
      row: [
        "engine": .text(engine.rawValue), "statement": .text(place), "request": .count(request), "kind": .text(kind),
        "first run": .text(first), "after restart": .text(outcome),
      ])
  }

  /// Table `lock times`, columns `engine`, `version`, `step`, `table`, `mode`, `longest`: how long a lock on a table that
  /// others use was held without a break. `step`: `version.step`.
  public static func lockTime(
    _ engine: DatabaseEngineName, version: Int, step: String, table: String, mode: String, longest: Duration
  ) -> TableEntry {
    TableEntry(
      table: "lock times",
      row: [
        "engine": .text(engine.rawValue), "version": .text(String(version)), "step": .text(step),
        "table": .text(table), "mode": .text(mode), "longest": .duration(longest),
      ])
  }

  /// Table `data preservation`, columns `engine`, `what`, `table`, `rows before`, `rows after`, `checksums`,
  /// `declared`: what migrations left of the rows of a table. `equal`: the digest over all that was not declared to
  /// change; `declared`: what was.
  public static func dataPreserved(
    _ engine: DatabaseEngineName, _ what: String, table: String, before: Int, after: Int, equal: Bool,
    declared: String = ""
  ) -> TableEntry {
    TableEntry(
      table: "data preservation",
      row: [
        "engine": .text(engine.rawValue), "what": .text(what), "table": .text(table), "rows before": .count(before),
        "rows after": .count(after), "checksums": .text(equal ? "equal" : "**differ**"), "declared": .text(declared),
      ])
  }

  /// Table `roll-backs`, columns `engine`, `version`, `name`, `loses`, `schema restored`: what taking a version back costs.
  public static func rollBack(
    _ engine: DatabaseEngineName, version: Int, name: String, loses: [String], restored: Bool
  ) -> TableEntry {
    TableEntry(
      table: "roll-backs",
      row: [
        "engine": .text(engine.rawValue), "version": .text(String(version)), "name": .text(name),
        "loses": .text(loses.isEmpty ? "nothing" : loses.joined(separator: ", ")),
        "schema restored": .text(restored ? "yes" : "**no**"),
      ])
  }

  /// Table `query lint`, columns `engine`, `version`, `statements`, `prepared`, `too early`, `problems`: the control
  /// plane's statements against one schema version. `tooEarly`: those that need a newer one and are refused.
  public static func queryLint(
    _ engine: DatabaseEngineName, version: Int, statements: Int, prepared: Int, tooEarly: Int, problems: Int
  ) -> TableEntry {
    TableEntry(
      table: "query lint",
      row: [
        "engine": .text(engine.rawValue), "version": .text(String(version)), "statements": .count(statements),
        "prepared": .count(prepared), "too early": .count(tooEarly), "problems": .count(problems),
      ])
  }

  /// Table `dialect exceptions`, columns `construct`, `PostgreSQL`, `SQLite`, `where`: where the engines' catalogues
  /// differ by nature and the comparison looks away.
  public static func dialectException(
    _ construct: String, postgreSQL: String, sqlite: String, place: String
  ) -> TableEntry {
    TableEntry(
      table: "dialect exceptions",
      row: [
        "construct": .text(construct), "PostgreSQL": .text(postgreSQL), "SQLite": .text(sqlite),
        "where": .text(place),
      ])
  }

  /// Table `dialect parity`, columns `what`, `engine`, `verdict`: one line per check, one column per engine in the
  /// report, and whether they agree.
  public static func dialectParity(_ what: String, _ engine: DatabaseEngineName, verdict: String) -> TableEntry {
    TableEntry(
      table: "dialect parity",
      row: ["what": .text(what), "engine": .text(engine.rawValue), "verdict": .text(verdict)])
  }

  /// Table `step times`, columns `engine`, `step`, `name`, `kind`, `statements`, `rows`, `time`: what a step cost. On
  /// SQLite the time stands still (a run repeats), so it is told of PostgreSQL only; `rows`: of the tables it works on.
  public static func stepTime(
    _ engine: DatabaseEngineName, step: String, name: String, kind: String, statements: Int, rows: Int, time: Duration
  ) -> TableEntry {
    TableEntry(
      table: "step times",
      row: [
        "engine": .text(engine.rawValue), "step": .text(step), "name": .text(name), "kind": .text(kind),
        "statements": .count(statements), "rows": .count(rows), "time": .duration(time),
      ])
  }

  /// Table `runners`, columns `engine`, `what`, `runners`, `schedules`, `ready`, `applied by one`: runners that started
  /// together, over all schedules that were tried.
  public static func runners(
    _ engine: DatabaseEngineName, _ what: String, runners: Int, schedules: Int, ready: Int, appliedOnce: Int
  ) -> TableEntry {
    TableEntry(
      table: "runners",
      row: [
        "engine": .text(engine.rawValue), "what": .text(what), "runners": .text(String(runners)),
        "schedules": .count(schedules), "ready": .count(ready), "applied by one": .count(appliedOnce),
      ])
  }
}
