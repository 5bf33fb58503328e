import Foundation
import StreamSpaceProtocol
import Testing

/// `shrink`, `replay FILE` and `explain FILE`, as a user runs them.
@Suite("Files of failures on the command line")
struct ShrinkCommandTests {
  private static let regressions = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appendingPathComponent("fixtures/regressions")

  /// The smallest file of the corpus.
  private static func sample() throws -> String {
    let files = try FileManager.default.contentsOfDirectory(at: regressions, includingPropertiesForKeys: [.fileSizeKey])
      .filter { $0.pathExtension == "json" }.sorted { $0.path < $1.path }
    func size(_ url: URL) -> Int { (try? url.resourceValues(forKeys: [.fileSizeKey]).fileSize) ?? .max }
    return try #require(files.min { size($0) < size($1) }).path
  }

  @Test("shrink writes a replay file, a scenario and a test, and tells of them with the promised keys")
  func shrink() throws {
    let folder = try ScratchFolder()
    let result = try CommandLineTool.run(
      ["shrink", try Self.sample(), "--steps", "6", "--output", folder.url.path, "--json"])
    #expect(result.status == 0 && result.complaints.isEmpty)
    let document = try result.json()
    for key in ["faultsBefore", "faultsAfter", "stepsTried"] { #expect(document[key]?.integer != nil, "\(key)") }
    let file = try #require(document["file"]?.text)
    #expect(FileManager.default.fileExists(atPath: file))
    let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path).sorted()
    #expect(names.map { $0.split(separator: ".").last } == ["json", "swift", "txt"])
    // What was written fails again.
    let replayed = try CommandLineTool.run(["replay", file, "--json"])
    #expect(replayed.status == 1)
    #expect(try replayed.json()["verdict"]?.text == "same")
  }

  @Test("of a case the schedule becomes smaller, and what is left fails again")
  func shrinkOfCase() throws {
    let folder = try ScratchFolder()
    let run = try CommandLineTool.run(
      ["run", "HA-API-10", "--profile", "contract+B-01", "--seed", "1", "--once", "--reports", "."], in: folder.url)
    #expect(run.status == 1)
    let failure = try #require(folder.files(below: "failures").first { $0.hasSuffix(".json") })
    let result = try CommandLineTool.run(["shrink", "failures/\(failure)", "--steps", "24", "--json"], in: folder.url)
    #expect(result.status == 0 && result.complaints.isEmpty, "\(result.complaints)")
    let file = try #require(try result.json()["file"]?.text)
    let replayed = try CommandLineTool.run(["replay", file, "--json"], in: folder.url)
    #expect(replayed.status == 1)
    #expect(try replayed.json()["verdict"]?.text == "same")
    let explained = try CommandLineTool.run(["explain", file, "--runs", "12", "--json"], in: folder.url)
    #expect(explained.status == 0, "\(explained.complaints)")
    #expect(try explained.json()["chain"]?.elements?.isEmpty == false)
  }

  @Test("an interrupted search leaves the smallest run so far")
  func interrupted() throws {
    let folder = try ScratchFolder()
    let running = try CommandLineTool.Running(
      ["shrink", try Self.sample(), "--output", ".", "--steps", "100000"], in: folder.url)
    usleep(300_000)
    running.interrupt()
    let result = running.wait()
    // It may have come to its end before.
    #expect([0, 130].contains(result.status))
    #expect(result.status == 0 || result.output.contains("interrupted: the smallest run so far"))
    let file = try #require(folder.files(below: ".").first { $0.hasSuffix(".small.json") })
    #expect(try CommandLineTool.run(["replay", file], in: folder.url).status == 1)
  }

  @Test("replay tells a file of another build from one of this")
  func otherBuild() throws {
    let folder = try ScratchFolder()
    let text = try String(contentsOfFile: Self.sample(), encoding: .utf8)
    let changed = folder.url.appendingPathComponent("other.json")
    let print = try #require(text.firstMatch(of: /"fingerprint": "([0-9a-f]+)"/)?.output.1)
    try text.replacing(print, with: "00").write(to: changed, atomically: true, encoding: .utf8)
    let result = try CommandLineTool.run(["replay", changed.path])
    #expect(result.status == 1)
    #expect(result.output.contains("another build: the run differs"))
    // Under the contract the same plan is green: the file is void, and that is not passed over in silence.
    let profile = try #require(text.firstMatch(of: /"profile": "([^"]+)"/)?.output.1)
    try text.replacing("\"profile\": \"\(profile)\"", with: "\"profile\": \"contract\"")
      .write(to: changed, atomically: true, encoding: .utf8)
    let void = try CommandLineTool.run(["replay", changed.path])
    #expect(void.status == 2)
    #expect(void.output.contains("the file is void here"))
  }

  @Test("explain tells the chain, what the failure needs and the curve, within the runs allowed")
  func explain() throws {
    let folder = try ScratchFolder()
    let result = try CommandLineTool.run(
      ["explain", try Self.sample(), "--runs", "24", "--reports", folder.url.path, "--json"])
    #expect(result.status == 0 && result.complaints.isEmpty)
    let document = try result.json()
    #expect(document["signature"]?.text?.isEmpty == false)
    #expect(document["chain"]?.elements?.isEmpty == false)
    #expect((document["runs"]?.integer ?? 99) <= 24)
    #expect(FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("EXPLANATION.md").path))
  }

  @Test(
    "a file that is missing or wrong is one line that names it, with status 2",
    arguments: [["shrink"], ["replay"], ["explain"]])
  func wrongFile(command: [String]) throws {
    let missing = try CommandLineTool.run(command + ["no/such.json"])
    #expect(missing.status == 2 && missing.complaintLines.count == 1 && missing.complaints.contains("no/such.json"))
    let folder = try ScratchFolder()
    let bad = folder.url.appendingPathComponent("bad.json")
    try #"{"kind":"chaos","version":2}"#.write(to: bad, atomically: true, encoding: .utf8)
    let wrong = try CommandLineTool.run(command + [bad.path])
    #expect(wrong.status == 2 && wrong.complaintLines.count == 1)
    #expect(wrong.complaints.contains("bad.json") && wrong.complaints.contains("'plan'"))
  }

  @Test(
    "options out of range are named",
    arguments: [["--steps", "0"], ["--jobs", "0"], ["--jobs", "65"]])
  func options(words: [String]) throws {
    let result = try CommandLineTool.run(["shrink", try Self.sample()] + words)
    #expect(result.status == 2)
    #expect(result.complaints.contains(words[0]))
  }
}
