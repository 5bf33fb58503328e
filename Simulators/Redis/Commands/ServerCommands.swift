import StreamSpaceProtocol

/// Commands about the server.
enum ServerCommands {
  static let all: [RedisCommand] = [
    RedisCommand("time", 1, [.loading]) { (engine, _) throws(RedisError) in
      let second = engine.now >= 0 ? engine.now / 1_000 : (engine.now - 999) / 1_000
      return .array([.bulk(String(second)), .bulk(String((engine.now - second * 1_000) * 1_000))])
    },
    RedisCommand("info", -1, [.loading]) { (engine, call) throws(RedisError) in
      let sections = (1..<call.count).map { call.word($0).lowercased() }
      return .verbatim(format: "txt", text: Array(ServerReport(engine).text(of: sections).utf8))
    },
    RedisCommand("wait", 3, [.noScript]) { (_, call) throws(RedisError) in
      _ = try call.integer(1)
      guard let timeout = RESPNumber.integer(call[2]) else {
        throw RedisError("ERR timeout is not an integer or out of range")
      }
      guard timeout >= 0 else { throw RedisError("ERR timeout is negative") }
      return .integer(0)
    },
    RedisCommand("config", container: [RedisCommand("config|get", -3, [.loading, .noScript], configuration)]),
    RedisCommand("command", -1, [.loading], command),
  ]

  /// The parameters a client may ask for, sorted, with Redis' defaults.
  private static func parameters(_ engine: RedisEngine) -> [(name: String, value: String)] {
    [
      ("appendonly", "no"), ("databases", String(engine.databases.count)),
      ("maxclients", String(engine.configuration.maximumClients)), ("maxmemory", "0"),
      ("maxmemory-policy", "noeviction"), ("notify-keyspace-events", ""), ("port", String(engine.configuration.port)),
      ("proto-max-bulk-len", String(engine.configuration.limits.bulkLength)),
      ("requirepass", engine.configuration.password ?? ""), ("save", ""), ("tcp-keepalive", "300"), ("timeout", "0"),
    ]
  }

  /// A parameter named without wildcards comes back under the name as typed.
  private static func configuration(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    var entries: [RESPMapEntry] = []
    var shown: [String] = []
    for index in 2..<call.count {
      let pattern = Array(call.word(index).lowercased().utf8)
      let isLiteral = !pattern.contains { "*?[".utf8.contains($0) }
      for parameter in parameters(engine) where !shown.contains(parameter.name) {
        guard GlobPattern.matches(pattern, Array(parameter.name.utf8)) else { continue }
        shown.append(parameter.name)
        entries.append(RESPMapEntry(isLiteral ? .bulk(call[index]) : .bulk(parameter.name), .bulk(parameter.value)))
      }
    }
    return .map(entries)
  }

  private static func command(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard call.count > 1 else { return .array(RedisEngine.commands.sorted.map(description)) }
    switch (call.word(1), call.count) {
    case ("COUNT", 2): return .integer(Int64(RedisEngine.commands.sorted.count))
    case ("LIST", 2): return .array(RedisEngine.commands.sorted.map { .bulk($0.name) })
    case ("INFO", 2): return .array(RedisEngine.commands.sorted.map(description))
    case ("INFO", _):
      return .array(
        (2..<call.count).map { RedisEngine.commands.command(named: call[$0]).map(description) ?? .nullArray })
    case ("DOCS", _): return .map([])
    case ("COUNT", _), ("LIST", _): throw .arity("command|\(call.word(1).lowercased())")
    default: throw .unknownSubcommand(call[1], of: "command")
    }
  }

  /// Name, arity, flags, keys, categories, tips, key specifications, subcommands.
  private static func description(_ command: RedisCommand) -> RESPValue {
    var flags: [RESPValue] = []
    if command.flags.contains(.write) { flags.append(.simple("write")) }
    if command.flags.contains(.read) { flags.append(.simple("readonly")) }
    if command.flags.contains(.loading) { flags.append(.simple("loading")) }
    if command.flags.contains(.noScript) { flags.append(.simple("noscript")) }
    if command.flags.contains(.withoutAuthentication) { flags.append(.simple("no_auth")) }
    return .array([
      .bulk(command.name), .integer(Int64(command.arity)), .set(flags), .integer(Int64(command.keys.first)),
      .integer(Int64(command.keys.last)), .integer(Int64(command.keys.step)), .set([]), .set([]), .set([]),
      .array(command.subcommands.map(description)),
    ])
  }
}
