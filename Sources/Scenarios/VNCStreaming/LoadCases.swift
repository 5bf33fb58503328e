import TestEnvironment

extension VNCStreaming {
  /// Many bytes, many viewers, slow viewers.
  static let loadCases: [TestCase] = [eightSessions, flood, slowViewer, latencyProfile]

  private static let videoRate = 30

  // MARK: VNC-K-07

  private static let eightSessions = TestCase(
    "VNC-K-07", "Eight sessions on one agent", in: scenario, source: "[P PLAN task 2]", live: true,
    variants: [Variant("", .t1)], needs: ["replicas:1", "k8s", "users", "vnc"], checks: ["I-VNC-BYTES", "I-VNC-ISO"],
    kills: ["B-55", "B-62"]
  ) { environment in
    try await environment.awaitAgents()
    let sessions = try await environment.runningDesktops(8)
    // Viewers come when whatever a start does by itself has long been done (B-62).
    try await environment.sleep(for: .seconds(5))
    let viewers = try await environment.opened(sessions)
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: videoRate)) }
    let begun = environment.now + .milliseconds(500)
    let length = Duration.seconds(environment.depth == .full ? 120 : 20)
    try await environment.sleep(until: begun + length)
    let end = environment.now
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 0)) }
    try await environment.sleep(for: .seconds(1))
    var bytes = 0
    for viewer in viewers {
      environment.expectVideo("each of eight", viewer, from: begun, to: end)
      try await environment.expectSamePicture("picture of each", viewer)
      bytes += viewer.facts.bytesReceived
    }
    environment.expectOpen("viewers", viewers)
    environment.record.add(.throughput(environment.platform, "eight desktops with video", bytes: bytes, in: length))
  }

  // MARK: VNC-K-15

  private static let flood = TestCase(
    "VNC-K-15", "Flood versus control traffic", in: scenario, source: "[+]", live: true, variants: [Variant("", .t1)],
    needs: ["replicas:1", "k8s", "vnc", "vnc-raw"], checks: ["I-STATUS", "I-CMD-LIVE", "I-VNC-BYTES"],
    kills: ["B-34", "B-60", "B-65", "B-67"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    let sessions = try await environment.runningDesktops(3, DesktopTemplate.raw)
    let desktop = try await environment.runningDesktop(by: "u02")
    let length = Duration.seconds(environment.depth == .full ? 10 : 2)
    let viewer = try await environment.opened(desktop)
    var raw: [any Viewer] = []
    for session in sessions { raw.append(try await environment.opened(session, .raw)) }
    let viewers = raw
    // One reads so slowly that it has something under way for the whole minute.
    try await viewers[2].limitReading(to: 20_000)
    let start = environment.now
    environment.markFault("flood of 12 MB/s", lane: agent, from: start, to: start + length)
    // A start whose image takes a minute.
    let image = try await environment.begin(
      .imagePull(image: "linuxserver/libreoffice:latest", .seconds(60)), for: nil)
    let slow = try await environment.created(SessionRequest(template: "libreoffice"), by: "u03")
    // The slow one is offered more than any queue of it may hold.
    for (session, rate) in zip(sessions, [5_000_000, 5_000_000, 2_000_000]) {
      let span = rate == 2_000_000 ? max(length, .seconds(5)) : length
      try await environment.desktop(of: session.name, .flood(bytesPerSecond: rate, for: span))
    }
    let results = try await environment.concurrently([
      { @Sendable in
        // 2000 small messages a second, spread over the raw viewers.
        var sent = 0
        var step = 0
        while environment.now < start + length {
          for viewer in viewers where viewer.facts.isOpen {
            try await viewer.send(count: 67 * 6, seed: environment.seed &+ UInt64(step), split: .fixed(6))
            sent += 67
          }
          step += 1
          try await environment.sleep(until: start + .milliseconds(100 * step))
        }
        return sent
      },
      { @Sendable in
        // 20 commands: ten starts and their stops.
        var made: [OwnedSession] = []
        for index in 0..<10 {
          made.append(try await environment.created(SessionRequest(), by: environment.userName(4 + index / 5)))
          try await environment.sleep(for: length / 20)
        }
        for session in made {
          if !(try await environment.user(session.user).stop(session.name, at: nil).isAccepted) { return 0 }
        }
        return made.count
      },
      { @Sendable in
        // Somebody else's desktop goes on answering through flood and start.
        var answered = 0
        while environment.now < start + .seconds(20) {
          if try await environment.touch(viewer, answered) != nil { answered += 1 }
          try await environment.sleep(for: .milliseconds(400))
        }
        return answered
      },
    ])
    environment.expect("small messages sent", .atLeast(.count(Int(length.components.seconds) * 1_500)), results[0])
    environment.expect("sessions started and stopped", .equal(.count(10)), results[1])
    environment.expect("input answered in 20 s", .atLeast(.count(30)), results[2])
    environment.expectP95("input latency beside the flood", below: .milliseconds(500), viewer.facts.inputLatencies)
    try await environment.expect("the slow start runs", within: .seconds(90), from: start, every: .seconds(1)) {
      try await environment.state(of: slow.name) == "running"
    }
    try await environment.end(image)
    let commands = try await environment.commandRows(session: nil).filter { ($0.times.created ?? .zero) >= start }
    // From the socket on: before it a command may wait for the window of eight (C34), which is no traffic.
    let waits = commands.compactMap { row in
      row.times.sent.flatMap { sent in row.times.acknowledged.map { $0 - sent } }
    }
    environment.expect("commands acknowledged", .equal(.count(21)), waits.count)
    environment.expectP95("command to ack", below: .seconds(5), waits)
    environment.expect(
      "longest gap between heartbeats", .atMost(.duration(.seconds(45))),
      environment.heartbeatGap(of: agent, since: start))
    // A loss would be a closed connection, never a hole: the streams are compared byte by byte.
    environment.expectOpen("viewers after the flood", viewers + [viewer])
    let bytes = viewers.reduce(0) { $0 + $1.facts.bytesReceived }
    environment.expect("bytes of the flood that came", .atLeast(.count(1_000_000)), bytes)
    environment.record.add(.throughput(environment.platform, "flood of three raw desktops", bytes: bytes, in: length))
  }

  // MARK: VNC-K-16

  private static let slowViewer = TestCase(
    "VNC-K-16", "Slow viewer", in: scenario, source: "[+]", variants: [Variant("", .t1)],
    needs: ["replicas:1", "k8s", "vnc", "schedule"], checks: ["I-VNC-BYTES"], kills: ["B-67", "C-20"],
    limits: "what replica and agent buffer is not looked at: that it is at most two windows is their own test's"
  ) { environment in
    try await environment.awaitAgents()
    let sessions = try await environment.seededSessions(3, on: environment.agents[0])
    let raw = try await environment.runningDesktops(2, DesktopTemplate.raw, perUser: 1)
    let viewers = try await environment.opened(sessions)
    let slow = try await environment.opened(raw[0], .raw)
    let dead = try await environment.opened(raw[1], .raw)
    let lasts = Duration.seconds(environment.depth == .full ? 60 : 36)
    // What the slow one sends is taken in small pieces.
    try await environment.desktop(of: raw[0].name, .shortWrites(4_096))
    try await slow.send(count: 300_000, seed: environment.seed, split: .fixed(30_000))
    _ = try await slow.waitForBytes(300_016, within: .seconds(10))
    let echoed = slow.facts.bytesReceived
    try await slow.limitReading(to: 10_000)
    try await dead.limitReading(to: 0)
    let start = environment.now
    for session in raw {
      try await environment.desktop(of: session.name, .flood(bytesPerSecond: 2_000_000, for: .seconds(5)))
    }
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: videoRate)) }
    let watched = Duration.seconds(environment.depth == .full ? 60 : 8)
    try await environment.sleep(until: start + watched)
    for session in sessions { try await environment.desktop(of: session.name, .video(perSecond: 0)) }
    for viewer in viewers {
      environment.expectVideo("beside a slow viewer", viewer, from: start + .milliseconds(500), to: start + watched)
    }
    // It hears nothing of its end while it reads nothing: the owner says when, the viewer afterwards why.
    try await environment.sleep(until: start + .milliseconds(35_500))
    let end = environment.moment(after: start) { $0.isDetachment(of: raw[1].name) }
    environment.expect(
      "the one that reads nothing is closed after", .between(.duration(.seconds(30)), .duration(.seconds(35))),
      (end ?? environment.now) - start)
    try await dead.limitReading(to: nil)
    _ = try await dead.waitForEnd(within: .milliseconds(400))
    environment.expect("with which code", equals: "\(ViewerClose.stalled)", dead.closeText)
    try await environment.sleep(until: start + lasts)
    environment.expectOpen("the slow one", [slow])
    let seconds = Int(lasts.components.seconds)
    environment.expect(
      "what the slow one has read", .between(.count(9_000 * seconds), .count(11_000 * seconds)),
      slow.facts.bytesReceived - echoed)
    environment.expectOpen("the others", viewers)
    // It catches up with what waited for it, in order.
    let before = slow.facts.bytesReceived
    try await slow.limitReading(to: nil)
    try await environment.sleep(for: .seconds(2))
    environment.expect("bytes that waited for it", .atLeast(.count(200_000)), slow.facts.bytesReceived - before)
    for viewer in viewers { try await environment.expectSamePicture("picture of the others", viewer) }
  }

  // MARK: VNC-K-17

  private static let latencyProfile = TestCase(
    "VNC-K-17", "Latency profile", in: scenario, source: "[P 4.1 old plan, 4.3]", live: true,
    variants: [Variant("agent's replica", .t2), Variant("relayed", .t2, parameter: 1)], plain: .inTurn,
    needs: ["replicas:2", "k8s", "vnc"], checks: ["I-VNC-OPEN", "I-VNC-BYTES"], kills: [], limit: .seconds(4_000)
  ) { environment in
    try await environment.awaitAgents()
    let session = try await environment.runningDesktop(DesktopTemplate.standard)
    let owner = try await environment.requireHolder(of: environment.agents[0])
    let edge = environment.variant.parameter == 1 ? environment.replicas.first { $0 != owner } : owner
    let isFull = environment.depth == .full
    let length = Duration.seconds(isFull ? 300 : 30)
    for _ in 0..<(isFull ? 10 : 1) {
      let asked = environment.now
      let viewer = try await environment.asked(session, at: edge)
      guard try await environment.expectPicture("first frame", of: viewer, within: .seconds(5), from: asked) else {
        return
      }
      environment.recordHandshake(of: viewer, owner: owner)
      try await environment.desktop(of: session.name, .video(perSecond: videoRate))
      let start = environment.now
      let updates = viewer.facts.updateLatencies.count
      let inputs = Int(length.components.seconds) * 5
      for index in 0..<inputs {
        try await environment.sleep(until: start + .milliseconds(200 * index))
        _ = try await viewer.point(x: 20 + index % 200, y: 20 + index % 150, buttons: 0)
        if index % 5 == 4 { _ = try await viewer.type(keysym: 0x61 + index % 26) }
      }
      try await environment.sleep(until: start + length)
      try await environment.desktop(of: session.name, .video(perSecond: 0))
      try await environment.sleep(for: .seconds(1))
      let facts = viewer.facts
      let latencies = Array(facts.updateLatencies.dropFirst(updates))
      environment.expectP95("WS latency", below: .milliseconds(50), latencies)
      environment.expectP95("input latency", below: .milliseconds(100), facts.inputLatencies)
      environment.expectP95("key latency", below: .milliseconds(50), facts.keyLatencies)
      environment.expectVideo("one desktop", viewer, from: start + .milliseconds(500), to: start + length)
      let frames = facts.videoFrames.count { $0 >= start && $0 < start + length }
      environment.expect(
        "frames a second", .between(.count(15), .count(30)), frames / Int(length.components.seconds))
      environment.judgeDrift(latencies, isFull: isFull)
      environment.recordLatencies(of: viewer, owner: owner)
      environment.record.add(
        .throughput(environment.platform, "one desktop with video", bytes: facts.bytesReceived, in: length))
      try await environment.takePicture(of: viewer, "latency profile", edge == owner ? "agent's replica" : "relayed")
      try await viewer.close(abruptly: false)
    }
  }
}

extension Environment {
  /// The last third of the values against the first: within 10 % at p95. The 240 values of a plain third scatter by more
  /// than that, so it judges with 30 %.
  fileprivate func judgeDrift(_ values: [Duration], isFull: Bool) {
    let third = values.count / 3
    guard third > 0 else { return }
    let first = Array(values.prefix(third)).quantile(permille: 950)
    let last = Array(values.suffix(third)).quantile(permille: 950)
    let percent =
      Int(last.components.seconds * 1_000_000 + last.components.attoseconds / 1_000_000_000_000) * 100
      / max(1, Int(first.components.seconds * 1_000_000 + first.components.attoseconds / 1_000_000_000_000))
    let slack = isFull ? 10 : 30
    expect(
      "p95 of the last third in percent of the first", .between(.count(100 - slack), .count(100 + slack)), percent)
  }

  /// The longest time between two heartbeats of the agent since `start`.
  fileprivate func heartbeatGap(of agent: String, since start: Duration) -> Duration {
    let beats = observations.compactMap { timed -> Duration? in
      if case .heartbeat(agent, _) = timed.observation { timed.time } else { nil }
    }
    let times = beats.filter { $0 >= start - .seconds(30) } + [now]
    return zip(times.dropFirst(), times).map { $0 - $1 }.max() ?? .zero
  }
}
