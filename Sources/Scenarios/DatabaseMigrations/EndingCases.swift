import DatabaseContents
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// The ends of a run that an installation meets (DBM-06): each is one clear line, and the database is untouched or can
/// be taken up.
extension DatabaseBench {
  /// The version whose back-fill the endings disturb.
  private static let version = 4

  func judgeEndings() throws {
    // A database in this process has no address that could be wrong.
    if engine == .postgreSQL { try judgeWrongURL() }
    let prepared = try filledDatabase(.small, at: 0)
    defer { prepared.drop() }
    try reach(Self.version - 1, of: prepared)
    try judgeDeath(prepared)
    try judgeReadOnly(prepared)
    try judgeFullDisk(prepared)
  }

  /// The server has no such database.
  private func judgeWrongURL() throws {
    let database = try laboratory.makeDatabase()
    database.drop()
    var problems: [String] = []
    do throws(SQLError) {
      try database.connect().close()
      problems.append("a connection to a database that is not there was made")
    } catch {
      problems += Self.unclear(error.description)
    }
    tell(.migrationInterrupted(engine: engine, point: "wrong URL", problems: problems))
    note("wrong URL", problems.isEmpty ? "refused" : problems[0], "nothing to restart")
  }

  /// The server ends every session while a back-fill is under way.
  private func judgeDeath(_ prepared: any LaboratoryDatabase) throws {
    let database = try prepared.copy()
    defer { database.drop() }
    let wanted = try wantedSchema(from: prepared)
    let connection = try database.connect()
    let run = migrations.run(to: Self.version, appliedBy: "pod-1")
    var isDead = false
    let end = run.perform(on: connection) { request in
      guard !isDead, request.isBackFill else { return }
      isDead = true
      database.endSessions()
    }
    connection.close()
    var problems = isDead ? [] : ["no back-fill was met"]
    problems += Self.failure(end)
    try judgeRestart("the server dies in a back-fill", database, end, problems, wanted)
  }

  /// The role may only read.
  private func judgeReadOnly(_ prepared: any LaboratoryDatabase) throws {
    let database = try prepared.copy()
    defer { database.drop() }
    let wanted = try wantedSchema(from: prepared)
    let before = try picture(of: database, contents: true)
    let connection = try database.connectReadOnly()
    let end = migrations.run(to: Self.version, appliedBy: "pod-1").perform(on: connection)
    connection.close()
    let changes = try picture(of: database, contents: true).changes(since: before).map { "touched: \($0)" }
    try judgeRestart("a role that may only read", database, end, Self.failure(end) + changes, wanted)
  }

  /// The disk has no room for the rows that a back-fill writes.
  private func judgeFullDisk(_ prepared: any LaboratoryDatabase) throws {
    let database = try prepared.copy()
    defer { database.drop() }
    let wanted = try wantedSchema(from: prepared)
    let end: MigrationEnd?
    if engine == .postgreSQL {
      try look(database) { try $0.executeAll(Self.quota) }
      end = try migrate(database, to: Self.version)
      try look(database) { try $0.executeAll(Self.roomAgain) }
    } else {
      end = try look(database) { connection in
        var count = 0
        var place = 0
        let rehearsal = try prepared.copy()
        defer { rehearsal.drop() }
        _ = try look(rehearsal) { other in
          migrations.run(to: Self.version, appliedBy: "pod-1").perform(on: other) { request in
            count += 1
            if request.isBackFill, place == 0 { place = count }
          }
        }
        return migrations.run(to: Self.version, appliedBy: "pod-1").perform(
          on: connection, breaking: place, by: .error, error: .injected(sqlState: "53100"))
      }
    }
    guard let end else { return }
    var problems = Self.failure(end)
    if case .failed(_, let error) = end, error.sqlState != "53100" { problems.append("another error: \(error)") }
    try judgeRestart("the disk is full in a back-fill", database, end, problems, wanted)
  }

  /// What PostgreSQL says when a quota stops a file from growing.
  private static let quota = [
    """
    CREATE FUNCTION no_room() RETURNS TRIGGER AS $$ BEGIN \
    RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = '53100'; END; $$ LANGUAGE plpgsql
    """,
    "CREATE TRIGGER no_room BEFORE UPDATE ON agent_commands FOR EACH ROW EXECUTE FUNCTION no_room()",
  ]
  private static let roomAgain = ["DROP TRIGGER no_room ON agent_commands", "DROP FUNCTION no_room()"]

  /// The schema that an undisturbed run ends with.
  private func wantedSchema(from prepared: any LaboratoryDatabase) throws -> SQLCatalogue {
    let copy = try prepared.copy()
    defer { copy.drop() }
    try reach(Self.version, of: copy)
    return try catalogue(of: copy)
  }

  /// A run that could not end well did not, and said why in a line.
  private static func failure(_ end: MigrationEnd) -> [String] {
    guard let reason = end.reason else { return ["the run \(end.text)"] }
    return unclear(reason)
  }

  private static func unclear(_ reason: String) -> [String] {
    reason.isEmpty || reason.contains("\n") ? ["no clear line: \(reason)"] : []
  }

  private func judgeRestart(
    _ point: String, _ database: any LaboratoryDatabase, _ first: MigrationEnd, _ found: [String],
    _ wanted: SQLCatalogue
  ) throws {
    let second = try migrate(database, to: Self.version, by: "pod-2")
    var problems = found
    if !second.isReady(at: Self.version) { problems.append("the next run \(second.text)") }
    problems += try catalogue(of: database).differences(from: wanted).map { "schema: \($0)" }
    tell(.migrationInterrupted(engine: engine, point: point, problems: problems))
    note(point, first.text, second.text)
  }

  private func note(_ point: String, _ first: String, _ second: String) {
    record.add(.crash(engine, place: point, request: 0, kind: "ending", first: first, restarted: second))
  }
}

extension SQLRequest {
  /// Whether it fills the times of old commands.
  var isBackFill: Bool {
    guard case .execute(let statement, _) = self else { return false }
    return statement.text.contains("SET updated_at = created_at")
  }
}

extension SQLConnection {
  func executeAll(_ statements: [String]) throws(SQLError) {
    for statement in statements { try execute(statement) }
  }
}
