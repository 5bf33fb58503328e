import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import Chaos

@Suite("Replay files of plans")
struct ChaosReplayTests {
  /// A failing run with everything that a file can hold.
  static func sample(decisions: RecordedDecisions? = nil, faults: Int = 3) throws -> ChaosReplay {
    let trial = Trial(SamplePlans.plan(faults: faults, operations: 2), strategy: "pct(3)", decisions: decisions)
    var outcome = ChaosOutcome(plan: trial.plan, profile: "contract+B-01")
    outcome.fingerprint = "0123456789abcdef"
    outcome.violations = [
      ChaosViolation(invariant: "I-ROUTE", time: .milliseconds(83_250), message: "ü: </x> \"two\" owners\n\u{1}")
    ]
    return try #require(ChaosReplay(trial, outcome))
  }

  static let decisions = RecordedDecisions(streams: [
    .init(name: "schedule", answers: Array(repeating: 0, count: 33) + [3], rest: 0),
    .init(name: "ids", answers: [.max, 5, 5, 5]), .init(name: "empty", answers: [], rest: 500_000),
  ])

  @Test("what was written is read back, decisions and the largest numbers included")
  func roundTrip() throws {
    for decisions in [nil, Self.decisions] {
      let replay = try Self.sample(decisions: decisions)
      #expect(try ChaosReplay(text: replay.text) == replay)
    }
  }

  @Test("decisions are written in short")
  func compact() throws {
    let long = RecordedDecisions(streams: [
      .init(name: "schedule", answers: Array(repeating: 0, count: 1_000_000) + [3], rest: 0)
    ])
    #expect(try Self.sample(decisions: long).text.utf8.count < 3_000)
  }

  @Test(
    "a field that is missing is named",
    arguments: [
      "version", "profile", "strategy", "fingerprint", "signature", "harness", "reason", "origin", "plan",
    ])
  func missing(field: String) throws {
    var object = try #require(try JSONParser.parse(try Self.sample().text).members)
    object[field] = nil
    let text = JSONWriter.text(of: .object(object))
    let error = #expect(throws: ChaosPlanError.self) { try ChaosReplay(text: text) }
    #expect(error?.field == field)
  }

  @Test(
    "a field of another kind, or one that nobody reads, is named",
    arguments: [
      ("version", JSONValue.int(1)), ("kind", "case"), ("plan", "none"), ("decisions", .int(7)), ("violation", .null),
      ("greenUnder", .bool(true)), ("surprise", .int(1)),
    ])
  func wrong(field: String, value: JSONValue) throws {
    var object = try #require(try JSONParser.parse(try Self.sample(decisions: Self.decisions).text).members)
    object[field] = value
    let text = JSONWriter.text(of: .object(object))
    let error = #expect(throws: ChaosPlanError.self) { try ChaosReplay(text: text) }
    #expect(error?.field == field)
  }

  @Test("an error within the plan or the decisions names the whole way to the field")
  func nested() throws {
    let text = try Self.sample(decisions: Self.decisions).text
    let badPlan = text.replacing("\"load\":\"460 s\"", with: "\"load\":\"long\"")
    #expect(badPlan != text)
    #expect(#expect(throws: ChaosPlanError.self) { try ChaosReplay(text: badPlan) }?.field == "plan.phases.load")
    let badAnswers = text.replacing("0x33 3", with: "0x33 3 y")
    #expect(badAnswers != text)
    #expect(
      #expect(throws: ChaosPlanError.self) { try ChaosReplay(text: badAnswers) }?.field == "decisions[0].answers")
  }

  @Test("a file that is cut anywhere is refused")
  func truncated() throws {
    let text = try Self.sample(decisions: Self.decisions, faults: 1).text
    for length in stride(from: 0, to: text.utf8.count - 2, by: 7) {
      #expect(throws: ChaosPlanError.self) {
        try ChaosReplay(text: String(decoding: text.utf8.prefix(length), as: UTF8.self))
      }
    }
  }

  @Test("answers as text", arguments: [[], [1], [0, 0, 0], [1, 2, 2, 3], [.max, .max]] as [[UInt64]])
  func answers(answers: [UInt64]) {
    #expect(DecisionsText.answers(of: DecisionsText.text(of: answers)) == answers)
  }

  @Test(
    "what is no list of answers is refused, and one that would fill the memory, too",
    arguments: ["a", "-1", "1x", "x2", "1x0", "1x-1", "1x2x3", "1,2", "18446744073709551616", "0x99999999999"])
  func badAnswers(text: String) {
    #expect(DecisionsText.answers(of: text) == nil)
  }

  @Test("a file of another build is told, whatever it does now")
  func verdicts() throws {
    let replay = try Self.sample()
    func verdict(_ fingerprint: String, _ signature: String?) -> ReplayVerdict {
      var outcome = ChaosOutcome(plan: replay.trial.plan, profile: "contract")
      outcome.fingerprint = fingerprint
      if let signature { outcome.violations = [.init(invariant: signature, time: .zero, message: "")] }
      return ReplayVerdict(replay, outcome)
    }
    #expect(verdict("0123456789abcdef", "I-ROUTE") == .same)
    #expect(verdict("ffff", "I-ROUTE") == .sameFailureOfAnotherBuild)
    #expect(verdict("ffff", nil) == .void(found: nil))
    #expect(verdict("ffff", "I-CAP") == .void(found: "I-CAP"))
    #expect(verdict("0123456789abcdef", nil) == .judgedOtherwise(found: nil))
    #expect(verdict("ffff", nil).text(signature: "I-ROUTE", harness: "0.9").contains("another build: the run differs"))
    #expect(verdict("ffff", "I-ROUTE").text(signature: "I-ROUTE", harness: "0.9").contains("another build"))
  }

  @Test("a file name is safe in every file system")
  func fileName() throws {
    var replay = try Self.sample()
    #expect(replay.fileName == "I-ROUTE-contract_B-01-7.json")
    replay.profile = "../ü/x"
    #expect(replay.fileName.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) })
  }
}
