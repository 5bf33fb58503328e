import DatabaseContents
import DatabaseTestSupport
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import ControlPlane

@Suite("SQL texts against every version of the schema")
struct StatementVersionTests {
  /// What defects send: columns that no version has.
  private static let impossible: Set<String> = [
    "agentCandidatesByActiveSessions", "agentCandidatesByStatus", "licensedSessionsByStatus",
    "usageOfSessionOwnerWithCluster",
    "commandsSentWithoutColumn", "commandAcknowledgedWithoutColumn", "commandCompletedWithoutColumn",
    "commandFailedWithoutColumn",
  ]

  @Test(
    "Each statement prepares from the version that it is listed with, and on none before",
    arguments: MigratedDatabase.engines)
  func versions(engine: DatabaseEngineName) throws {
    let database = try MigratedDatabase(engine, version: 0)
    for version in 0...10 {
      if version > 0 { try database.migrate(to: version) }
      for listed in StatementListTests.listed {
        let problem = database.connection.problem(preparing: listed.statement)
        let prepares = listed.requires <= version && !Self.impossible.contains(listed.statement.name)
        #expect(
          (problem == nil) == prepares,
          "\(listed.statement.name), version \(version): \(problem.map { "\($0)" } ?? "prepares")")
      }
    }
  }

  @Test(
    "Every read path reads every row, whichever nullable column is NULL", arguments: MigratedDatabase.engines)
  func readsNulls(engine: DatabaseEngineName) throws {
    let database = try MigratedDatabase(engine, version: 10)
    let connection = database.connection
    try ContentGenerator(seed: 4, size: .small, version: 10).load(into: connection)
    let catalogue = try SQLCatalogue(connection.execute(SQLCatalogue.query))
    let paths = ControlPlaneReadPaths.all(for: .contract)
    for path in paths {
      _ = try connection.answer(.begin).get()
      let result = try connection.execute(path.statement, path.parameters)
      #expect(try path.read(result) == result.rows.count, "\(path.statement.name)")
      _ = try connection.answer(.rollback).get()
    }
    for table in Set(paths.flatMap(\.tables)).sorted() {
      let columns = try #require(catalogue.tables[table]).columns
      for column in columns.keys.sorted() where columns[column]?.contains(" not null") == false {
        for path in paths where path.tables.contains(table) {
          _ = try connection.answer(.begin).get()
          try connection.execute("UPDATE \"\(table)\" SET \"\(column)\" = NULL")
          let result = try connection.execute(path.statement, path.parameters)
          #expect(try path.read(result) == result.rows.count, "\(path.statement.name) without \(table).\(column)")
          _ = try connection.answer(.rollback).get()
        }
      }
    }
  }

  @Test("Each defect of a reader leaves rows out or fails on them")
  func defects() throws {
    let database = try MigratedDatabase(.sqlite, version: 10)
    let connection = database.connection
    try ContentGenerator(seed: 4, size: .small, version: 10).load(into: connection)
    let changes: [(String, (inout ControlPlaneBehaviour) -> Void)] = [
      ("commandsOpen", { $0.dispatch.pendingScan = .skipsNullError }),
      ("commandsOpen", { $0.dispatch.pendingScan = .skipsNullSession }),
      ("sessionController", { $0.sessions.schema.holder = .controller }),
      ("templateForSessionWithTags", { $0.sessions.schema.templateScan = .arrayAsList }),
      ("insertSessionCommandReturning", { $0.sessions.schema.insertedCommand = .errorMessage }),
      ("agentCredentials", { $0.enrolment.unconnectedRow = .rejected }),
    ]
    for column in [
      "sessions SET controller_id", "agents SET websocket_id", "agent_commands SET session_id",
    ] { try connection.execute("UPDATE \(column) = NULL") }
    try connection.execute("UPDATE agent_commands SET status = 'pending', error_message = NULL, agent_id = 'agent-0'")
    for (name, change) in changes {
      var behaviour = ControlPlaneBehaviour.contract
      change(&behaviour)
      let path = try #require(ControlPlaneReadPaths.all(for: behaviour).first { $0.statement.name == name })
      let result = try connection.execute(path.statement, path.parameters)
      #expect(!result.rows.isEmpty)
      #expect((try? path.read(result)) != result.rows.count, "\(name)")
    }
  }
}
