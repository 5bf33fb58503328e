import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("Long statements block writers in virtual time")
struct LongStatementTests {
  /// 2 000 rows in `groups`.
  private func deployment() throws -> TestDeployment {
    var behaviour = DatabaseBehaviour()
    behaviour.statementLatency = .constant(.milliseconds(1))
    let deployment = try TestDeployment(clients: 3, behaviour: behaviour)
    let values = (0..<2_000).map { "('g\($0)', 'n\($0)')" }.joined(separator: ", ")
    _ = try deployment.database.query(SQLStatement("fill", "INSERT INTO groups (id, name) VALUES \(values)"))
    return deployment
  }

  private static let update = SQLStatement("update", "UPDATE groups SET description = 'x'")

  @Test("an UPDATE of many rows takes 57 us each, in a transaction or by itself", arguments: [false, true])
  func update(isInTransaction: Bool) throws {
    let deployment = try deployment()
    let (migration, writer, reader) = (deployment.clients[0], deployment.clients[1], deployment.clients[2])
    let began = deployment.simulation.now
    let requests: [SQLRequest] = [.execute(Self.update, [])]
    for request in isInTransaction ? [.begin] + requests + [.commit] : requests { migration.send(request) }
    try deployment.run(.milliseconds(10))
    writer.send(TestDeployment.insert("k"))
    reader.send(.execute(TestDeployment.read, ["k"]))
    try deployment.run(.seconds(1))
    // 2 000 rows and the one that the schema brings.
    #expect((try #require(migration.times.last) - began).milliseconds >= 114)
    #expect((try #require(writer.times.last) - began).milliseconds >= 114)
    #expect((try #require(reader.times.last) - began).milliseconds < 20)
  }

  @Test("a statement that waits for a lock gives up after its session's lock_timeout")
  func lockTimeout() throws {
    let deployment = try deployment()
    let (migration, other) = (deployment.clients[0], deployment.clients[1])
    migration.send(.begin, .execute(SQLStatement("lock", "LOCK TABLE groups"), []))
    try deployment.run(.milliseconds(100))
    other.send(.execute(SQLStatement("set", "SET lock_timeout = '200ms'"), []))
    other.send(.execute(SQLStatement("alter", "ALTER TABLE users ADD COLUMN x INT"), []))
    try deployment.run(.milliseconds(150))
    #expect(other.answers.count == 1)
    try deployment.run(.milliseconds(150))
    #expect(other.answers.last == .failure(.lockTimeout))
  }
}
