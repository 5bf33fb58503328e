import TestEnvironment

extension MultiUserConcurrent {
  // MARK: MU-05

  static let pushIsolation = TestCase(
    "MU-05", "Push isolation", in: scenario, source: "[P #211]", live: true,
    variants: [Variant("", twoOrganisations(.t2))], needs: ["replicas:2", "k8s", "users"], checks: ["I-TENANT"],
    kills: ["A-56", "B-73", "B-74"]
  ) { environment in
    try await environment.awaitAgents()
    var watch = PushWatch(environment)
    try await watch.open()
    try await environment.judgePushes("at first", &watch)
    // A token that was refreshed is worth what the old one was.
    for user in watch.users {
      let isDone = try await environment.user(user).refresh(at: nil)
      environment.expect("refresh of each token", equals: "done", isDone ? "done" : "refused")
    }
    try await watch.close()
    try await watch.open()
    try await environment.judgePushes("after refresh and reconnect", &watch)
    try await watch.close()
  }

  // MARK: MU-14

  static let sharedMiddleware = TestCase(
    "MU-14", "Shared middleware", in: scenario, source: "[P cache/CSRF fixes]", live: true,
    variants: [Variant("", Topology.t3.with { $0.cacheEnabled = true })],
    needs: ["replicas:3", "k8s", "users", "cache-on"], checks: ["I-TENANT", "I-FRESH", "I-COUNT"],
    kills: ["A-54", "A-55", "B-75", "B-76"]
  ) { environment in
    try await environment.awaitAgents()
    let first = try await environment.seededSessions(2, on: environment.agents[0])
    let second = try await environment.seededSessions(1, on: environment.agents[0], firstUser: 2)
    // Not one of the seeded: only a session that was started has its page.
    let page = try await environment.running(SessionRequest(template: "firefox-browser"), by: "u01").session
    let own = ["u01": (first + [page]).map(\.name).sorted(), "u02": second.map(\.name)]
    let replicas = environment.replicas
    // The same URI by two users, side by side on every replica, twice: the second answers come from the cache.
    for _ in 0..<2 {
      let lists = try await environment.concurrently(
        replicas.flatMap { replica in
          ["u01", "u02"].map { user in
            { @Sendable in (user, try await environment.user(user).list(at: replica).sessions.sorted()) }
          }
        })
      for (user, names) in lists {
        environment.expectSame(
          "what the list shows to each", (own[user] ?? []).joined(separator: " "), names.joined(separator: " "))
      }
      try await environment.sleep(for: .milliseconds(200))
    }
    try await environment.judgeFreshness(of: first[1])
    try await environment.judgeForgeryTokens(page)
    // Beats of one user's page while another looks at a desktop: they count apart.
    let viewer = try await environment.opened(second[0], at: replicas[1], .probe)
    try await environment.judgeBeats(of: first[0])
    try await environment.expect("viewers counted beside the beats", within: .seconds(1)) {
      try await environment.viewerCount(of: second[0]) == 1
    }
    try await viewer.close(abruptly: false)
    try await environment.stopAll([page])
  }
}

/// Six browsers and two desks of figures, and what they hear.
struct PushWatch: Sendable {
  /// Two and three users of either organisation, and its administrator.
  let users = ["u01", "u02", "admin", "u04", "u05", "u06"]
  private let environment: any Environment
  private var feeds: [(user: String, feed: any FeedListener)] = []
  private var figures: [(user: String, feed: any FeedListener)] = []
  private(set) var opened = Duration.zero

  init(_ environment: any Environment) { self.environment = environment }

  mutating func open() async throws {
    feeds = []
    figures = []
    let replicas = environment.replicas
    for (index, user) in users.enumerated() {
      let replica = replicas[index % replicas.count]
      feeds.append((user, try await environment.user(user).listen(at: replica)))
      guard environment.variant.topology.isAdministrator(user) else { continue }
      figures.append((user, try await environment.user(user).listenToFigures(at: replica)))
    }
    opened = environment.now
  }

  func close() async throws {
    for (_, feed) in feeds + figures { try await feed.close() }
  }

  /// Sessions that the last message named, of each user.
  var last: [(user: String, organisation: String, sessions: [String])] {
    feeds.map { user, feed in
      let document = feed.messages.last.flatMap { JSONDocument($0.text) }
      let names = (document?["sessions"]?.elements ?? []).compactMap { $0["name"]?.text }
      return (user, document?["org_id"]?.text ?? "nothing heard", names.sorted())
    }
  }

  /// Sessions that the last message counted, of each administrator; -1: none came.
  var totals: [(user: String, total: Int)] {
    figures.map { user, feed in
      let document = feed.messages.last.flatMap { JSONDocument($0.text) }
      return (user, Int(document?["metrics"]?["sessions"]?["total"]?.integer ?? -1))
    }
  }
}

extension Environment {
  /// Creates and stops in both organisations; every browser is told of what its user may see, and of nothing else.
  fileprivate func judgePushes(_ when: String, _ watch: inout PushWatch) async throws {
    var live: [OwnedSession] = []
    for user in ["u01", "u02", "u04", "u05"] { live.append(try await created(SessionRequest(), by: user)) }
    try await expectFeeds("\(when): created", watch, live)
    for session in live {
      try await require("a session runs", within: .seconds(60), every: .milliseconds(500)) {
        try await self.state(of: session.name) == "running"
      }
    }
    let leaving = [live[1], live[2]]
    for session in leaving { _ = try await user(session.user).stop(session.name, at: nil) }
    try await require("two are terminated", within: .seconds(60), every: .milliseconds(500)) {
      try await self.count(leaving, in: "terminated") == 2
    }
    let rest = [live[0], live[3]]
    try await expectFeeds("\(when): stopped", watch, rest)
    try await stopAll(rest)
  }

  private func expectFeeds(_ when: String, _ watch: PushWatch, _ live: [OwnedSession]) async throws {
    // Two messages of the feed of sessions, one of the figures.
    try await sleep(for: .seconds(6))
    let topology = variant.topology
    for (user, organisation, sessions) in watch.last {
      let wanted = live.filter { session in
        session.user == user
          || topology.isAdministrator(user)
            && topology.organisation(of: user) == topology.organisation(of: session.user)
      }
      expectSame(
        "\(when): what the feed tells each", wanted.map(\.name).sorted().joined(separator: " "),
        sessions.joined(separator: " "))
      expectSame("\(when): organisation of the feed", topology.organisation(of: user), organisation)
    }
    for (user, total) in watch.totals {
      let wanted = live.count { topology.organisation(of: $0.user) == topology.organisation(of: user) }
      expect("\(when): sessions that the figures count", .equal(.count(wanted)), total)
    }
  }

  // MARK: MU-14

  /// A change shows within a second on every replica, however often the old state was asked for.
  fileprivate func judgeFreshness(of session: OwnedSession) async throws {
    let client = user(session.user)
    for replica in replicas { _ = try await client.get(session.name, at: replica) }
    let stop = try await client.stop(session.name, at: replicas[0])
    expect("answer to the stop", .equal(.count(202)), stop.status ?? 0)
    let changed = now
    try await expect("every replica shows the stop", within: .seconds(1), from: changed, every: .milliseconds(100)) {
      for replica in self.replicas where try await client.get(session.name, at: replica).state == "running" {
        return false
      }
      return true
    }
    try await awaitState("terminated", of: session.name)
    let ended = now
    try await expect("every replica shows the end", within: .seconds(1), from: ended, every: .milliseconds(100)) {
      for replica in self.replicas {
        guard try await client.get(session.name, at: replica).state == "terminated" else { return false }
      }
      return true
    }
  }

  /// A browser that reads a page several times at once keeps the cookie of one answer and the header of another; what it
  /// then changes, on whichever replica, is its own doing.
  fileprivate func judgeForgeryTokens(_ page: OwnedSession) async throws {
    let client = user(page.user)
    let path = "/api/v1/http/\(page.name)/"
    let answers = try await concurrently(
      replicas.map { replica in
        { @Sendable in try await client.browse("GET", path, headers: [], cookies: [], at: replica) }
      })
    expect("pages read", .equal(.count(answers.count)), answers.count { $0.status == 200 })
    let headers = answers.compactMap { $0[header: "X-CSRF-Token"] }
    let cookies = answers.compactMap { answer in
      answer[header: "Set-Cookie"]?.split(separator: ";").first.map(String.init)?.split(separator: "=").last.map(
        String.init)
    }
    expect("answers with header and cookie", .equal(.count(answers.count)), min(headers.count, cookies.count))
    guard let header = headers.first, let cookie = cookies.last else { return }
    for replica in replicas {
      let answer = try await client.browse(
        "POST", path, headers: [HeaderField("X-CSRF-Token", header)], cookies: [HeaderField("csrf_token", cookie)],
        at: replica)
      expect("change by the own page on each replica", .equal(.count(200)), answer.status ?? 0)
    }
    let forged = try await client.browse("POST", path, headers: [], cookies: [], at: nil)
    expect("change by a foreign page", .equal(.count(403)), forged.status ?? 0)
    let other = try await client.browse(
      "POST", path, headers: [HeaderField("X-CSRF-Token", header)],
      cookies: [HeaderField("csrf_token", String(repeating: "0", count: 64))], at: nil)
    expect("change with a cookie of another", .equal(.count(403)), other.status ?? 0)
  }

  /// A connection is the same on every replica, and lives as long as it beats, wherever.
  fileprivate func judgeBeats(of session: OwnedSession) async throws {
    let client = user(session.user)
    let connected = try await client.connect(session.name, at: replicas[0])
    guard let connection = connected.connectionID else {
      throw CaseFailure("premise not met: connect answered \(connected.summary)")
    }
    for beat in 1...5 {
      try await sleep(for: .seconds(25))
      let answer = try await client.heartbeat(
        session.name, connection: connection, at: replicas[beat % replicas.count])
      expect("answer to a beat on each replica", .equal(.count(200)), answer.status ?? 0)
    }
    // Without a beat it is gone after a minute and the next tick.
    try await sleep(for: .seconds(95))
    let late = try await client.heartbeat(session.name, connection: connection, at: replicas[1])
    expect("answer to a beat that comes too late", .equal(.count(404)), late.status ?? 0)
  }
}
