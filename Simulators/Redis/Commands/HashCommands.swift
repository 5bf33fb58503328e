import StreamSpaceProtocol

/// Hashes (`spec/04 §3.4`).
enum HashCommands {
  static let all: [RedisCommand] = [
    RedisCommand("hset", -4, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      .integer(try setFields(engine, call))
    },
    RedisCommand("hmset", -4, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      _ = try setFields(engine, call)
      return .ok
    },
    RedisCommand("hget", 3, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      try hash(engine, call)?.hash.table[call.key(2)].map { .bulk($0) } ?? .null
    },
    RedisCommand("hdel", -3, [.write], keys: (1, 1, 1), deleteFields),
    RedisCommand("hgetall", 2, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      let fields = try hash(engine, call)?.hash.fields ?? []
      return .map(fields.map { RESPMapEntry(.bulk($0.field.bytes), .bulk($0.value)) })
    },
    RedisCommand("hincrby", 4, [.write], keys: (1, 1, 1), increment),
  ]

  /// The hash a key holds and its expiry, nil when there is none.
  private static func hash(
    _ engine: RedisEngine, _ call: Invocation
  ) throws(RedisError) -> (hash: RedisHash, expiry: Int64?)? {
    guard let entry = engine.entry(call.key(1), in: call.connection.database) else { return nil }
    guard case .hash(let hash) = entry.value else { throw .wrongType }
    return (hash, entry.expiry)
  }

  private static func store(_ hash: RedisHash, expiry: Int64?, _ engine: RedisEngine, _ call: Invocation) {
    engine.store(KeyEntry(value: .hash(hash), expiry: expiry), at: call.key(1), in: call.connection.database)
  }

  private static func setFields(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> Int64 {
    guard call.count.isMultiple(of: 2) else { throw .arity(call.command.name) }
    var (hash, expiry) = try hash(engine, call) ?? (RedisHash(), nil)
    let before = hash.table.count
    for index in stride(from: 2, to: call.count, by: 2) { hash.table.update(call.key(index), to: call[index + 1]) }
    store(hash, expiry: expiry, engine, call)
    return Int64(hash.table.count - before)
  }

  private static func deleteFields(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard case (var hash, let expiry)? = try hash(engine, call) else { return .integer(0) }
    let before = hash.table.count
    for index in 2..<call.count { hash.table.remove(call.key(index)) }
    let removed = before - hash.table.count
    if hash.table.isEmpty {
      engine.remove(call.key(1), in: call.connection.database)
    } else if removed > 0 {
      store(hash, expiry: expiry, engine, call)
    }
    return .integer(Int64(removed))
  }

  private static func increment(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let amount = try call.integer(3)
    var (hash, expiry) = try hash(engine, call) ?? (RedisHash(), nil)
    var number: Int64 = 0
    if let bytes = hash.table[call.key(2)] {
      guard let stored = RESPNumber.integer(bytes) else { throw RedisError("ERR hash value is not an integer") }
      number = stored
    }
    let (sum, overflow) = number.addingReportingOverflow(amount)
    guard !overflow else { throw .wouldOverflow }
    var digits: [UInt8] = []
    digits.appendDecimal(sum)
    hash.table.update(call.key(2), to: digits)
    store(hash, expiry: expiry, engine, call)
    return .integer(sum)
  }
}
