/// The text of `INFO`: sections of CRLF lines.
struct ServerReport {
  private let engine: RedisEngine

  init(_ engine: RedisEngine) { self.engine = engine }

  /// The sections that were asked for, in the order of the server; all of them for none, `all`, `default`, `everything`.
  func text(of wanted: [String]) -> String {
    let wantsAll = wanted.isEmpty || wanted.contains { ["all", "default", "everything"].contains($0) }
    return
      sections
      .filter { wantsAll || wanted.contains($0.name.lowercased()) }
      .map { section in
        "# \(section.name)\r\n" + section.lines.map { "\($0)\r\n" }.joined()
      }
      .joined(separator: "\r\n")
  }

  private var sections: [(name: String, lines: [String])] {
    let uptime = max(0, engine.now - engine.started) / 1_000
    return [
      (
        "Server",
        [
          "redis_version:\(engine.configuration.release.versionText)", "redis_mode:standalone", "arch_bits:64",
          "tcp_port:\(engine.configuration.port)", "server_time_usec:\(engine.now * 1_000)",
          "uptime_in_seconds:\(uptime)", "uptime_in_days:\(uptime / 86_400)",
        ]
      ),
      (
        "Clients",
        [
          "connected_clients:\(engine.connections.count)", "maxclients:\(engine.configuration.maximumClients)",
          "blocked_clients:0",
        ]
      ),
      ("Persistence", ["loading:\(engine.isLoading ? 1 : 0)", "aof_enabled:0"]),
      (
        "Stats",
        [
          "total_commands_processed:\(engine.commandsProcessed)",
          "pubsub_channels:\(engine.pubsub.channelNames.count)", "pubsub_patterns:\(engine.pubsub.patternCount)",
        ]
      ),
      ("Replication", ["role:\(engine.isReadOnly ? "slave" : "master")", "connected_slaves:0"]),
      (
        "Keyspace",
        engine.databases.enumerated().filter { $0.element.count > 0 }.map {
          "db\($0.offset):keys=\($0.element.count),expires=\($0.element.volatileCount),avg_ttl=0"
        }
      ),
    ]
  }
}
