import StreamSpaceProtocol

/// Sets (`spec/04 §3.4`).
enum SetCommands {
  static let all: [RedisCommand] = [
    RedisCommand("sadd", -3, [.write], keys: (1, 1, 1), add),
    RedisCommand("srem", -3, [.write], keys: (1, 1, 1), remove),
    RedisCommand("smembers", 2, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      .set((try set(engine, call)?.set.members ?? []).map { .bulk($0.bytes) })
    },
    RedisCommand("sismember", 3, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      .integer(try set(engine, call)?.set.table[call.key(2)] == nil ? 0 : 1)
    },
    RedisCommand("scard", 2, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      .integer(Int64(try set(engine, call)?.set.table.count ?? 0))
    },
  ]

  /// The set a key holds and its expiry, nil when there is none.
  private static func set(
    _ engine: RedisEngine, _ call: Invocation
  ) throws(RedisError) -> (set: RedisSet, expiry: Int64?)? {
    guard let entry = engine.entry(call.key(1), in: call.connection.database) else { return nil }
    guard case .set(let set) = entry.value else { throw .wrongType }
    return (set, entry.expiry)
  }

  private static func add(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    var (set, expiry) = try set(engine, call) ?? (RedisSet(), nil)
    let before = set.table.count
    for index in 2..<call.count { set.table.update(call.key(index), to: ()) }
    let added = set.table.count - before
    if added > 0 {
      engine.store(KeyEntry(value: .set(set), expiry: expiry), at: call.key(1), in: call.connection.database)
    }
    return .integer(Int64(added))
  }

  private static func remove(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard case (var set, let expiry)? = try set(engine, call) else { return .integer(0) }
    let before = set.table.count
    for index in 2..<call.count { set.table.remove(call.key(index)) }
    let removed = before - set.table.count
    if set.table.isEmpty {
      engine.remove(call.key(1), in: call.connection.database)
    } else if removed > 0 {
      engine.store(KeyEntry(value: .set(set), expiry: expiry), at: call.key(1), in: call.connection.database)
    }
    return .integer(Int64(removed))
  }
}
