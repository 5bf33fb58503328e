import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Restored and lagging databases (DBM-16)")
struct RestoreTests {
  @Test("after a restore workloads without a row are listed and live on, and rows without a workload fail")
  func restore() throws {
    let run = CaseRunner.run(
      adHoc(.t1, limit: .seconds(1_200)) { environment in
        try await environment.connected()
        let agent = environment.agents[0]
        let kept = try await environment.seedRunningSessions(1, user: "u01", agent: agent)[0]
        let gone = try await environment.seedRunningSessions(1, user: "u01", agent: agent)[0]
        try await environment.backUp()
        try await environment.sleep(for: .seconds(60))
        let instant = environment.now
        try await environment.sleep(for: .seconds(1))
        let late = try await environment.seedRunningSessions(1, user: "u02", agent: agent)[0]
        _ = try await environment.user("u01").stop(gone, at: nil)
        try await environment.until { try await environment.workloads(session: gone).isEmpty }
        try await environment.sleep(for: .seconds(30))
        try await environment.control(.replica("api-1"), .stop)
        let restored = try await environment.restoreDatabase(to: instant)
        environment.tell("lost", "\(restored.lost == [late])")
        environment.tell("instant", "\(restored.instant <= instant)")
        try await environment.control(.replica("api-1"), .start)
        try await environment.until { try await environment.isReady("api-1") }
        try await environment.connected()
        try await environment.sleep(for: .seconds(40))
        environment.tell("listed", "\(try await environment.orphans(at: "api-1").map(\.session) == [late])")
        environment.tell("alive", "\(try await environment.workloads(session: late).count)")
        environment.tell("kept", try await environment.sessionRow(kept)?.state ?? "")
        environment.tell("gone", try await environment.sessionRow(gone)?.state ?? "")
      })
    #expect(run.told("lost") == [.text("true")])
    #expect(run.told("instant") == [.text("true")])
    #expect(run.told("listed") == [.text("true")])
    #expect(run.told("alive") == [.text("1")])
    #expect(run.told("kept") == [.text("running")])
    #expect(run.told("gone") == [.text("failed")])
    #expect(run.verdict == .passed, "\(run.reason)")
  }

  @Test(
    "C-14: reads of a standby are a second old, those of the database are not",
    arguments: ["contract", "contract+C-14"])
  func standby(profile: String) throws {
    var request = adHoc(.t2.with { $0.standbyLag = .seconds(1) }) { environment in
      try await environment.connected()
      let session = try await environment.seedRunningSessions(1, user: "u01", agent: environment.agents[0])[0]
      try await environment.sleep(for: .seconds(5))
      _ = try await environment.user("u01").stop(session, at: "api-1")
      let answer = try await environment.user("u01").get(session, at: "api-2")
      environment.tell("state", answer.state ?? "")
    }
    request.profile = try Profile(profile)
    let run = CaseRunner.run(request)
    #expect((run.told("state") == [.text("running")]) == (profile != "contract"), "\(run.told("state")) \(run.reason)")
  }
}
