import TestEnvironment

extension VNCStreaming {
  /// A viewer comes, another comes, and comes again.
  static let openCases: [TestCase] = [
    firstOpen("VNC-K-01", .t1, .t2, kills: ["B-62", "B-63"]), reopens, takeover, anyReplica,
    firstOpen("VNC-D-01", .td, .td, kills: ["B-49"]), ports, parity,
  ]

  // MARK: VNC-K-01, VNC-D-01

  /// How a variant of a first open does it.
  private struct FirstOpen {
    let isLate: Bool
    let isBinary: Bool
    let isRelayed: Bool

    init(_ parameter: Int64) {
      isLate = parameter & 1 != 0
      isBinary = parameter & 2 != 0
      isRelayed = parameter & 4 != 0
    }
  }

  private static func firstOpen(_ id: String, _ first: Topology, _ second: Topology, kills: [String]) -> TestCase {
    let isDocker = first.agents[0].platform == .docker
    let variants = [
      Variant("\(first.name), banner at once, binary", first, parameter: 2),
      Variant("\(second.name), relayed, banner at once, base64", second, parameter: 4),
      Variant("\(first.name), banner 3 s late, base64", first, parameter: 1),
      Variant("\(second.name), relayed, banner 3 s late, binary", second, parameter: 7),
    ]
    return TestCase(
      id, "First open", in: scenario, source: isDocker ? "[P release-note claim]" : "[P 1.1]", live: true,
      variants: variants, plain: .inTurn, needs: ["replicas:2", isDocker ? "docker" : "k8s", "vnc"],
      checks: ["I-VNC-OPEN", "I-VNC-BYTES"], kills: kills
    ) { environment in
      try await environment.awaitAgents()
      let manner = FirstOpen(environment.variant.parameter)
      let session = try await environment.runningDesktop(DesktopTemplate.standard)
      let running = environment.now
      if manner.isLate { try await environment.desktop(of: session.name, .greetingDelay(.seconds(3))) }
      // Half of the viewers come at once, half when whatever a start does by itself has long been done (B-62).
      if manner.isBinary != manner.isLate { try await environment.sleep(for: .seconds(5)) }
      let owner = try await environment.requireHolder(of: environment.agents[0])
      let edge = manner.isRelayed ? environment.replicas.first { $0 != owner } : owner
      let viewer = try await environment.asked(session, at: edge, isBinary: manner.isBinary)
      environment.expect("answer to the viewer", .equal(.count(101)), viewer.status ?? 0)
      guard
        try await environment.expectPicture("picture after running", of: viewer, within: .seconds(10), from: running)
      else {
        // Whoever cannot must say so, and soon.
        try await environment.expectTold("explicit error", viewer, within: .seconds(5), from: viewer.facts.opened)
        return
      }
      environment.expect(
        "steps of the handshake", equals: "upgrade version security initialisation first update picture",
        viewer.facts.steps.map(\.name).joined(separator: " "))
      environment.recordHandshake(of: viewer, owner: owner)
      if let attached = environment.moment(after: viewer.facts.opened, { $0.isAttachment(of: session.name) }) {
        environment.record.sample(.tunnel, attached - viewer.facts.opened)
      }
      try await environment.expectWorks("input", viewer)
      try await environment.expectSamePicture("picture of the viewer", viewer)
      environment.expect("active_connections", .equal(.count(1)), try await environment.viewerCount(of: session))
      let stopped = environment.now
      _ = try await environment.user(session.user).stop(session.name, at: nil)
      try await environment.expectTold(
        "closed with its session", viewer, codes: [ViewerClose.sessionLeft], from: stopped)
    }
  }

  // MARK: VNC-K-05

  private static let reopens = TestCase(
    "VNC-K-05", "Re-open 20 times", in: scenario, source: "[P 1.2 reconnect < 5 s]", live: true,
    variants: [Variant("", .t1)], needs: ["replicas:1", "k8s", "vnc"],
    checks: ["I-VNC-OPEN", "I-VNC-END", "I-LEAK"], kills: ["B-57", "B-59", "B-61"]
  ) { environment in
    try await environment.awaitAgents()
    let session = try await environment.runningDesktop()
    let owner = try await environment.requireHolder(of: environment.agents[0])
    for round in 0..<20 {
      let asked = environment.now
      let viewer = try await environment.asked(session)
      guard
        try await environment.expectPicture(
          "handshake", of: viewer, within: .seconds(5), from: asked, giveUp: .seconds(6))
      else { break }
      environment.recordHandshake(of: viewer, owner: owner)
      try await environment.touch(viewer, round)
      try await environment.sleep(until: (viewer.facts.picture ?? asked) + .seconds(1))
      try await viewer.close(abruptly: round % 2 == 1)
    }
    try await environment.expectCounts("count after the last", [session], 0, within: .seconds(15))
    try await environment.expect("tunnels and attachments are back at none", within: .seconds(15)) {
      environment.openStreams(of: [session]) == (0, 0)
    }
  }

  // MARK: VNC-K-06

  private enum Second: Int64 { case same, other, atOnce, flooded }

  private static let takeover = TestCase(
    "VNC-K-06", "Second viewer replaces the first", in: scenario, source: "[+]",
    variants: [
      Variant("same replica", .t1, parameter: Second.same.rawValue),
      Variant("another replica", .t3, parameter: Second.other.rawValue),
      Variant("two at once", .t3, parameter: Second.atOnce.rawValue),
      Variant("two at once, one replica", .t1, parameter: Second.atOnce.rawValue),
      Variant("with bytes that wait for the first", .t1, parameter: Second.flooded.rawValue),
    ], plain: .inTurn, needs: ["replicas:3", "k8s", "vnc", "schedule"], checks: ["I-VNC-OPEN", "I-COUNT"],
    kills: ["B-57", "C-19", "C-22"]
  ) { environment in
    try await environment.awaitAgents()
    if environment.variant.parameter == Second.flooded.rawValue { return try await environment.judgeLeftovers() }
    let session = try await environment.runningDesktop()
    let replicas = environment.replicas
    let remaining: any Viewer
    if environment.variant.parameter == Second.atOnce.rawValue {
      let pair = try await environment.concurrently(
        [0, 1].map { index in
          { @Sendable in try await environment.asked(session, at: replicas[index % replicas.count]) }
        })
      let asked = environment.now
      try await environment.expect("one of the two remains, with a picture", within: .seconds(5), from: asked) {
        pair.count { $0.facts.isOpen } == 1 && pair.contains { $0.facts.isOpen && $0.facts.picture != nil }
      }
      guard let winner = pair.first(where: \.facts.isOpen), let loser = pair.first(where: { !$0.facts.isOpen }) else {
        throw CaseFailure("of two viewers at once \(pair.map(\.outcome).joined(separator: "; "))")
      }
      environment.expect("the other was told", equals: "\(ViewerClose.takenOver)", loser.closeText)
      remaining = winner
    } else {
      let isOther = environment.variant.parameter == Second.other.rawValue
      let first = try await environment.opened(session, at: replicas[0])
      // It is replaced in the middle of a stream.
      try await environment.desktop(of: session.name, .video(perSecond: 30))
      try await environment.sleep(for: .milliseconds(1_500 + environment.choose("moment", 500)))
      let asked = environment.now
      let second = try await environment.asked(session, at: isOther ? replicas[1] : replicas[0])
      try await environment.expectTold(
        "first viewer closed", first, codes: [ViewerClose.takenOver], within: .seconds(5), from: asked)
      try await environment.expectPicture("second viewer's picture", of: second, within: .seconds(5), from: asked)
      environment.expect(
        "second viewer's own handshake", equals: "upgrade version security initialisation first update picture",
        second.facts.steps.map(\.name).joined(separator: " "))
      remaining = second
    }
    let begun = environment.now
    try await environment.desktop(of: session.name, .video(perSecond: 30))
    try await environment.sleep(for: .seconds(6))
    environment.expectVideo("the one that remains", remaining, from: begun + .milliseconds(500), to: environment.now)
    try await environment.desktop(of: session.name, .video(perSecond: 0))
    try await environment.sleep(for: .seconds(1))
    environment.expectOpen("the one that remains", [remaining])
    try await environment.expectSamePicture("its picture", remaining)
    environment.expect("active_connections", .equal(.count(1)), try await environment.viewerCount(of: session))
    let streams = environment.openStreams(of: [session])
    environment.expect("tunnels", .equal(.count(1)), streams.tunnels)
    environment.expect("attachments", .equal(.count(1)), streams.attachments)
  }

  // MARK: VNC-K-08

  private static let anyReplica = TestCase(
    "VNC-K-08", "Viewer on any replica", in: scenario, source: "[+]", live: true, variants: [Variant("", .t3)],
    needs: ["replicas:3", "k8s", "vnc"], checks: ["I-VNC-OPEN"], kills: ["A-27", "B-56"]
  ) { environment in
    try await environment.awaitAgents()
    let owner = try await environment.requireHolder(of: environment.agents[0])
    let session = try await environment.runningDesktop()
    let web = try await environment.running(SessionRequest(template: "firefox-browser", memory: "1Gi"), by: "u02")
      .session
    for replica in environment.replicas {
      let path = replica == owner ? "the agent's replica" : "a replica without the agent"
      let asked = environment.now
      let viewer = try await environment.asked(session, at: replica)
      environment.expect("replica of the socket", equals: replica, viewer.edge ?? "-")
      if try await environment.expectPicture("picture through \(path)", of: viewer, within: .seconds(5), from: asked) {
        environment.recordHandshake(of: viewer, owner: owner)
        for step in 0..<5 { try await environment.touch(viewer, step) }
        environment.recordLatencies(of: viewer, owner: owner)
        try await viewer.close(abruptly: false)
      }
      // A session that is streamed over HTTP has no socket: its address is the answer, on every replica.
      let refused = try await environment.asked(web, at: replica)
      environment.expect("VNC route of an HTTP session through \(path)", .equal(.count(200)), refused.status ?? 0)
      let page = try await environment.user("u02").send(
        "GET", "/api/v1/http/\(web.name)/index.html", body: nil, at: replica)
      environment.expect("page of an HTTP session through \(path)", .equal(.count(200)), page.status ?? 0)
      environment.expect(
        "its own page through \(path)", equals: "\(web.name) /index.html", page.body)
    }
  }

  // MARK: VNC-D-05

  /// Its first port is one that no desktop listens on: the right one is called `vnc`.
  private static func manifest(_ name: String, port: Int?) -> String {
    let ports =
      port.map {
        #""ports":[{"name":"web","containerPort":6080},{"name":"vnc","containerPort":\#($0),"protocol":"TCP"}],"#
      } ?? ""
    return #"{"metadata":{"name":"\#(name)"},"spec":{\#(ports)"baseImage":"streamspace/rfb-desktop:320x200"}}"#
  }

  private static let ports = TestCase(
    "VNC-D-05", "Port mapping", in: scenario, source: "[P template ports 3000/5900]", live: true,
    variants: [Variant("", .td)], needs: ["replicas:2", "docker", "vnc", "templates"], checks: ["I-VNC-OPEN"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    try await environment.captureFrames(of: agent)
    // Without a port of its own a template means the recorded default, 3000 (spec/03 §5).
    for (name, port, wanted) in [("vnc-5900", 5_900, 5_900), ("vnc-3000", 3_000, 3_000), ("vnc-none", nil, 3_000)] {
      try await environment.addTemplate(name, manifest: manifest(name, port: port))
      let session = try await environment.runningDesktop(name)
      let asked = environment.now
      let viewer = try await environment.asked(session)
      try await environment.expectPicture("picture, template \(name)", of: viewer, within: .seconds(5), from: asked)
      let ready = environment.frames("vnc_ready", from: agent).last { $0.session == session.name }
      let said = ready.flatMap { JSONDocument($0.text)?["payload"]?["vncPort"]?.integer }
      environment.expect("port of the tunnel, template \(name)", .equal(.count(wanted)), said.map(Int.init) ?? 0)
      let answer = try await environment.user(session.user).send(
        "GET", "/api/v1/sessions/\(session.name)", body: nil, at: nil)
      environment.expect(
        "host ports that the API shows, template \(name)", equals: "none",
        answer.body.contains("hostPort") || answer.body.contains("HostPort") ? "some" : "none")
      if viewer.facts.isOpen { try await viewer.close(abruptly: false) }
    }
  }

  // MARK: VNC-D-07

  private static let parity = TestCase(
    "VNC-D-07", "Parity", in: scenario, source: "[+]",
    variants: [Variant("Kubernetes", .t1), Variant("Docker", dockerT1)],
    needs: ["replicas:2", "k8s", "docker", "vnc", "same-seed"], checks: ["I-VNC-OPEN", "I-VNC-END"], kills: []
  ) { environment in
    try await environment.awaitAgents()
    let platform = environment.platform
    let session = try await environment.runningDesktop(DesktopTemplate.standard, persistentHome: true)
    let first = try await environment.opened(session)
    for step in first.facts.steps {
      environment.record.add(.parity("time to \(step.name)", platform, .duration(step.time - first.facts.opened)))
    }
    for step in 0..<10 { try await environment.touch(first, step) }
    let latencies = first.facts.inputLatencies
    environment.record.add(.parity("input latency, p50", platform, .duration(latencies.quantile(permille: 500))))
    environment.record.add(.parity("input latency, p95", platform, .duration(latencies.quantile(permille: 950))))
    let second = try await environment.opened(session)
    _ = try await first.waitForEnd(within: .seconds(15))
    let asleep = environment.now
    let user = environment.user(session.user)
    _ = try await user.hibernate(session.name, at: nil)
    _ = try await second.waitForEnd(within: .seconds(15))
    environment.record.add(
      .parity("told of a hibernate", platform, .duration((second.facts.ended ?? environment.now) - asleep)))
    try await environment.awaitState("hibernated", of: session.name)
    let refused = try await environment.asked(session)
    let woken = environment.now
    _ = try await user.wake(session.name, at: nil)
    try await environment.awaitState("running", of: session.name)
    environment.record.add(.parity("wake to running", platform, .duration(environment.now - woken)))
    let third = try await environment.opened(session)
    let foreign = try await environment.asked(session, by: "u02")
    _ = try await user.stop(session.name, at: nil)
    _ = try await third.waitForEnd(within: .seconds(15))
    try await environment.awaitState("terminated", of: session.name)
    let late = try await environment.asked(session)
    // The same grammar of events, whatever the platform.
    let events: [(what: String, wanted: String, seen: String)] = [
      (
        "handshake", "upgrade version security initialisation first update picture",
        first.facts.steps.map(\.name).joined(separator: " ")
      ),
      ("end of a viewer that is replaced", "\(ViewerClose.takenOver)", first.closeText),
      ("end by a hibernate", "\(ViewerClose.sessionLeft)", second.closeText),
      ("answer while hibernated", "409", refused.status.map(String.init) ?? "-"),
      ("answer to a stranger", "404", foreign.status.map(String.init) ?? "-"),
      ("end by a stop", "\(ViewerClose.sessionLeft)", third.closeText),
      ("answer after the end", "409", late.status.map(String.init) ?? "-"),
    ]
    for event in events {
      environment.expect(event.what, equals: event.wanted, event.seen)
      environment.record.add(.parity(event.what, platform, .text(event.seen)))
    }
  }
}

extension Environment {
  /// The first viewer reads slowly, and much waits for it when the second comes: none of that may reach the second.
  fileprivate func judgeLeftovers() async throws {
    let session = try await runningDesktop(DesktopTemplate.raw)
    let first = try await opened(session, .raw)
    try await first.limitReading(to: 20_000)
    try await desktop(of: session.name, .flood(bytesPerSecond: 2_000_000, for: .seconds(1)))
    try await sleep(for: .milliseconds(2_000 + choose("moment", 500)))
    let second = try await opened(session, .raw)
    expect("bytes of the second viewer", .equal(.count(16)), second.facts.bytesReceived)
    try await first.limitReading(to: nil)
    _ = try await first.waitForEnd(within: .seconds(5))
    expect("first viewer closed", equals: "\(ViewerClose.takenOver)", first.closeText)
    try await sleep(for: .seconds(2))
    expectOpen("the second", [second])
    expect("active_connections", .equal(.count(1)), try await viewerCount(of: session))
    expect("tunnels", .equal(.count(1)), openStreams(of: [session]).tunnels)
  }
}

extension Viewer {
  /// The code of its end; `reset` without one, `open` while it lives.
  var closeText: String { facts.isOpen ? "open" : facts.closeCode.map(String.init) ?? "reset" }
}

extension Observation {
  /// A viewer of the session was attached.
  func isAttachment(of session: String) -> Bool {
    if case .viewerAttached(session, _) = self { return true }
    return false
  }

  /// A viewer of the session was let go.
  func isDetachment(of session: String) -> Bool {
    if case .viewerDetached(session, _) = self { return true }
    return false
  }
}
