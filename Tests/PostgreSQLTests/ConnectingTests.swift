import DatabaseTestSupport
import Foundation
import StreamSpaceProtocol
import Testing

@testable import PostgreSQL

@Suite("A connection that does not come about is explained in one line")
struct ConnectingTests {
  private func failure(_ url: String, database: String? = nil) throws -> SQLError {
    do {
      _ = try PostgreSQLConnection(url: url, database: database, timeout: 2)
    } catch {
      return error
    }
    throw Unexpected(description: "connected to \(url)")
  }

  @Test(
    "a URL that cannot be read",
    arguments: [
      ("postgresql://[::1", "the database URL cannot be read: "), ("nonsense", "the database URL cannot be read: "),
      ("postgresql://a@b/c?colour=red", "the database URL cannot be read: "),
      ("postgresql://u:secret@localhost:port/d", "cannot connect to PostgreSQL at "),
    ])
  func unreadable(url: String, beginning: String) throws {
    let error = try failure(url)
    #expect(error.message.hasPrefix(beginning), "\(error.message)")
    #expect(error.sqlState == "08001" && error.kind == .serverUnavailable)
    #expect(!error.message.contains("\n") && !error.message.contains("secret"))
  }

  @Test("a host that is not known, a port where nobody listens, a socket that is not there")
  func absent() throws {
    let unknown = try failure("postgresql://u:secret@host.invalid/d")
    #expect(
      unknown.message.hasPrefix("cannot connect to PostgreSQL at host.invalid:5432, database d: "), "\(unknown.message)"
    )
    let port = try failure("postgresql://u:secret@127.0.0.1:1/d")
    #expect(port.message == "cannot connect to PostgreSQL at 127.0.0.1:1, database d: Connection refused")
    // Both addresses of the name are tried; one line all the same.
    let name = try failure("postgresql://u:secret@localhost:1/d")
    #expect(name.message == "cannot connect to PostgreSQL at localhost:1, database d: Connection refused")
    let socket = try failure("postgresql://u:secret@%2Fnowhere/d")
    #expect(socket.message == "cannot connect to PostgreSQL at /nowhere:5432, database d: No such file or directory")
    for error in [unknown, port, name, socket] {
      #expect(error.sqlState == "08001" && error.kind == .serverUnavailable)
      #expect(!error.message.contains("\n") && !error.message.contains("secret"))
    }
  }

  @Test("a server that never answers is given up after the time limit")
  func silent() throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(listener) }
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    try withUnsafeMutablePointer(to: &address) { pointer in
      try pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        try #require(bind(listener, pointer, length) == 0 && listen(listener, 4) == 0)
        try #require(getsockname(listener, pointer, &length) == 0)
      }
    }
    let clock = ContinuousClock()
    let start = clock.now
    let error = try failure("postgresql://u@127.0.0.1:\(UInt16(bigEndian: address.sin_port))/d")
    #expect(start.duration(to: clock.now) < .seconds(8))
    #expect(error.message.hasSuffix(": timeout expired"), "\(error.message)")
    #expect(error.kind == .serverUnavailable)
  }

  @Test(
    "a database or a role that is not there",
    .enabled(if: TestServer.isAvailable, "needs PostgreSQL (package postgresql)"))
  func missing() throws {
    let database = try failure(TestServer.url, database: "no_such_database")
    #expect(database.sqlState == "3D000" && database.kind == .other)
    #expect(database.message.hasSuffix(", database no_such_database: database \"no_such_database\" does not exist"))
  }

  @Test(
    "wrong passwords and too many clients", .enabled(if: TestServer.canStart, "needs PostgreSQL (package postgresql)"))
  func refused() throws {
    let server = try ThrowAwayServer.start()
    defer { server.stop() }
    let owner = try PostgreSQLConnection(url: server.url)
    try owner.execute("CREATE ROLE guest LOGIN PASSWORD 'right' CONNECTION LIMIT 1")
    let url = server.url.replacing("postgres@", with: "guest:wrong@")
    #expect(
      try failure(server.url.replacing("postgres@", with: "nobody@")).message.hasSuffix(
        "role \"nobody\" does not exist"))
    try server.demandPasswords()
    let password = try failure(url)
    #expect(password.sqlState == "28P01" && password.kind == .other)
    #expect(password.message.hasSuffix(": password authentication failed for user \"guest\""))
    let none = try failure(server.url.replacing("postgres@", with: "guest@"))
    #expect(none.sqlState == "28P01" && !none.message.contains("\n"), "\(none.message)")
    let right = try PostgreSQLConnection(url: url.replacing("wrong", with: "right"))
    let second = try failure(url.replacing("wrong", with: "right"))
    #expect(second.sqlState == "53300" && second.kind == .serverUnavailable, "\(second.message)")
    right.close()
  }
}
