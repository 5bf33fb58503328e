import DatabaseTestSupport
import Foundation
import StreamSpaceProtocol
import Testing

@testable import PostgreSQL

extension RealServer {
  @Suite(
    "Speed of loading", .enabled(if: ProcessInfo.processInfo.environment["BENCHMARK"] != nil, "set BENCHMARK=rows"))
  struct LoadSpeed {
    @Test("rows like those of agent_commands, by COPY")
    func commands() throws {
      let count = ProcessInfo.processInfo.environment["BENCHMARK"].flatMap { Int($0) } ?? 200_000
      let connection = try RealServer.connection()
      try connection.execute(
        """
        CREATE TEMP TABLE agent_commands (id UUID, command_id VARCHAR(255), agent_id VARCHAR(255), session_id VARCHAR(255), \
        action VARCHAR(50), payload JSONB, status VARCHAR(50), error_message TEXT, created_at TIMESTAMPTZ, \
        sent_at TIMESTAMPTZ, acknowledged_at TIMESTAMPTZ, completed_at TIMESTAMPTZ)
        """)
      let rows = (0..<count).lazy.map { number -> [SQLValue] in
        let time = SQLValue.timestamp(microseconds: 1_767_225_600_000_000 + Int64(number) * 1_000)
        let id = String(number + 100_000_000_000)
        return [
          .text("00000000-0000-4000-8000-\(id)"), .text("cmd-\(id)"), "k8s-prod-us-east-1", .text("session-\(id)"),
          "start_session", "{\"sessionId\": \"session-1\", \"template\": \"firefox-browser\", \"user\": \"alice\"}",
          "completed", .null, time, time, time, time,
        ]
      }
      let clock = ContinuousClock()
      var loaded = 0
      let time = try clock.measure {
        loaded = try connection.load(
          rows, into: "agent_commands",
          columns: [
            "id", "command_id", "agent_id", "session_id", "action", "payload", "status", "error_message", "created_at",
            "sent_at", "acknowledged_at", "completed_at",
          ])
      }
      #expect(loaded == count)
      let seconds = Double(time.components.seconds) + Double(time.components.attoseconds) / 1e18
      print("\(count) rows in \(seconds) s: \(Int(Double(count) / seconds)) rows/s")
    }
  }
}
