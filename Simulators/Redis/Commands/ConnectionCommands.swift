import StreamSpaceProtocol

/// Commands about the connection itself (`spec/04 §3.2`).
enum ConnectionCommands {
  static let all: [RedisCommand] = [
    RedisCommand("ping", -1, [.subscriber], ping),
    RedisCommand("echo", 2, [.loading]) { (_, call) throws(RedisError) in .bulk(call[1]) },
    RedisCommand("quit", -1, [.loading, .withoutAuthentication, .noScript, .notQueued, .subscriber]) {
      (engine, call) throws(RedisError) in
      engine.end(call.connection)
      return .ok
    },
    RedisCommand(
      "reset", 1, [.loading, .withoutAuthentication, .noScript, .notQueued, .subscriber], reset),
    RedisCommand("select", 2, [.loading], select),
    RedisCommand("auth", -2, [.loading, .withoutAuthentication, .noScript], authenticate),
    RedisCommand("hello", -1, [.loading, .withoutAuthentication, .noScript], hello),
    RedisCommand("client", container: ClientCommands.all),
  ]

  private static func ping(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard call.count <= 2 else { throw .arity("ping") }
    if call.connection.version == .two, call.connection.subscriptionCount > 0 {
      return .array([.bulk("pong"), .bulk(call.count == 2 ? call[1] : [])])
    }
    return call.count == 2 ? .bulk(call[1]) : .simple("PONG")
  }

  private static func reset(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let connection = call.connection
    connection.transaction = nil
    engine.unwatchAll(connection)
    engine.unsubscribeFromAll(connection)
    connection.version = .two
    connection.database = 0
    connection.name = []
    connection.isAuthenticated = engine.configuration.password == nil
    return .simple("RESET")
  }

  private static func select(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let number = try call.integer(1)
    guard Int64(Int32.min)...Int64(Int32.max) ~= number else {
      throw RedisError("ERR value is out of range, value must between \(Int32.min) and \(Int32.max)")
    }
    guard engine.databases.indices.contains(Int(number)) else { throw .databaseOutOfRange }
    call.connection.database = Int(number)
    return .ok
  }

  private static func authenticate(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard call.count <= 3 else { throw .syntax }
    if call.count == 2, engine.configuration.password == nil {
      throw RedisError(
        "ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?"
      )
    }
    let user = call.count == 3 ? call[1] : Array("default".utf8)
    try check(user: user, password: call[call.count - 1], engine)
    call.connection.isAuthenticated = true
    return .ok
  }

  /// The default user is the only one; without a configured password any will do.
  private static func check(user: [UInt8], password: [UInt8], _ engine: RedisEngine) throws(RedisError) {
    guard user == Array("default".utf8) else { throw .wrongPassword }
    if let expected = engine.configuration.password, password != Array(expected.utf8) { throw .wrongPassword }
  }

  private static func hello(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let connection = call.connection
    var version = connection.version
    if call.count > 1 {
      guard let number = RESPNumber.integer(call[1]) else {
        throw RedisError("ERR Protocol version is not an integer or out of range")
      }
      guard let known = RESPVersion(rawValue: Int(clamping: number)) else {
        throw RedisError("NOPROTO unsupported protocol version")
      }
      version = known
    }
    var index = 2
    var name: [UInt8]?
    while index < call.count {
      switch call.word(index) {
      case "AUTH" where index + 2 < call.count:
        try check(user: call[index + 1], password: call[index + 2], engine)
        connection.isAuthenticated = true
        index += 3
      case "SETNAME" where index + 1 < call.count:
        try ClientCommands.validate(call[index + 1], as: "Client names")
        name = call[index + 1]
        index += 2
      default:
        throw RedisError("ERR Syntax error in HELLO option '\(String(decoding: call[index], as: UTF8.self))'")
      }
    }
    guard connection.isAuthenticated else {
      let form = engine.configuration.release == .redis70 ? "HELLO AUTH" : "HELLO <proto> AUTH"
      throw RedisError(
        "NOAUTH HELLO must be called with the client already authenticated, otherwise the \(form) <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time"
      )
    }
    if let name { connection.name = name }
    connection.version = version
    return .map([
      RESPMapEntry(.bulk("server"), .bulk("redis")),
      RESPMapEntry(.bulk("version"), .bulk(engine.configuration.release.versionText)),
      RESPMapEntry(.bulk("proto"), .integer(Int64(version.rawValue))),
      RESPMapEntry(.bulk("id"), .integer(connection.id.number)),
      RESPMapEntry(.bulk("mode"), .bulk("standalone")),
      RESPMapEntry(.bulk("role"), .bulk(engine.isReadOnly ? "replica" : "master")),
      RESPMapEntry(.bulk("modules"), .array([])),
    ])
  }
}
