import TestEnvironment

/// I-LINEAR: the API is one object to its users, whichever replica answers (C9, C13, C19; DESIGN §7).
///
/// It sees what users see: requests and answers. Rows tell only of sessions that no answered create made.
final class LinearInvariant: Invariant {
  static let id = "I-LINEAR"
  static let statement =
    "The answers about each session fit one order of its requests, in which those that did not overlap keep theirs, with "
    + "the platform's own transitions between them; a request without answer takes effect later or never."
  static let kinds: [ObservationKind] = [
    .requestAnswered, .sessionInserted, .viewerAsked, .databaseRestored,
  ]

  /// Steps of the search for one session: over a hundred for each request of the longest histories seen.
  static let budget = 20_000
  /// A session is not hibernated by itself before its grace has passed (C18).
  private static let grace = Duration.seconds(300)

  var docket = Docket()

  private var histories = Table<String, SessionHistory>()
  /// Names of the sessions of each user, in the order in which they were met.
  private var owned: [String: [String]] = [:]
  /// Rows that appeared and the create of which was not answered yet.
  private var rows: [(session: String, user: String, state: String, time: Duration)] = []
  /// Requests whose sessions are known only when the run is over.
  private var records: [(record: RequestRecord, kind: SessionRequestKind)] = []
  private var visited: Set<String> = []
  private var wasRestored = false

  func observe(_ event: TimedObservation, in situation: Situation) {
    switch event.observation {
    case .sessionInserted(let session, let user, _, let state, _, _): rows.append((session, user, state, event.time))
    case .viewerAsked(_, let session, _): visited.insert(session)
    case .databaseRestored: wasRestored = true
    case .requestAnswered(let record):
      let kind = SessionRequestKind(record)
      if kind != .other || record.path.contains("/batch") { records.append((record, kind)) }
    default: break
    }
  }

  func finish(at time: Duration, in situation: Situation) {
    collect(slack: situation.context.topology.cacheEnabled ? situation.timing.freshness : .zero)
    for history in histories.values { judge(history, at: time, in: situation) }
  }

  // MARK: Histories

  private func collect(slack: Duration) {
    for (record, kind) in records where kind == .create && record.isAccepted {
      if let session = record.session { begin(session, owner: record.user) }
    }
    for row in rows where histories[row.session] == nil { begin(row.session, owner: row.user) }
    for (record, kind) in records { add(record, kind, slack: slack) }
    for row in rows {
      guard let state = SessionSpecification.State(text: row.state) else { continue }
      if let history = histories[row.session], !history.hasAppeared { history.appear(as: state, at: row.time) }
    }
    for history in histories.values where visited.contains(history.session) { history.visit() }
  }

  private func begin(_ session: String, owner: String) {
    guard histories[session] == nil else { return }
    _ = histories.value(session, or: SessionHistory(session: session, owner: owner))
    owned[owner, default: []].append(session)
  }

  private func add(_ record: RequestRecord, _ kind: SessionRequestKind, slack: Duration) {
    if record.path.contains("/batch") {
      for history in histories.values { history.addBatch(record) }
    } else if kind == .list {
      for session in owned[record.user] ?? [] { histories[session]?.add(record, kind, slack: slack) }
    } else if let session = kind == .create ? record.session : kind.session {
      histories[session]?.add(record, kind, slack: slack)
    }
  }

  // MARK: Judging

  private func judge(_ history: SessionHistory, at time: Duration, in situation: Situation) {
    // Put in place unseen: nothing is known of its beginning.
    let requests = history.operations.count - (history.hasAppeared ? 1 : 0)
    guard requests > 0 else { return }
    if wasRestored {
      docket.notJudged += 1
      return
    }
    let span = history.last - (history.first ?? .zero)
    let specification = SessionSpecification(
      initial: history.hasAppeared ? .init(.absent) : .all, mayIdle: span >= Self.grace,
      mayBeVisited: history.wasVisited)
    switch LinearizabilityChecker(specification, budget: Self.budget).check(history.operations) {
    case .linearizable: docket.checks += 1
    case .unknown: docket.notJudged += 1
    case .notLinearizable(let order, let stuck):
      docket.checks += 1
      report(history, order, stuck, specification, in: situation)
    }
  }

  private func report(
    _ history: SessionHistory, _ order: [Int], _ stuck: Int, _ specification: SessionSpecification,
    in situation: Situation
  ) {
    let belief = order.reduce(specification.initial) { belief, operation in
      specification.belief(after: history.operations[operation].operation, from: belief) ?? belief
    }
    let told = order.suffix(3).map(history.line)
    let before =
      told.isEmpty ? "" : (order.count > told.count ? "… then " : "") + told.joined(separator: ", then ") + "; "
    let operation = history.operations[stuck]
    violate(
      "the answers about a session fit one order",
      "of \(history.operations.count) requests about session \(history.session) of \(history.owner) at most \(order.count) "
        + "fit one order: \(before)after that it is \(belief.names), and nothing explains "
        + history.line(stuck),
      at: operation.end ?? operation.begin, by: nil, about: [.session(history.session)],
      excuses: [
        "requests that overlap may take effect in any order", "one without answer at any later time, or never",
      ],
      in: situation)
  }
}
