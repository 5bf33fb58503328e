import TestEnvironment

/// Templates of sessions that have a viewer (spec/06 §4).
enum DesktopTemplate {
  /// 1280x800.
  static let standard = "rfb-desktop"
  /// 320x200, as load and chaos cases use it; seeded sessions have it.
  static let small = "xterm-vnc"
  /// Echoes bytes (capability `vnc-raw`).
  static let raw = "vnc-raw"
}

/// Close codes of a viewer's socket (spec/00, Streaming).
enum ViewerClose {
  static let takenOver = 4001
  static let sessionLeft = 4002
  static let stalled = 4003
  static let tunnelFailed = 4004
  static let agentLost = 4005
  static let desktopClosed = 4007
  /// What a desktop that ends may lead to: an orderly end of its stream, or a broken one.
  static let desktopGone = [desktopClosed, tunnelFailed]
}

extension Viewer {
  /// How it stands, for messages.
  var outcome: String {
    if let status, status != 101 {
      return ["answered \(status)", facts.error].compactMap(\.self).joined(separator: " ")
    }
    guard status != nil else { return "not answered" }
    guard facts.ended != nil else { return facts.picture == nil ? "without a picture" : "open" }
    let reason = [facts.closeCode.map(String.init) ?? "reset", facts.closeReason].compactMap(\.self)
    return "ended: \(reason.joined(separator: " "))"
  }
}

extension Environment {
  /// A session with a desktop that runs.
  func runningDesktop(
    _ template: String = DesktopTemplate.small, by user: String = "u01", persistentHome: Bool = false
  ) async throws -> OwnedSession {
    try await running(SessionRequest(template: template, persistentHome: persistentHome), by: user).session
  }

  /// Sessions with a desktop, made side by side, `perUser` to a user.
  func runningDesktops(
    _ count: Int, _ template: String = DesktopTemplate.small, perUser: Int = 4
  ) async throws -> [OwnedSession] {
    try await concurrently(
      (0..<count).map { index in
        { @Sendable in try await self.runningDesktop(template, by: self.userName(index / perUser + 1)) }
      })
  }

  // MARK: Opening

  /// Asks for a session's desktop; whatever the answer.
  func asked(
    _ session: OwnedSession, at replica: String? = nil, by user: String? = nil, _ program: ViewerProgram = .desktop,
    isBinary: Bool = true
  ) async throws -> any Viewer {
    try await viewers(of: user ?? session.user).open(
      ViewerRequest(session.name, isBinary: isBinary, program: program), at: replica)
  }

  /// A viewer with its first picture: a premise.
  func opened(
    _ session: OwnedSession, at replica: String? = nil, by user: String? = nil, _ program: ViewerProgram = .desktop,
    isBinary: Bool = true
  ) async throws -> any Viewer {
    let viewer = try await asked(session, at: replica, by: user, program, isBinary: isBinary)
    guard viewer.status == 101 else {
      throw CaseFailure("premise not met: a viewer of \(session.name), \(viewer.outcome)")
    }
    if program == .raw {
      // A raw desktop says nothing unless it is asked.
      try await viewer.send(count: 16, seed: seed, split: .fixed(16))
      guard try await viewer.waitForBytes(16, within: .seconds(15)) else {
        throw CaseFailure("premise not met: an echo of \(session.name), \(viewer.outcome)")
      }
      return viewer
    }
    // Longer than the 15 s after which bytes that do not come count as lost.
    guard try await viewer.waitForPicture(within: .seconds(20)) else {
      throw CaseFailure("premise not met: a picture of \(session.name), \(viewer.outcome)")
    }
    return viewer
  }

  /// One viewer of each session.
  func opened(
    _ sessions: [OwnedSession], at replica: @escaping @Sendable (Int) -> String? = { _ in nil }
  ) async throws -> [any Viewer] {
    try await concurrently(
      sessions.enumerated().map { index, session in
        { @Sendable in try await self.opened(session, at: replica(index)) }
      })
  }

  /// Judges the time from `start` to the viewer's first full picture.
  @discardableResult
  func expectPicture(
    _ name: String, of viewer: any Viewer, within limit: Duration, from start: Duration, giveUp: Duration = .seconds(30)
  ) async throws -> Bool {
    if viewer.status == 101 { _ = try await viewer.waitForPicture(within: max(.zero, start + limit + giveUp - now)) }
    if let picture = viewer.facts.picture {
      expect(name, .atMost(.duration(limit)), picture - start)
      return true
    }
    record.add(
      Expectation(
        name: "\(name) (\(viewer.outcome))", target: .atMost(.duration(limit)),
        measured: .duration(max(now - start, limit + .nanoseconds(1))), time: now))
    return false
  }

  /// Attaches again until a picture comes, as a person would; judges the time from `start`. Throws if none comes.
  @discardableResult
  func expectReopened(
    _ name: String, _ session: OwnedSession, at replica: String? = nil, within limit: Duration, from start: Duration,
    giveUp: Duration = .seconds(60)
  ) async throws -> any Viewer {
    var last = "not asked"
    while now < start + limit + giveUp {
      let viewer = try await asked(session, at: replica)
      if viewer.status == 101 { _ = try await viewer.waitForPicture(within: .seconds(10)) }
      if let picture = viewer.facts.picture {
        expect(name, .atMost(.duration(limit)), picture - start)
        return viewer
      }
      last = viewer.outcome
      if viewer.facts.isOpen { try await viewer.close(abruptly: true) }
      try await sleep(for: .milliseconds(250))
    }
    throw CaseFailure("\(session.name) could not be opened again within \((limit + giveUp).secondsText): \(last)")
  }

  /// Judges that the viewer is told of its end within 15 s of `start` (C24), and with one of `codes`; none: any. Returns
  /// the time it took.
  @discardableResult
  func expectTold(
    _ name: String, _ viewer: any Viewer, codes: [Int] = [], within limit: Duration = .seconds(15), from start: Duration
  ) async throws -> Duration {
    let isTold = try await viewer.waitForEnd(within: max(.zero, start + limit + .seconds(60) - now))
    let took = viewer.facts.ended.map { $0 - start } ?? max(now - start, limit + .nanoseconds(1))
    record.add(
      Expectation(
        name: isTold ? name : "\(name) (did not happen)", target: .atMost(.duration(limit)), measured: .duration(took),
        time: now))
    record.sample(name, took)
    if let first = codes.first {
      let isRight = viewer.facts.closeCode.map { codes.contains($0) } ?? false
      expect("\(name): code", equals: "\(first)", isRight ? "\(first)" : viewer.outcome)
    }
    return took
  }

  /// Judges that each viewer still has its stream.
  func expectOpen(_ name: String, _ viewers: [any Viewer]) {
    let ended = viewers.filter { !$0.facts.isOpen }.map { "\($0.session) \($0.outcome)" }
    expect(name, equals: "all open", ended.isEmpty ? "all open" : ended.joined(separator: ", "))
  }

  // MARK: Using

  /// Moves the pointer; waits for the marker and returns how long it took. Nil: it did not come within 5 s.
  @discardableResult
  func touch(_ viewer: any Viewer, _ step: Int = 0) async throws -> Duration? {
    let number = try await viewer.point(x: 20 + step % 200, y: 20 + step % 100, buttons: step % 2)
    return try await viewer.inputLatency(of: number, within: .seconds(5))
  }

  /// Judges that a viewer works: an input event shows.
  func expectWorks(_ name: String, _ viewer: any Viewer) async throws {
    let answered = try await touch(viewer)
    expect(name, equals: "answers", answered == nil ? viewer.outcome : "answers")
  }

  /// Judges that what a viewer shows is what its desktop has, once nothing is under way.
  func expectSamePicture(_ name: String, _ viewer: any Viewer) async throws {
    let comparison = try await viewer.compare()
    expect(name, equals: "equal", comparison.isEqual ? "equal" : comparison.difference ?? "digests differ")
  }

  /// `active_connections` of the row.
  func viewerCount(of session: OwnedSession) async throws -> Int {
    try await sessionRow(session.name)?.activeConnections ?? -1
  }

  /// Waits until each session's count is `count`.
  func expectCounts(
    _ name: String, _ sessions: [OwnedSession], _ count: Int, within limit: Duration = .seconds(60),
    from start: Duration? = nil
  ) async throws {
    try await expect(name, within: limit, from: start) {
      for session in sessions where try await viewerCount(of: session) != count { return false }
      return true
    }
  }

  /// Tunnels of the sessions that are open, and attachments that stand, as observed.
  func openStreams(of sessions: [OwnedSession]) -> (tunnels: Int, attachments: Int) {
    let names = sessions.map(\.name)
    var tunnels: Set<Int> = []
    var attachments: Set<String> = []
    for timed in observations {
      switch timed.observation {
      case .tunnelOpened(let number, let session, _) where names.contains(session): tunnels.insert(number)
      case .tunnelClosed(let number, _): tunnels.remove(number)
      case .viewerAttached(let session, let attachment) where names.contains(session): attachments.insert(attachment)
      case .viewerDetached(_, let attachment): attachments.remove(attachment)
      default: break
      }
    }
    return (tunnels.count, attachments.count)
  }

  // MARK: Writing down

  /// Where the viewer's socket ends, seen from the agent's replica `owner`.
  func path(of viewer: any Viewer, owner: String?) -> StreamPath { viewer.edge == owner ? .direct : .relayed }

  /// Writes when each step of a viewer's handshake was done.
  func recordHandshake(of viewer: any Viewer, owner: String?) {
    let facts = viewer.facts
    for step in facts.steps {
      record.add(
        .handshake(platform, path(of: viewer, owner: owner), step: step.name, after: step.time - facts.opened))
    }
  }

  /// Writes all latencies of a viewer into the distributions of its path.
  func recordLatencies(of viewer: any Viewer, owner: String?) {
    let facts = viewer.facts
    let path = path(of: viewer, owner: owner)
    let values: [(StreamLatency, [Duration])] = [
      (.update, facts.updateLatencies), (.input, facts.inputLatencies), (.key, facts.keyLatencies),
    ]
    for (kind, values) in values {
      for value in values { record.sample(kind.sampleName(platform, path), value) }
    }
  }

  /// Takes a picture of what the viewer shows, for the report.
  func takePicture(of viewer: any Viewer, _ subject: String, _ caption: String) async throws {
    record.add(CaseAttachment(subject: subject, caption: caption, png: try await viewer.screenshot()))
  }
}

extension Environment {
  /// What an interruption must be like: each viewer is told within 15 s of `start`, and can be opened again within 5 s of
  /// the moment that `recovery` returns (the cause itself, or the return of what was lost). Writes the row of table
  /// `interruptions` and returns the new viewers, each of which works.
  @discardableResult
  func judgeInterruption(
    _ what: String, _ viewers: [(session: OwnedSession, viewer: any Viewer)], from start: Duration, codes: [Int] = [],
    recovery: @escaping @Sendable () async throws -> Duration
  ) async throws -> [any Viewer] {
    let platform = platform
    let told = try await concurrently(
      viewers.map { entry in
        { @Sendable in try await self.expectTold("viewer told: \(what)", entry.viewer, codes: codes, from: start) }
      })
    let back = try await recovery()
    let begun = max(back, start + (told.max() ?? .zero))
    let again = try await concurrently(
      viewers.map { entry in
        { @Sendable in
          try await self.expectReopened("re-open: \(what)", entry.session, within: .seconds(5), from: begun)
        }
      })
    for viewer in again { try await expectWorks("input after: \(what)", viewer) }
    let last = again.compactMap(\.facts.picture).max() ?? now
    record.add(
      .interruption(
        platform, what, viewers: viewers.count, told: told.max() ?? .zero, reopened: last - start))
    return again
  }
}
