import Foundation
import Testing

/// What a user types wrongly: exit code 2 and one line that names it (DESIGN §7).
@Suite("Wrong usage")
struct UsageTests {
  /// A wrong command line and what the message must name.
  struct Misuse: Sendable, CustomTestStringConvertible {
    var arguments: [String]
    var names: [String]
    var testDescription: String { arguments.joined(separator: " ") }

    init(_ line: String, names: String...) {
      arguments = line.split(separator: " ").map(String.init)
      self.names = names
    }
  }

  static let misuses = [
    Misuse("run HA-API-99", names: "'HA-API-99'"),
    Misuse("run HA-API-01 HA-AP", names: "'HA-AP'"),
    Misuse("run no-such-scenario", names: "'no-such-scenario'"),
    Misuse("run --profile shipped", names: "--profile", "'shipped'"),
    Misuse("run --profile contract+Z-99", names: "--profile", "'Z-99'"),
    Misuse("run --profile contract+", names: "--profile"),
    Misuse("run --seed minus-one", names: "--seed", "'minus-one'"),
    Misuse("run --seed 18446744073709551616", names: "--seed"),
    Misuse("run --seed=-1", names: "--seed", "'-1'"),
    Misuse("run --seeds 5..1", names: "--seeds", "'5..1'"),
    Misuse("run --seeds 1..", names: "--seeds", "'1..'"),
    Misuse("run --seeds 1..2..3", names: "--seeds", "'1..2..3'"),
    Misuse("run --seeds 0..1000000", names: "--seeds", "'0..1000000'"),
    Misuse("run --seeds 0..18446744073709551615", names: "--seeds"),
    Misuse("run --seed 1 --seeds 1..2", names: "--seed", "--seeds"),
    Misuse("run --depth deep", names: "--depth", "'deep'"),
    Misuse("run --strategy lifo", names: "--strategy", "'lifo'"),
    Misuse("replay --case HA-API-02 --seed 1 --strategy lifo", names: "--strategy", "'lifo'"),
    Misuse("run --strategy pct(0)", names: "--strategy", "'pct(0)'"),
    Misuse("run --strategy pct(x)", names: "--strategy", "'pct(x)'"),
    Misuse("run --jobs 0", names: "--jobs", "'0'"),
    Misuse("run --jobs 65", names: "--jobs", "'65'"),
    Misuse("run --jobs many", names: "--jobs", "'many'"),
    Misuse("run --environment live", names: "--environment", "'live'"),
    Misuse("run --no-such-flag", names: "--no-such-flag"),
    Misuse("run --seed", names: "--seed"),
    Misuse("no-such-command", names: "no-such-command"),
    Misuse("list HA-API-99", names: "'HA-API-99'"),
    Misuse("explain B-99", names: "'B-99'"),
    Misuse("mutants --defect Z-99", names: "--defect", "'Z-99'"),
    Misuse("mutants HA-API-99", names: "'HA-API-99'"),
    Misuse("mutants --jobs 0", names: "--jobs", "'0'"),
    Misuse("bench no-such-program", names: "'no-such-program'"),
    Misuse("bench --repeats 0", names: "--repeats", "'0'"),
    Misuse("replay", names: "--case", "--seed"),
    Misuse("replay --case HA-API-10", names: "--seed"),
    Misuse("replay --case HA-API-99 --seed 1", names: "--case", "'HA-API-99'"),
    Misuse("replay --case HA-API-10 --seed 1..2", names: "--seed", "'1..2'"),
    Misuse("replay --case HA-API-10 --seed one", names: "--seed", "'one'"),
    Misuse("replay --case HA-API-10 --seed 1 --variant T9", names: "--variant", "'T9'"),
    Misuse("replay --case HA-API-10 --seed 1 --depth deep", names: "--depth", "'deep'"),
    Misuse("replay --case HA-API-10 --seed 1 --profile shipped", names: "--profile", "'shipped'"),
    Misuse("replay --case HA-API-10 --seed 1 --until=-1", names: "--until", "'-1'"),
    Misuse("replay --case HA-API-10 --seed 1 --from=-1", names: "--from", "'-1'"),
    Misuse("replay no-such-file.json", names: "'no-such-file.json'"),
  ]

  @Test("a wrong word ends with code 2 and one line that names it", arguments: misuses)
  func isRefused(_ misuse: Misuse) throws {
    let scratch = try ScratchFolder()
    var arguments = misuse.arguments
    if arguments[0] == "run" { arguments += ["--reports", scratch.path("reports")] }
    // Last, a missing value takes the next word; it must stay missing.
    if misuse.arguments.last == "--seed" { arguments = misuse.arguments }
    let result = try CommandLineTool.run(arguments)
    expectRefusal(result, naming: misuse.names)
    #expect(!FileManager.default.fileExists(atPath: scratch.path("reports")), "a report folder was made")
  }

  @Test("a report folder that cannot be made is refused before anything runs", arguments: ["run", "run --json"])
  func folderIsChecked(_ line: String) throws {
    let scratch = try ScratchFolder()
    let file = try scratch.write("file", "not a folder")
    let result = try CommandLineTool.run(
      line.split(separator: " ").map(String.init) + ["HA-API-10", "--reports", file + "/reports"])
    expectRefusal(result, naming: ["--reports", "file/reports"])
    #expect(scratch.text("file") == "not a folder")
  }

  @Test("a folder without a name is refused")
  func emptyFolderNameIsRefused() throws {
    expectRefusal(try CommandLineTool.run(["run", "HA-API-10", "--reports", ""]), naming: ["--reports"])
  }

  /// A replay file with one thing changed.
  struct Malformed: Sendable, CustomTestStringConvertible {
    var what: String
    var text: String
    var names: String
    var testDescription: String { what }
  }

  private static func file(_ field: String, _ value: String) -> String {
    var fields = [
      "version": "1", "case": "\"HA-API-10\"", "variant": "\"T2\"", "seed": "\"1\"", "profile": "\"contract\"",
      "depth": "\"plain\"", "strategy": "\"random\"", "fingerprint": "\"0\"", "reason": "\"\"",
    ]
    fields[field] = value
    return "{" + fields.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }.joined(separator: ",") + "}"
  }

  static let malformed = [
    Malformed(what: "no JSON", text: "seed 7\n", names: "no replay file"),
    Malformed(what: "an empty file", text: "", names: "no replay file"),
    Malformed(what: "an array", text: "[]", names: "no JSON object"),
    Malformed(what: "another version", text: file("version", "99"), names: "'version'"),
    Malformed(what: "a seed that is no number", text: file("seed", "\"seven\""), names: "'seed'"),
    Malformed(what: "a case that is a number", text: file("case", "10"), names: "'case'"),
    Malformed(what: "an unknown case", text: file("case", "\"HA-API-99\""), names: "'HA-API-99'"),
    Malformed(what: "an unknown variant", text: file("variant", "\"T9\""), names: "'T9'"),
    Malformed(what: "an unknown profile", text: file("profile", "\"shipped\""), names: "'shipped'"),
    Malformed(what: "an unknown strategy", text: file("strategy", "\"lifo\""), names: "'lifo'"),
    Malformed(what: "an unknown depth", text: file("depth", "\"deep\""), names: "'deep'"),
  ]

  @Test("a malformed replay file ends with code 2 and one line that says what is wrong", arguments: malformed)
  func replayFileIsRefused(_ item: Malformed) throws {
    let scratch = try ScratchFolder()
    let path = try scratch.write("replay.json", item.text)
    expectRefusal(try CommandLineTool.run(["replay", path]), naming: [item.names])
  }

  private func expectRefusal(_ result: CommandLineTool.Result, naming names: [String]) {
    #expect(result.status == 2)
    #expect(result.output.isEmpty, "standard output is not empty")
    #expect(result.complaintLines.count == 1, "not one line but: \(result.complaints)")
    for name in names { #expect(result.complaints.contains(name), "'\(name)' is not in: \(result.complaints)") }
  }
}
