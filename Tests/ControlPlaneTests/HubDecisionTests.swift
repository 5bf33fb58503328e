import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: decisions without a kernel")
struct HubDecisionTests {
  private func row(_ id: String, _ status: CommandStatus, isDue: Bool = true, session: String? = "s1") throws
    -> CommandRow
  {
    let values: KeyValuePairs<String, SQLValue> = [
      "command_id": .text(id), "session_id": .optional(session), "action": "stop_session", "payload": "{}",
      "status": .text(status.rawValue), "error_message": .null, "is_due": .boolean(isDue),
    ]
    return try CommandRow(try #require(SQLResult(row: values).firstRow))
  }

  @Test("the window counts what is sent or acked")
  func window() throws {
    let underWay = try (0..<6).map { try row("sent-\($0)", $0 % 2 == 0 ? .sent : .ack, isDue: false) }
    let waiting = try (0..<5).map { try row("new-\($0)", .pending) }
    let plan = DispatchPlan(underWay + waiting, .scan, DispatchPolicies())
    #expect(plan.rows.map(\.commandID) == ["new-0", "new-1"])
    #expect(plan.hasBacklog)
  }

  @Test("a scan sends again what is sent and due, never what is acked")
  func resend() throws {
    let rows = [try row("due", .sent), try row("early", .sent, isDue: false), try row("acked", .ack)]
    #expect(DispatchPlan(rows, .scan, DispatchPolicies()).rows.map(\.commandID) == ["due"])
  }

  @Test("a connect sends again everything under way, then what waits")
  func connect() throws {
    let rows = [
      try row("sent", .sent, isDue: false), try row("acked", .ack, isDue: false),
      try row("new", .pending, isDue: false),
    ]
    #expect(
      DispatchPlan(rows, .connected, DispatchPolicies()).rows.map(\.commandID) == ["sent", "acked", "new"])
  }

  @Test(
    "the record of takeovers reads what it wrote, and anything else as nothing",
    arguments: ["", "x", "a b c", "- 7 1 x 2"])
  func record(text: String) {
    let record = TakeoverRecord(text)
    #expect(TakeoverRecord(record.text) == record)
  }

  @Test("takeovers count within 60 s, of live connections, by others")
  func takeovers() {
    let second: Int64 = 1_000_000
    var record = TakeoverRecord(holder: "a")
    record = record.taken(by: "a", at: 0, fromLive: true)
    record = record.taken(by: "b", at: 1 * second, fromLive: false)
    #expect(record.takeovers.isEmpty)
    record = record.taken(by: "a", at: 2 * second, fromLive: true)
    record = record.taken(by: "b", at: 3 * second, fromLive: true)
    record = record.taken(by: "a", at: 63 * second, fromLive: true)
    #expect(record.takeovers.count == 2)
    #expect(record.lockedUntil == 0)
    record = record.taken(by: "b", at: 63 * second, fromLive: true)
    #expect(record.refuses("a", at: 64 * second))
    #expect(!record.refuses("b", at: 64 * second))
  }

  @Test("a sliding window admits again when the oldest hit is 60 s old")
  func rateLimiter() {
    var limiter = RateLimiter(limit: 2)
    func admit(_ second: Int64) -> Bool { limiter.admit("x", at: Instant(nanoseconds: second * 1_000_000_000)) }
    #expect(admit(0))
    #expect(admit(30))
    #expect(!admit(59))
    #expect(admit(60))
    #expect(!admit(61))
    #expect(admit(90))
  }

  struct Path: Sendable {
    let pattern: String
    let path: [String]
    let parameters: [String]?
  }

  @Test(
    "path patterns",
    arguments: [
      Path(pattern: "/a/b", path: ["a", "b"], parameters: []),
      Path(pattern: "/a/:x", path: ["a", "b"], parameters: ["b"]),
      Path(pattern: "/a/:x", path: ["a"], parameters: nil),
      Path(pattern: "/a/:x", path: ["a", "b", "c"], parameters: nil),
      Path(pattern: "/a/*rest", path: ["a", "b", "c"], parameters: ["b/c"]),
      Path(pattern: "/a", path: ["b"], parameters: nil),
    ])
  func patterns(_ path: Path) {
    #expect(RoutePattern(path.pattern).match(path.path)?.map(\.value) == path.parameters)
  }

  @Test("literal parts go before parameters")
  func precedence() {
    #expect(RoutePattern("/agents/connect").precedes(RoutePattern("/agents/:id")))
    #expect(!RoutePattern("/agents/:id").precedes(RoutePattern("/agents/connect")))
    #expect(RoutePattern("/agents/:id").precedes(RoutePattern("/agents/*rest")))
  }
}
