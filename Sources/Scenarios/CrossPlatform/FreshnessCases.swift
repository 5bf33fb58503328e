import TestEnvironment

extension CrossPlatform {
  /// What a browser sees of a session, asked and told.
  static let freshnessCases: [TestCase] = [namesPhasesFreshness]

  static let namesPhasesFreshness = TestCase(
    "XP-09", "Names, phases, freshness", in: .crossPlatform, source: "[P UI contract fixes]", live: true,
    variants: [
      Variant("T2", Topology.t2.with { $0.cacheEnabled = true }),
      Variant("TD", Topology.td.with { $0.cacheEnabled = true }, parameter: 1),
    ], plain: .inTurn, needs: ["replicas:2", "k8s", "cache-on"], checks: ["I-FRESH"], kills: ["A-58", "B-76"]
  ) { environment in
    try await environment.awaitAgents()
    let user = environment.user("u01")
    let feed = try await user.listen(at: nil)
    // A cold image and a pull of 8 s: a state that lasts less than the 3 s between two messages of the feed need not be told.
    let pull = try await environment.begin(
      .imagePull(image: "linuxserver/libreoffice:latest", .seconds(8)), for: nil)
    let session = try await environment.created(SessionRequest(template: "libreoffice"), by: "u01")
    // Each replica has an answer in its cache that the next change must push out.
    try await environment.judge("pending", of: session.name, feed)
    try await environment.judge("running", of: session.name, feed)
    try await environment.end(pull)
    _ = try await user.hibernate(session.name, at: environment.replicas[0])
    try await environment.judge("hibernated", of: session.name, feed)
    _ = try await user.wake(session.name, at: environment.replicas[1])
    try await environment.judge("running", of: session.name, feed)
    _ = try await user.stop(session.name, at: environment.replicas[0])
    try await environment.judge("terminated", of: session.name, feed)
    try await feed.close()
  }

  /// `status.phase` beside the state (spec/02 §6.1).
  fileprivate static func phase(of state: String) -> String { state.prefix(1).uppercased() + state.dropFirst() }

  /// The feed is sent every 3 s (spec/02 §5.9); a tenth of a second for its query and the way to the browser.
  fileprivate static let push = Duration.milliseconds(3_100)
}

extension Environment {
  /// Awaits a state and looks at it on every replica and in the feed.
  fileprivate func judge(_ state: String, of session: String, _ feed: any FeedListener) async throws {
    try await expect("the row says \(state)", within: .seconds(60), every: .milliseconds(50)) {
      try await self.state(of: session) == state
    }
    let changed = change(of: session, to: state) ?? now
    for replica in replicas {
      try await expect(
        "GET says \(state) on every replica", within: .seconds(1), from: changed, every: .milliseconds(200)
      ) {
        try await self.user("u01").get(session, at: replica).state == state
      }
      let answer = try await user("u01").send("GET", "/api/v1/sessions/\(session)", body: nil, at: replica)
      judgeNames(JSONDocument(answer.body), state, "GET")
    }
    var told: FeedMessage?
    _ = try await wait(upTo: .seconds(10), every: .milliseconds(100)) {
      told = feed.messages.first { $0.time >= changed && self.tells($0, state, of: session) }
      return told != nil
    }
    guard let told else { return expect("the feed tells \(state)", equals: "yes", "no") }
    expect("\(state) is pushed", .atMost(.duration(CrossPlatform.push)), told.time - changed)
    // What is over is not in the feed any more.
    if state != "terminated" { judgeNames(item(of: session, in: told), state, "feed") }
  }

  /// When the row took that state last.
  private func change(of session: String, to state: String) -> Duration? {
    observations.last { timed in
      switch timed.observation {
      case .sessionInserted(session, _, _, state, _, _), .sessionState(session, _, state, _): true
      default: false
      }
    }?.time
  }

  private func item(of session: String, in message: FeedMessage) -> JSONDocument? {
    let document = JSONDocument(message.text)
    return document?["sessions"]?.elements?.first { $0["name"]?.text == session }
  }

  private func tells(_ message: FeedMessage, _ state: String, of session: String) -> Bool {
    let item = item(of: session, in: message)
    // In whatever case: the names are judged by themselves.
    return state == "terminated" ? item == nil : item?["state"]?.text?.lowercased() == state
  }

  /// State in lower case, phase capitalised, keys in camel case.
  private func judgeNames(_ document: JSONDocument?, _ state: String, _ source: String) {
    guard let document else { return expect("\(source) is JSON", equals: "yes", "no") }
    expect("\(source): state", equals: state, document["state"]?.text ?? "-")
    expect("\(source): status.phase", equals: CrossPlatform.phase(of: state), document["status"]?["phase"]?.text ?? "-")
    let keys = ["createdAt", "activeConnections"].filter { document[$0] != nil }
    expect("\(source): keys in camel case", equals: "createdAt activeConnections", keys.joined(separator: " "))
    let snake = ["created_at", "active_connections", "pod_name"].filter { document[$0] != nil }
    expect("\(source): keys in snake case", equals: "", snake.joined(separator: " "))
  }
}
