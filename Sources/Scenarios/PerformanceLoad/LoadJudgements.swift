import TestEnvironment

extension Environment {
  /// Judges a quantile of values, of which there must be some.
  func expectQuantile(_ name: String, permille: Int, _ limit: Duration, _ values: [Duration]) {
    record.add(
      Expectation(
        name: name, target: .atMost(.duration(limit)),
        measured: .duration(values.isEmpty ? limit + .nanoseconds(1) : values.quantile(permille: permille)), time: now))
  }

  func milliseconds(_ span: Duration) -> Int {
    Int(span.components.seconds * 1_000 + span.components.attoseconds / 1_000_000_000_000_000)
  }

  // MARK: PERF-LOAD-01

  /// Sets the licence row for one create, which it must refuse (C36).
  func expectLicence(_ sessions: Int, raised: Int, _ when: String) async throws {
    try await setLicence(sessions)
    let answer = try await user(userName(11)).create(SessionRequest(), at: nil)
    expect("create beyond the licence, \(when)", .equal(.count(403)), answer.status ?? 0)
    expect("its error, \(when)", equals: "License limit exceeded", answer.error ?? "none")
    try await setLicence(raised)
  }

  // MARK: PERF-LOAD-02

  /// Writes tables `ramp` and `saturation`.
  func recordRamp(_ levels: [(level: Int, sessions: [OwnedSession], refused: Int)]) async throws {
    let ramp = variant.name
    var first: Duration?
    var knee: (level: Int, queue: String)?
    for (level, sessions, refused) in levels where !sessions.isEmpty {
      let phases = try await phases(of: sessions)
      let starts = phases.map(\.total)
      for start in starts { record.sample("session start, \(ramp)", start) }
      let p95 = starts.quantile(permille: 950)
      let window = phases.map(\.window).quantile(permille: 950)
      let handler = phases.map(\.handler).quantile(permille: 950)
      record.add(
        .ramp(
          ramp, level: level, refused: refused, median: starts.quantile(permille: 500), p95: p95, window: window,
          handler: handler, work: phases.map(\.work).quantile(permille: 950)))
      if let first {
        if knee == nil, p95 >= first * 2 {
          knee = (level, window > handler ? "a place in the window of 8 (C34)" : "one of 4 handlers (C26)")
        }
      } else {
        first = p95
      }
    }
    let full = levels.first { $0.refused > 0 }
    record.add(
      .saturation(
        ramp, knee: knee.map { "\($0.level) sessions" } ?? "none", queue: knee?.queue ?? "-",
        saturated: full.map { "\($0.level - $0.refused) sessions: every slot taken" } ?? "not reached"))
  }

  // MARK: PERF-LOAD-03

  /// So many viewers at each replica, with updates of 4 KiB at 10 to 50 KB/s; the first of each replica reads slowly.
  /// False: some stream was not intact.
  func judgeViewers(_ perReplica: Int, _ sessions: [OwnedSession], for length: Duration) async throws -> Bool {
    let count = perReplica * replicas.count
    let opened = try await concurrently(
      (0..<count).map { index in
        { @Sendable in
          // Not all in one millisecond: so many people do not come at once.
          try await self.sleep(for: .milliseconds(10 * (index / self.replicas.count)))
          return try await self.asked(sessions[index], at: self.replicas[index % self.replicas.count], .raw)
        }
      })
    let open = opened.filter { $0.status == 101 }
    record.add(
      Expectation(
        name: "opens of 100, \(perReplica) a replica", target: .atLeast(.count(98)),
        measured: .count(open.count * 100 / count), time: now))
    try await beginMeasuring()
    // The tunnels stand by then.
    try await sleep(for: .seconds(2))
    let slow = Array(open.prefix(replicas.count))
    for viewer in slow { try await viewer.limitReading(to: 2_000) }
    for (index, viewer) in open.enumerated() {
      // 10 KB/s, every fifth 50.
      try await desktop(
        of: viewer.session, .updates(size: 4_096, bytesPerSecond: index % 5 == 4 ? 50_000 : 10_000, for: length))
    }
    try await sleep(for: length + .seconds(1))
    let seconds = Int(length.components.seconds)
    let short = open.enumerated().dropFirst(slow.count).count { index, viewer in
      viewer.facts.bytesReceived < (index % 5 == 4 ? 50_000 : 10_000) * seconds * 8 / 10 - 4_096
    }
    expect("viewers that lack bytes, \(perReplica) a replica", .equal(.count(0)), short)
    expectOpen("viewers, \(perReplica) a replica", open)
    let use = try await measuredUse().filter { $0.kind == .replica }
    record.add(
      .resources(
        "API replica", at: "\(perReplica) viewers a replica", milliCPU: use.map(\.milliCPU).max() ?? 0,
        memoryMiB: use.map(\.memoryMiB).max() ?? 0))
    for viewer in slow { try await viewer.limitReading(to: nil) }
    try await sleep(for: .seconds(1))
    for viewer in open where viewer.facts.isOpen { try await viewer.close(abruptly: false) }
    try await sleep(for: .seconds(2))
    return short == 0 && open.count * 100 >= count * 98
  }

  // MARK: PERF-LOAD-05

  /// Judges the time from the commit of each command to its frame on an agent's socket: of those that came in at the
  /// replica that holds the agent, and of those that went there by Redis.
  func judgeHub(_ answers: [(replica: String, answer: RawAnswer)], agents: Int, since time: Duration) {
    var inserted: [String: Duration] = [:]
    var sent: [String: (time: Duration, replica: String)] = [:]
    for timed in observations where timed.time >= time {
      switch timed.observation {
      case .commandInserted(let command, _, _, _): inserted[command] = timed.time
      case .commandSent(let command, _, let replica, _, 1): sent[command] = (timed.time, replica)
      default: break
      }
    }
    var own: [Duration] = []
    var forwarded: [Duration] = []
    for (replica, answer) in answers {
      guard let command = JSONDocument(answer.body)?["commandId"]?.text, let begun = inserted[command],
        let end = sent[command]
      else { continue }
      if end.replica == replica { own.append(end.time - begun) } else { forwarded.append(end.time - begun) }
    }
    expect("commands on a socket", .equal(.count(answers.count)), own.count + forwarded.count)
    for (way, waits) in [("at the holder", own), ("forwarded", forwarded)] {
      expectQuantile("from commit to the agent's socket, \(way), p95", permille: 950, .milliseconds(20), waits)
      for wait in waits { record.sample("hub latency, \(way)", wait) }
      record.add(
        .hub(
          agents: agents, way, commands: waits.count, median: waits.quantile(permille: 500),
          p95: waits.quantile(permille: 950), worst: waits.max() ?? .zero))
    }
  }

  // MARK: PERF-LOAD-06

  /// The verb that the session's state asks for; nil: it has ended.
  func verb(on session: OwnedSession, stopping: Bool) async throws -> Answer? {
    let client = user(session.user)
    switch try await state(of: session.name) {
    case "hibernated" where !stopping: return try await client.wake(session.name, at: nil)
    case "terminated", "terminating", "failed": return nil
    case _ where stopping: return try await client.stop(session.name, at: nil)
    default: return try await client.hibernate(session.name, at: nil)
    }
  }

  /// Wakes or hibernates ten sessions one after another; how long each command took.
  func probeVerbs(_ sessions: [OwnedSession]) async throws -> [Duration] {
    let begin = now
    for session in sessions {
      let wanted: String
      switch try await state(of: session.name) {
      case "hibernated": wanted = "running"
      case "running": wanted = "hibernated"
      default: continue
      }
      _ = try await verb(on: session, stopping: false)
      _ = try await wait(upTo: .seconds(20)) { try await self.state(of: session.name) == wanted }
      if now - begin > .seconds(30) { break }
    }
    return try await commandRows(session: nil).compactMap { row in
      guard let created = row.times.created, created >= begin, let end = row.times.completed else { return nil }
      return end - created
    }
  }
}
