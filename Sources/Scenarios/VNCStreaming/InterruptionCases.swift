import TestEnvironment

extension VNCStreaming {
  /// Something between the viewer and its desktop goes.
  static let interruptionCases: [TestCase] = [
    relayReplicaDies, agentRestarts, podRestarts, agentSocketCut, containerEnds, failOver,
  ]

  private static let stream = Duration.seconds(3)

  // MARK: VNC-K-09

  private static let ownerDies: Int64 = 1

  private static let relayReplicaDies = TestCase(
    "VNC-K-09", "Relay replica dies", in: scenario, source: "[+]", live: true,
    variants: [Variant("edge", .t3), Variant("owner", .t3, parameter: ownerDies)], plain: .inTurn,
    needs: ["replicas:3", "k8s", "users", "vnc", "api-kill"], checks: ["I-VNC-END", "I-COUNT"], kills: ["B-68"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let owner = try await environment.requireHolder(of: agent)
    let sessions = try await environment.seededSessions(6, on: agent)
    let replicas = environment.replicas
    let viewers = try await environment.opened(sessions) { replicas[$0 % replicas.count] }
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 5)) }
    try await environment.sleep(for: stream)
    let isOwner = environment.variant.parameter == ownerDies
    let victim = isOwner ? owner : replicas.first { $0 != owner } ?? owner
    let concerned = viewers.indices.filter { isOwner || viewers[$0].edge == victim }
    environment.expect("viewers concerned", .equal(.count(isOwner ? 6 : 2)), concerned.count)
    let died = environment.now
    environment.markFault("crash", lane: victim, from: died)
    try await environment.control(.replica(victim), .crash)
    try await environment.control(.replica(victim), .restart)
    try await environment.judgeInterruption(
      isOwner ? "owner replica crashes" : "edge replica crashes", concerned.map { (sessions[$0], viewers[$0]) },
      from: died
    ) {
      guard isOwner else { return died }
      try await environment.expect("agent is back", within: .seconds(10), from: died) {
        try await environment.holder(of: agent) != nil
      }
      return environment.now
    }
    environment.expectOpen(
      "viewers that it does not concern", viewers.indices.filter { !concerned.contains($0) }.map { viewers[$0] })
    try await environment.expectCounts("counts right", sessions, 1, from: died)
  }

  // MARK: VNC-K-10

  private static let agentRestarts = TestCase(
    "VNC-K-10", "Agent restarts while streaming", in: scenario, source: "[P+ Test 3.1]", live: true,
    variants: [Variant("T1", .t1), Variant("T3", .t3)], plain: .inTurn,
    needs: ["replicas:1", "k8s", "vnc", "agent-stop"], checks: ["I-SESS-SURVIVE", "I-VNC-END", "I-VNC-OPEN"],
    kills: ["B-61", "B-64"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let sessions = try await environment.seededSessions(2, on: agent)
    let pods = try await environment.pods(of: sessions)
    let viewers = try await environment.opened(sessions) { environment.replicas[$0 % environment.replicas.count] }
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 30)) }
    try await environment.sleep(for: stream)
    try await environment.takePicture(of: viewers[0], "agent restarted", "before")
    let restarted = environment.now
    environment.markFault("rollout restart", lane: agent, from: restarted)
    try await environment.control(.agent(agent), .restart)
    let again = try await environment.judgeInterruption(
      "agent restarts", Array(zip(sessions, viewers)), from: restarted
    ) {
      try await environment.expect("agent is back", within: .seconds(30), from: restarted) {
        if environment.registrations(of: agent, after: restarted).isEmpty { return false }
        return try await environment.holder(of: agent) != nil
      }
      return environment.now
    }
    environment.markRecovery("viewers are back", lane: agent, from: restarted)
    try await environment.takePicture(of: again[0], "agent restarted", "after")
    try await environment.expectUntouched(sessions, pods: pods, by: "agent restarted", viewers: (2, again.openCount))
  }

  // MARK: VNC-K-11

  private static let podRestarts = TestCase(
    "VNC-K-11", "Pod restarts while streaming", in: scenario, source: "[P Test 1.2]", live: true,
    variants: [Variant("", .t1)], needs: ["replicas:1", "k8s", "vnc", "workload-control"],
    checks: ["I-VNC-END", "I-CRASH", "I-VNC-OPEN"], kills: ["B-58", "B-61", "B-66"],
    limits: "a file is a volume here: the home that the new pod mounts is the old one"
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let session = try await environment.runningDesktop(persistentHome: true)
    let homes = try await environment.objects("pvc", of: agent).map(\.name)
    let pod = try await environment.pods(of: [session])[0]
    let viewer = try await environment.opened(session)
    try await environment.desktop(of: session.name, .video(perSecond: 30))
    try await environment.sleep(for: stream)
    try await environment.takePicture(of: viewer, "pod evicted", "before")
    let evicted = environment.now
    environment.markFault("evicted", lane: session.name, from: evicted)
    let handle = try await environment.begin(.workload(session: session.name, .evicted), for: nil)
    let again = try await environment.judgeInterruption(
      "pod evicted", [(session, viewer)], from: evicted, codes: ViewerClose.desktopGone
    ) {
      try await environment.expect("new pod", within: .seconds(30), from: evicted) {
        let now = try await environment.pods(of: [session])[0]
        return !now.isEmpty && now != pod
      }
      return environment.now
    }
    try await environment.takePicture(of: again[0], "pod evicted", "after")
    try await environment.end(handle)
    environment.expect("homes", .equal(.count(1)), homes.count)
    environment.expect(
      "home kept", equals: homes.joined(separator: " "),
      try await environment.objects("pvc", of: agent).map(\.name).joined(separator: " "))
    environment.expect(
      "homes made", .equal(.count(1)), homes.reduce(0) { $0 + environment.creations(of: "pvc/\($1)") })
    environment.expect("session", equals: "running", try await environment.state(of: session.name))
  }

  // MARK: VNC-D-03

  private static let agentSocketCut = TestCase(
    "VNC-D-03", "Agent socket cut", in: scenario, source: "[+]", live: true, variants: [Variant("", .td)],
    needs: ["replicas:2", "docker", "vnc", "net-fault"], checks: ["I-VNC-END", "I-VNC-OPEN"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let sessions = try await environment.seededSessions(4, on: agent)
    let viewers = try await environment.opened(sessions) { environment.replicas[$0 % environment.replicas.count] }
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 5)) }
    try await environment.sleep(for: stream)
    try await environment.takePicture(of: viewers[0], "agent socket cut", "before")
    let begun = environment.now
    environment.markFault("cut", lane: agent, from: begun, to: begun + .seconds(10))
    let cut = try await environment.begin(.cut(.agent(agent), .controlPlane), for: .seconds(10))
    let again = try await environment.judgeInterruption(
      "agent socket cut 10 s", Array(zip(sessions, viewers)), from: begun, codes: [ViewerClose.agentLost]
    ) {
      try await environment.sleep(until: begun + .seconds(10))
      try await environment.expect("agent is connected", within: .seconds(35), from: begun + .seconds(10)) {
        try await environment.holder(of: agent) != nil
      }
      return environment.now
    }
    try await environment.end(cut)
    try await environment.takePicture(of: again[0], "agent socket cut", "after")
    try await environment.expectCounts("counts right", sessions, 1, from: begun)
  }

  // MARK: VNC-D-04

  private static let containerEnds = TestCase(
    "VNC-D-04", "Container restart / exit", in: scenario, source: "[+]", live: true, variants: [Variant("", .td)],
    needs: ["replicas:2", "docker", "vnc", "workload-control"], checks: ["I-VNC-END"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let session = try await environment.runningDesktop()
    let viewer = try await environment.opened(session)
    try await environment.sleep(for: stream)
    let begun = environment.now
    // Its main process ends, and the restart policy brings it back.
    environment.markFault("exit, restarted", lane: session.name, from: begun)
    let exit = try await environment.begin(.workload(session: session.name, .exits(code: 0)), for: nil)
    let again = try await environment.judgeInterruption(
      "container restarts", [(session, viewer)], from: begun, codes: ViewerClose.desktopGone
    ) {
      try await environment.expect("container runs again", within: .seconds(30), from: begun) {
        try await environment.workloads(session: session.name).contains(where: \.isReady)
      }
      return environment.now
    }
    try await environment.end(exit)
    try await environment.sleep(for: .seconds(30))
    environment.expect("session after the restart", equals: "running", try await environment.state(of: session.name))
    let gone = environment.now
    environment.markFault("removed", lane: session.name, from: gone)
    let removal = try await environment.begin(.workload(session: session.name, .removed), for: nil)
    try await environment.expectTold("viewer of a container that is gone", again[0], from: gone)
    // Gone for 60 s, seen at a look every 10 s (C13).
    try await environment.expect("failed", within: .seconds(75), from: gone) {
      try await environment.state(of: session.name) == "failed"
    }
    try await environment.end(removal)
    environment.expect(
      "route of a failed session", .equal(.count(409)), try await environment.asked(session).status ?? 0)
    let streams = environment.openStreams(of: [session])
    environment.expect("tunnels and attachments left", .equal(.count(0)), streams.tunnels + streams.attachments)
    environment.expect(
      "objects left", .equal(.count(0)),
      try await environment.objects(session: session.name, of: agent).count { $0.kind == "container" })
  }

  // MARK: VNC-D-06

  private static let failOver = TestCase(
    "VNC-D-06", "Fail-over", in: scenario, source: "[+]", live: true, variants: [Variant("", .tdr)],
    needs: ["replicas:2", "docker-ha:redis", "vnc", "agent-kill"], checks: ["I-VNC-OPEN", "I-LEADER-ONE"], kills: []
  ) { environment in
    let agent = environment.agents[0]
    let leader = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(4, on: agent)
    let pods = try await environment.pods(of: sessions)
    let viewers = try await environment.opened(sessions) { environment.replicas[$0 % environment.replicas.count] }
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 5)) }
    try await environment.sleep(for: stream + .milliseconds(environment.choose("phase", 2_000)))
    let loss = environment.now
    environment.markFault("crash", lane: leader, from: loss)
    try await environment.control(.instance(leader), .crash)
    let again = try await environment.judgeInterruption(
      "leader crashes", Array(zip(sessions, viewers)), from: loss
    ) {
      let failOver = try await environment.expectFailOver(
        of: agent, from: leader, at: loss, as: .crash, acting: .seconds(25))
      return loss + failOver.acting
    }
    try await environment.expectUntouched(sessions, pods: pods, by: "leader crashes", viewers: (4, again.openCount))
  }
}

extension [any Viewer] {
  /// Those whose stream stands.
  var openCount: Int { count { $0.facts.isOpen } }
}
