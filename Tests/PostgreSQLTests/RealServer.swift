import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import PostgreSQL

/// All that talks to a server; nested suites inherit the condition.
@Suite("PostgreSQL through libpq", .enabled(if: TestServer.isAvailable, "needs PostgreSQL (package postgresql)"))
struct RealServer {
  /// A connection to a database that all tests share: their tables are temporary ones.
  static func connection() throws -> PostgreSQLConnection { try shared.get().database.open() }

  private static let shared = Result { try Shared() }

  /// `@unchecked`: what is used of it does not change after the start.
  private struct Shared: @unchecked Sendable {
    let database: PostgreSQLDatabase

    init() throws { database = try #require(try TestServer.laboratory().makeDatabase() as? PostgreSQLDatabase) }
  }
}

extension SQLConnection {
  /// The error of a request that must fail.
  func error(_ request: SQLRequest) throws -> SQLError {
    guard case .failure(let error) = answer(request) else { throw Unexpected(description: "\(request) succeeded") }
    return error
  }

  func error(_ text: String, _ parameters: [SQLValue] = []) throws -> SQLError {
    try error(.execute(SQLStatement(text, text), parameters))
  }

  /// The first column of the first row.
  func value(_ text: String, _ parameters: [SQLValue] = []) throws -> SQLValue {
    let result = try execute(SQLStatement(text, text), parameters)
    return try #require(result.firstRow?.values.first)
  }
}

struct Unexpected: Error, CustomStringConvertible {
  let description: String
}
