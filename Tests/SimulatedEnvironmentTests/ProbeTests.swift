import Database
import Oracles
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

/// What a case looks up past the network.
@Suite("Probes")
struct ProbeTests {
  @Test("the row of a session that a case sees is the one in the database, at any time of its life")
  func sessionRow() {
    let run = CaseRunner.run(
      adHoc { environment in
        guard let simulated = environment as? SimulatedCaseEnvironment else { throw EnvironmentError("not simulated") }
        try await environment.connected()
        let user = environment.user("u01")
        let session = try await user.create(SessionRequest(), at: nil).session ?? ""
        var states: [String] = []
        func look() async throws {
          let seen = try await environment.sessionRow(session)
          let stored = try simulated.deployment.database.query(EnvironmentStatements.sessionRow, [.text(session)]).rows
          guard let row = stored.first, let seen else { throw EnvironmentError("the session has no row") }
          let state = try row.optionalText("state") ?? ""
          if states.last != state { states.append(state) }
          guard seen.session == session, seen.state == state, seen.user == (try row.optionalText("user_id")),
            seen.agent == (try row.optionalText("agent_id")), seen.podName == (try row.optionalText("pod_name")),
            try row.optionalInteger("active_connections") == Int64(seen.activeConnections)
          else { throw EnvironmentError("\(seen) is not the row \(row.values)") }
        }
        try await environment.until {
          try await look()
          return states.last == "running"
        }
        _ = try await user.stop(session, at: nil)
        try await environment.until {
          try await look()
          return states.last == "terminated"
        }
        environment.tell("states", states.joined(separator: " "))
        let unknown = try await environment.sessionRow("no-such-session")
        environment.tell("unknown", unknown == nil ? "none" : "some")
      })
    #expect(run.reason.isEmpty)
    #expect(run.told("states") == [.text("pending running terminating terminated")])
    #expect(run.told("unknown") == [.text("none")])
  }
}
