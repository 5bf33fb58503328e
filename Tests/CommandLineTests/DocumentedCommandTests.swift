import DatabaseTestSupport
import Foundation
import Testing

/// Every `./sim …` line of the documents does what the documents say.
@Suite("Documented commands")
struct DocumentedCommandTests {
  /// A command line of a document.
  struct Documented: Sendable, CustomTestStringConvertible {
    var document: String
    var words: [String]
    var testDescription: String { "\(words.joined(separator: " ")) (\(document))" }
  }

  /// Commands that are not run here.
  static let exceptions = [
    "./sim test": "it runs these tests",
    "./sim bench": "it measures for a minute; JSONOutputTests run one program of it",
    "./sim bench vnc":
      "a debug build would measure for minutes; RelayBenchmarkTests and the codec's tests ask for its parts",
    "./sim run": "the whole catalogue is run by ContractTests",
    "./sim run --seed 42": "a debug build would take minutes; .ci/run does it twice",
  ]

  /// Commands of the other executable that read an environment file: LiveCommandTests run them.
  static let liveCommands = ["live", "doctor"]

  /// Of the other executable, too, and minutes long: RehearsalTests rehearse a few cases.
  static let rehearsal = "rehearse"

  /// What stands in the guides for the address of a PostgreSQL server, as `postgres.sh run` gives it.
  static let serverWord = "$DATABASE_URL"

  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// README and pages, with their paths.
  private static var documents: [(name: String, text: String)] {
    let pages = (try? FileManager.default.contentsOfDirectory(atPath: root.appendingPathComponent("docs").path)) ?? []
    let names = ["README.md"] + pages.filter { $0.hasSuffix(".md") }.sorted().map { "docs/\($0)" }
    return names.compactMap { name in
      (try? String(contentsOf: root.appendingPathComponent(name), encoding: .utf8)).map { (name, $0) }
    }
  }

  /// Lines of code blocks, indented or fenced, that begin with `./sim`, with or without a prompt.
  static func commands(in text: String) -> [[String]] {
    var commands: [[String]] = []
    var isFenced = false
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") { isFenced.toggle() }
      guard isFenced || line.hasPrefix("    ") else { continue }
      var code = line.drop { $0 == " " }
      if code.hasPrefix("$ ") { code = code.dropFirst(2) }
      if code.hasPrefix("./sim ") { commands.append(ShellWords.split(String(code))) }
    }
    return commands
  }

  /// Each command once, under the first document that has it.
  static let documented: [Documented] = {
    var seen: Set<[String]> = []
    return documents.flatMap { name, text in
      commands(in: text).filter { seen.insert($0).inserted }.map { Documented(document: name, words: $0) }
    }
  }()

  @Test("commands are found in indented and fenced blocks, without prompt and comment")
  func parser() {
    let text = "    ./sim run A   # why\ntext ./sim no\n    $ ./sim list 'B C'\n```sh\n./sim explain D\n```\n./sim no\n"
    #expect(Self.commands(in: text) == [["./sim", "run", "A"], ["./sim", "list", "B C"], ["./sim", "explain", "D"]])
  }

  @Test("the guides have commands, and no exception is stale")
  func documentsHaveCommands() {
    #expect(Self.documented.count >= 10)
    for exception in Self.exceptions.keys {
      #expect(
        Self.documents.contains { $0.text.contains(exception) }, "\(exception) is an exception and stands nowhere")
    }
  }

  @Test(
    "a documented command works",
    arguments: documented.filter {
      $0.words.dropFirst().first != "serve" && exceptions[$0.words.joined(separator: " ")] == nil
        && !(liveCommands + [rehearsal]).contains($0.words.dropFirst().first ?? "")
        && ($0.words.contains(serverWord) ? TestServer.isAvailable : true)
    })
  func works(_ item: Documented) throws {
    let scratch = try ScratchFolder()
    var arguments = try item.words.dropFirst().map { try $0 == Self.serverWord ? TestServer.url : $0 }
    if arguments.first == "run" {
      // Once: whether a run repeats is what RunTests and IntegrationTests ask, and a debug build is slow.
      arguments += ["--reports", scratch.path("reports"), "--once"]
    }
    let isToFail = arguments.contains { $0.hasPrefix("contract+") }
    var result: CommandLineTool.Result
    if let file = arguments.last, arguments.first == "replay", file.hasSuffix(".json") {
      // The guides name a file of a red run; make one, and replay that.
      _ = try CommandLineTool.run([
        "run", "HA-API-10", "--profile", "contract+B-01", "--once", "--reports", scratch.path("reports"),
      ])
      let failure = try #require(scratch.files(below: "reports").first { $0.hasPrefix("failures/") })
      arguments[arguments.count - 1] = scratch.path("reports/\(failure)")
      result = try CommandLineTool.run(arguments)
      #expect(result.status == 1)
    } else {
      result = try CommandLineTool.run(arguments)
      #expect(result.status == (isToFail ? 1 : 0), "\(result.output)\(result.complaints)")
    }
    #expect(!result.output.isEmpty)
    #expect(result.complaints.isEmpty)
  }
}
