import TestEnvironment
import Testing

@testable import Chaos

@Suite("The regression corpus")
struct RegressionCorpusTests {
  /// Fails under every profile but the contract, as long as there are three faults.
  private static func executor(_ profile: String) -> (any ChaosExecutor)? {
    switch profile {
    case "contract": ScriptedExecutor { _, _ in nil }
    case "contract+B-01": ScriptedExecutor { plan, _ in plan.faults.count >= 3 ? "I-ROUTE" : nil }
    default: nil
    }
  }

  private func problems(_ change: (inout ChaosReplay) -> Void) throws -> [String] {
    var replay = try ChaosReplayTests.sample()
    change(&replay)
    let corpus = try RegressionCorpus(files: [("a.json", replay.text)])
    return corpus.run(with: Self.executor).flatMap(\.problems)
  }

  @Test("an entry that fails with the defect and is green under the contract is as it should be")
  func good() throws { #expect(try problems { _ in }.isEmpty) }

  @Test("each way in which an entry can be wrong is told")
  func wrong() throws {
    #expect(try problems { $0.trial.plan.faults.removeLast() } == ["under contract+B-01 it is green, not I-ROUTE"])
    #expect(try problems { $0.signature = "I-CAP" } == ["under contract+B-01 it violates I-ROUTE, not I-CAP"])
    #expect(try problems { $0.greenUnder = "contract+B-01" } == ["under contract+B-01 it violates I-ROUTE: broken"])
    #expect(try problems { $0.greenUnder = "no such" }.first?.contains("there is no profile 'no such'") == true)
  }

  @Test("entries come in the order of their names, and one that cannot be read is named with its field")
  func files() throws {
    let text = try ChaosReplayTests.sample().text
    #expect(
      try RegressionCorpus(files: [("b.json", text), ("a.json", text)]).entries.map(\.name) == ["a.json", "b.json"])
    let error = #expect(throws: RegressionCorpus.Unreadable.self) {
      try RegressionCorpus(files: [("b.json", text), ("a.json", text.replacing("\"profile\"", with: "\"profil\""))])
    }
    #expect(error?.name == "a.json")
    #expect(error?.problem.hasPrefix("profil:") == true)
  }

  @Test("a run that differs from the stored one is told, and is no problem")
  func differs() throws {
    let corpus = try RegressionCorpus(files: [("a.json", try ChaosReplayTests.sample().text)])
    let result = try #require(corpus.run(with: Self.executor).first)
    #expect(result.differs && result.problems.isEmpty)
  }
}
