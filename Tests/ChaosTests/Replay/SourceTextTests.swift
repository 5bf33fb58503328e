import TestEnvironment
import Testing

@testable import Chaos

@Suite("Failures as text")
struct SourceTextTests {
  @Test("a scenario has a line for each operation and fault, in the order of time")
  func scenario() throws {
    var replay = try ChaosReplayTests.sample(decisions: ChaosReplayTests.decisions)
    replay.trial.plan.operations = [.init(at: .seconds(3), user: 1, .stop(0), replica: 2)]
    replay.trial.plan.faults = [
      .init(at: .seconds(1), lasts: .milliseconds(2_500), .kill(.holder(agent: 0), .silent)),
      .init(at: .seconds(9), lasts: .zero, .redisEvictRoute(agent: 0)),
    ]
    let lines = ScenarioText.of(replay).split(separator: "\n").map(String.init)
    let deeds = lines.filter { $0.hasPrefix("  at ") }
    #expect(deeds.count == 3)
    #expect(deeds[0].hasPrefix("  at 1 s: ") && deeds[0].hasSuffix(", for 2.5 s"))
    #expect(deeds[1] == "  at 3 s: user 1 stops session 0 (asked of replica 2)")
    #expect(deeds[2].hasPrefix("  at 9 s: ") && !deeds[2].contains(", for"))
    #expect(lines.contains("Kept of the order of events: 1 choices."))
    #expect(lines.contains("Drawn from 'empty': the middle of the range each time."))
    #expect(lines.contains("At 83.25 s I-ROUTE is violated under contract+B-01."))
    #expect(lines.contains("Under contract it is green."))
  }

  @Test("text in a literal stays one")
  func literal() {
    #expect(SwiftLiteral.of("a \"b\" \\ \n \u{1}") == #""a \"b\" \\ \n \u{1}""#)
    #expect(SwiftLiteral.of(Duration.seconds(3)) == ".seconds(3)")
    #expect(SwiftLiteral.of(Duration.milliseconds(-3_250)) == ".milliseconds(-3250)")
    #expect(SwiftLiteral.of(Duration.nanoseconds(1_000_000_007)) == ".nanoseconds(1000000007)")
  }

  @Test("a test has the plan, the options and both expectations")
  func source() throws {
    let replay = try ChaosReplayTests.sample(decisions: ChaosReplayTests.decisions)
    let source = TestSource.of(replay, name: "Sample")
    #expect(source.contains("struct Sample {"))
    #expect(source.contains("@Suite(\"Regression: \(replay.signature), seed \(replay.trial.plan.seed)\")\n"))
    #expect(source.contains(".databaseRequest(replica: 2, number: 3, .crash)"))
    #expect(source.contains("compact: \"0x33 3\", rest: 0"))
    #expect(source.contains("profile: try Profile(\"contract+B-01\")"))
    #expect(source.contains("profile: try Profile(\"contract\")"))
    #expect(!source.contains("\t") && source.hasSuffix("}\n"))
  }

  @Test("the whole message stands before a test, in lines that fit")
  func reason() throws {
    var replay = try ChaosReplayTests.sample(decisions: ChaosReplayTests.decisions)
    replay.reason = (1...60).map { "word\($0)" }.joined(separator: " ") + "\nend"
    let comments = TestSource.of(replay, name: "Sample").split(separator: "\n").filter { $0.hasPrefix("/// ") }
    #expect(comments.allSatisfy { $0.count <= 114 })
    #expect(comments.map { $0.dropFirst(4) }.joined(separator: " ") == replay.reason.replacing("\n", with: " "))
  }

  @Test("answers in a test are read as in a file; what is no such text counts as none")
  func compact() {
    #expect(RecordedDecisions.Stream(name: "a", compact: "0x2 3").answers == [0, 0, 3])
    #expect(RecordedDecisions.Stream(name: "a", compact: "x").answers == [])
  }
}
