import TestEnvironment

/// A span in which one process could act for its agent, as the process itself saw it.
struct LeadershipSpan: Sendable, Equatable {
  let instance: String
  let term: Int64
  let began: Duration
  /// Nil: it lasts.
  var ended: Duration?
}

/// What followed the loss of a leader.
struct FailOver: Sendable, Equatable {
  let successor: String
  let term: Int64
  /// From the loss to the next holder of the lock.
  let lock: Duration
  /// From the loss to a holder that is connected.
  let acting: Duration
  /// How long both could act, and how long nobody could; one of them is zero.
  let overlap: Duration
  let gap: Duration
}

extension Environment {
  // MARK: Who leads

  /// Waits until one process leads `agent` and is connected, and its row says `online`; returns the process.
  func awaitLeader(of agent: String, within limit: Duration = .seconds(60)) async throws -> String {
    try await require("one process leads \(agent), is connected and online", within: limit) {
      guard let leader = try await self.actingInstance(of: agent) else { return false }
      return try await self.agentRow(agent)?.status == "online" && self.connectedInstance(of: agent) == leader
    }
    guard let leader = try await actingInstance(of: agent) else { throw CaseFailure("nobody leads \(agent)") }
    return leader
  }

  /// The one process that may act for `agent` now; nil: none, or more than one.
  func actingInstance(of agent: String) async throws -> String? {
    let actors = try await actors(of: agent)
    return actors.count == 1 ? actors[0] : nil
  }

  /// The processes of `agent` other than `leader`.
  func standbys(of agent: String, beside leader: String) -> [String] {
    instances(of: agent).filter { $0 != leader }
  }

  /// The process that holds the newest connection of `agent` that still stands.
  func connectedInstance(of agent: String) -> String? {
    var gone: [String] = []
    for timed in observations.reversed() {
      switch timed.observation {
      case .agentDisconnected(agent, let replica, let connection, _): gone.append("\(replica) \(connection)")
      case .agentConnected(agent, let replica, let connection, _, let instance)
      where !gone.contains("\(replica) \(connection)"):
        return instance
      default: break
      }
    }
    return nil
  }

  /// Spans of leadership of `agent` in the order in which they began. A paused process is not acting; what it ends in
  /// the very moment of its return was no act either (I-LEADER-ONE: it counts from its next step).
  func leaderships(of agent: String) -> [LeadershipSpan] {
    var spans: [LeadershipSpan] = []
    var paused: [LeadershipSpan] = []
    func close(_ instance: String, at time: Duration) {
      for index in spans.indices where spans[index].instance == instance && spans[index].ended == nil {
        spans[index].ended = time
      }
    }
    for timed in observations {
      switch timed.observation {
      case .leadership(agent, let instance, let term, let isLeading, _):
        close(instance, at: timed.time)
        paused.removeAll { $0.instance == instance }
        if isLeading { spans.append(LeadershipSpan(instance: instance, term: term, began: timed.time)) }
      case .processEnded(let process, _, _):
        close(process, at: timed.time)
        paused.removeAll { $0.instance == process }
      case .processPaused(let process):
        guard let span = spans.last(where: { $0.instance == process && $0.ended == nil }) else { break }
        paused.append(span)
        close(process, at: timed.time)
      case .processResumed(let process):
        guard let span = paused.first(where: { $0.instance == process }) else { break }
        paused.removeAll { $0.instance == process }
        spans.append(LeadershipSpan(instance: process, term: span.term, began: timed.time))
      default: break
      }
    }
    return spans.filter { span in span.ended.map { $0 - span.began > .microseconds(1) } ?? true }
  }

  /// How long two processes of `agent` could act at the same time since `time`, in all.
  func overlap(of agent: String, since time: Duration = .zero) -> Duration {
    let spans = leaderships(of: agent)
    var total = Duration.zero
    for (index, second) in spans.enumerated() {
      for first in spans[..<index] where first.instance != second.instance {
        let both = min(first.ended ?? now, second.ended ?? now) - max(first.began, second.began, time)
        if both > .zero { total += both }
      }
    }
    return total
  }

  /// How often the lock of `agent` got another holder after `time`; releases do not count.
  func elections(of agent: String, after time: Duration) -> Int {
    observations.count { timed in
      if timed.time > time, case .lockChanged(agent, let holder?, _) = timed.observation {
        !holder.isEmpty
      } else {
        false
      }
    }
  }

  // MARK: Fail-over

  /// Waits until another leadership than that of `old` began after `loss` and its process is connected. Nil: it does
  /// not happen within `limit` after the loss.
  func awaitFailOver(of agent: String, from old: String, at loss: Duration, upTo limit: Duration) async throws
    -> FailOver?
  {
    var found: FailOver?
    _ = try await wait(upTo: max(.zero, loss + limit - now)) {
      found = self.failOver(of: agent, from: old, at: loss)
      return found != nil
    }
    return found
  }

  private func failOver(of agent: String, from old: String, at loss: Duration) -> FailOver? {
    let spans = leaderships(of: agent)
    let before = spans.last { $0.instance == old && $0.began <= loss }
    let connections = observations.compactMap { timed -> (instance: String, time: Duration)? in
      if timed.time > loss, case .agentConnected(agent, _, _, _, let instance) = timed.observation {
        (instance, timed.time)
      } else {
        nil
      }
    }
    let later = spans.filter { $0.began > loss && ($0.instance != old || $0.term != before?.term) }
    for span in later {
      guard let connection = connections.first(where: { $0.instance == span.instance && $0.time > span.began }),
        connection.time <= span.ended ?? connection.time, let first = later.first
      else { continue }
      let end = before?.ended ?? now
      return FailOver(
        successor: span.instance, term: span.term, lock: first.began - loss, acting: connection.time - loss,
        overlap: max(.zero, end - first.began), gap: max(.zero, first.began - end))
    }
    return nil
  }

  /// Waits for the successor of `old`, judges it, and writes it into sample, tables and time-line.
  ///
  /// `acting`: the target of the time from the loss to a connected successor. A fail-over that does not happen fails
  /// the case. `isSampled` false keeps it out of the distributions, for losses of another kind than a leader's.
  @discardableResult
  func expectFailOver(
    of agent: String, from old: String, at loss: Duration, as kind: LeaderLoss, acting: Duration,
    isSampled: Bool = true, giveUp: Duration = .seconds(60)
  ) async throws -> FailOver {
    guard let failOver = try await awaitFailOver(of: agent, from: old, at: loss, upTo: acting + giveUp) else {
      throw CaseFailure("nobody leads \(agent) within \((acting + giveUp).secondsText) of the loss of \(old)")
    }
    let backEnd = Self.backEnd(variant.topology.agents.first { $0.id == agent }?.election)
    expect("successor connected after \(kind.rawValue)", .atMost(.duration(acting)), failOver.acting)
    expect("overlap of two leaders", .equal(.duration(.zero)), failOver.overlap)
    if isSampled {
      record.sample(kind, failOver.acting)
      record.add(TableEntry.failover(backEnd: backEnd, kind: kind, lock: failOver.lock, acting: failOver.acting))
    }
    record.add(
      TableEntry.overlap(
        kind: kind.rawValue, first: old, second: failOver.successor, overlap: failOver.overlap, gap: failOver.gap))
    record.add(
      TimelineMark(
        lane: failOver.successor, kind: .recovery, text: "leads, term \(failOver.term)", start: loss,
        end: loss + failOver.acting))
    return failOver
  }

  /// The name of a back end in the tables of a report.
  private static func backEnd(_ election: Topology.Agent.Election?) -> String {
    switch election {
    case .lease: "lease"
    case .file: "file"
    case .redis: "redis"
    case .swarm: "swarm"
    case nil: "none"
    }
  }

  // MARK: What was done

  /// Writes of a process of `agent` that took effect on the platform since `time`.
  func platformWrites(of agent: String, by instance: String, since time: Duration) -> Int {
    observations.count { timed in
      if timed.time >= time, case .platformWrite(agent, instance, _, _) = timed.observation { true } else { false }
    }
  }

  /// Writes of a process of `agent` that the platform refused for their old term since `time`.
  func refusedWrites(of agent: String, by instance: String, since time: Duration) -> Int {
    observations.count { timed in
      if timed.time >= time, case .platformWriteRefused(agent, instance, _, _) = timed.observation {
        true
      } else {
        false
      }
    }
  }

  /// The pod of each session's ready workload, in the order of the sessions; empty where there is none.
  func pods(of sessions: [OwnedSession]) async throws -> [String] {
    var pods: [String] = []
    for session in sessions {
      let ready = try await workloads(session: session.name).first { $0.isReady }
      pods.append(ready?.pod ?? "")
    }
    return pods
  }

  /// Judges that the workloads of `sessions` are those that they were, and writes the row of table `sessions`.
  func expectUntouched(
    _ sessions: [OwnedSession], pods before: [String], by fault: String, viewers: (before: Int, after: Int)? = nil
  ) async throws {
    let after = try await pods(of: sessions)
    let untouched = zip(before, after).count { !$0.isEmpty && $0 == $1 }
    let running = try await count(sessions, in: "running")
    expect("workloads untouched", .equal(.count(sessions.count)), untouched)
    expect("sessions still running", .equal(.count(sessions.count)), running)
    record.add(
      TableEntry.sessions(
        fault: fault, before: sessions.count, after: running, untouched: untouched, viewersBefore: viewers?.before,
        viewersAfter: viewers?.after))
  }

  /// When `process` next ended, started, was paused or resumed, after `time`.
  func moment(after time: Duration, _ matches: (Observation) -> Bool) -> Duration? {
    observations.first { $0.time > time && matches($0.observation) }?.time
  }
}
