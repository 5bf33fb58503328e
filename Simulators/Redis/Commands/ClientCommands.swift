import StreamSpaceProtocol

/// `CLIENT` and its subcommands, as far as clients need them.
enum ClientCommands {
  static let all: [RedisCommand] = [
    RedisCommand("client|id", 2, flags) { (_, call) throws(RedisError) in .integer(call.connection.id.number) },
    RedisCommand("client|getname", 2, flags) { (_, call) throws(RedisError) in
      call.connection.name.isEmpty ? .null : .bulk(call.connection.name)
    },
    RedisCommand("client|setname", 3, flags) { (_, call) throws(RedisError) in
      try validate(call[2], as: "Client names")
      call.connection.name = call[2]
      return .ok
    },
    RedisCommand("client|setinfo", -2, flags, setInfo),
    RedisCommand("client|list", -2, flags, list),
    RedisCommand("client|info", 2, flags) { (engine, call) throws(RedisError) in
      .verbatim(format: "txt", text: Array((line(call.connection, engine) + "\n").utf8))
    },
    RedisCommand("client|kill", -3, flags, kill),
    RedisCommand("client|no-evict", 3, flags) { (_, call) throws(RedisError) in
      guard ["ON", "OFF"].contains(call.word(2)) else { throw .syntax }
      return .ok
    },
  ]

  private static let flags: RedisCommand.Flags = [.loading, .noScript]

  /// Names may hold visible ASCII without blanks.
  static func validate(_ name: [UInt8], as what: String) throws(RedisError) {
    guard name.allSatisfy({ (0x21...0x7e).contains($0) }) else {
      throw RedisError("ERR \(what) cannot contain spaces, newlines or special characters.")
    }
  }

  private static func setInfo(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard engine.configuration.release == .redis72 else { throw .unknownSubcommand(call[1], of: "client") }
    guard call.count == 4 else { throw .arity("client|setinfo") }
    switch call.word(2) {
    case "LIB-NAME":
      try validate(call[3], as: "lib-name")
      call.connection.libraryName = call[3]
    case "LIB-VER":
      try validate(call[3], as: "lib-ver")
      call.connection.libraryVersion = call[3]
    default: throw RedisError("ERR Unrecognized option '\(String(decoding: call[2], as: UTF8.self))'")
    }
    return .ok
  }

  private static func list(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    var shown = sorted(engine)
    if call.count > 2 {
      switch (call.word(2), call.count) {
      case ("TYPE", 4):
        let kind = try kind(call[3])
        shown = shown.filter { kind.includes($0) }
      case ("ID", 4...):
        var wanted: [Int64] = []
        for index in 3..<call.count {
          guard let number = RESPNumber.integer(call[index]), number >= 1 else {
            throw RedisError("ERR Invalid client ID")
          }
          wanted.append(number)
        }
        shown = wanted.compactMap { engine.connections[ConnectionID($0)] }
      default: throw .syntax
      }
    }
    let text = shown.map { line($0, engine) + "\n" }.joined()
    return .verbatim(format: "txt", text: Array(text.utf8))
  }

  /// Both forms: `KILL addr`, and `KILL` with filters, all of which must fit.
  private static func kill(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    if call.count == 3 {
      let address = String(decoding: call[2], as: UTF8.self)
      let victims = sorted(engine).filter { $0.address == address }
      guard !victims.isEmpty else { throw RedisError("ERR No such client") }
      for victim in victims { engine.end(victim) }
      return .ok
    }
    var victims = sorted(engine)
    var sparesCaller = true
    var index = 2
    while index < call.count {
      guard index + 1 < call.count else { throw .syntax }
      switch call.word(index) {
      case "ID":
        guard let number = RESPNumber.integer(call[index + 1]), number >= 1 else {
          throw RedisError("ERR client-id should be greater than 0")
        }
        victims = victims.filter { $0.id.number == number }
      case "ADDR":
        let address = String(decoding: call[index + 1], as: UTF8.self)
        victims = victims.filter { $0.address == address }
      case "TYPE":
        let kind = try kind(call[index + 1])
        victims = victims.filter { kind.includes($0) }
      case "SKIPME":
        switch call.word(index + 1) {
        case "YES": sparesCaller = true
        case "NO": sparesCaller = false
        default: throw .syntax
        }
      default: throw .syntax
      }
      index += 2
    }
    if sparesCaller { victims = victims.filter { $0.id != call.connection.id } }
    for victim in victims { engine.end(victim) }
    return .integer(Int64(victims.count))
  }

  private static func sorted(_ engine: RedisEngine) -> [RedisConnection] {
    engine.connections.values.sorted { $0.id < $1.id }
  }

  /// The kinds of clients; this server has no masters and replicas among them.
  private enum Kind {
    case normal, pubsub, none

    func includes(_ connection: RedisConnection) -> Bool {
      switch self {
      case .normal: connection.subscriptionCount == 0
      case .pubsub: connection.subscriptionCount > 0
      case .none: false
      }
    }
  }

  private static func kind(_ word: [UInt8]) throws(RedisError) -> Kind {
    let text = String(decoding: word, as: UTF8.self)
    switch text.lowercased() {
    case "normal": return .normal
    case "pubsub": return .pubsub
    case "master", "replica", "slave": return .none
    default: throw RedisError("ERR Unknown client type '\(text)'")
    }
  }

  private static func line(_ connection: RedisConnection, _ engine: RedisEngine) -> String {
    let age = max(0, engine.now - connection.opened) / 1_000
    let idle = max(0, engine.now - connection.lastInteraction) / 1_000
    var flags = ""
    if connection.subscriptionCount > 0 { flags += "P" }
    if connection.transaction != nil { flags += "x" }
    if connection.hasConflict { flags += "d" }
    let queued = connection.transaction.map { $0.queue.count } ?? -1
    let fields = [
      "id=\(connection.id.number)", "addr=\(connection.address)", "laddr=127.0.0.1:\(engine.configuration.port)",
      "fd=\(connection.id.number + 7)", "name=\(String(decoding: connection.name, as: UTF8.self))", "age=\(age)",
      "idle=\(idle)", "flags=\(flags.isEmpty ? "N" : flags)", "db=\(connection.database)",
      "sub=\(connection.channels.count)", "psub=\(connection.patterns.count)", "ssub=0", "multi=\(queued)",
      "qbuf=\(connection.decoder.bufferedBytes)", "events=r", "cmd=\(connection.lastCommand)", "user=default",
      "redir=-1", "resp=\(connection.version.rawValue)",
    ]
    let library = [
      "lib-name=\(String(decoding: connection.libraryName, as: UTF8.self))",
      "lib-ver=\(String(decoding: connection.libraryVersion, as: UTF8.self))",
    ]
    return (engine.configuration.release == .redis72 ? fields + library : fields).joined(separator: " ")
  }
}
