import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// One throw-away database of a laboratory.
package final class PostgreSQLDatabase: LaboratoryDatabase {
  /// Its name on the server.
  package let name: String
  /// The server's URL, for tools beside; give them `name` as the database.
  package var serverURL: String { server.url }
  private let server: PostgreSQLServer

  init(name: String, on server: PostgreSQLServer) {
    self.name = name
    self.server = server
  }

  deinit { server.drop(database: name) }

  package func connect() throws(SQLError) -> any SQLConnection { try open() }

  /// A connection of the owner; it keeps the database from being dropped as long as it is open.
  package func open() throws(SQLError) -> PostgreSQLConnection {
    let connection = try PostgreSQLConnection(url: server.url, database: name)
    connection.holds = self
    return connection
  }

  package func connectReadOnly() throws(SQLError) -> any SQLConnection {
    let role = try server.readingRole()
    let connection = try open()
    try connection.execute("SET ROLE \(role)")
    // What it may not do is refused as in the simulated database, 25006, before the question of privileges comes up.
    try connection.execute("SET default_transaction_read_only = on")
    return connection
  }

  package func copy() throws(SQLError) -> any LaboratoryDatabase {
    let copy = server.newName()
    // A session that was closed is gone from the server a little later.
    for attempt in 0... {
      do throws(SQLError) {
        try server.execute("CREATE DATABASE \(copy) TEMPLATE \(name)")
        break
      } catch {
        guard error.sqlState == "55006", attempt < 100 else { throw error }
        Pause.milliseconds(50)
      }
    }
    return PostgreSQLDatabase(name: copy, on: server)
  }

  package func endSessions() { server.endSessions(of: name) }

  package func runTogether(_ runs: [any MigrationRun], seed: UInt64) throws(SQLError) -> [MigrationEnd] {
    var pairs: [(run: any MigrationRun, connection: PostgreSQLConnection)] = []
    defer { for pair in pairs { pair.connection.close() } }
    for run in runs { pairs.append((run, try open())) }
    return Threads.run(pairs.count, seed: seed) { [pairs] position in
      pairs[position].run.perform(on: pairs[position].connection, pause: Pause.milliseconds)
    }
  }

  package func drop() { server.drop(database: name) }
}
