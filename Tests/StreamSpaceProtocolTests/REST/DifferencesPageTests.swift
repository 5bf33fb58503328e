import Foundation
import StreamSpaceProtocol
import Testing

/// `docs/protocol-differences.md` says what the protocol carries beyond the recordings: it must stay complete.
@Suite("Page of differences")
struct DifferencesPageTests {
  private static let page: String = {
    let file = URL(fileURLWithPath: #filePath)
      .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("docs/protocol-differences.md")
    return (try? String(contentsOf: file, encoding: .utf8)) ?? ""
  }()

  @Test(
    "every refusal of the contract stands on the page as it is rendered",
    arguments: [
      ErrorBody.agentNotApproved("A"), .agentIdentityMismatch, .agentPlatformMismatch, .agentIDInUse,
      .unsupportedAgentProtocol, .serverBusy, .agentNotOnThisReplica,
    ])
  func refusals(_ body: ErrorBody) {
    #expect(Self.page.contains(JSONWriter.text(of: body.json)))
  }

  @Test("answers with a number or a choice stand on the page too")
  func answersWithValues() {
    #expect(
      Self.page.contains(JSONWriter.text(of: ErrorBody.staleLeaderTerm(current: 7).json).replacing("7", with: "N")))
    let license = JSONWriter.text(of: ErrorBody.licenseLimitExceeded(limit: 7).json)
    #expect(Self.page.contains(license.replacing("7", with: "N")))
    #expect(Self.page.contains(JSONWriter.text(of: HealthAnswer.starting(reason: "R").json)))
    #expect(Self.page.contains(ErrorBody.NoAgentReason.allFull.text))
    #expect(Self.page.contains("\"protocol\":\"\(AgentMetadata.contractProtocol)\""))
  }

  @Test("no recording holds an answer that the page calls the contract's")
  func notRecorded() {
    let texts = [
      "Agent not approved", "Agent identity mismatch", "Agent platform mismatch", "Stale leader term",
      "Agent id in use",
      "Unsupported agent protocol", "Server busy", "License limit exceeded", "all agents are at capacity",
    ]
    for exhibit in Exhibits.all() {
      let document = JSONWriter.text(of: exhibit.document)
      for text in texts { #expect(!document.contains(text), "\(exhibit.place): \(text)") }
    }
  }
}
