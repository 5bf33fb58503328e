import Chaos
import Foundation
import SimulatedEnvironment
import Testing

/// The regression corpus, `fixtures/regressions`: each failure of the past is there again with its defect, and the contract
/// is green.
@Suite("Regressions")
struct RegressionTests {
  private static let root = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static let names: [String] = {
    let folder = root.appendingPathComponent("fixtures/regressions").path
    return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { $0.hasSuffix(".json") }
      .sorted()
  }()

  private static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appendingPathComponent(path), encoding: .utf8)
  }

  private static func entry(_ name: String) throws -> RegressionCorpus {
    try RegressionCorpus(files: [(name, text("fixtures/regressions/\(name)"))])
  }

  @Test("there is a corpus")
  func exists() { #expect(Self.names.count >= 3) }

  @Test("a failure of the past is there with its defect, and the contract is green", arguments: names)
  func regression(name: String) throws {
    let results = try Self.entry(name).run { profile in
      (try? Profile(profile)).map { SimulatedChaosExecutor(profile: $0) }
    }
    #expect(results.count == 1)
    for result in results { #expect(result.problems.isEmpty, "\(name): \(result.problems)") }
  }

  @Test("an entry says why it is kept, where it came from and what must be green", arguments: names)
  func reasons(name: String) throws {
    for entry in try Self.entry(name).entries {
      #expect(!entry.replay.reason.isEmpty && !entry.replay.origin.isEmpty)
      #expect(entry.replay.greenUnder == "contract")
      #expect(entry.replay.profile != "contract")
      // What `shrink` writes is what is kept: reading and writing changes nothing.
      #expect(try entry.replay.text == Self.text("fixtures/regressions/\(name)"))
    }
  }

  @Test("the test that is written for an entry is compiled and run here, byte for byte", arguments: names)
  func source(name: String) throws {
    let replay = try #require(try Self.entry(name).entries.first).replay
    let type = TestSource.name(of: replay)
    try Golden.check(
      TestSource.of(replay, name: type), against: "../Tests/IntegrationTests/Regressions/\(type).swift")
  }
}
