import DatabaseTestSupport
import Foundation
import PostgreSQL
import StreamSpaceProtocol
import Testing

/// `--database-url`: the halves of scenario 9 on a PostgreSQL server.
@Suite("Database URL")
struct DatabaseURLTests {
  /// A case of scenario 9 that takes a second or two.
  private static let sample = "DBM-14"
  private static let reason = "needs PostgreSQL (--database-url)"

  private func run(_ arguments: String..., in scratch: ScratchFolder) throws -> CommandLineTool.Result {
    try CommandLineTool.run(["run", "--once", "--reports", scratch.path("reports")] + arguments)
  }

  // MARK: Refused

  @Test("an address that is none is refused with code 2", arguments: ["", "localhost", "http://localhost/db"])
  func refuseNonsense(_ url: String) throws {
    let scratch = try ScratchFolder()
    let result = try run(Self.sample, "--database-url", url, in: scratch)
    #expect(result.status == 2)
    #expect(result.complaintLines.count == 1)
    #expect(result.complaints.hasPrefix("error: --database-url: '\(url)'"))
    #expect(!FileManager.default.fileExists(atPath: scratch.path("reports")))
  }

  @Test("a server for cases that have no use for it is refused with code 2")
  func refuseWithoutHalves() throws {
    let scratch = try ScratchFolder()
    let result = try run("ha-multi-pod-api", "--database-url", "postgresql://localhost/postgres", in: scratch)
    #expect(result.status == 2)
    #expect(result.complaintLines.count == 1)
    #expect(result.complaints.contains("--database-url: none of the chosen cases"))
  }

  @Test("a server that does not answer ends with code 3 before anything runs, and the password is not printed")
  func refuseUnreachable() throws {
    let scratch = try ScratchFolder()
    let result = try run(
      Self.sample, "--database-url", "postgresql://somebody:se%63ret@127.0.0.1:1/postgres", in: scratch)
    #expect(result.status == 3)
    #expect(result.output.isEmpty)
    #expect(result.complaintLines.count == 1)
    #expect(result.complaints.hasPrefix("error: --database-url: cannot connect to PostgreSQL at 127.0.0.1:1"))
    #expect(!result.complaints.contains("se%63ret") && !result.complaints.contains("secret"))
    #expect(scratch.files(below: "reports").isEmpty)
  }

  @Test("an address that libpq cannot read is refused with code 2, without its password")
  func refuseUnreadable() throws {
    let scratch = try ScratchFolder()
    let result = try run(Self.sample, "--database-url", "postgresql://u:hid%zzden@h/db", in: scratch)
    #expect(result.status == 2)
    #expect(result.complaintLines.count == 1)
    #expect(result.complaints.hasPrefix("error: --database-url: "))
    #expect(!result.complaints.contains("hid"), "\(result.complaints)")
  }

  // MARK: Without a server

  @Test("without a server the half is skipped in text, JSON, junit.xml and report, and the run is green")
  func skipped() throws {
    let scratch = try ScratchFolder()
    let text = try run(Self.sample, in: scratch)
    #expect(text.status == 0, "\(text.output)\(text.complaints)")
    #expect(text.output.contains("SQLite passed, PostgreSQL skipped"))
    #expect(text.output.contains("1 half on PostgreSQL skipped: \(Self.reason)"))
    #expect(scratch.text("reports/junit.xml").contains("<skipped message=\"\(Self.reason)\"/>"))
    #expect(scratch.text("reports/INTEGRATION_TEST_DATABASE_MIGRATIONS.md").contains("skipped, \(Self.reason)"))

    let document = try run(Self.sample, "--json", in: scratch).json()
    #expect(!document.keys.contains("databaseServer"))
    let item = try #require(document["cases"]?.elements?.first)
    #expect(item["verdict"]?.text == "passed")
    let engines = try #require(item["engines"]?.elements)
    #expect(engines.map { $0["engine"]?.text } == ["SQLite", "PostgreSQL"])
    #expect(engines.map { $0["verdict"]?.text } == ["passed", "skipped"])
    #expect(engines.map { $0["reason"]?.text } == ["", Self.reason])
  }

  @Test("list and explain tell which cases run on both engines")
  func listed() throws {
    let list = try CommandLineTool.run(["list", Self.sample])
    #expect(list.output.contains("(SQLite, PostgreSQL)"))
    let document = try CommandLineTool.run(["list", Self.sample, "--json"]).json()
    #expect(
      document["cases"]?.elements?.first?["engines"]?.elements?.compactMap(\.text) == ["SQLite", "PostgreSQL"])
    let explained = try CommandLineTool.run(["explain", Self.sample])
    #expect(explained.output.contains("--database-url URL"))
  }

  // MARK: With a server

  @Test("with a server the half runs there, and the fingerprint stays", .enabled(if: TestServer.isAvailable))
  func onServer() throws {
    let scratch = try ScratchFolder()
    let url = try TestServer.url
    let alone = try run(Self.sample, "--json", in: scratch).json()
    let result = try run(Self.sample, "--json", "--database-url", url, in: scratch)
    #expect(result.status == 0, "\(result.output)\(result.complaints)")
    let document = try result.json()
    #expect(document["fingerprint"]?.text == alone["fingerprint"]?.text)
    #expect(document["databaseServer"]?.text?.isEmpty == false)
    let engines = document["cases"]?.elements?.first?["engines"]?.elements ?? []
    #expect(engines.map { $0["verdict"]?.text } == ["passed", "passed"])
  }

  @Test("a server that goes away fails its case with one line, and the run ends", .enabled(if: TestServer.isAvailable))
  func serverDies() throws {
    let scratch = try ScratchFolder()
    let server = try ThrowAwayServer.start()
    defer { server.stop() }
    let running = try CommandLineTool.Running([
      "run", "DBM-02", "--once", "--reports", scratch.path("reports"), "--database-url", server.url,
    ])
    #expect(try waitForDatabase(on: server.url))
    try server.kill()
    let result = running.wait()
    #expect(result.status == 1)
    #expect(result.complaints.isEmpty)
    #expect(result.output.contains("SQLite passed, PostgreSQL failed"))
    #expect(result.output.contains("again: ./sim run DBM-02 --seed 1 --profile contract --database-url URL"))
    #expect(scratch.files(below: "reports").contains("junit.xml"))
  }

  @Test("Ctrl-C during a half leaves no database behind", .enabled(if: TestServer.isAvailable))
  func interrupted() throws {
    let scratch = try ScratchFolder()
    let server = try ThrowAwayServer.start()
    defer { server.stop() }
    let running = try CommandLineTool.Running([
      "run", "DBM-02", "--once", "--reports", scratch.path("reports"), "--database-url", server.url,
    ])
    #expect(try waitForDatabase(on: server.url))
    running.interrupt()
    let result = running.wait()
    #expect(result.status == 130)
    #expect(result.complaints == "interrupted: nothing was written\n")
    #expect(scratch.files(below: "reports").isEmpty)
    #expect(try databases(on: server.url) == 0)
  }

  /// Whether a case has made a database within two minutes.
  private func waitForDatabase(on url: String) throws -> Bool {
    for _ in 0..<1_200 {
      if try databases(on: url) > 0 { return true }
      usleep(100_000)
    }
    return false
  }

  private func databases(on url: String) throws -> Int64 {
    let connection = try PostgreSQLConnection(url: url)
    defer { connection.close() }
    let answer = try connection.execute(
      "SELECT count(*) AS n FROM pg_database WHERE datname LIKE 'streamspace\\_sim\\_%'")
    return try answer.singleRow().integer("n")
  }
}
