import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Linearizability of runs")
struct LinearRunTests {
  /// Makes a session on one replica, reads and stops it on the other, with a database that has a standby.
  private func run(_ profile: String, seed: UInt64) throws -> InvariantVerdict {
    var request = adHoc(
      .t2.with { $0.standbyLag = .seconds(1) }
    ) { environment in
      try await environment.connected()
      let user = environment.user("u01")
      let (first, second) = (environment.replicas[0], environment.replicas[1])
      let made = try await user.create(SessionRequest(), at: first)
      guard let session = made.session else { throw EnvironmentError("the create was refused") }
      // Long enough for the standby to know of it: verbs look a session up before they change it.
      try await environment.sleep(for: .seconds(2))
      _ = try await user.get(session, at: second)
      try await environment.until { try await environment.sessionRow(session)?.state == "running" }
      try await environment.sleep(for: .seconds(2))
      _ = try await user.get(session, at: first)
      _ = try await user.stop(session, at: first)
      _ = try await user.get(session, at: second)
    }
    request.seed = seed
    request.profile = try Profile(profile)
    let run = CaseRunner.run(request)
    return try #require(run.invariants.first { $0.id == "I-LINEAR" })
  }

  @Test("reads of the one database fit one order", arguments: 1...5)
  func contract(seed: Int) throws {
    let verdict = try run("contract", seed: UInt64(seed))
    #expect(verdict.violationCount == 0, "\(verdict.violations)")
    #expect(verdict.checks == 1)
  }

  @Test("reads of a standby that lies behind do not (C-14)", arguments: 1...5)
  func standby(seed: Int) throws {
    let verdict = try run("contract+C-14", seed: UInt64(seed))
    #expect(verdict.violationCount == 1)
    #expect(verdict.violations.first?.message.contains("200 running") == true)
  }
}
