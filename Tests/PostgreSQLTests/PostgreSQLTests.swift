import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import PostgreSQL

@Suite("A laboratory on a real server", .enabled(if: TestServer.isAvailable, "needs PostgreSQL (package postgresql)"))
struct LaboratoryTests {
  @Test("what is committed stands in a copy")
  func copy() throws {
    let database = try TestServer.laboratory().makeDatabase()
    let connection = try database.connect()
    try connection.execute("CREATE TABLE t (a INTEGER, b TEXT[], c TIMESTAMPTZ)")
    let insert = SQLStatement("insert", "INSERT INTO t VALUES ($1, $2, $3)")
    let row: [SQLValue] = [1, .array(["x", "\"y\\", ""]), .timestamp(microseconds: -1)]
    #expect(try connection.execute(insert, row).rowCount == 1)
    #expect(try connection.execute("SELECT * FROM t").rows.map(\.values) == [row])
    connection.close()
    let second = try database.copy().connect()
    #expect(try second.execute("SELECT * FROM t").rows.map(\.values) == [row])
  }
}
