import TestEnvironment

extension VNCStreaming {
  /// A viewer that does nothing for long, and a session that goes to sleep.
  static let stayCases: [TestCase] = [idleViewer, hibernateAndWake]

  // MARK: VNC-K-04

  private static let idleViewer = TestCase(
    "VNC-K-04", "Idle viewer", in: scenario, source: "[P commit 396eba5; plan 5-minute session]", live: true,
    variants: [Variant("agent's replica", .t2), Variant("relayed", .t2, parameter: 1)], plain: .inTurn,
    needs: ["replicas:2", "k8s", "vnc"], checks: ["I-VNC-IDLE", "I-CRASH"], kills: ["A-22", "B-60"],
    limit: .seconds(3_600)
  ) { environment in
    try await environment.awaitAgents()
    let session = try await environment.runningDesktop()
    let owner = try await environment.requireHolder(of: environment.agents[0])
    let edge = environment.variant.parameter == 1 ? environment.replicas.first { $0 != owner } : owner
    let viewer = try await environment.opened(session, at: edge)
    // The ping of the viewer's socket comes 54 s after the socket, and every 54 s from then on.
    let begun = viewer.facts.steps.first { $0.name == "upgrade" }?.time ?? viewer.facts.opened
    let updates = viewer.facts.updates
    try await environment.sleep(until: begun + .seconds(300))
    environment.expect("updates in 300 s without traffic", .equal(.count(0)), viewer.facts.updates - updates)
    environment.expectOpen("open after 300 s", [viewer])
    // An update that arrives exactly with a ping: a viewer that reads slowly always has one under way.
    let ping = begun + .seconds(54) * 6
    try await environment.sleep(until: ping - .seconds(3))
    try await viewer.limitReading(to: 20_000)
    try await environment.desktop(of: session.name, .video(perSecond: 30))
    try await environment.sleep(until: ping + .seconds(1))
    try await environment.desktop(of: session.name, .video(perSecond: 0))
    try await viewer.limitReading(to: nil)
    environment.expect("updates around the ping", .atLeast(.count(3)), viewer.facts.updates - updates)
    try await environment.expectWorks("works after the ping", viewer)
    if environment.depth == .full {
      try await environment.sleep(until: ping + .seconds(1_800))
      environment.expectOpen("open after 1800 s more", [viewer])
    }
    try await environment.expectSamePicture("picture afterwards", viewer)
    environment.expect("active_connections", .equal(.count(1)), try await environment.viewerCount(of: session))
  }

  // MARK: VNC-K-14

  private enum Sleep: Int64 { case viewed, connecting, swept, brief }

  private static let hibernateAndWake = TestCase(
    "VNC-K-14", "Hibernate, wake, reconnect", in: scenario, source: "[P 1.2, 1.4]", live: true,
    variants: [
      Variant("viewed", .t1, parameter: Sleep.viewed.rawValue),
      Variant("while a viewer connects", .t1, parameter: Sleep.connecting.rawValue),
      Variant("idle sweep", .t1, parameter: Sleep.swept.rawValue),
      Variant("woken at once", .t1, parameter: Sleep.brief.rawValue),
    ], plain: .inTurn, needs: ["replicas:1", "k8s", "vnc"], checks: ["I-SESS-LEGAL", "I-VNC-OPEN", "I-SESS-SURVIVE"],
    kills: ["A-59", "B-28", "B-41", "B-61", "C-24"]
  ) { environment in
    try await environment.awaitAgents()
    switch Sleep(rawValue: environment.variant.parameter) ?? .viewed {
    case .viewed: try await environment.judgeSleep(isConnecting: false)
    case .connecting: try await environment.judgeSleep(isConnecting: true)
    case .swept: try await environment.judgeSweep()
    case .brief: try await environment.judgeSleep(isConnecting: false, isBrief: true)
    }
  }
}

extension Environment {
  /// A user's hibernate wins over viewers, and the session can be seen again after a wake within the grace of its pod.
  fileprivate func judgeSleep(isConnecting: Bool, isBrief: Bool = false) async throws {
    let session = try await runningDesktop(persistentHome: true)
    let viewer = try await opened(session)
    let user = user(session.user)
    try await sleep(for: .seconds(10))
    try await takePicture(of: viewer, "hibernate and wake", "before")
    let asleep = now
    var viewers = [viewer]
    if isConnecting {
      let moment = Duration.milliseconds(choose("moment of the hibernate", 1_500))
      let others = try await concurrently([
        { @Sendable in try await self.asked(session) as (any Viewer)? },
        { @Sendable in
          try await self.sleep(for: moment)
          _ = try await user.hibernate(session.name, at: nil)
          return nil
        },
      ])
      viewers = others.compactMap(\.self)
      try await expect("the older viewer has ended", within: .seconds(15), from: asleep) { !viewer.facts.isOpen }
    } else {
      expect("answer to hibernate", .equal(.count(202)), try await user.hibernate(session.name, at: nil).status ?? 0)
    }
    try await expect("hibernated", within: .seconds(15), from: asleep) {
      try await self.state(of: session.name) == "hibernated"
    }
    if !isBrief {
      for viewer in viewers where viewer.status == 101 {
        try await expectTold("viewer of a session that sleeps", viewer, codes: [ViewerClose.sessionLeft], from: asleep)
      }
      expect("route of a session that sleeps", .equal(.count(409)), try await asked(session).status ?? 0)
    }
    // At once: within the grace of the pod that goes.
    let woken = now
    expect("answer to wake", .equal(.count(202)), try await user.wake(session.name, at: nil).status ?? 0)
    guard
      try await expect(
        "running again", within: .seconds(30), from: woken, { try await self.state(of: session.name) == "running" })
    else { return }
    let back = now
    if isBrief { try await expectTold("viewer of a session that slept", viewer, from: asleep) }
    let again = try await asked(session)
    guard
      try await expectPicture(
        "picture after the wake", of: again, within: .seconds(5), from: max(back, again.facts.opened))
    else { return }
    try await takePicture(of: again, "hibernate and wake", "after")
    // While it is viewed its activity is written down every 30 s.
    var seen: Set<String> = []
    let start = now
    while now < start + .seconds(95) {
      let body = try await user.send("GET", "/api/v1/sessions/\(session.name)", body: nil, at: nil).body
      if let text = JSONDocument(body)?["status"]?["lastActivity"]?.text { seen.insert(text) }
      try await sleep(for: .seconds(10))
    }
    expect("values of last_activity in 95 s of viewing", .atLeast(.count(3)), seen.count)
    try await expectWorks("input afterwards", again)
    expect("homes kept", .equal(.count(1)), try await objects("pvc", of: agents[0]).count)
  }

  /// The idle sweep hibernates who is idle and leaves who is viewed alone; it may meet a viewer that just attaches.
  fileprivate func judgeSweep() async throws {
    let begun = now
    let request = SessionRequest(template: DesktopTemplate.small, idleTimeout: "1m")
    let viewed = try await running(request, by: "u01").session
    let idle = try await running(request, by: "u02").session
    let viewer = try await opened(viewed)
    // A minute later than the others, so that their turn comes with the sweep after the first.
    try await sleep(until: begun + .seconds(60))
    let raced = try await concurrently(
      (3...6).map { number in
        { @Sendable in try await self.running(request, by: self.userName(number)).session }
      })
    try await require("the session without a viewer goes to sleep", within: .seconds(480), every: .milliseconds(100)) {
      try await self.state(of: idle.name) != "running"
    }
    let swept = now
    expect("viewed session", equals: "running", try await state(of: viewed.name))
    // The next sweep comes a minute later. With a slow database it takes its time between looking and acting, and viewers
    // attach meanwhile.
    let next = swept + .seconds(60)
    try await sleep(until: next - .milliseconds(1_500))
    markFault("slow database", lane: "database", from: now, to: now + .seconds(8))
    let slow = try await begin(.databaseSlow(by: .milliseconds(300)), for: .seconds(8))
    let attaching = try await concurrently(
      raced.enumerated().map { index, session in
        let moment = next - .milliseconds(1_300) + .milliseconds(600 * index + choose("attach", 600))
        return { @Sendable in
          try await self.sleep(until: moment)
          return try await self.asked(session)
        }
      })
    try await sleep(until: swept + .seconds(80))
    try await end(slow)
    for (session, viewer) in zip(raced, attaching) {
      let state = try await state(of: session.name)
      if viewer.facts.isOpen {
        expect("state of a session that a viewer won", equals: "running", state)
        try await expectWorks("its viewer", viewer)
      } else {
        expect("state of a session that the sweep won", equals: "hibernated", state)
      }
    }
    try await sleep(until: swept + .seconds(125))
    expect("viewed session, two sweeps later", equals: "running", try await self.state(of: viewed.name))
    expectOpen("its viewer", [viewer])
    try await expectWorks("its viewer answers", viewer)
  }
}
