import TestEnvironment

/// I-ACCEPT: an accepted request has left its rows, a refused one has left nothing (C9, C35), and a refusal for want of an
/// agent is honest: spec/06 §0.1 counts honest refusals apart from losses.
///
/// A request without an answer, and a 502 or 504 that the balancer gave, have an unknown outcome: they demand nothing,
/// and they may explain a row (lesson L27).
final class AcceptInvariant: Invariant {
  static let id = "I-ACCEPT"
  static let statement =
    "2xx => durable rows and eventual effect; 4xx/5xx => no row, command or object remains; no agent is said to be missing while one is there."
  static let kinds: [ObservationKind] = [.requestAnswered, .sessionInserted, .commandInserted]

  private struct Refusal {
    var record: RequestRecord
    var event: TimedObservation
  }

  var docket = Docket()
  private var deadlines = Deadlines<Int>()
  private var refusals: [Int: Refusal] = [:]
  /// Sessions by user, and the ones that an accepted create named.
  private var rows: [String: [(session: String, event: TimedObservation)]] = [:]
  private var named: Set<String> = []
  /// Requests that may have made a row of whose name we know nothing, by user or by session and action.
  private var possible: [String: [(from: Duration, to: Duration)]] = [:]

  var nextDeadline: Duration? { deadlines.earliest }

  func observe(_ event: TimedObservation, in situation: Situation) {
    guard situation.context.sight.rows else { return }
    switch event.observation {
    case .sessionInserted(let session, let user, _, let state, _, _) where state == "pending":
      rows[user, default: []].append((session, event))
    case .requestAnswered(let record):
      let kind = SessionRequestKind(record)
      switch record.status {
      case .some(200..<300): accepted(record, kind, by: event, in: situation)
      case .none, 502, 504: noteUnknown(record, kind)
      case .some(400...): refused(record, kind, by: event, in: situation)
      default: break
      }
    default: break
    }
  }

  // MARK: 2xx

  private func accepted(
    _ record: RequestRecord, _ kind: SessionRequestKind, by event: TimedObservation, in situation: Situation
  ) {
    if kind == .create {
      guard let id = record.session else {
        possible[user(record), default: []].append((record.started, record.ended))
        docket.notJudged += 1
        return
      }
      named.insert(id)
      docket.checks += 1
      let session = situation.session(id)
      let hasStart = session.commands.contains { $0.action == .start }
      guard session.inserted == nil || !hasStart else { return }
      let missing = session.inserted == nil ? hasStart ? "session row" : "session row, start command" : "start command"
      report(record, missing, id, by: event, in: situation)
    } else if let (action, id) = kind.verb {
      possible[verb(action, id), default: []].append((record.started, record.ended))
      docket.checks += 1
      let commands = situation.session(id).commands.filter { $0.action == action }
      // A DELETE is legal in every non-final state: one of a session that is terminating already adds nothing.
      let isThere = commands.contains { action == .stop || $0.inserted.time >= record.started }
      if !isThere { report(record, "\(action) command", id, by: event, in: situation) }
    }
  }

  private func report(
    _ record: RequestRecord, _ missing: String, _ session: String, by event: TimedObservation, in situation: Situation
  ) {
    violate(
      "2xx means durable rows",
      "\(record.method) \(record.path) of \(record.user) was answered \(record.status ?? 0) by \(record.replica ?? "?") "
        + "at \(record.ended.text) (asked at \(record.started.text)), but session \(session) has no \(missing)",
      at: event.time, by: event, about: [.session(session)], excuses: ["every commit until the answer was seen"],
      in: situation)
  }

  // MARK: 4xx, 5xx

  private func noteUnknown(_ record: RequestRecord, _ kind: SessionRequestKind) {
    docket.excused += 1
    // Maybe, until infinity.
    let span = (record.started, Duration.seconds(Int64.max >> 8))
    if kind == .create { possible[user(record), default: []].append(span) }
    if let (action, id) = kind.verb { possible[verb(action, id), default: []].append(span) }
  }

  private func refused(
    _ record: RequestRecord, _ kind: SessionRequestKind, by event: TimedObservation, in situation: Situation
  ) {
    guard kind == .create || kind.verb != nil else { return }
    if kind == .create, record.error == Self.noAgents { judgeHonesty(record, by: event, in: situation) }
    if situation.databaseChanges.contains(where: { $0 >= record.started }) || !situation.isDatabaseAvailable {
      docket.excused += 1  // A commit may have succeeded without its answer.
      if kind == .create { possible[user(record), default: []].append((record.started, record.ended)) }
      if let (action, id) = kind.verb { possible[verb(action, id), default: []].append((record.started, record.ended)) }
      return
    }
    refusals[event.sequence] = Refusal(record: record, event: event)
    deadlines.set(event.sequence, event.time + situation.timing.requestsSettled)
  }

  private static let noAgents = "No agents available"

  /// An agent that every replica could have chosen: connected, online and heart-beating through the whole request and
  /// for a while before it, with room to spare. What a replica received counts as a heartbeat, not what it made of it:
  /// the time in the row may be wrong (C-15).
  private func judgeHonesty(_ record: RequestRecord, by event: TimedObservation, in situation: Situation) {
    docket.checks += 1
    let settled = record.started - .seconds(1)
    let candidate = situation.context.topology.agents.first { agent in
      let view = situation.agent(agent.id)
      guard let connected = view.connectedSince, connected <= settled, view.status == "online",
        view.statusSince <= settled, let connection = view.open.last,
        event.time - connection.lastSign < situation.timing.staleThreshold
      else { return false }
      // One that ended while the request was under way took room when the replica looked.
      let taken = situation.sessions.values.count {
        $0.agent == agent.id && ($0.isActive || $0.stateSince >= settled)
      }
      return taken < agent.maxSessions
    }
    guard let candidate, situation.databaseChanges.allSatisfy({ $0 < settled }) else { return }
    // The look at the agents failed: then this is the recorded answer, whose message gives the database's error (spec/02
    // §5, POST /sessions, row 10). What is only slow, or met by other statements or another replica, is no reason.
    let hadTrouble = situation.hadFault(from: record.started, to: record.ended) { span in
      span.failsReads(of: record.replica, deadline: situation.timing.callDeadline)
    }
    if hadTrouble {
      docket.excused += 1
      return
    }
    violate(
      "no agent is said to be missing while one is there",
      "\(record.method) \(record.path) of \(record.user) was answered \(record.status ?? 0) “\(Self.noAgents)” by "
        + "\(record.replica ?? "?") at \(record.ended.text), but \(candidate.id) was connected and online since "
        + "\((situation.agent(candidate.id).connectedSince ?? .zero).text)",
      at: event.time, by: event, about: [.agent(candidate.id)],
      excuses: ["the agent was connected, online and heart-beating for a second before", "it had room"], in: situation)
  }

  func expire(before time: Duration, in situation: Situation) {
    for (number, _) in deadlines.expire(before: time) {
      guard let refusal = refusals.removeValue(forKey: number) else { continue }
      docket.checks += 1
      switch SessionRequestKind(refusal.record) {
      case .create: judgeCreate(refusal, in: situation)
      case let kind:
        if let (action, id) = kind.verb { judgeVerb(refusal, action, situation.session(id), in: situation) }
      }
    }
  }

  private func judgeCreate(_ refusal: Refusal, in situation: Situation) {
    let record = refusal.record
    for (id, event) in rows[record.user] ?? [] {
      guard record.started <= event.time, event.time <= record.ended, !named.contains(id),
        !isPossible(user(record), at: event.time)
      else { continue }
      let session = situation.session(id)
      guard session.deleted == nil, docket.reported.insert(id).inserted else { continue }
      let commands = session.commands.map { "\($0.id) (\($0.action)) \($0.status)" }
      violate(
        "4xx/5xx leaves nothing",
        "\(record.method) \(record.path) of \(record.user) was answered \(record.status ?? 0) by "
          + "\(record.replica ?? "?") at \(record.ended.text) (asked at \(record.started.text)), but session \(id), "
          + "inserted for this user at \(event.time.text), is there (\(session.state ?? "gone")); its commands: "
          + (commands.isEmpty ? "none" : commands.joined(separator: ", ")),
        at: event.time, by: event, about: [.session(id), .user(record.user)],
        excuses: [
          "no accepted create named it", "no create of \(record.user) with unknown outcome was under way",
          "the database did not fail",
        ], in: situation)
    }
  }

  private func judgeVerb(
    _ refusal: Refusal, _ action: CommandAction, _ session: SessionView, in situation: Situation
  ) {
    let record = refusal.record
    for command in session.commands where command.action == action {
      let time = command.inserted.time
      guard record.started <= time, time <= record.ended, !isPossible(verb(action, session.id), at: time) else {
        continue
      }
      if mayBeOwn(command, of: session, in: situation) {
        docket.excused += 1
        continue
      }
      guard docket.reported.insert(command.id).inserted else { continue }
      violate(
        "4xx/5xx leaves nothing",
        "\(record.method) \(record.path) of \(record.user) was answered \(record.status ?? 0) by "
          + "\(record.replica ?? "?") at \(record.ended.text) (asked at \(record.started.text)), but command "
          + "\(command.id) (\(action)) of session \(session.id) was inserted at \(time.text) and is \(command.status)",
        at: time, by: command.inserted, about: [.session(session.id), .command(command.id)],
        excuses: [
          "no other request for it was accepted or unanswered", "neither reconciler nor idle sweep was due",
          "the database did not fail",
        ], in: situation)
    }
  }

  /// Whether the control plane may have made the command by itself: the reconciler re-drives and cleans up (C11, C14), the
  /// idle sweep hibernates (C18). All of them act only minutes after something else, or on final sessions.
  private func mayBeOwn(_ command: CommandView, of session: SessionView, in situation: Situation) -> Bool {
    let quietly = situation.timing.startDeadline - situation.timing.reconcilerTick
    let before = session.history.last { $0.since < command.inserted.time }
    if SessionView.isFinal(before?.state) { return true }
    return before.map { command.inserted.time - $0.since >= quietly } ?? true
  }

  private func isPossible(_ key: String, at time: Duration) -> Bool {
    possible[key]?.contains { $0.from <= time && time <= $0.to } ?? false
  }

  private func user(_ record: RequestRecord) -> String { "user \(record.user)" }
  private func verb(_ action: CommandAction, _ session: String) -> String { "\(action) \(session)" }

  func finish(at time: Duration, in situation: Situation) {
    docket.notJudged += deadlines.count
  }
}
