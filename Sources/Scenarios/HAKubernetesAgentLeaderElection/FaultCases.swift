import TestEnvironment

extension HAKubernetesAgentLeaderElection {
  /// What the cluster refuses.
  static let faultCases: [TestCase] = [permissions] + clockCases

  private enum Forbidden: Int64 { case leases, services, claims }

  static let permissions = TestCase(
    "HA-LE-17", "Permission and partial failure", in: scenario, source: "[P RBAC bugs]",
    variants: [
      Variant("leases", notStarted, parameter: Forbidden.leases.rawValue),
      Variant("creation of services", .t3ha, parameter: Forbidden.services.rawValue),
      Variant("creation of PVCs", .t3ha, parameter: Forbidden.claims.rawValue),
    ],
    plain: .inTurn, needs: ["replicas:3", "k8s-ha", "platform-fault"], checks: ["I-NO-ORPHAN", "I-CMD-TRUTH"],
    kills: ["B-40"]
  ) { environment in
    switch Forbidden(rawValue: environment.variant.parameter) {
    case .services: try await environment.judgeForbiddenCreation(of: "services")
    case .claims: try await environment.judgeForbiddenCreation(of: "persistentvolumeclaims")
    default: try await environment.judgeForbiddenLeases()
    }
  }
}

extension Environment {
  /// Replicas that may not touch the lease say so and end; once they may, they serve.
  fileprivate func judgeForbiddenLeases() async throws {
    try await awaitReplicas()
    let agent = agents[0]
    let start = now
    markFault("leases forbidden", lane: "kubernetes", from: start)
    let fault = try await begin(.kubernetes(.forbidden(verb: nil, resource: "leases")), for: nil)
    try await control(.agent(agent), .start)
    try await sleep(until: start + .seconds(20))
    let clear = instances(of: agent).count { instance in
      self.moment(after: .zero) { observation in
        if case .processEnded(instance, let reason, _) = observation {
          reason.contains("leases") && reason.contains("forbidden")
        } else {
          false
        }
      } != nil
    }
    expect("replicas that ended and said why", .equal(.count(3)), clear)
    expect("processes that may act", .equal(.count(0)), try await actors(of: agent).count)
    expect("sockets of the agent", .equal(.count(0)), try await connectionCount(of: agent))
    let refused = try await user("u01").create(SessionRequest(), at: nil)
    expect("answer to a create meanwhile", .equal(.count(503)), refused.status ?? 0)
    try await end(fault)
    let healed = now
    try await control(.agent(agent), .start)
    try await expect("a leader once they may", within: .seconds(15), from: healed) {
      try await self.actingInstance(of: agent) != nil && self.connectedInstance(of: agent) != nil
    }
    markRecovery("a leader", lane: connectedInstance(of: agent) ?? agent, from: healed)
    _ = try await awaitLeader(of: agent)
    let made = try await running(SessionRequest(), by: "u01").session
    try await stopAll([made], as: "a session stopped")
  }

  /// A start that fails half way says why and leaves nothing; once it may, the next one runs.
  fileprivate func judgeForbiddenCreation(of resource: String) async throws {
    let agent = agents[0]
    _ = try await awaitLeader(of: agent)
    let start = now
    markFault("creation of \(resource) forbidden", lane: "kubernetes", from: start)
    let fault = try await begin(.kubernetes(.forbidden(verb: "create", resource: resource)), for: nil)
    let made = try await created(SessionRequest(persistentHome: true), by: "u01")
    try await expect("the session has failed", within: .seconds(60), from: start) {
      try await self.state(of: made.name) == "failed"
    }
    let row = try await command(of: made.name, action: "start_session")
    expect(
      "the reason names what is forbidden", equals: "yes", row?.error?.contains("forbidden") == true ? "yes" : "no")
    try await expect("nothing is left of it", within: .seconds(30)) {
      try await self.objects(session: made.name, of: agent).allSatisfy { $0.kind == "pvc" }
    }
    expect(
      "deployments left", .equal(.count(0)),
      try await objects(session: made.name, of: agent).count { $0.kind == "deployment" })
    try await end(fault)
    markRecovery("allowed again", lane: "kubernetes", from: start)
    let next = try await running(SessionRequest(persistentHome: true), by: "u01").session
    try await stopAll([next], as: "a session stopped")
  }
}
