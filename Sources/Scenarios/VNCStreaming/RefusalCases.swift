import TestEnvironment

extension VNCStreaming {
  /// Who may not, and what cannot be reached.
  static let refusalCases: [TestCase] = [tunnelRefused, authorisation]

  private static let tunnelRefused = TestCase(
    "VNC-K-12", "Tunnel refused", in: scenario, source: "[P P1-VNC-RBAC-001]", live: true, variants: [Variant("", .t1)],
    needs: ["replicas:1", "k8s", "vnc", "platform-fault"], checks: ["I-VNC-OPEN", "I-CRASH"], kills: ["A-24", "B-58"]
  ) { environment in
    try await environment.awaitAgents()
    let session = try await environment.runningDesktop()
    // Premise: it works before anything is forbidden.
    let before = environment.now
    let first = try await environment.asked(session)
    try await environment.expectPicture("picture before", of: first, within: .seconds(5), from: before)
    if first.facts.isOpen { try await first.close(abruptly: false) }
    try await environment.sleep(for: .seconds(1))
    let begun = environment.now
    environment.markFault("port-forward forbidden", lane: "kubernetes", from: begun, to: begun + .seconds(60))
    let fault = try await environment.begin(
      .kubernetes(.forbidden(verb: "create", resource: "pods/portforward")), for: nil)
    for _ in 0..<2 {
      let asked = environment.now
      let viewer = try await environment.asked(session)
      try await environment.expectTold(
        "error instead of a hang", viewer, codes: [ViewerClose.tunnelFailed], within: .seconds(30), from: asked)
      environment.expect(
        "the error has a reason", equals: "yes", viewer.facts.closeReason?.isEmpty == false ? "yes" : "no")
      environment.expect("bytes of the desktop", .equal(.count(0)), viewer.facts.bytesReceived)
    }
    environment.expect("session meanwhile", equals: "running", try await environment.state(of: session.name))
    try await environment.sleep(until: begun + .seconds(60))
    try await environment.end(fault)
    let allowed = environment.now
    let viewer = try await environment.asked(session)
    try await environment.expectPicture("picture once it is allowed", of: viewer, within: .seconds(5), from: allowed)
    environment.expect(
      "starts of the session", .equal(.count(1)), try await environment.commandRows(session: session.name).count)
  }

  private static let authorisation = TestCase(
    "VNC-K-13", "Authorisation", in: scenario, source: "[P security plan TC-SEC-010; token bugs]", live: true,
    variants: [Variant("", .t2)], needs: ["replicas:2", "k8s", "users", "orgs", "vnc"],
    checks: ["I-VNC-ISO", "I-TENANT"], kills: ["A-25", "A-26"],
    limits: "the fixture has one organisation: a stranger is another user of it; the audit row is not looked at"
  ) { environment in
    try await environment.awaitAgents()
    let session = try await environment.runningDesktop()
    let name = session.name
    let owner = environment.viewers(of: session.user)
    let stranger = environment.viewers(of: "u02")
    let refusals: [(what: String, client: any ViewerClient, request: ViewerRequest, status: Int)] = [
      ("no token", owner, ViewerRequest(name, token: .none), 401),
      ("malformed token", owner, ViewerRequest(name, token: .malformed), 401),
      ("expired token", owner, ViewerRequest(name, token: .expired), 401),
      ("expired token in the header", owner, ViewerRequest(name, token: .expired, tokenPlace: .header), 401),
      ("other user", stranger, ViewerRequest(name), 404),
      ("other user, by the alias", stranger, ViewerRequest(name, usesAlias: true), 404),
      ("a session that does not exist", stranger, ViewerRequest("u02-none-00000000"), 404),
    ]
    for replica in environment.replicas {
      for refusal in refusals {
        let viewer = try await refusal.client.open(refusal.request, at: replica)
        environment.expect("status: \(refusal.what)", .equal(.count(refusal.status)), viewer.status ?? 0)
        environment.expect("bytes received: \(refusal.what)", .equal(.count(0)), viewer.facts.bytesReceived)
      }
    }
    // Nobody was let in, so no tunnel was made.
    environment.expect("tunnels for those refused", .equal(.count(0)), environment.tunnelsOpened(to: name))
    let request = environment.user("u02")
    environment.expect(
      "stop by the stranger", .equal(.count(404)), try await request.stop(name, at: nil).status ?? 0)
    let ways: [(what: String, request: ViewerRequest)] = [
      ("token in the query", ViewerRequest(name)), ("token in the cookie", ViewerRequest(name, tokenPlace: .cookie)),
      ("token in the header", ViewerRequest(name, tokenPlace: .header)),
      ("token with two dashes in the query", ViewerRequest(name, token: .withDashes)),
      ("alias", ViewerRequest(name, usesAlias: true)),
    ]
    var last: (any Viewer)?
    for way in ways {
      let asked = environment.now
      let viewer = try await owner.open(way.request, at: nil)
      try await environment.expectPicture("picture, \(way.what)", of: viewer, within: .seconds(5), from: asked)
      last = viewer
    }
    guard let last else { return }
    let asked = environment.now
    let administrator = try await environment.asked(session, by: "admin")
    try await environment.expectTold(
      "taken over by the administrator", last, codes: [ViewerClose.takenOver], from: asked)
    try await environment.expectPicture(
      "picture of the administrator", of: administrator, within: .seconds(5), from: asked)
    try await environment.expectSamePicture("what the administrator sees", administrator)
  }
}

extension Environment {
  /// Tunnels that were opened to a session's desktop so far.
  fileprivate func tunnelsOpened(to session: String) -> Int {
    observations.count { timed in
      if case .tunnelOpened(_, session, _) = timed.observation { true } else { false }
    }
  }
}
