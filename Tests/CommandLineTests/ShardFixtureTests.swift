import Foundation
import Testing

/// The manifests that run shards on several machines call commands that exist.
@Suite("Shard manifests")
struct ShardFixtureTests {
  private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().appendingPathComponent("fixtures/environments")

  static let names = ["chaos-shards.job.yaml", "chaos-shards.workflow.yaml"]

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: folder.appendingPathComponent(name), encoding: .utf8)
  }

  /// What the commands of the workflow get, and the argument lists of the Job, with a value for each variable.
  private static func commands(_ name: String, shard: Int) throws -> [[String]] {
    let lines = try text(name).split(separator: "\n").map(String.init)
    if name.contains("workflow") {
      return lines.compactMap { line in
        guard let range = line.firstRange(of: "run: ./sim chaos") else { return nil }
        let command = line[range.upperBound...].replacing("${{ matrix.shard }}", with: "\(shard)")
          .replacing("\"$SEEDS\"", with: "1..2")
        return ["chaos"] + ShellWords.split(String(command))
      }
    }
    var lists: [[String]] = []
    var isList = false
    for line in lines {
      let bare = line.drop { $0 == " " }
      if bare == "args:" {
        isList = true
        lists.append(["chaos"])
      } else if isList, bare.hasPrefix("- ") {
        lists[lists.count - 1].append(
          String(bare.dropFirst(2)).replacing("\"", with: "").replacing("$(JOB_COMPLETION_INDEX)", with: "\(shard)"))
      } else {
        isList = false
      }
    }
    return lists
  }

  @Test("each has a command for the shards and one that joins them; their options exist", arguments: names)
  func options(name: String) throws {
    let commands = try Self.commands(name, shard: 0)
    #expect(commands.count == 2)
    #expect(commands[0].contains("--shard") && commands[1].contains("--merge"))
    let help = try CommandLineTool.run(["chaos", "--help"]).output
    for option in commands.joined() where option.hasPrefix("--") {
      #expect(help.contains("\(option) ") || help.contains("\(option)\n"), "\(option) is no option")
    }
  }

  @Test("the shards are all of their count, and what is joined is all of them", arguments: names)
  func shards(name: String) throws {
    let shard = try #require(
      try Self.commands(name, shard: 1).first.flatMap { words in
        words.firstIndex(of: "--shard").map { words[$0 + 1] }
      })
    let count = try #require(Int(shard.split(separator: "/")[1]))
    #expect(shard == "1/\(count)")
    let text = try Self.text(name)
    if name.contains("workflow") {
      #expect(text.contains("shard: [\((0..<count).map(String.init).joined(separator: ", "))]"))
    } else {
      #expect(text.contains("completions: \(count)\n"))
      #expect(try Self.commands(name, shard: 0)[1].count { $0.hasSuffix(".state.json") } == count)
    }
  }

  @Test("the commands work, one shard after the other", arguments: names)
  func work(name: String) throws {
    let scratch = try ScratchFolder()
    let isWorkflow = name.contains("workflow")
    let count = isWorkflow ? 4 : 8
    for shard in 0..<count {
      var words = try #require(try Self.commands(name, shard: shard).first)
      if let seeds = words.firstIndex(of: "--seeds") { words[seeds + 1] = "1..\(count)" }
      words = words.map { $0.replacing("/results", with: scratch.path("results")) }
      if isWorkflow, let reports = words.firstIndex(of: "--reports") {
        words[reports + 1] = scratch.path("shards/\(words[reports + 1])")
      }
      let result = try CommandLineTool.run(words, in: scratch.url)
      #expect(result.status == 0, "\(words): \(result.output)\(result.complaints)")
    }
    var join = try Self.commands(name, shard: 0)[1].map { $0.replacing("/results", with: scratch.path("results")) }
    if isWorkflow {
      // As the shell would.
      let found = scratch.files(below: "shards").filter { $0.hasSuffix(".state.json") }
      join = join.dropLast() + found.map { "shards/\($0)" }
    }
    let merged = try CommandLineTool.run(join, in: scratch.url)
    #expect(merged.status == 0, "\(merged.output)\(merged.complaints)")
    #expect(merged.output.contains("\(count) of \(count) seeds"))
  }

  @Test("they are indented by two and have no tabs, open quotes or brackets", arguments: names)
  func syntax(name: String) throws {
    for (number, line) in try Self.text(name).split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
      let content = line.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
      #expect(!line.contains("\t"), "line \(number + 1)")
      #expect(line.prefix { $0 == " " }.count % 2 == 0, "line \(number + 1)")
      for (open, close) in [("[", "]"), ("{", "}"), ("(", ")")] {
        #expect(content.count { String($0) == open } == content.count { String($0) == close }, "line \(number + 1)")
      }
      #expect(content.count { $0 == "\"" } % 2 == 0, "line \(number + 1)")
    }
  }
}
