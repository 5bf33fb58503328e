import LoadModel
import TestEnvironment

/// Bursts of creates, and what became of them.
extension Environment {
  /// Each user has a token from now on: the first request would log in first, 75 ms of a core.
  func logInForThroughput(users: ClosedRange<Int>) async throws {
    _ = try await concurrently(
      users.map { number in
        { @Sendable in _ = try await self.user(self.userName(number)).list(at: nil) }
      })
  }

  /// One create.
  func startOne(user: String, template: String, isCold: Bool) async throws -> BurstStart {
    let asked = now
    let answer = try await self.user(user).create(SessionRequest(template: template), at: nil)
    return BurstStart(
      user: user, session: answer.isAccepted ? answer.session : nil, asked: asked, isCold: isCold)
  }

  /// `count` standard creates side by side, `perUser` by each of the users.
  func startBurst(_ count: Int, users: ClosedRange<Int>, perUser: Int) async throws -> [BurstStart] {
    try await logInForThroughput(users: users)
    return try await concurrently(
      (0..<count).map { index in
        { @Sendable in
          let name = self.userName(users.lowerBound + index / perUser)
          return try await self.startOne(user: name, template: "xterm-vnc", isCold: false)
        }
      })
  }

  /// `count` starts at random distances of 2 to 4 s, below what four handlers do; every `coldEvery`-th pulls its image
  /// for as long as a cold pull takes (spec/06 §10.3: 8 to 18 s).
  func spacedStarts(_ count: Int, coldEvery: Int, first: Int) async throws -> [BurstStart] {
    var due = now
    var plan: [(index: Int, due: Duration, pull: Duration?)] = []
    for index in 0..<count {
      due += ThinkTime.uniform(.seconds(2), .seconds(4)).draw { choose("start.gap", $0) }
      let isCold = index % coldEvery == coldEvery - 1
      plan.append((index, due, isCold ? .milliseconds(8_000 + choose("start.pull", 10_001)) : nil))
    }
    return try await concurrently(
      plan.map { item in
        { @Sendable in
          try await self.sleep(until: item.due)
          let name = self.userName(1 + (first + item.index) % 4)
          guard let pull = item.pull else {
            return try await self.startOne(user: name, template: "xterm-vnc", isCold: false)
          }
          // Long enough for the pod to come to its image, over long before the next cold start.
          _ = try await self.begin(.imagePull(image: ThroughputFacts.coldImage, pull), for: .seconds(8))
          return try await self.startOne(user: name, template: ThroughputFacts.coldTemplate, isCold: true)
        }
      })
  }

  /// Waits until each accepted session has left `pending`, at most `limit`.
  func awaitBurst(_ burst: [BurstStart], within limit: Duration) async throws {
    let accepted = burst.compactMap(\.session)
    _ = try await wait(upTo: limit, every: .milliseconds(500)) {
      for session in accepted where try await state(of: session) == "pending" { return false }
      return true
    }
  }

  /// The points of the starts that came to `running`, in the order of the burst.
  func startTimes(of burst: [BurstStart]) -> [StartTime] {
    var points: [String: Points] = [:]
    var sessions: [String: String] = [:]
    for start in burst { if let session = start.session { points[session] = Points() } }
    for timed in observations { note(timed, &points, &sessions) }
    return burst.compactMap { start in
      guard let session = start.session, let at = points[session], let committed = at.committed,
        let running = at.running
      else { return nil }
      let received = at.received ?? committed
      return StartTime(
        session: session, asked: start.asked, committed: committed, received: received,
        objects: at.objects ?? received, ready: at.ready ?? .seconds(1_000_000), completed: at.completed ?? running,
        running: running)
    }
  }

  private func note(
    _ timed: TimedObservation, _ points: inout [String: Points], _ sessions: inout [String: String]
  ) {
    switch timed.observation {
    case .commandInserted(let command, _, let session?, "start_session") where points[session] != nil:
      sessions[command] = session
      points[session]?.committed = timed.time
    case .commandReceived(let command, _, _):
      if let session = sessions[command], points[session]?.received == nil { points[session]?.received = timed.time }
    case .workStep(_, _, let command, let session, .service) where sessions[command] == session:
      points[session]?.objects = timed.time
    case .workload(let session, _, _, .ready, _) where points[session] != nil:
      if points[session]?.ready == nil { points[session]?.ready = timed.time }
    case .commandStatus(let command, _, "completed", _):
      if let session = sessions[command] { points[session]?.completed = timed.time }
    case .sessionState(let session, "pending", "running", _) where points[session] != nil:
      points[session]?.running = timed.time
    default: break
    }
  }

  /// What the handlers of the busiest agent did in all, over the time from its first to its last, in tenths: 10 is one
  /// after the other.
  func parallelSpeedUp(of burst: [BurstStart]) -> Int {
    let own = Set(burst.compactMap(\.session))
    var begun: [String: Duration] = [:]
    var spans: [String: [(begin: Duration, end: Duration)]] = [:]
    for timed in observations {
      switch timed.observation {
      case .commandExecuted(let command, _, _, "start_session", let session) where own.contains(session):
        if begun[command] == nil { begun[command] = timed.time }
      case .workStep(let agent, _, let command, _, .complete):
        if let begin = begun[command] { spans[agent, default: []].append((begin, timed.time)) }
      default: break
      }
    }
    let busiest = agents.compactMap { spans[$0] }.max { $0.count < $1.count } ?? []
    guard let first = busiest.map(\.begin).min(), let last = busiest.map(\.end).max(),
      let flow = Flow(busiest, from: first, to: last)
    else { return 0 }
    return flow.meanInsidePerMille / 100
  }

  /// The row of table `throughput` for a burst.
  func throughputRow(
    _ topology: String, count: Int, _ times: [StartTime], _ elapsed: Duration, speedUp: Int? = nil
  ) -> TableEntry {
    let starts = LatencyHistogram(times.map(\.total))
    let working = times.map { (begin: $0.received, end: $0.running) }
    let peak = working.map(\.begin).min().flatMap { first in
      working.map(\.end).max().flatMap { Flow(working, from: first, to: $0)?.mostInside }
    }
    return .throughput(
      topology, sessions: count, perMinute: ThroughputFacts.perMinute(times.count, in: elapsed), until: elapsed,
      average: starts.mean ?? .zero, worst: starts.maximum ?? .zero, peakTogether: peak ?? 0, speedUpTenths: speedUp)
  }
}

/// When the start of a session came to which point; nil: it has not.
private struct Points {
  var committed: Duration?
  var received: Duration?
  var objects: Duration?
  var ready: Duration?
  var completed: Duration?
  var running: Duration?
}
