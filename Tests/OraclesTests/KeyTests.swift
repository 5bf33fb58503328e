import Oracles
import TestEnvironment
import Testing

@Suite struct KeyTests {
  private func rules(_ history: History) -> [String] {
    history.verdict("I-AUTHN", until: .s(100)).violations.map(\.rule)
  }

  private func call(
    _ call: AgentCall, key owner: String?, bootstrap: Bool = false, _ status: Int, as agent: String = agentID
  ) -> Observation {
    .agentCall(
      agent: agent, replica: "r1", call: call, keyOwner: owner, isBootstrapKey: bootstrap, status: status)
  }

  private func history(_ observations: Observation...) -> History {
    var history = History(.t2.with { $0.agents[0].isEnrolled = false })
    for (second, observation) in observations.enumerated() { history.at(.s(Double(second)), observation) }
    return history
  }

  @Test("the whole way of an enrolment is legal, refusals included")
  func enrolment() {
    let history = history(
      call(.register, key: nil, bootstrap: true, 202), .enrolment(agent: agentID, .registered),
      call(.register, key: nil, bootstrap: true, 202), call(.connect, key: nil, bootstrap: true, 403),
      .enrolment(agent: agentID, .approved), call(.register, key: nil, bootstrap: true, 200),
      call(.register, key: agentID, 200), .enrolment(agent: agentID, .keyUsed), call(.connect, key: agentID, 101),
      call(.register, key: nil, bootstrap: true, 403), call(.register, key: "other", 403),
      call(.register, key: nil, 403), call(.register, key: agentID, 409))
    #expect(rules(history).isEmpty)
    #expect(history.verdict("I-AUTHN", until: .s(100)).checks == 10)
  }

  @Test("the bootstrap key ends with the first use of the issued one, however that is told", arguments: [true, false])
  func bootstrapAfterUse(isToldByStep: Bool) {
    let use: Observation =
      isToldByStep ? .enrolment(agent: agentID, .keyUsed) : call(.register, key: agentID, 200)
    let history = history(
      .enrolment(agent: agentID, .approved), use, call(.register, key: nil, bootstrap: true, 200))
    #expect(rules(history) == ["the bootstrap key ends with the issued key's first use"])
  }

  @Test("the bootstrap key opens no connection")
  func bootstrapConnects() {
    let history = history(.enrolment(agent: agentID, .approved), call(.connect, key: nil, bootstrap: true, 101))
    #expect(rules(history) == ["the bootstrap key opens no connection"])
  }

  @Test("a key belongs to one agent", arguments: ["other", nil] as [String?])
  func foreignKey(owner: String?) {
    #expect(rules(history(call(.register, key: owner, 200))) == ["a key belongs to one agent"])
  }

  @Test("who is pending or rejected does not connect")
  func unapproved() {
    #expect(
      rules(history(.enrolment(agent: agentID, .registered), call(.connect, key: agentID, 101)))
        == ["only approved agents connect"])
    #expect(
      rules(history(.enrolment(agent: agentID, .rejected), call(.register, key: nil, bootstrap: true, 202)))
        == ["a rejected agent is refused"])
  }

  @Test("a key that was accepted stays known: two refusals may be tests of identity, three in a row are not")
  func lostKey() {
    let accepted = call(.connect, key: agentID, 101)
    let refused = call(.register, key: agentID, 403)
    #expect(rules(history(accepted, refused, refused)).isEmpty)
    #expect(rules(history(accepted, refused, refused, accepted, refused)).isEmpty)
    #expect(rules(history(accepted, refused, refused, refused)) == ["keys survive restart and fail-over"])
    #expect(rules(history(accepted, .enrolment(agent: agentID, .rejected), refused, refused, refused)).isEmpty)
  }

  @Test("reports on foreign sessions are refused")
  func foreignReport() {
    #expect(rules(history(.foreignReport(agent: agentID, session: "s1", isAccepted: false))).isEmpty)
    #expect(
      rules(history(.foreignReport(agent: agentID, session: "s1", isAccepted: true)))
        == ["an agent reports on its own sessions only"])
  }

  @Test("an agent touches only its own objects; the network is everybody's")
  func foreignObject() {
    var history = History.steady()
    history.workload(at: .s(1), "s1", .created, by: nil, kind: "container")
    history.workload(at: .s(1), "s1", .created, by: nil, kind: "network")
    let write = { (agent: String, object: String) in
      Observation.platformWrite(agent: agent, instance: "agent-\(agent)", term: nil, object: object)
    }
    history.at(.s(2), write(agentID, "container/s1"), write("docker-d2", "network/s1"))
    #expect(rules(history).isEmpty)
    history.at(.s(3), write("docker-d2", "container/s1"))
    #expect(rules(history) == ["an agent touches only its own objects"])
  }
}
