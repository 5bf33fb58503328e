import StreamSpaceProtocol
import TestEnvironment

extension CrossPlatform {
  /// What a browser sees of a session, asked and told.
  static let freshnessCases: [TestCase] = [namesPhasesFreshness]

  static let namesPhasesFreshness = TestCase(
    "XP-09", "Names, phases, freshness", in: .crossPlatform, source: "[P UI contract fixes]", live: true,
    variants: [
      Variant("T2", Topology.t2.with { $0.cacheEnabled = true }),
      Variant("TD", Topology.td.with { $0.cacheEnabled = true }, parameter: 1),
    ], needs: ["replicas:2", "k8s", "cache-on"], checks: ["I-FRESH"], kills: ["A-58", "B-76"]
  ) { environment in
    try await environment.awaitAgents()
    let user = environment.user("u01")
    let feed = try await user.listen(at: nil)
    let session = try await environment.created(SessionRequest(), by: "u01")
    // Both replicas have an answer in the cache that the next change must push out.
    try await environment.judge("pending", of: session.name, feed)
    try await environment.judge("running", of: session.name, feed)
    _ = try await user.hibernate(session.name, at: environment.replicas[0])
    try await environment.judge("hibernated", of: session.name, feed)
    _ = try await user.wake(session.name, at: environment.replicas[1])
    try await environment.judge("running", of: session.name, feed)
    _ = try await user.stop(session.name, at: environment.replicas[0])
    try await environment.judge("terminated", of: session.name, nil)
    try await feed.close()
  }

  /// `status.phase` beside the state (spec/02 §6.1).
  fileprivate static func phase(of state: String) -> String { state.prefix(1).uppercased() + state.dropFirst() }
}

extension Environment {
  /// Awaits a state and looks at it on every replica and in the feed.
  fileprivate func judge(_ state: String, of session: String, _ feed: (any FeedListener)?) async throws {
    try await require("the row says \(state)", within: .seconds(60), every: .milliseconds(50)) {
      try await self.state(of: session) == state
    }
    let changed = now
    for replica in replicas {
      try await expect(
        "GET says \(state) on every replica", within: .seconds(1), from: changed, every: .milliseconds(200)
      ) {
        try await self.user("u01").get(session, at: replica).state == state
      }
      let answer = try await user("u01").send("GET", "/api/v1/sessions/\(session)", body: nil, at: replica)
      judgeNames(answer.body, state, "GET")
    }
    guard let feed else { return }
    // Pushed every 3 s (spec/02 §5.9); half a second for the way and the query.
    try await expect("the feed tells \(state)", within: .milliseconds(3_500), from: changed, every: .milliseconds(100))
    {
      guard let message = feed.messages.last(where: { $0.time >= changed }),
        let document = try? JSONParser.parse(Array(message.text.utf8))
      else { return false }
      return (document["sessions"]?.elements ?? []).contains {
        $0["name"]?.text == session && $0["state"]?.text == state
      }
    }
    guard let text = feed.messages.last?.text, let document = try? JSONParser.parse(Array(text.utf8)),
      let item = document["sessions"]?.elements?.first(where: { $0["name"]?.text == session })
    else { return }
    judgeNames(JSONWriter.text(of: item), state, "feed")
  }

  /// State in lower case, phase capitalised, keys in camel case.
  private func judgeNames(_ body: String, _ state: String, _ source: String) {
    guard let document = try? JSONParser.parse(Array(body.utf8)) else {
      return expect("\(source) is JSON", equals: "yes", "no")
    }
    expect("\(source): state", equals: state, document["state"]?.text ?? "-")
    expect("\(source): status.phase", equals: CrossPlatform.phase(of: state), document["status"]?["phase"]?.text ?? "-")
    let keys = ["createdAt", "activeConnections"].filter { document[$0] != nil }
    expect("\(source): keys in camel case", equals: "createdAt activeConnections", keys.joined(separator: " "))
    let snake = ["created_at", "active_connections", "pod_name"].filter { document[$0] != nil }
    expect("\(source): keys in snake case", equals: "", snake.joined(separator: " "))
  }
}
