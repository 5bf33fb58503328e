import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("Backups and standbys")
struct DatabaseCopyTests {
  @Test("any past instant can be restored, and nothing before it is lost")
  func restore() throws {
    let deployment = try TestDeployment(clients: 1)
    let database = deployment.database
    try database.startArchive()
    var instants: [Int64] = []
    for number in 0..<4 {
      deployment.clients[0].send(.begin, TestDeployment.insert("k\(number)"), .commit)
      try deployment.run(.seconds(1))
      instants.append(database.now)
    }
    let insert = SQLStatement("r", "INSERT INTO repositories (name, url) VALUES ($1, 'u') RETURNING id")
    let id = try database.query(insert, ["late"]).singleRow().integer("id")
    try database.restore(to: instants[2])
    try deployment.run(.seconds(1))
    #expect(try (0..<4).map { try deployment.committed("k\($0)") } == ["v", "v", "v", nil])
    // The sequence goes on from where it stood at that instant.
    #expect(try database.query(insert, ["again"]).singleRow().integer("id") == id)
    // The log goes on from there as well.
    try database.restore(to: instants[0])
    #expect(try (0..<4).map { try deployment.committed("k\($0)") } == ["v", nil, nil, nil])
    #expect(throws: SQLError.self) { try database.restore(to: instants[0] - 10_000_000) }
  }

  @Test("DDL is restored with the rest")
  func definitions() throws {
    let deployment = try TestDeployment(clients: 1)
    let database = deployment.database
    try database.startArchive()
    _ = try database.query(SQLStatement("a", "ALTER TABLE configuration ADD COLUMN x INT DEFAULT 3"))
    let instant = database.now
    try deployment.run(.seconds(1))
    _ = try database.query(SQLStatement("b", "ALTER TABLE configuration DROP COLUMN x"))
    try database.restore(to: instant)
    #expect(try database.query(SQLStatement("c", "SELECT DISTINCT x FROM configuration")).rows.map(\.values) == [[3]])
  }

  @Test("a standby shows the state of a while ago and refuses writes")
  func standby() throws {
    let deployment = try TestDeployment(clients: 1)
    let standby = try deployment.database.makeStandby(named: "standby", delay: .milliseconds(500))
    standby.process.start()
    func seen() throws -> String? {
      try standby.query(TestDeployment.read, ["k"]).firstRow?.text("value")
    }
    _ = try deployment.database.query(TestDeployment.insert, ["k", "v"])
    try deployment.run(.milliseconds(400))
    #expect(try seen() == nil)
    try deployment.run(.milliseconds(200))
    #expect(try seen() == "v")
    #expect(throws: SQLError.readOnly("INSERT")) { try standby.query(TestDeployment.insert, ["l", "v"]) }
  }
}
