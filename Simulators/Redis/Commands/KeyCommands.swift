import StreamSpaceProtocol

/// Commands on keys of any type (`spec/04 §3.4`).
enum KeyCommands {
  static let all: [RedisCommand] = [
    RedisCommand("del", -2, [.write], keys: (1, -1, 1), delete),
    RedisCommand("unlink", -2, [.write], keys: (1, -1, 1), delete),
    RedisCommand("exists", -2, [.read], keys: (1, -1, 1), exists),
    RedisCommand("type", 2, [.read], keys: (1, 1, 1), type),
    RedisCommand("keys", 2, [.read], keys),
    RedisCommand("scan", -2, [.read], scan),
    RedisCommand("dbsize", 1, [.read]) { (engine, call) throws(RedisError) in
      .integer(Int64(engine.databases[call.connection.database].count))
    },
    RedisCommand("flushdb", -1, [.write]) { (engine, call) throws(RedisError) in
      try flush(engine, call, [call.connection.database])
    },
    RedisCommand("flushall", -1, [.write]) { (engine, call) throws(RedisError) in
      try flush(engine, call, Array(engine.databases.indices))
    },
    RedisCommand("swapdb", 3, [.write], swap),
  ]

  private static func delete(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    var removed: Int64 = 0
    for index in 1..<call.count {
      let key = call.key(index)
      guard engine.entry(key, in: call.connection.database) != nil else { continue }
      if engine.remove(key, in: call.connection.database) { removed += 1 }
    }
    return .integer(removed)
  }

  private static func exists(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let found = (1..<call.count).count { engine.entry(call.key($0), in: call.connection.database) != nil }
    return .integer(Int64(found))
  }

  private static func type(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    .simple(engine.entry(call.key(1), in: call.connection.database)?.value.typeName ?? "none")
  }

  /// Sorted: Redis promises no order.
  private static func keys(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let found = engine.databases[call.connection.database].entries
      .filter { engine.isVisible($0.value) && GlobPattern.matches(call[1], $0.key.bytes) }
      .map(\.key).sorted()
    return .array(found.map { .bulk($0.bytes) })
  }

  private static func scan(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard let cursor = cursor(call[1]) else { throw RedisError("ERR invalid cursor") }
    var pattern: [UInt8]?
    var typeName: String?
    var limit: Int64 = 10
    var index = 2
    while index < call.count {
      guard index + 1 < call.count else { throw .syntax }
      switch call.word(index) {
      case "MATCH": pattern = call[index + 1]
      case "TYPE": typeName = String(decoding: call[index + 1], as: UTF8.self).lowercased()
      case "COUNT":
        limit = try call.integer(index + 1)
        guard limit >= 1 else { throw .syntax }
      default: throw .syntax
      }
      index += 2
    }
    let database = call.connection.database
    let (entries, next) = engine.databases[database].scan(from: cursor, limit: Int(clamping: limit))
    let found = entries.filter { key, entry in
      guard engine.entry(key, in: database) != nil else { return false }
      if let pattern, !GlobPattern.matches(pattern, key.bytes) { return false }
      return typeName.map { $0 == entry.value.typeName } ?? true
    }
    return .array([.bulk(String(next)), .array(found.map { .bulk($0.key.bytes) })])
  }

  /// Reads a cursor as C's `strtoul` does: a sign is legal, a negative number wraps, nothing is 0.
  private static func cursor(_ bytes: [UInt8]) -> UInt64? {
    guard let first = bytes.first else { return 0 }
    let hasSign = first == UInt8(ascii: "-") || first == UInt8(ascii: "+")
    let digits = hasSign ? bytes.dropFirst() : bytes[...]
    guard digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }),
      let number = UInt64(String(decoding: digits, as: UTF8.self))
    else { return nil }
    return first == UInt8(ascii: "-") ? 0 &- number : number
  }

  /// Subscriptions and scripts stay.
  private static func flush(
    _ engine: RedisEngine, _ call: Invocation, _ databases: [Int]
  ) throws(RedisError) -> RESPValue? {
    guard call.count == 1 || (call.count == 2 && ["SYNC", "ASYNC"].contains(call.word(1))) else { throw .syntax }
    for database in databases { engine.removeAll(in: database) }
    return .ok
  }

  /// Swaps key by key, so that watches, the journal and the observer see every change.
  private static func swap(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard let first = RESPNumber.integer(call[1]) else { throw RedisError("ERR invalid first DB index") }
    guard let second = RESPNumber.integer(call[2]) else { throw RedisError("ERR invalid second DB index") }
    let legal = 0..<Int64(engine.databases.count)
    guard legal.contains(first), legal.contains(second) else { throw .databaseOutOfRange }
    guard first != second else { return .ok }
    let pair = [Int(first), Int(second)]
    let contents = pair.map { Array(engine.databases[$0].entries) }
    for database in pair { engine.removeAll(in: database) }
    for (database, entries) in zip(pair, contents.reversed()) {
      for (key, entry) in entries { engine.store(entry, at: key, in: database) }
    }
    return .ok
  }
}
