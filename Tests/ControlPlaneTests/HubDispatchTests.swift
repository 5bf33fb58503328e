import Database
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("hub: commands (C3, C9 to C12, C34)")
struct HubDispatchTests {
  private func cluster(
    _ replicas: Int = 2, redis: Bool = true, approved: [String] = ["k8s-1"], seed: UInt64 = 1,
    _ change: (inout ControlPlaneBehaviour) -> Void = { _ in }
  ) throws -> HubCluster {
    var behaviour = ControlPlaneBehaviour.contract
    change(&behaviour)
    let cluster = try HubCluster(
      replicas: replicas, redis: redis, approved: approved, seed: seed, behaviour: behaviour)
    try cluster.start()
    return cluster
  }

  private func connected(_ cluster: HubCluster, to number: Int = 1) throws -> ScriptedAgent {
    let agent = try cluster.agent("k8s-1", to: number)
    agent.start()
    try cluster.run(3)
    return agent
  }

  private func sends(_ cluster: HubCluster) -> [(command: String, attempt: Int, isForwarded: Bool)] {
    cluster.events.compactMap { told in
      if case .commandSent(let command, _, let attempt, let isForwarded) = told.event {
        (command, attempt, isForwarded)
      } else {
        nil
      }
    }
  }

  // MARK: Delivery

  @Test("a command issued on another replica is forwarded and completed within 200 ms")
  func forwards() throws {
    let cluster = try cluster()
    let agent = try connected(cluster, to: 1)
    try cluster.issue("cmd-1", agent: "k8s-1", session: "s1", via: 2)
    try cluster.run(milliseconds: 300)
    #expect(agent.received == ["cmd-1"])
    #expect(try cluster.commandStatus("cmd-1") == "completed")
    #expect(sends(cluster).map(\.isForwarded) == [true])
    let row = try #require(try cluster.rows("SELECT sent_at, acknowledged_at, completed_at FROM agent_commands").first)
    #expect(try row.microseconds("sent_at") <= row.microseconds("acknowledged_at"))
    #expect(try row.microseconds("acknowledged_at") <= row.microseconds("completed_at"))
  }

  @Test("A-01: a look-up that ignores Redis forwards nothing; the scan of the holder is all that is left")
  func localMapOnly() throws {
    let cluster = try cluster { $0.hub.routing = .localMapOnly }
    let agent = try connected(cluster, to: 1)
    try cluster.issue("cmd-1", agent: "k8s-1", via: 2)
    try cluster.run(milliseconds: 300)
    #expect(agent.received.isEmpty)
    try cluster.run(6)
    #expect(agent.received == ["cmd-1"])
  }

  @Test("without Redis the holder finds what other replicas commit, within one scan")
  func withoutRedis() throws {
    let cluster = try cluster(redis: false)
    let agent = try connected(cluster, to: 1)
    try cluster.issue("cmd-1", agent: "k8s-1", via: 2)
    try cluster.run(6)
    #expect(agent.received == ["cmd-1"])
    #expect(try cluster.commandStatus("cmd-1") == "completed")
  }

  /// The replica that holds the agent dies silently: its route still stands. Then a command is issued.
  private func publishToNobody(_ cluster: HubCluster) throws {
    let agent = try connected(cluster, to: 1)
    agent.script.target = "api-2"
    agent.script.reconnect = .seconds(2)
    cluster.replicas[0].crash()
    try cluster.run(milliseconds: 100)
    try cluster.issue("cmd-1", agent: "k8s-1", via: 2)
    try cluster.run(milliseconds: 500)
  }

  @Test("a publish that nobody hears leaves the row pending; the agent gets it when it is back")
  func unheard() throws {
    let cluster = try cluster()
    try publishToNobody(cluster)
    #expect(try cluster.commandStatus("cmd-1") == "pending")
    let forwarded = cluster.told { if case .commandForwarded(_, _, _, 0) = $0 { true } else { false } }
    #expect(forwarded.count == 1)
    try cluster.run(5)
    #expect(cluster.agents[0].received == ["cmd-1"])
    #expect(try cluster.commandStatus("cmd-1") == "completed")
  }

  @Test("B-10: a publish that nobody hears counts as sent")
  func unheardCountsAsSent() throws {
    let cluster = try cluster { $0.dispatch.unheardPublish = .countsAsSent }
    try publishToNobody(cluster)
    #expect(try cluster.commandStatus("cmd-1") == "sent")
    #expect(cluster.agents[0].received.isEmpty)
  }

  @Test("a message that Redis loses costs one scan")
  func lostMessage() throws {
    let cluster = try cluster()
    let agent = try connected(cluster, to: 1)
    cluster.redis?.begin(.losePubSub, lasting: .seconds(3))
    try cluster.issue("cmd-1", agent: "k8s-1", via: 2)
    try cluster.run(8)
    #expect(agent.received == ["cmd-1"])
  }

  @Test("B-11: a relayed frame that nobody takes was already called sent")
  func relayedFrame() throws {
    for (policy, status) in [(DispatchPolicies.ForwardedDelivery.claimsRow, "pending"), (.relaysFrame, "sent")] {
      let cluster = try cluster { $0.dispatch.forwardedDelivery = policy }
      let agent = try connected(cluster, to: 1)
      // The agent moves between look-up and delivery: the route is older than its end.
      agent.script.reconnect = nil
      cluster.simulation.network.begin(
        NetworkFault(.slow(.constant(.milliseconds(400))), between: ["api-1"], and: ["redis"]), lasting: .seconds(1))
      try cluster.issue("cmd-1", agent: "k8s-1", via: 2)
      agent.process.crash()
      try cluster.run(milliseconds: 800)
      #expect(try cluster.commandStatus("cmd-1") == status)
    }
  }

  // MARK: Again and again

  @Test("a command without ack is sent again after 10, 20, 40, 60, 60 s")
  func resends() throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.script.answer = .silent
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(220)
    let times = cluster.events.compactMap { told -> Instant? in
      if case .commandSent = told.event { told.time } else { nil }
    }
    let gaps = zip(times, times.dropFirst()).map { ($1 - $0).milliseconds / 1000 }
    #expect(gaps.count == 5)
    for (gap, least) in zip(gaps, [10, 20, 40, 60, 60]) { #expect(gap >= Int64(least) && gap <= Int64(least) + 5) }
    #expect(sends(cluster).map(\.attempt) == [1, 2, 3, 4, 5, 6])
    #expect(try cluster.commandStatus("cmd-1") == "sent")
    agent.script.answer = .completes(after: .milliseconds(10))
    try cluster.run(65)
    #expect(try cluster.commandStatus("cmd-1") == "completed")
  }

  @Test("an acked command is not sent again by time, but at a reconnect, and its repeat has no second effect")
  func resendsAckedAtReconnect() throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.script.answer = .completes(after: .seconds(40))
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(30)
    #expect(agent.received == ["cmd-1"])
    #expect(try cluster.commandStatus("cmd-1") == "ack")
    agent.redial()
    try cluster.run(3)
    #expect(agent.received == ["cmd-1", "cmd-1"])
    #expect(try cluster.commandStatus("cmd-1") == "ack")
    try cluster.run(15)
    #expect(try cluster.commandStatus("cmd-1") == "completed")
  }

  @Test("commands across an absence are sent at the reconnect, in order of creation")
  func acrossAbsence() throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.process.crash()
    try cluster.run(2)
    #expect(cluster.replica(1)?.hub.isConnected("k8s-1") == false)
    for number in 1...3 { try cluster.issue("cmd-\(number)", agent: "k8s-1", session: "s1", via: 2) }
    try cluster.run(1)
    for number in 1...3 { #expect(try cluster.commandStatus("cmd-\(number)") == "pending") }
    agent.process.start()
    try cluster.run(3)
    #expect(agent.received == ["cmd-1", "cmd-2", "cmd-3"])
    #expect(try cluster.commandStatus("cmd-3") == "completed")
  }

  @Test("B-14: a command for an absent agent fails at once, and no reconnect sends anything")
  func failsAtOnce() throws {
    let cluster = try cluster {
      $0.dispatch.absentAgent = .failsAtOnce
      $0.dispatch.reconnection = .nothing
    }
    let agent = try connected(cluster)
    agent.process.crash()
    try cluster.run(2)
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(1)
    #expect(try cluster.commandStatus("cmd-1") == "failed")
    let text = try cluster.rows("SELECT error_message FROM agent_commands").first?.text("error_message")
    #expect(text == "agent is not connected")
  }

  /// The agent is away while a command is committed and its replica restarts.
  private func restartWithBacklog(_ cluster: HubCluster) throws -> ScriptedAgent {
    let agent = try connected(cluster)
    agent.process.crash()
    try cluster.run(1)
    try cluster.insertCommand("cmd-1", agent: "k8s-1", session: "s1")
    cluster.replicas[0].crash()
    cluster.replicas[0].start()
    try cluster.run(2)
    agent.process.start()
    try cluster.run(15)
    return agent
  }

  @Test("a backlog survives the restart of the replica")
  func backlog() throws {
    let cluster = try cluster(1)
    #expect(try restartWithBacklog(cluster).received == ["cmd-1"])
    #expect(try cluster.commandStatus("cmd-1") == "completed")
  }

  @Test("A-06: a scan that cannot read NULL finds no new command")
  func nullError() throws {
    let cluster = try cluster(1) { $0.dispatch.pendingScan = .skipsNullError }
    #expect(try restartWithBacklog(cluster).received.isEmpty)
    #expect(try cluster.commandStatus("cmd-1") == "pending")
    // What is delivered while the agent is there needs no scan.
    try cluster.issue("cmd-2", agent: "k8s-1", session: "s2")
    try cluster.run(1)
    #expect(cluster.agents[0].received == ["cmd-2"])
  }

  @Test("A-07: a scan that cannot read a NULL session finds no command without one")
  func nullSession() throws {
    let cluster = try cluster(1) { $0.dispatch.pendingScan = .skipsNullSession }
    let agent = try connected(cluster)
    try cluster.insertCommand("cmd-1", agent: "k8s-1", session: nil)
    try cluster.insertCommand("cmd-2", agent: "k8s-1", session: "s2")
    try cluster.run(12)
    #expect(agent.received == ["cmd-2"])
  }

  @Test("B-15: a start that fails what is pending leaves nothing for the agent")
  func startFailsAll() throws {
    let cluster = try cluster(1) { $0.dispatch.startUp = .failsAll }
    #expect(try restartWithBacklog(cluster).received.isEmpty)
    #expect(try cluster.commandStatus("cmd-1") == "failed")
  }

  @Test("B-16: a start that sends without claim delivers twice what another replica has in hand")
  func startSendsUnclaimed() throws {
    for (policy, deliveries) in [(DispatchPolicies.StartUp.nothing, 1), (.sendsUnclaimed, 2)] {
      var behaviour = ControlPlaneBehaviour.contract
      behaviour.dispatch.startUp = policy
      behaviour.dispatch.forwardedDelivery = policy == .sendsUnclaimed ? .relaysFrame : .claimsRow
      let cluster = try HubCluster(replicas: 2, approved: ["k8s-1"], behaviour: behaviour)
      cluster.database.process.start()
      cluster.redis?.process.start()
      cluster.replicas[0].start()
      try cluster.run(2)
      let agent = try cluster.agent("k8s-1", to: 1) { $0.answer = .silent }
      agent.start()
      try cluster.run(2)
      // The row of a command whose `sent` is still under way.
      cluster.database.begin(.slow(.constant(.seconds(2)), scope: .init(statements: ["commandsSent"])))
      try cluster.issue("cmd-1", agent: "k8s-1")
      try cluster.run(milliseconds: 200)
      #expect(agent.received == ["cmd-1"])
      cluster.replicas[1].start()
      try cluster.run(1)
      #expect(agent.received.count == deliveries)
    }
  }

  // MARK: The window

  @Test("at most eight commands are under way; the rest follow in order as places become free")
  func window() throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.script.answer = .completes(after: .seconds(3))
    let commands = (10..<30).map { "cmd-\($0)" }
    for command in commands { try cluster.issue(command, agent: "k8s-1", session: "s-\(command)") }
    try cluster.run(1)
    #expect(agent.received == Array(commands.prefix(8)))
    let pending = try cluster.rows("SELECT 1 FROM agent_commands WHERE status = 'pending'")
    #expect(pending.count == 12)
    try cluster.run(12)
    #expect(agent.received == commands)
    #expect(try cluster.rows("SELECT 1 FROM agent_commands WHERE status = 'completed'").count == 20)
  }

  @Test("a reconnect sends no more than the window again")
  func windowAtReconnect() throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.script.answer = .acksOnly
    for number in 10..<30 { try cluster.issue("cmd-\(number)", agent: "k8s-1") }
    try cluster.run(1)
    agent.redial()
    try cluster.run(3)
    #expect(agent.received.count == 16)
    #expect(Set(agent.received).count == 8)
  }

  @Test("B-19: coalesced frames lose commands that one document per message keeps")
  func coalesced() throws {
    for (policy, isLossy) in [(HubPolicies.FrameWriting.oneDocument, false), (.coalesced, true)] {
      let cluster = try cluster { $0.hub.frameWriting = policy }
      let agent = try connected(cluster)
      for number in 1...5 { try cluster.insertCommand("cmd-\(number)", agent: "k8s-1") }
      cluster.replica(1)?.dispatcher.commandsChanged(agentID: "k8s-1")
      try cluster.run(1)
      #expect((agent.received.count < 5) == isLossy)
      #expect((agent.joinedMessages > 0) == isLossy)
    }
  }

  // MARK: Deadlines

  @Test(
    "a result that does not come fails the command, 2 min after the ack",
    arguments: [(AgentAction.stopSession, 120), (.startSession, 300)] as [(AgentAction, Int64)])
  func overdue(action: AgentAction, seconds: Int64) throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.script.answer = .acksOnly
    try cluster.issue("cmd-1", agent: "k8s-1", action: action)
    try cluster.run(seconds - 2)
    #expect(try cluster.commandStatus("cmd-1") == "ack")
    try cluster.run(10)
    #expect(try cluster.commandStatus("cmd-1") == "failed")
    let text = try cluster.rows("SELECT error_message FROM agent_commands").first?.text("error_message")
    #expect(text == CommandFailureReason.overdue)
    // A result that comes now is not stored (C11).
    agent.send(.complete(CommandCompletion(commandID: "cmd-1")))
    try cluster.run(1)
    #expect(try cluster.commandStatus("cmd-1") == "failed")
  }

  @Test("a command waits 5 min for an absent agent, then fails")
  func absent() throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.process.crash()
    try cluster.run(2)
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(290)
    #expect(try cluster.commandStatus("cmd-1") == "pending")
    try cluster.run(20)
    #expect(try cluster.commandStatus("cmd-1") == "failed")
  }

  @Test("a control plane that was away fails nothing merely because agents are late")
  func controlPlaneAway() throws {
    let cluster = try cluster(1)
    let agent = try connected(cluster)
    agent.process.crash()
    try cluster.run(2)
    try cluster.insertCommand("cmd-1", agent: "k8s-1")
    cluster.replicas[0].crash()
    try cluster.run(600)
    cluster.replicas[0].start()
    try cluster.run(60)
    #expect(try cluster.commandStatus("cmd-1") == "pending")
    agent.process.start()
    try cluster.run(5)
    #expect(try cluster.commandStatus("cmd-1") == "completed")
  }

  @Test("a pending row does not age while its agent is connected")
  func noAgeing() throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.script.answer = .silent
    for number in 10..<20 { try cluster.issue("cmd-\(number)", agent: "k8s-1") }
    try cluster.run(400)
    #expect(try cluster.commandStatus("cmd-19") == "pending")
    #expect(try cluster.rows("SELECT 1 FROM agent_commands WHERE status = 'failed'").isEmpty)
  }

  // MARK: Order of answers

  /// The UPDATE to `sent` takes 2 s, the agent answers at once.
  private func slowSent(_ cluster: HubCluster) throws -> String? {
    let agent = try connected(cluster)
    agent.script.answer = .completes(after: .milliseconds(5))
    cluster.database.begin(
      .slow(
        .constant(.seconds(2)), scope: .init(statements: ["commandsSent", "commandsSentUnconditionally"])))
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(4)
    return try cluster.commandStatus("cmd-1")
  }

  @Test("a late `sent` does not overwrite the result")
  func guardedSent() throws { #expect(try slowSent(cluster()) == "completed") }

  @Test("B-17: an unconditional `sent` does")
  func unconditionalSent() throws {
    #expect(try slowSent(cluster { $0.dispatch.sentUpdate = .unconditional }) == "sent")
  }

  /// An ack after the result, as a repeated delivery makes it.
  private func lateAck(_ cluster: HubCluster) throws -> String? {
    let agent = try connected(cluster)
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(2)
    #expect(try cluster.commandStatus("cmd-1") == "completed")
    agent.send(.ack(CommandAck(commandID: "cmd-1")))
    try cluster.run(1)
    return try cluster.commandStatus("cmd-1")
  }

  @Test("a late ack does not move a finished command")
  func forwardOnly() throws { #expect(try lateAck(cluster()) == "completed") }

  @Test("B-18: unguarded answers move it back")
  func unguardedAnswers() throws {
    #expect(try lateAck(cluster { $0.dispatch.answerUpdate = .unconditional }) == "ack")
  }

  @Test("an answer from a connection that is not the agent's any more changes nothing")
  func supersededAnswer() throws {
    let cluster = try cluster()
    let agent = try connected(cluster, to: 1)
    agent.script.answer = .acksOnly
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(1)
    // The row goes to another replica while this connection lives on.
    _ = try cluster.rows("UPDATE agents SET connection_pod = 'api-2' WHERE agent_id = 'k8s-1'")
    agent.send(.complete(CommandCompletion(commandID: "cmd-1")))
    try cluster.run(1)
    #expect(try cluster.commandStatus("cmd-1") == "ack")
  }

  @Test("an answer is stored when the database is back")
  func answerDuringOutage() throws {
    let cluster = try cluster()
    let agent = try connected(cluster)
    agent.script.answer = .completes(after: .seconds(2))
    try cluster.issue("cmd-1", agent: "k8s-1")
    try cluster.run(1)
    cluster.database.begin(.down, lasting: .seconds(20))
    try cluster.run(25)
    #expect(try cluster.commandStatus("cmd-1") == "completed")
    #expect(agent.connections == 1)
  }

  // MARK: Administration

  @Test("the administrator's command is answered 201 and reaches the agent on another replica")
  func adminCommand() throws {
    let cluster = try cluster()
    let agent = try connected(cluster, to: 1)
    let body = AdminCommandRequest(action: .stopSession, sessionID: "s1")
    let answer = try cluster.administer(
      .post, "/api/v1/admin/agents/k8s-1/command", to: 2, body: .typed(body))
    #expect(answer?.status == .created)
    let record = try #require(try answer?.body.decode(as: CommandRecord.self))
    #expect(record.status == "pending")
    try cluster.run(1)
    #expect(agent.received == [record.commandID])
  }

  @Test("the administrator's command for an absent agent is answered 503, for an unknown one 404")
  func adminCommandRefused() throws {
    let cluster = try cluster()
    let body = HTTPBody.typed(AdminCommandRequest(action: .stopSession, sessionID: "s1"))
    let absent = try cluster.administer(.post, "/api/v1/admin/agents/k8s-1/command", body: body)
    #expect(absent?.status == .serviceUnavailable)
    #expect(try absent?.body.decode(as: ErrorBody.self).error == "Agent not connected")
    let unknown = try cluster.administer(.post, "/api/v1/admin/agents/k8s-9/command", body: body)
    #expect(unknown?.status == .notFound)
  }
}
