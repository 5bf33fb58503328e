import Foundation
import StreamSpaceProtocol
import Testing

/// What a run leaves behind and how it ends.
@Suite("Runs")
struct RunTests {
  private func fingerprint(_ arguments: String...) throws -> String {
    let scratch = try ScratchFolder()
    let result = try CommandLineTool.run(
      ["run", "HA-API-10", "HA-API-06", "--json", "--reports", scratch.path("reports")] + arguments)
    #expect(result.status == 0, "\(result.complaints)")
    return try #require(try result.json()["fingerprint"]?.text)
  }

  @Test("a seed gives the same fingerprint again, another seed another")
  func seedDecides() throws {
    let first = try fingerprint("--seed", "42")
    #expect(try fingerprint("--seed", "42", "--jobs", "1") == first)
    #expect(try fingerprint("--seed", "43") != first)
  }

  @Test("a green run ends with code 0 and leaves report, figures and junit.xml")
  func greenRun() throws {
    let scratch = try ScratchFolder()
    let result = try CommandLineTool.run(["run", "HA-API-10", "--reports", scratch.path("reports")])
    #expect(result.status == 0)
    #expect(result.complaints.isEmpty)
    #expect(result.output.contains("1 passed, 0 failed, 0 skipped"))
    #expect(
      scratch.files(below: "reports") == [
        "INTEGRATION_TEST_HA_MULTI_POD_API.md", "figures/HA-API-10.svg", "junit.xml",
      ])
  }

  @Test("two runs of one seed write the same bytes")
  func reportsAreReproducible() throws {
    let scratch = try ScratchFolder()
    for name in ["first", "second"] {
      _ = try CommandLineTool.run(["run", "HA-API-10", "--reports", scratch.path(name)])
    }
    let files = scratch.files(below: "first")
    #expect(!files.isEmpty && files == scratch.files(below: "second"))
    for file in files { #expect(scratch.text("first/\(file)") == scratch.text("second/\(file)"), "\(file)") }
  }

  @Test("a red run ends with code 1, prints how to repeat it, and leaves a file that replay accepts")
  func redRun() throws {
    let scratch = try ScratchFolder()
    let result = try CommandLineTool.run(
      ["run", "HA-API-10", "--profile", "contract+B-01", "--reports", scratch.path("reports")])
    #expect(result.status == 1)
    let again = try #require(result.output.split(separator: "\n").first { $0.contains("again: ") })
    let words = ShellWords.split(String(again.trimmingPrefix { $0 != "." }))
    #expect(words.prefix(2) == ["./sim", "replay"])
    let failure = try #require(scratch.files(below: "reports").first { $0.hasPrefix("failures/") })
    let recorded = try #require(try JSONParser.parse(scratch.text("reports/\(failure)"))["fingerprint"]?.text)

    for replay in [["replay", scratch.path("reports/\(failure)")], Array(words.dropFirst())] {
      let repeated = try CommandLineTool.run(replay)
      #expect(repeated.status == 1, "\(repeated.complaints)")
      #expect(repeated.output.contains("failed   fingerprint \(recorded)"), "it was another run: \(replay)")
      #expect(repeated.output.contains("FAIL I-"))
    }
  }

  @Test("an interrupted run ends with code 130 and leaves no file")
  func interruptedRun() throws {
    let scratch = try ScratchFolder()
    let running = try CommandLineTool.Running([
      "run", "--seeds", "1..200", "--once", "--reports", scratch.path("reports"),
    ])
    // The folder is made just before the first case begins.
    for _ in 0..<200 where !FileManager.default.fileExists(atPath: scratch.path("reports")) { usleep(50_000) }
    usleep(500_000)
    running.interrupt()
    let result = running.wait()
    #expect(result.status == 130)
    #expect(result.complaints == "interrupted: nothing was written\n")
    #expect(result.output.isEmpty)
    #expect(scratch.files(below: "reports").isEmpty)
  }

  @Test("replay tells the events between two bounds")
  func replayIsBounded() throws {
    let arguments = ["replay", "--case", "HA-API-10", "--seed", "7"]
    let bounded = try CommandLineTool.run(arguments + ["--from", "100", "--until", "12"])
    #expect(bounded.status == 0)
    let numbers = bounded.output.split(separator: "\n").compactMap { line in
      line.split(separator: "\t").count > 1 ? Int(line.prefix { $0 != "\t" }) : nil
    }
    #expect(!numbers.isEmpty && numbers.allSatisfy { $0 >= 100 })
    let whole = try CommandLineTool.run(arguments)
    #expect(whole.output.count > bounded.output.count)
    #expect(whole.output.split(separator: "\n").last == bounded.output.split(separator: "\n").last)
  }

  @Test("list of defects is a line for each, with its cases at the end")
  func listOfDefects() throws {
    let result = try CommandLineTool.run(["list", "--defects", "HA-API-10"])
    #expect(result.status == 0)
    let lines = result.output.split(separator: "\n")
    #expect(!lines.isEmpty)
    #expect(lines.contains { $0.hasPrefix("B-01  unregister-by-id-kills-successor  ") })
    #expect(lines.allSatisfy { $0.split(separator: " ").contains("HA-API-10") })
  }

  @Test(
    "help is no error, and shows an example", arguments: ["", "run", "list", "replay", "explain", "bench", "chaos"])
  func help(_ command: String) throws {
    let result = try CommandLineTool.run((command.isEmpty ? [] : [command]) + ["--help"])
    #expect(result.status == 0)
    #expect(result.complaints.isEmpty)
    #expect(result.output.contains("./sim"))
  }
}
