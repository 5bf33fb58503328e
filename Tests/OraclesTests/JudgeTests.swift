import Oracles
import TestEnvironment
import Testing

@Suite struct JudgeTests {
  @Test("every invariant of the stage is there, with its statement, under its name in the specification")
  func catalogue() {
    let ids = Judge.catalogue.map(\.id)
    #expect(
      ids == [
        "I-ROUTE", "I-ONE-CONN", "I-HUB-LIVE", "I-STATUS", "I-CMD-LIVE", "I-CMD-ONCE", "I-CMD-MONO", "I-CMD-TRUTH",
        "I-CMD-ORDER", "I-SESS-LEGAL", "I-SESS-TRUTH", "I-SESS-SURVIVE", "I-NO-ORPHAN", "I-ACCEPT", "I-LEADER-ONE",
        "I-LEADER-LIVE", "I-LEADER-WORK", "I-VNC-BYTES", "I-VNC-ISO", "I-VNC-OPEN", "I-VNC-IDLE", "I-VNC-END",
        "I-QUOTA", "I-CAP",
        "I-TENANT", "I-AUTHN", "I-FRESH", "I-LINEAR", "I-COUNT", "I-LEAK", "I-CRASH", "I-SCHEMA", "I-MIG-IDEM",
        "I-MIG-ATOM", "I-MIG-CONC", "I-MIG-DATA", "I-DET",
      ])
    #expect(Judge.catalogue.allSatisfy { !$0.statement.isEmpty })
    #expect(Set(ids).count == ids.count)
  }

  @Test("an empty run exercises nothing")
  func empty() {
    #expect(History().judged(until: .s(1_000)).allSatisfy { $0.outcome == .notExercised })
  }

  @Test("finishing twice gives the same verdicts")
  func twice() {
    var history = History.steady()
    history.run(at: .s(1), "s1")
    let judge = Judge(context: history.context)
    for event in history.events { judge.observe(event) }
    let first = judge.finish(at: .s(50))
    #expect(judge.finish(at: .s(5_000)) == first)
  }

  @Test("a violation prints rule, excuses, first event and chain")
  func description() {
    var history = History.steady()
    history.at(.s(3), .faultBegan(name: "slow link", fault: .slow(.agent(agentID), .replica("r1"), by: .seconds(1))))
    history.insert(at: .s(5), "c1", "stop_session", of: "s1")
    history.status(at: .s(6), "c1", "completed", "ack")
    let text = history.verdict("I-CMD-MONO", until: .s(9)).violations.first.map(String.init(describing:)) ?? ""
    #expect(text.contains("at 6.000 s: command c1 (stop, session s1, agent \(agentID)) went from completed to ack"))
    #expect(text.contains("rule: final states are final"))
    #expect(text.contains("first event: 6.000 s"))
    #expect(text.contains("fault begins: slow link"))
    #expect(text.contains("command c1 inserted: stop_session of s1 for \(agentID)"))
  }

  @Test("evidence is capped, the count is not, and the first event is always in the chain")
  func capped() {
    var history = History.steady { $0.keptViolations = 3 }
    history.insert(at: .s(1), "c1", "stop_session", of: "s1")
    for number in 0..<100 { history.status(at: .s(Double(2 + number)), "c1", "completed", "ack") }
    let verdict = history.verdict("I-CMD-MONO", until: .s(200))
    #expect(verdict.violationCount == 100)
    #expect(verdict.violations.count == 3)
    for violation in verdict.violations {
      #expect(violation.chain.count <= 21)
      #expect(violation.firstEvent.map { violation.chain.contains($0) } == true)
    }
  }

  @Test("a check that never fired is not exercised, however long the run")
  func notExercised() {
    var history = History.steady()
    history.beats(from: .s(30), to: .s(900))
    let verdicts = history.judged(until: .s(900))
    for id in ["I-CMD-LIVE", "I-ACCEPT", "I-QUOTA", "I-SESS-LEGAL", "I-TENANT"] {
      #expect(verdicts.first { $0.id == id }?.outcome == .notExercised)
    }
  }

  @Test("the verdict of I-DET comes from the runner's fingerprints")
  func determinism() {
    let same = InvariantVerdict.determinism([.init(run: "HA-API-01 seed 7", first: "ab", second: "ab")])
    #expect(same.outcome == .held)
    let different = InvariantVerdict.determinism([
      .init(run: "HA-API-01 seed 7", first: "ab", second: "cd", divergence: "#12 timer"),
      .init(run: "HA-API-01 seed 8", first: "ab", second: "ab"),
    ])
    #expect(different.outcome == .violated)
    #expect(different.checks == 2)
    #expect(
      different.violations.first?.message == "HA-API-01 seed 7: fingerprint ab, then cd; first difference: #12 timer")
    #expect(InvariantVerdict.determinism([]).outcome == .notExercised)
  }
}
