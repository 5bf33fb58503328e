import Chaos
import StreamSpaceProtocol
import TestEnvironment
import Testing

@testable import Reporting

@Suite("Files of failures")
struct FailureFileTests {
  private let ofCase: ReplayFile = {
    var file = ReplayFile(SampleRuns.run(variant: Variant("T2", .t1), seed: 5, verdict: .failed, reason: "why"))
    file.decisions = RecordedDecisions(streams: [.init(name: "schedule", answers: [0, 0, 2], rest: 0)])
    return file
  }()

  private func ofPlan() throws -> ChaosReplay {
    let plan = ChaosPlan(seed: 3, deployment: ChaosDeployment())
    var outcome = ChaosOutcome(plan: plan, profile: "contract+B-01")
    outcome.problems = ["it stood still"]
    return try #require(ChaosReplay(Trial(plan), outcome))
  }

  @Test("a file of a case is read back with its decisions")
  func caseFile() throws {
    #expect(ofCase.harness == HarnessVersion.current)
    #expect(try FailureFile(Array(ofCase.text.utf8)) == .ofCase(ofCase))
  }

  @Test("a file of a plan is read back")
  func planFile() throws {
    let replay = try ofPlan()
    #expect(replay.signature == "run" && replay.violation == nil)
    #expect(try FailureFile(Array(replay.text.utf8)) == .ofPlan(replay))
  }

  @Test("a file of the first version is read")
  func firstVersion() throws {
    var old = try #require(try JSONParser.parse(ofCase.text).members)
    old["version"] = .int(1)
    for field in ["harness", "signature", "decisions"] { old[field] = nil }
    var expected = ofCase
    (expected.harness, expected.signature, expected.decisions) = (nil, nil, nil)
    #expect(try FailureFile(JSONWriter.bytes(of: .object(old))) == .ofCase(expected))
  }

  @Test("a later version is refused")
  func laterVersion() throws {
    var later = try #require(try JSONParser.parse(ofCase.text).members)
    later["version"] = .int(3)
    let bytes = JSONWriter.bytes(of: .object(later))
    let error = #expect(throws: ReplayFileError.self) { try FailureFile(bytes) }
    #expect(error?.description.contains("'version'") == true)
  }

  @Test("an error names the field, in the plan and in the decisions, too")
  func fields() throws {
    let plan = try ofPlan().text.replacing("\"replicas\":3", with: "\"replicas\":0")
    let planError = #expect(throws: ReplayFileError.self) { try FailureFile(Array(plan.utf8)) }
    #expect(planError?.description.contains("'plan.deployment.replicas'") == true)
    let decisions = ofCase.text.replacing("0x2 2", with: "zero")
    let decisionError = #expect(throws: ReplayFileError.self) { try FailureFile(Array(decisions.utf8)) }
    #expect(decisionError?.description.contains("'decisions[0].answers'") == true)
  }
}
