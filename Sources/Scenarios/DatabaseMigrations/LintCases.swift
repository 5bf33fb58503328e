import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// DBM-12: the control plane's SQL against every version of the schema.
extension DatabaseMigrations {
  static let queryLint = TestCase.database(
    "DBM-12", "Query lint", source: "[P column bugs]", needs: ["sql"], checks: ["I-SCHEMA"],
    kills: ["A-08", "A-17", "A-30", "A-31", "A-32", "A-34", "A-35", "B-83"]
  ) { bench in
    let database = try bench.laboratory.makeDatabase()
    defer { database.drop() }
    for version in 0...bench.newest {
      try bench.reach(version, of: database)
      try bench.look(database) { connection in
        var prepared = 0
        var tooEarly = 0
        var problems = 0
        for listed in bench.statements {
          let error = connection.problem(preparing: listed.statement)
          var problem: String?
          switch (error, listed.requires <= version) {
          case (nil, true): prepared += 1
          case (let error?, false):
            tooEarly += 1
            // What is not there yet must show as such: an unreadable text would hide behind the version.
            if !error.isAbsence { problem = "\(error)" }
          case (let error?, true): problem = "\(error)"
          case (nil, false): problem = "it prepares, though it is said to need version \(listed.requires)"
          }
          if problem != nil { problems += 1 }
          bench.tell(
            .statementPrepared(
              engine: bench.engine, statement: listed.statement.name, version: version, problem: problem))
        }
        bench.record.add(
          .queryLint(
            bench.engine, version: version, statements: bench.statements.count, prepared: prepared,
            tooEarly: tooEarly, problems: problems))
      }
    }
    bench.expect("statements of the control plane", .atLeast(.count(100)), bench.statements.count)
    try bench.judgeReadsWithoutTables()
    try bench.judgeReads(in: database)
  }
}

extension DatabaseBench {
  /// An error is never taken for "no rows": a read whose tables are away is told so, and makes no answer of it.
  fileprivate func judgeReadsWithoutTables() throws {
    let empty = try laboratory.makeDatabase()
    defer { empty.drop() }
    try look(empty) { connection in
      for path in readPaths where !path.tables.isEmpty {
        var problem: String?
        if case .result(let result) = connection.answer(.execute(path.statement, path.parameters)) {
          problem = "without \(path.tables.joined(separator: ", ")) it answers \(result.rows.count) rows"
        }
        tell(.statementPrepared(engine: engine, statement: path.statement.name, version: 0, problem: problem))
      }
    }
  }
}

extension DatabaseBench {
  /// What prepares must be readable too, row for row.
  fileprivate func judgeReads(in database: any LaboratoryDatabase) throws {
    try look(database) { connection in
      try ContentGenerator(seed: seed, size: .small, version: newest).load(into: connection)
      for path in readPaths {
        tell(
          .statementPrepared(
            engine: engine, statement: path.statement.name, version: newest, problem: path.problem(on: connection)))
      }
    }
  }
}

extension SQLError {
  /// Whether it says that a table, column, or a key to go by is not there.
  fileprivate var isAbsence: Bool {
    switch kind {
    case .undefinedColumn, .undefinedTable, .noMatchingConstraint: true
    default: false
    }
  }
}
