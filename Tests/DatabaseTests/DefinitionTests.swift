import SchemaMigrations
import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("DDL makes the schema")
struct DefinitionTests {
  @Test("versions 0 to 10 run on an empty database, forwards, backwards and forwards again")
  func migrations() throws {
    let database = try TestDatabase(.none)
    try forwards(database)
    let first = try database.catalogue()
    #expect(first.tables.count == 91)
    for migration in MigrationSet.contract.migrations.reversed() {
      for step in migration.down { for statement in step.statements { try run(statement, step, database) } }
    }
    try forwards(database, from: 1)
    #expect(try database.catalogue().differences(from: first) == [])
  }

  private func forwards(_ database: TestDatabase, from version: Int = 0) throws {
    for migration in MigrationSet.contract.migrations where migration.version >= version {
      for step in migration.up { for statement in step.statements { try run(statement, step, database) } }
    }
  }

  private func run(_ statement: String, _ step: MigrationStep, _ database: TestDatabase) throws {
    let parameters: [SQLValue] = if case .backfill = step.kind { ["", "zzzz"] } else { [] }
    do {
      try database.run(statement, parameters)
    } catch {
      Issue.record("\(error): \(statement)")
    }
  }
}

extension TestDatabase {
  func catalogue(from session: Int = 1) throws -> SQLCatalogue {
    try SQLCatalogue(#require(send(.execute(SQLCatalogue.query, []), from: session)).get())
  }
}
