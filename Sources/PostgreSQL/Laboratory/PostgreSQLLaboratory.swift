import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// Throw-away databases on a PostgreSQL server. What it made goes when the last reference to it and to its databases
/// goes, or at the next start of a laboratory on that server if this process does not live to see that.
package final class PostgreSQLLaboratory: DatabaseLaboratory {
  package let engine = DatabaseEngineName.postgreSQL
  private let server: PostgreSQLServer

  /// Connects to the server at `url`, whose role must be allowed to create databases.
  ///
  /// - Throws: one line that says why not.
  package init(url: String) throws(SQLError) { server = try PostgreSQLServer(url: url) }

  package func makeDatabase() throws(SQLError) -> any LaboratoryDatabase {
    let name = server.newName()
    // Bytes decide the order of texts, as in SQLite.
    try server.execute("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
    let database = PostgreSQLDatabase(name: name, on: server)
    if server.version < 150_000 {
      // Releases before 15 let everybody make tables.
      let connection = try database.open()
      defer { connection.close() }
      try connection.execute("REVOKE CREATE ON SCHEMA public FROM PUBLIC")
    }
    return database
  }
}
