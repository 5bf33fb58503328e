/// Names of the Redis keys and channels of the hub, database 1 (spec/01 §2.1).
package enum RouteKeys {
  /// Lifetime of every route key in seconds.
  package static let lifetimeSeconds = 300
  /// The only value of ``connected(agent:)`` that counts.
  package static let connectedValue = "true"

  /// Which replica holds the agent: its pod name.
  package static func pod(agent: String) -> String { "agent:\(agent):pod" }

  /// Whether some replica holds the agent.
  package static func connected(agent: String) -> String { "agent:\(agent):connected" }

  /// The channel on which a replica takes commands for its agents.
  package static func commands(pod: String) -> String { "pod:\(pod):commands" }

  /// The relay address `host:port` of a replica (contract, C22).
  package static func address(pod: String) -> String { "pod:\(pod):addr" }

  /// Docker election: the record of the holder (C29).
  package static func leader(agent: String) -> String { "streamspace:agent:leader:\(agent)" }

  /// Docker election: the term, incremented at each win (C29).
  package static func leaderTerm(agent: String) -> String { "streamspace:agent:leader:\(agent):term" }

  /// Docker enrolment: the key the agent got (spec/00, Enrolment).
  package static func agentKey(agent: String) -> String { "streamspace:agent:key:\(agent)" }

  /// A login session, database 0 (spec/02 §2.4).
  package static func loginSession(tokenID: String) -> String { "session:\(tokenID)" }

  /// A cached answer, database 0: SHA-256 of the URI, with the user where the route is personal (spec/02 §1.6).
  package static func cachedAnswer(uri: String, userID: String? = nil) -> String {
    "response:\(SHA256.hex(userID.map { "\(uri):user:\($0)" } ?? uri))"
  }
}
