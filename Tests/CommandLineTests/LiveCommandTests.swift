import Foundation
import StreamSpaceProtocol
import Testing

/// `./sim doctor` and `./sim live`, which are of the product with sockets.
@Suite("Doctor, dry run and clean-up on the command line")
struct LiveCommandTests {
  private static let documented = DocumentedCommandTests.documented.filter {
    DocumentedCommandTests.liveCommands.contains($0.words.dropFirst().first ?? "")
  }

  /// Where nobody listens: ports that only root may open, and nobody uses.
  private static let closed = """
    version: 1
    name: closed
    api: {replicas: [{name: api-1, url: "http://127.0.0.1:9"}]}
    admin: {username: admin, password: {file: pw}}
    redis: {url: "redis://127.0.0.1:11"}
    database: {url: {file: db}}
    """

  private func run(_ arguments: [String], in folder: URL? = nil) throws -> CommandLineTool.Result {
    let result = try CommandLineTool.Running(arguments, in: folder, product: "streamspace-live").wait()
    if result.complaints.contains("package trait Live") { try Test.cancel("built without the package trait Live") }
    return result
  }

  private func file(_ text: String, in scratch: ScratchFolder) throws -> String {
    _ = try scratch.write("pw", "s3cret-word\n")
    _ = try scratch.write("db", "postgresql://u:s3cret-word@127.0.0.1:13/x\n")
    return try scratch.write("env.yaml", text)
  }

  @Test("a documented command reads its file, and against nothing it says so in one line each", arguments: documented)
  func documents(_ item: DocumentedCommandTests.Documented) throws {
    let scratch = try ScratchFolder()
    let path = try file(Self.closed, in: scratch)
    var arguments = Array(item.words.dropFirst())
    guard let place = arguments.firstIndex(of: "--config") else {
      let result = try run(arguments)
      #expect(result.status == 0)
      #expect(result.output.contains("swift"))
      return
    }
    arguments[place + 1] = path
    let result = try run(arguments)
    #expect(result.status == 3)
    let expected = arguments.contains("--clean") ? 1 : 3
    #expect(result.complaintLines.count == expected, "\(result.complaints)")
    #expect(result.complaintLines.allSatisfy { $0.hasPrefix("error: ") && $0.contains("127.0.0.1") })
    #expect(!(result.complaints + result.output).contains("s3cret-word"))
    if arguments.contains("--json") { #expect(try result.json().keys.contains("cases")) }
  }

  @Test("the guides show both commands")
  func showsBoth() { #expect(Self.documented.count >= 5) }

  @Test("the plan as JSON has each case with what it misses, and the checks")
  func json() throws {
    let scratch = try ScratchFolder()
    let result = try run(["live", "--config", try file(Self.closed, in: scratch), "--dry-run", "--json"])
    let object = try result.json()
    #expect(object["cases"]?.elements?.count == 157)
    #expect(object["summary"]?["runs"]?.integer == 0)
    #expect(object["summary"]?["skipped"]?.integer == 157)
    let first = try #require(object["cases"]?.elements?.first)
    #expect(first["id"]?.text == "HA-API-01")
    #expect(first["reason"]?.text == "skipped: needs replicas:3, redis-read, sql")
    #expect(object["run"]?.text?.hasPrefix("ssim-run=") == true)
    #expect(object["checks"]?.elements?.contains { $0["verdict"]?.text == "unavailable" } == true)
  }

  @Test("a half-configured file is status 2, with all its mistakes by line and column, and nothing is asked")
  func mistakes() throws {
    let scratch = try ScratchFolder()
    let path = try file(
      Self.closed.replacing("{file: pw}", with: "letmein") + "\nsafty: {}\n", in: scratch)
    for command in [["live", "--config", path, "--dry-run"], ["doctor", "--config", path]] {
      let result = try run(command)
      #expect(result.status == 2)
      #expect(result.output.isEmpty)
      #expect(result.complaintLines.count == 2, "\(result.complaints)")
      #expect(result.complaints.contains("env.yaml:4:36: admin.password is a secret"))
      #expect(result.complaints.contains("env.yaml:7:1: unknown key 'safty'; did you mean 'safety'?"))
      #expect(!result.complaints.contains("letmein"))
    }
  }

  @Test(
    "wrong usage is one line that names what is wrong, and status 2",
    arguments: [
      ("live", "--config"), ("live --config x", "--dry-run"), ("live --config x --dry-run --clean 1a2b3c4d", "--clean"),
      ("live --config x --clean zz", "--clean"), ("live --config x --clean 1a2b3c4d HA-API", "--clean"),
      ("live --config x --dry-run NO-SUCH", "NO-SUCH"), ("live --config no-such.yaml --dry-run", "no-such.yaml"),
      ("doctor --confg x", "--confg"), ("doctor --config no-such.yaml", "no-such.yaml"),
    ])
  func misuse(arguments: String, named: String) throws {
    let result = try run(arguments.split(separator: " ").map(String.init))
    #expect(result.status == 2)
    #expect(result.complaintLines.count == 1, "\(result.complaints)")
    #expect(result.complaints.contains(named))
  }

  @Test("doctor without a file tells programs and ports, as JSON too")
  func doctor() throws {
    let object = try run(["doctor", "--json"]).json()
    let subjects = object["machine"]?.elements?.compactMap { $0["subject"]?.text } ?? []
    #expect(subjects.contains("kubectl"))
    #expect(subjects.contains("port 5432"))
    #expect(object["capabilities"] == nil)
  }
}
