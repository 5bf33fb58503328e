import TestEnvironment
import Testing

@testable import Oracles

@Suite("I-LINEAR")
struct LinearTests {
  private func request(
    _ method: String, _ path: String, _ status: Int?, state: String? = nil, listed: [String]? = nil,
    user: String = "u01", error: String? = nil, from: Double, to: Double
  ) -> Observation {
    .requestAnswered(
      request: RequestRecord(
        method: method, path: "/api/v1/sessions" + path, user: user, replica: "r1", status: status, session: "s1",
        state: state, listed: listed, error: error, started: .s(from), ended: .s(to)))
  }

  /// A session that was made between second 1 and 2.
  private func history(_ requests: Observation..., change: (inout JudgeContext) -> Void = { _ in }) -> History {
    var history = History(.t2, change)
    history.at(.s(2), request("POST", "", 202, from: 1, to: 2))
    for case .requestAnswered(let record) in requests {
      history.at(record.ended, .requestAnswered(request: record))
    }
    return history
  }

  private func get(_ state: String, _ from: Double, _ to: Double? = nil) -> Observation {
    request("GET", "/s1", 200, state: state, from: from, to: to ?? from + 0.1)
  }

  private func absent(_ from: Double, user: String = "u01") -> Observation {
    request("GET", "/s1", 404, user: user, from: from, to: from + 0.1)
  }

  private func stop(_ status: Int?, _ from: Double, _ to: Double? = nil) -> Observation {
    request("DELETE", "/s1", status, from: from, to: to ?? from + 0.1)
  }

  private func put(_ verb: String, _ status: Int?, _ from: Double, _ to: Double? = nil) -> Observation {
    request("PUT", "/s1/\(verb)", status, from: from, to: to ?? from + 0.1)
  }

  private func verdict(_ history: History) -> InvariantVerdict { history.verdict("I-LINEAR", until: .s(900)) }

  private func expectHolds(_ history: History, _ place: SourceLocation = #_sourceLocation) {
    let verdict = verdict(history)
    #expect(verdict.violationCount == 0, "\(verdict.violations)", sourceLocation: place)
    #expect(verdict.checks == 1, sourceLocation: place)
  }

  private func expectBroken(_ history: History, _ place: SourceLocation = #_sourceLocation) {
    #expect(verdict(history).violationCount == 1, sourceLocation: place)
  }

  @Test("a life from create to terminated fits")
  func life() {
    expectHolds(
      history(
        get("pending", 3), get("running", 9), put("hibernate", 202, 10), get("hibernating", 11),
        get("hibernated", 14), put("wake", 202, 15), get("waking", 16), get("running", 19), stop(202, 20),
        get("terminating", 21), get("terminated", 25), stop(409, 26)))
  }

  @Test("nobody sees a state that the session has left for good")
  func staleReads() {
    expectBroken(history(get("running", 9), get("pending", 10)))
    expectBroken(history(get("running", 9), stop(202, 10), get("running", 12)))
    expectBroken(history(absent(3)))
    expectBroken(history(get("running", 9), put("hibernate", 202, 10), get("waking", 12)))
    expectBroken(history(get("terminated", 9)))
  }

  @Test("requests that overlap may take effect in either order")
  func overlap() {
    expectHolds(history(get("running", 9), stop(202, 10, 12), get("running", 11)))
    expectHolds(history(get("running", 9), stop(202, 10, 12), get("terminating", 11), get("terminated", 30)))
    expectBroken(history(get("running", 9), stop(202, 10, 14), get("terminating", 11), get("running", 12)))
    expectHolds(history(request("GET", "/s1", 404, from: 1.2, to: 1.3)))
  }

  @Test("what a user asks in the instant of an answer comes after it")
  func backToBack() {
    expectBroken(history(get("running", 9), stop(202, 10, 11), get("running", 11)))
    expectHolds(history(get("running", 9), stop(202, 10, 11), get("terminating", 11)))
  }

  @Test("of two stops that were accepted one is a lie")
  func twoStops() {
    expectBroken(history(stop(202, 10, 12), stop(202, 11, 13)))
    expectHolds(history(stop(202, 10, 12), stop(409, 11, 13)))
    expectBroken(history(get("running", 5), put("wake", 202, 9)))
    expectBroken(
      history(
        get("running", 5), put("hibernate", 202, 9), put("hibernate", 202, 9.5), get("hibernating", 9.7),
        put("wake", 409, 9.8), get("running", 9.9), put("wake", 202, 10.5)))
  }

  @Test("a stop without answer takes effect later or never")
  func unanswered() {
    expectHolds(history(stop(nil, 10, 45), get("running", 50), get("terminating", 90)))
    expectHolds(history(stop(nil, 10, 45), get("running", 50), put("hibernate", 202, 60), get("hibernated", 70)))
    expectHolds(history(stop(502, 10, 11), get("running", 50), stop(202, 60)))
    expectBroken(history(stop(nil, 10, 45), get("terminating", 50), get("running", 55)))
    // 503 promises that nothing was written (C35).
    expectBroken(history(get("running", 5), stop(503, 10, 20), get("terminating", 50)))
  }

  @Test("a refusal tells the state too")
  func refusals() {
    expectBroken(history(get("running", 5), stop(409, 6), get("running", 7)))
    expectBroken(history(get("running", 5), put("wake", 404, 6)))
    expectHolds(history(get("running", 5), request("PUT", "/s1/wake", 409, error: "Session not ready", from: 6, to: 7)))
    expectHolds(history(get("running", 5), absent(6, user: "u02")))
  }

  @Test("lists show what is there, and lack nothing of their owner's that has not ended")
  func lists() {
    func list(_ names: [String], _ from: Double, user: String = "u01") -> Observation {
      request("GET", "", 200, listed: names, user: user, from: from, to: from + 0.1)
    }
    expectHolds(history(list(["s1"], 3), get("running", 4), list(["s1"], 5)))
    expectBroken(history(list([], 3), get("running", 4)))
    expectHolds(history(list([], 3, user: "u02"), get("running", 4)))
    expectHolds(history(get("running", 4), stop(202, 5), list([], 20)))
    expectBroken(history(get("running", 4), stop(202, 5), list([], 20), get("terminating", 21)))
  }

  @Test("with the cache on an answer may be a second old")
  func cache() {
    let stale = [get("running", 9), stop(202, 10), get("running", 10.9)]
    expectBroken(history(stale[0], stale[1], stale[2]))
    expectHolds(history(stale[0], stale[1], stale[2]) { $0.topology.cacheEnabled = true })
    expectBroken(history(stale[0], stale[1], get("running", 11.3)) { $0.topology.cacheEnabled = true })
  }

  @Test("only a long life, a viewer or a connect moves a session without a verb")
  func idle() {
    expectBroken(history(get("running", 9), get("hibernated", 90)))
    expectHolds(history(get("running", 9), get("hibernated", 400)))
    expectBroken(history(get("running", 9), put("hibernate", 202, 10), get("hibernated", 15), get("waking", 20)))
    expectHolds(
      history(
        get("running", 9), put("hibernate", 202, 10), get("hibernated", 15),
        request("GET", "/s1/connect", 200, from: 16, to: 17), get("waking", 20)))
  }

  @Test("a session that was put in place begins as its row says")
  func putInPlace() {
    var history = History(.t2)
    history.at(
      .s(1),
      .sessionInserted(session: "s1", user: "u01", agent: agentID, state: "running", milliCPU: 250, memoryMiB: 512))
    history.at(.s(5), stop(202, 4, 5))
    history.at(.s(8), get("terminating", 7))
    expectHolds(history)
    history.at(.s(9), get("pending", 8.5))
    expectBroken(history)
  }

  @Test("a batch or a PATCH may have been any verb, but nothing leads back")
  func anyVerb() {
    var batch = history(get("running", 5), get("terminating", 12))
    expectBroken(batch)
    batch.at(
      .s(11),
      .requestAnswered(
        request: RequestRecord(
          method: "POST", path: "/api/v1/batch/sessions/terminate", user: "u01", replica: "r1", status: 200,
          session: nil, started: .s(10), ended: .s(11))))
    expectHolds(batch)
    expectHolds(history(get("running", 5), request("PATCH", "/s1", 202, from: 6, to: 7), get("hibernated", 9)))
    expectBroken(history(get("running", 5), request("PATCH", "/s1/tags", 200, from: 6, to: 7), get("hibernated", 9)))
  }

  @Test("what a restore took back is not judged")
  func restored() {
    var history = history(get("running", 5), get("pending", 60))
    history.at(.s(50), .databaseRestored(to: .s(3)))
    #expect(verdict(history).violationCount == 0)
    #expect(verdict(history).notJudged == 1)
  }

  @Test("a violation tells the longest order and what fits nowhere")
  func message() throws {
    let violation = try #require(
      verdict(history(get("running", 9), stop(202, 10), get("running", 12))).violations.first)
    #expect(violation.message.contains("of 4 requests about session s1 of u01 at most 3 fit one order"))
    #expect(violation.message.contains("after that it is terminating or terminated"))
    #expect(violation.message.contains("GET /sessions/s1 by u01 at r1: 200 running"))
    #expect(violation.time == .s(12.1))
  }
}
