import ControlPlane
import Database
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// Each policy of sessions that scenarios 2, 3 and 8 need shows.
@Suite("Defects of stage 2 as policies of sessions") struct SessionDefectPolicyTests {
  private func cluster(_ change: (inout SessionCluster.Options) -> Void = { _ in }) throws -> SessionCluster {
    var options = SessionCluster.Options()
    change(&options)
    return try SessionCluster(options)
  }

  @Test("A-15: a session whose agent is not listened to stays pending")
  func ignoredReports() throws {
    let cluster = try cluster {
      $0.policies.progress = .reportsOnly
      $0.policies.reports = .ignored
    }
    let name = try cluster.create()
    try cluster.report(SessionStatusReport(sessionID: name, state: .running, vncReady: true, vncPort: 3000))
    try cluster.complete(try cluster.openCommand(of: name), pod: "pod-1")
    #expect(try cluster.state(of: name) == "pending")
  }

  @Test("A-28, A-29: the template reaches the agent with other keys, or not at all")
  func manifests() throws {
    for (policy, keys) in [
      (SessionPolicies.Manifest.asStored, ["apiVersion", "kind", "metadata", "spec"]),
      (.fieldNames, ["ApiVersion", "Kind", "Metadata", "Spec"]), (.omitted, []),
    ] {
      let cluster = try cluster { $0.policies.manifest = policy }
      _ = try cluster.create()
      let row = try cluster.query("SELECT payload FROM agent_commands")[0]
      let payload = try JSONParser.parse(Array(try row.text("payload").utf8))
      #expect((payload["templateManifest"]?.members?.members ?? []).map(\.key).sorted() == keys)
      let image = payload["templateManifest"]?[policy == .fieldNames ? "Spec" : "spec"]
      #expect((image?[policy == .fieldNames ? "BaseImage" : "baseImage"] != nil) == (policy != .omitted))
    }
  }

  @Test("A-38: the quota counts neither what is pending nor what runs on Docker")
  func podsOnly() throws {
    for (policy, status) in [(SessionPolicies.QuotaCount.everyLive, 403), (.podsOnly, 202)] {
      let cluster = try cluster { $0.policies.quotaCount = policy }
      try cluster.addAgent("docker-1", platform: "docker")
      for _ in 0..<5 {
        let name = try cluster.create(as: "u01", SessionCluster.create(template: "on-docker"))
        try cluster.complete(try cluster.openCommand(of: name), pod: "container-1")
        #expect(try cluster.state(of: name) == "running" || policy == .podsOnly)
      }
      #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == status)
    }
  }

  @Test("A-58: state is capitalised and the phase is not, in answers and pushes")
  func names() throws {
    for (policy, state, phase) in [
      (SessionPolicies.StateNames.contract, "running", "Running"), (.swapped, "Running", "running"),
    ] {
      let cluster = try cluster { $0.policies.stateNames = policy }
      let name = try cluster.running()
      let one = try cluster.ask(.get, "/api/v1/sessions/\(name)")
      #expect(one["state"]?.text == state)
      #expect(one["status"]?["phase"]?.text == phase)
      let all = try cluster.ask(.get, "/api/v1/sessions")
      #expect(all["sessions"]?.elements?.first?["state"]?.text == state)
      let listener = cluster.listen(as: "u01")
      try cluster.run(.seconds(4))
      #expect(listener.feeds.first?.sessions.first?.state == state)
      #expect(listener.feeds.first?.sessions.first?.phase == phase)
    }
  }

  @Test("B-26: a failed start leaves its session pending, a completed one does not")
  func failures() throws {
    let cluster = try cluster { $0.policies.progress = .exceptFailures }
    let name = try cluster.create()
    try cluster.fail(try cluster.openCommand(of: name), "no image")
    #expect(try cluster.state(of: name) == "pending")
    _ = try cluster.running()
  }

  @Test("B-28: hibernate never settles, and nobody looks after it")
  func hibernation() throws {
    let cluster = try cluster {
      $0.policies.progress = .exceptHibernation
      $0.policies.reconciliation = .exceptHibernation
    }
    let name = try cluster.running()
    _ = try cluster.ask(.put, "/api/v1/sessions/\(name)/hibernate")
    try cluster.complete(try cluster.openCommand(of: name))
    try cluster.run(.seconds(1_200), withAgentsOnline: ["k8s-1"])
    #expect(try cluster.state(of: name) == "hibernating")
    #expect(try cluster.commands(of: name).count == 2)
    #expect(try cluster.ask(.put, "/api/v1/sessions/\(name)/wake").status == 409)
  }

  @Test(
    "B-78: an agent that waits for its approval, or was rejected, is never chosen, unless the row alone decides",
    arguments: ["pending", "rejected"])
  func eligibility(_ approval: String) throws {
    for (policy, status) in [(SessionPolicies.Eligibility.approved, 503), (.anyAlive, 202)] {
      let cluster = try cluster {
        $0.hasAgent = false
        $0.policies.eligibility = policy
      }
      try cluster.addAgent("k8s-new", approval: approval)
      #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == status)
    }
  }
}
