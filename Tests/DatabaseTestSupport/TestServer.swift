import Foundation
import PostgreSQL
import StreamSpaceProtocol

/// The PostgreSQL server for tests: that of `STREAMSPACE_DATABASE_URL`, else one that the script starts for this process.
package enum TestServer {
  /// What names a server that runs already.
  package static let variable = "STREAMSPACE_DATABASE_URL"

  /// Its URL, or why there is none. The first use starts it; it goes with the process.
  private static let found: Result<String, Absence> = {
    if let given = ProcessInfo.processInfo.environment[variable], !given.isEmpty { return .success(given) }
    return Result { () throws(Absence) in try ThrowAwayServer.start().url }
  }()

  /// Why there is no server. nil: there is one, and ``url`` names it.
  package static var absence: String? {
    if case .failure(let absence) = found { return absence.reason }
    return nil
  }

  /// For `.enabled(if:)` of suites and tests.
  package static var isAvailable: Bool { absence == nil }

  /// Whether servers can be started here, for tests that kill theirs: the script finds PostgreSQL.
  package static let canStart: Bool = {
    guard let server = try? ThrowAwayServer.start() else { return false }
    server.stop()
    return true
  }()

  /// The server's URL; its role may create databases.
  ///
  /// - Throws: `Absence`.
  package static var url: String { get throws { try found.get() } }

  /// A laboratory of its own for a test: what it made goes with it.
  package static func laboratory() throws -> PostgreSQLLaboratory { try PostgreSQLLaboratory(url: url) }

  package struct Absence: Error, CustomStringConvertible {
    package let reason: String
    package var description: String { reason }
  }
}
