import Foundation
import StreamSpaceProtocol
import Testing

/// `./sim chaos` as users and CI systems call it.
@Suite("Chaos command")
struct ChaosCommandTests {
  private func chaos(_ arguments: String..., in scratch: ScratchFolder) throws -> CommandLineTool.Result {
    try CommandLineTool.run(["chaos"] + arguments, in: scratch.url)
  }

  /// The state of a campaign without the real time it took.
  private func state(_ scratch: ScratchFolder, _ path: String = "reports/chaos/campaign.state.json") throws -> String {
    scratch.text(path).replacing(/"wallMilliseconds":\d+/, with: "")
  }

  private func runsDone(_ scratch: ScratchFolder, _ path: String = "reports/chaos/campaign.state.json") -> Int64 {
    (try? JSONParser.parse(scratch.text(path)))?["tally"]?["runs"]?.integer ?? 0
  }

  @Test("JSON has the keys that are promised, and the reports are there")
  func json() throws {
    let scratch = try ScratchFolder()
    let result = try chaos("--seeds", "1..6", "--json", in: scratch)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.complaints.isEmpty)
    let document = try result.json()
    #expect(document["seeds"]?.integer == 6)
    #expect(document["violations"]?.elements == [])
    #expect((document["seedsPerMinute"]?.integer ?? 0) > 0)
    #expect(document["range"]?.text == "1..6")
    #expect((document["coverage"]?["features"]?.integer ?? 0) > 0)
    #expect(document["obligations"]?.elements?.isEmpty == false)
    #expect(document["faults"]?.elements?.isEmpty == false)
    #expect(
      scratch.files(below: "reports") == ["chaos/campaign.json", "chaos/campaign.md", "chaos/campaign.state.json"])
    #expect(try JSONParser.parse(scratch.text("reports/chaos/campaign.json")) == document)
    #expect(scratch.text("reports/chaos/campaign.md").contains("## Coverage"))
  }

  @Test("what is found does not depend on the number of threads", arguments: ["random", "coverage"])
  func jobs(strategy: String) throws {
    let states = try [1, 3].map { jobs in
      let scratch = try ScratchFolder()
      let result = try chaos(
        "--seeds", "1..24", "--jobs", "\(jobs)", "--strategy", strategy, "--keep-going", in: scratch)
      #expect(result.status == 0, "\(result.output)\(result.complaints)")
      return try state(scratch)
    }
    #expect(states[0] == states[1] && !states[0].isEmpty)
  }

  @Test("a planted defect ends it red, with a file and the line that repeats it")
  func plantedDefect() throws {
    let scratch = try ScratchFolder()
    let result = try chaos("--seeds", "1..400", "--profile", "contract+B-01", in: scratch)
    #expect(result.status == 1, "\(result.complaints)")
    let files = scratch.files(below: "reports/chaos/failures")
    let file = try #require(files.first)
    #expect(result.output.contains("again: ./sim replay reports/chaos/failures/chaos-"))
    #expect(file.hasPrefix("chaos-") && !scratch.text("reports/chaos/failures/\(file)").isEmpty)
    #expect(runsDone(scratch) < 400)
    // The same command tells the same again, without running anything.
    let again = try chaos("--seeds", "1..400", "--profile", "contract+B-01", in: scratch)
    #expect(again.status == 1 && again.output.hasPrefix("goes on from"))
    #expect(again.output.contains("stopped by a violation"))
  }

  @Test("a campaign that is killed goes on to the same end", arguments: [SIGKILL, SIGINT])
  func killed(signal: Int32) throws {
    let whole = try ScratchFolder()
    let arguments = ["chaos", "--seeds", "1..96", "--jobs", "2", "--strategy", "coverage", "--keep-going"]
    #expect(try CommandLineTool.run(arguments, in: whole.url).status == 0)

    let scratch = try ScratchFolder()
    let running = try CommandLineTool.Running(arguments, in: scratch.url)
    // Not at a moment of our choosing: as soon as something is stored, or at once when it ends before that.
    for _ in 0..<4_000 where running.isRunning && runsDone(scratch) == 0 { usleep(5_000) }
    running.signal(signal)
    let result = running.wait()
    let done = runsDone(scratch)
    if result.status == 0 {
      #expect(done == 96)
    } else {
      #expect(result.status == (signal == SIGKILL ? -SIGKILL : 130))
    }
    if signal == SIGINT, result.status != 0 {
      #expect(result.complaints.hasPrefix("interrupted: \(done) of 96 seeds are kept in"))
      #expect(result.output.isEmpty)
    }
    let resumed = try CommandLineTool.run(arguments, in: scratch.url)
    #expect(resumed.status == 0, "\(resumed.complaints)")
    #expect(done == 0 || resumed.output.hasPrefix("goes on from reports/chaos/campaign.state.json: \(done) of 96"))
    #expect(try state(scratch) == state(whole))
    #expect(scratch.files(below: "reports").allSatisfy { !$0.contains("writing") })
  }

  @Test("shards join to what one machine finds")
  func shards() throws {
    let scratch = try ScratchFolder()
    #expect(try chaos("--seeds", "1..12", "--json", in: scratch).status == 0)
    for shard in 0..<3 {
      #expect(try chaos("--seeds", "1..12", "--shard", "\(shard)/3", "--reports", "shards", in: scratch).status == 0)
    }
    let files = (0..<3).map { "shards/campaign-\($0)-of-3.state.json" }
    let merged = try CommandLineTool.run(
      ["chaos", "--json", "--reports", "merged", "--merge"] + files, in: scratch.url)
    #expect(merged.status == 0, "\(merged.complaints)")
    let whole = try JSONParser.parse(scratch.text("reports/chaos/campaign.json"))
    let joined = try merged.json()
    for key in ["seeds", "violations", "coverage", "obligations", "faults", "fingerprint", "virtualSeconds"] {
      #expect(joined[key] == whole[key], "\(key)")
    }
    let lacking = try chaos("--reports", "merged", "--merge", files[0], files[2], in: scratch)
    #expect(lacking.status == 1)
    #expect(lacking.output.contains("note: shard 1/3 is missing"))
    let twice = try chaos("--merge", files[0], files[0], in: scratch)
    #expect(twice.status == 2 && twice.complaints.contains("seed 1 is in"))
  }

  @Test("a campaign that is not at its end is not given up for another one")
  func otherSettings() throws {
    let scratch = try ScratchFolder()
    let path = "reports/chaos/campaign.state.json"
    #expect(try chaos("--seeds", "1..3", in: scratch).status == 0)
    let finished = scratch.text(path)
    // As a campaign that was stopped leaves it.
    _ = try scratch.write(path, finished.replacing("\"finished\":true", with: "\"finished\":false"))
    let other = try chaos("--seeds", "1..2", in: scratch)
    #expect(other.status == 2)
    #expect(other.complaintLines.count == 1)
    #expect(other.complaints.contains("with seeds 1..3, not 1..2; --fresh begins anew"))
    #expect(try chaos("--seeds", "1..2", "--fresh", in: scratch).status == 0)
    #expect(runsDone(scratch) == 2)
    // Nothing is lost when a finished one makes room.
    #expect(try chaos("--seeds", "1..1", in: scratch).status == 0)
    _ = try scratch.write(
      path,
      finished.replacing("\"finished\":true", with: "\"finished\":false").replacing(
        /"build":"\w+"/, with: "\"build\":\"other\""))
    let rebuilt = try chaos("--seeds", "1..3", in: scratch)
    #expect(rebuilt.status == 2 && rebuilt.complaints.contains("build other, not"))
    _ = try scratch.write(path, String(finished.dropLast(100)))
    let torn = try chaos("--seeds", "1..3", in: scratch)
    #expect(torn.status == 2 && torn.complaints.contains("cannot be gone on from"))
  }

  @Test("the time given is kept, and what there is stays")
  func minutes() throws {
    let scratch = try ScratchFolder()
    let result = try chaos("--seeds", "1..1000000", "--minutes", "0.02", in: scratch)
    #expect(result.status == 0, "\(result.output)\(result.complaints)")
    #expect(result.output.contains("the time was up"))
    #expect(runsDone(scratch) < 1_000_000 && runsDone(scratch) % 16 == 0)
  }

  static let misuses: [(line: String, names: [String])] = [
    ("--seeds 5..1", ["--seeds", "'5..1'"]), ("--shard 4/4", ["--shard", "'4/4'"]),
    ("--shard one", ["--shard", "'one'"]), ("--seeds 1..2 --shard 3/4", ["--shard", "'3/4'"]),
    ("--jobs 0", ["--jobs", "'0'"]), ("--minutes 0", ["--minutes"]), ("--minutes soon", ["--minutes"]),
    ("--strategy lifo", ["--strategy", "'lifo'", "coverage"]), ("--profile shipped", ["--profile", "'shipped'"]),
    ("--plateau 0", ["--plateau", "'0'"]), ("--merge no-such-file", ["--merge", "'no-such-file'"]),
    ("--planted Z-99", ["--planted", "'Z-99'"]), ("--shards 2", ["--shards"]),
  ]

  @Test("a wrong word ends with code 2 and one line that names it", arguments: misuses)
  func misuse(line: String, names: [String]) throws {
    let scratch = try ScratchFolder()
    let result = try CommandLineTool.run(["chaos"] + line.split(separator: " ").map(String.init), in: scratch.url)
    #expect(result.status == 2)
    #expect(result.output.isEmpty)
    #expect(result.complaintLines.count == 1, "\(result.complaints)")
    for name in names { #expect(result.complaints.contains(name), "'\(name)' is not in: \(result.complaints)") }
    #expect(scratch.files(below: "reports").isEmpty)
  }
}
