import ControlPlane
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@Suite("What agents say about sessions") struct SessionEffectTests {
  typealias Options = SessionCluster.Options

  private func running(_ name: String, pod: String? = nil, ready: Bool? = true) -> SessionStatusReport {
    SessionStatusReport(
      sessionID: name, state: .running, vncReady: ready, vncPort: ready == true ? 5900 : nil,
      platformMetadata: pod.map { .init(podName: $0) })
  }

  @Test("a status report moves a pending session, and its completion then changes nothing")
  func statusFirst() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    try cluster.report(running(name, pod: "p1"))
    #expect(try cluster.state(of: name) == "running")
    try cluster.complete(try cluster.openCommand(of: name))
    let row = try cluster.query("SELECT state, pod_name, url FROM sessions")[0]
    #expect(try row.text("state") == "running")
    #expect(try row.text("pod_name") == "p1")
    #expect(try row.text("url") == "/api/v1/sessions/\(name)/vnc")
  }

  @Test("a report without pod or url leaves both")
  func keeps() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    try cluster.report(SessionStatusReport(sessionID: name, state: .running))
    let row = try cluster.query("SELECT pod_name, url FROM sessions")[0]
    #expect(try row.text("pod_name") == "pod-1")
    #expect(try row.text("url") == "/api/v1/sessions/\(name)/vnc")
  }

  @Test("a restarted workload is reported with its new pod")
  func newPod() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    try cluster.report(running(name, pod: "pod-9"))
    #expect(try cluster.query("SELECT pod_name FROM sessions")[0].text("pod_name") == "pod-9")
  }

  @Test("another agent's report changes nothing")
  func foreignAgent() throws {
    let cluster = try SessionCluster()
    try cluster.addAgent("k8s-9")
    let name = try cluster.create()
    let owner = try cluster.query("SELECT agent_id FROM sessions")[0].text("agent_id")
    let other = owner == "k8s-1" ? "k8s-9" : "k8s-1"
    try cluster.report(running(name), by: other)
    #expect(try cluster.state(of: name) == "pending")
    #expect(try cluster.commands(of: name).count == 1)
  }

  @Test(
    "an illegal report is refused",
    arguments: [
      ("pending", "hibernated"), ("pending", "terminated"), ("running", "hibernated"), ("running", "terminated"),
      ("hibernating", "running"), ("hibernated", "running"), ("terminating", "running"), ("terminated", "running"),
      ("failed", "running"), ("hibernating", "failed"), ("hibernated", "failed"), ("running", "weird-state"),
      ("running", "pending"), ("running", "terminating"),
    ])
  func illegal(_ state: String, _ reported: String) throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    _ = try cluster.query("UPDATE sessions SET state = $2 WHERE id = $1", [.text(name), .text(state)])
    try cluster.report(SessionStatusReport(sessionID: name, state: reported))
    #expect(try cluster.state(of: name) == state)
  }

  @Test("a lost workload fails its session, and what is left of it is removed")
  func workloadLost() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    try cluster.report(
      SessionStatusReport(sessionID: name, state: .failed, reason: SessionStatusReport.workloadLost))
    #expect(try cluster.state(of: name) == "failed")
    #expect(try cluster.reason(of: name) == "workload_lost")
    #expect(try cluster.commands(of: name).last == "stop_session:pending")
    try cluster.complete(try cluster.openCommand(of: name))
    #expect(try cluster.state(of: name) == "failed")
  }

  @Test("a workload reported for a final session is stopped, once")
  func finalSession() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    try cluster.complete(try cluster.openCommand(of: name))
    try cluster.report(running(name, pod: "ghost"))
    try cluster.report(running(name, pod: "ghost"))
    #expect(try cluster.state(of: name) == "terminated")
    #expect(
      try cluster.commands(of: name) == [
        "start_session:completed", "stop_session:completed", "stop_session:pending",
      ])
  }

  @Test("a start that succeeds after its session failed is stopped again")
  func lateStart() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    let start = try cluster.openCommand(of: name)
    try cluster.fail(start, "command timed out")
    let late = FinishedCommand(
      commandID: start, agentID: "k8s-1", sessionID: name, actionName: "start_session",
      outcome: .completed(CommandResult(podName: "late")))
    cluster.sides[0].effects.lateAnswer(late, from: SessionCluster.identity("k8s-1"))
    try cluster.run(.seconds(1))
    #expect(try cluster.state(of: name) == "failed")
    #expect(try cluster.commands(of: name) == ["start_session:failed", "stop_session:pending"])
  }

  @Test("a start that completes in a session deleted meanwhile leaves it to the stop")
  func deletedWhileStarting() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    let start = try cluster.openCommand(of: name)
    try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    try cluster.complete(start, pod: "p")
    #expect(try cluster.state(of: name) == "terminating")
    #expect(try cluster.commands(of: name) == ["start_session:completed", "stop_session:pending"])
  }

  @Test("a stop that no request asked for ends its session over both edges")
  func unaskedStop() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    _ = try cluster.query(
      """
      INSERT INTO agent_commands (command_id, agent_id, session_id, action) \
      VALUES ('cmd-admin', 'k8s-1', $1, 'stop_session')
      """, [.text(name)])
    var states: [String] = []
    cluster.database.onChange = { change in
      if case .session(_, let after?) = change { states.append(after.state ?? "") }
    }
    try cluster.complete("cmd-admin")
    #expect(states == ["terminating", "terminated"])
  }

  @Test("a wake that succeeds after it was given up is taken back")
  func lateWake() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    _ = try cluster.query("UPDATE sessions SET state = 'hibernated' WHERE id = $1", [.text(name)])
    let late = FinishedCommand(
      commandID: "cmd-late", agentID: "k8s-1", sessionID: name, actionName: "wake_session", outcome: .completed(nil))
    cluster.sides[0].effects.lateAnswer(late, from: SessionCluster.identity("k8s-1"))
    try cluster.run(.seconds(1))
    #expect(try cluster.state(of: name) == "hibernated")
    #expect(try cluster.commands(of: name).last == "hibernate_session:pending")
  }

  @Test("a report that meets a dead database is stored when it is back")
  func retried() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    let fault = cluster.database.begin(.down)
    cluster.sides[0].effects.sessionReported(running(name, pod: "p"), from: SessionCluster.identity("k8s-1")) {}
    try cluster.run(.seconds(20))
    cluster.database.end(fault)
    try cluster.run(.seconds(3))
    #expect(try cluster.state(of: name) == "running")
  }

  @Test("with unguarded reports any agent resurrects a session (B-31)")
  func shippedReports() throws {
    var options = Options()
    options.policies.reports = .verbatim
    let cluster = try SessionCluster(options)
    let name = try cluster.running()
    try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    try cluster.report(running(name), by: "somebody")
    #expect(try cluster.state(of: name) == "running")
  }

  @Test("when only reports move rows, a completed stop leaves its session terminating (B-27)")
  func shippedProgress() throws {
    var options = Options()
    options.policies.progress = .reportsOnly
    let cluster = try SessionCluster(options)
    let name = try cluster.create()
    try cluster.report(running(name, pod: "p"))
    try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    try cluster.complete(try cluster.openCommand(of: name))
    #expect(try cluster.state(of: name) == "terminating")
  }
}

@Suite("Inventories of returning agents") struct SessionInventoryEffectTests {
  @Test("what differs is adopted, stopped or failed")
  func reconciles() throws {
    let cluster = try SessionCluster()
    let kept = try cluster.running()
    let lost = try cluster.running()
    let arrived = try cluster.create()
    let over = try cluster.running(as: "u02")
    _ = try cluster.query("UPDATE agent_commands SET status = 'failed' WHERE session_id = $1", [.text(arrived)])
    _ = try cluster.query("UPDATE sessions SET state = 'terminated' WHERE id = $1", [.text(over)])
    try cluster.run(.seconds(40), withAgentsOnline: ["k8s-1"])
    try cluster.connect(
      "k8s-1",
      inventory: [
        SessionInventoryItem(sessionID: kept, state: "running", podName: "pod-1"),
        SessionInventoryItem(sessionID: arrived, state: "running", podName: "pod-7"),
        SessionInventoryItem(sessionID: over, state: "running", podName: "pod-8"),
        SessionInventoryItem(sessionID: "orphan", state: "running", podName: "pod-9"),
      ])
    #expect(try cluster.state(of: kept) == "running")
    #expect(try cluster.commands(of: kept).count == 1)
    #expect(try cluster.state(of: arrived) == "running")
    #expect(try cluster.state(of: lost) == "failed")
    #expect(try cluster.reason(of: lost) == "workload_lost")
    for session in [lost, over] {
      #expect(try cluster.commands(of: session).last == "stop_session:pending")
    }
    // No row tells of it: as after a restore, it is listed and left alone (DBM-16).
    #expect(try cluster.commands(of: "orphan").isEmpty)
    let listed = try cluster.ask(.get, "/api/v1/admin/orphans", as: "admin")
    #expect(listed["orphans"]?.elements?.map { $0["sessionId"]?.text } == ["orphan"])
  }

  @Test("an orphan is stopped when an administrator says so, or after 24 h, and not before")
  func orphans() throws {
    let cluster = try SessionCluster()
    let items = ["one", "two"].map { SessionInventoryItem(sessionID: $0, state: "running", podName: "p") }
    try cluster.connect("k8s-1", inventory: items)
    try cluster.run(.seconds(40), withAgentsOnline: ["k8s-1"])
    // A second inventory changes nothing.
    try cluster.connect("k8s-1", inventory: items)
    #expect(
      cluster.events.filter { if case .orphanListed = $0.1 { true } else { false } }.count == 2)
    #expect(try cluster.ask(.delete, "/api/v1/admin/orphans/one", as: "admin").status == 202)
    #expect(try cluster.ask(.delete, "/api/v1/admin/orphans/one", as: "admin").status == 404)
    #expect(try cluster.ask(.get, "/api/v1/admin/orphans", as: "u01").status == 403)
    #expect(try cluster.commands(of: "one").last?.hasPrefix("stop_session") == true)
    #expect(try cluster.commands(of: "two").isEmpty)
    _ = try cluster.query(
      "UPDATE configuration SET updated_at = updated_at - INTERVAL '23 hours 58 minutes' WHERE category = 'orphan'")
    try cluster.run(.seconds(30), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.commands(of: "two").isEmpty)
    try cluster.run(.seconds(180), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.commands(of: "two").last?.hasPrefix("stop_session") == true)
    #expect(try cluster.query("SELECT key FROM configuration WHERE category = 'orphan'").isEmpty)
  }

  @Test("a session that started a moment ago is not lost")
  func settles() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    try cluster.connect("k8s-1", inventory: [])
    #expect(try cluster.state(of: name) == "running")
  }
}

@Suite("The reconciler") struct SessionReconcilerTests {
  typealias Options = SessionCluster.Options

  /// Fails all open commands of a session without its knowledge.
  private func loseCommands(_ cluster: SessionCluster, _ session: String) throws {
    _ = try cluster.query(
      "UPDATE agent_commands SET status = 'failed' WHERE session_id = $1 AND status IN ('pending', 'sent', 'ack')",
      [.text(session)])
  }

  @Test("a stuck stop is written again after five minutes, by one of three replicas, and three times at most")
  func redrives() throws {
    var options = Options()
    options.replicas = 3
    let cluster = try SessionCluster(options)
    let name = try cluster.running()
    try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    try loseCommands(cluster, name)
    try cluster.run(.seconds(290), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.commands(of: name).count == 2)
    try cluster.run(.seconds(80), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.commands(of: name).last == "stop_session:pending")
    #expect(try cluster.commands(of: name).count == 3)
    for _ in 0..<30 {
      try loseCommands(cluster, name)
      try cluster.run(.seconds(30), withAgentsOnline: ["k8s-1"])
    }
    #expect(try cluster.commands(of: name).count <= 5)
    #expect(try cluster.state(of: name) == "terminated")
    #expect(try cluster.reason(of: name) == "command_timeout")
  }

  @Test("a stuck start is written again with its manifest")
  func redrivesStart() throws {
    let cluster = try SessionCluster()
    let name = try cluster.create()
    try loseCommands(cluster, name)
    try cluster.run(.seconds(370), withAgentsOnline: ["k8s-1"])
    let rows = try cluster.query("SELECT payload, command_id FROM agent_commands ORDER BY created_at")
    #expect(rows.count == 2)
    #expect(try rows[0].text("payload") == rows[1].text("payload"))
    #expect(try rows[1].text("command_id").count == 40)
  }

  @Test("a session whose agent stays away is given up after ten minutes, with the reason")
  func givesUp() throws {
    let cluster = try SessionCluster()
    let starting = try cluster.create()
    let stopping = try cluster.running()
    try cluster.ask(.delete, "/api/v1/sessions/\(stopping)")
    try cluster.run(.seconds(720))
    #expect(try cluster.state(of: starting) == "failed")
    #expect(try cluster.state(of: stopping) == "terminated")
    #expect(try cluster.reason(of: stopping) == "agent_unavailable")
    #expect(
      try cluster.query("SELECT id FROM agent_commands WHERE status IN ('pending', 'sent', 'ack')").isEmpty)
  }

  @Test("reconcilers of every replica send stops without end (B-27, B-32)")
  func shipped() throws {
    var options = Options()
    options.replicas = 2
    options.policies.reconciliation = .everyReplicaUnbounded
    let cluster = try SessionCluster(options)
    let name = try cluster.running()
    try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    try cluster.run(.seconds(900), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.commands(of: name).count > 10)
    #expect(try cluster.state(of: name) == "terminating")
  }

  @Test("without a reconciler a lost stop stays lost (A-21)")
  func off() throws {
    var options = Options()
    options.policies.reconciliation = .off
    let cluster = try SessionCluster(options)
    let name = try cluster.running()
    try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    try loseCommands(cluster, name)
    try cluster.run(.seconds(1200))
    #expect(try cluster.state(of: name) == "terminating")
  }

  @Test("an idle session hibernates after its time-out and the grace")
  func idle() throws {
    let cluster = try SessionCluster()
    var body = SessionCluster.create()
    if case .object(var object) = body {
      object.add("idleTimeout", "2m")
      body = .object(object)
    }
    let name = try cluster.create(as: "u01", body)
    let other = try cluster.running()
    try cluster.complete(try cluster.openCommand(of: name), pod: "p")
    try cluster.run(.seconds(400), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.state(of: name) == "running")
    try cluster.run(.seconds(85), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.state(of: name) == "hibernating")
    #expect(try cluster.commands(of: name).last == "hibernate_session:pending")
    #expect(try cluster.state(of: other) == "running")
  }

  @Test("a beat of the client or a viewer keeps it awake")
  func busy() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    let watched = try cluster.running()
    _ = try cluster.query("UPDATE sessions SET idle_timeout = '1m'")
    _ = try cluster.query("UPDATE sessions SET active_connections = 1 WHERE id = $1", [.text(watched)])
    for _ in 0..<10 {
      try cluster.run(.seconds(60), withAgentsOnline: ["k8s-1"])
      #expect(try cluster.ask(.post, "/api/v1/sessions/\(name)/heartbeat", [:]).status == 200)
    }
    #expect(try cluster.state(of: name) == "running")
    #expect(try cluster.state(of: watched) == "running")
  }
}
