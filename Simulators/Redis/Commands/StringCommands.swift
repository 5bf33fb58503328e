import StreamSpaceProtocol

/// Strings and counters (`spec/04 §3.4`).
enum StringCommands {
  static let all: [RedisCommand] = [
    RedisCommand("get", 2, [.read], keys: (1, 1, 1), get),
    RedisCommand("set", -3, [.write], keys: (1, 1, 1), set),
    RedisCommand("setnx", 3, [.write], keys: (1, 1, 1), setIfAbsent),
    RedisCommand("setex", 4, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      try setWithExpiry(engine, call, unit: .seconds)
    },
    RedisCommand("psetex", 4, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      try setWithExpiry(engine, call, unit: .milliseconds)
    },
    RedisCommand("getex", -2, [.write], keys: (1, 1, 1), getAndSetExpiry),
    RedisCommand("getdel", 2, [.write], keys: (1, 1, 1), getAndDelete),
    RedisCommand("mget", -2, [.read], keys: (1, -1, 1), getMany),
    RedisCommand("incr", 2, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      try add(1, engine, call)
    },
    RedisCommand("decr", 2, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      try add(-1, engine, call)
    },
    RedisCommand("incrby", 3, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      try add(call.integer(2), engine, call)
    },
    RedisCommand("decrby", 3, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      let amount = try call.integer(2)
      guard amount != .min else { throw RedisError("ERR decrement would overflow") }
      return try add(-amount, engine, call)
    },
  ]

  private static func get(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    try string(engine, call, 1).map { .bulk($0) } ?? .null
  }

  /// The string a key holds, nil when there is none.
  private static func string(
    _ engine: RedisEngine, _ call: Invocation, _ index: Int
  ) throws(RedisError) -> [UInt8]? {
    guard let entry = engine.entry(call.key(index), in: call.connection.database) else { return nil }
    guard let bytes = entry.value.string else { throw .wrongType }
    return bytes
  }

  private static func set(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let database = call.connection.database
    let key = call.key(1)
    guard call.count > 3 else {
      engine.store(KeyEntry(value: .string(call[2]), expiry: nil), at: key, in: database)
      return .ok
    }
    let options = try SetOptions(call, from: 3, allowing: [.condition, .get, .keep, .expiry])
    let expiry = try options.expiry(call)?.absolute(now: engine.now, command: "set")
    let old = engine.entry(key, in: database)
    var reply = RESPValue.ok
    if options.returnsOld {
      switch old?.value {
      case nil: reply = .null
      case .string(let bytes): reply = .bulk(bytes)
      default: throw .wrongType
      }
    }
    if let mustExist = options.mustExist, mustExist != (old != nil) {
      return options.returnsOld ? reply : .null
    }
    let kept = options.keepsExpiry ? old?.expiry : expiry
    if let kept, kept < engine.now {
      engine.remove(key, in: database)
    } else {
      engine.store(KeyEntry(value: .string(call[2]), expiry: kept), at: key, in: database)
    }
    return reply
  }

  private static func setIfAbsent(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let key = call.key(1)
    guard engine.entry(key, in: call.connection.database) == nil else { return .integer(0) }
    engine.store(KeyEntry(value: .string(call[2]), expiry: nil), at: key, in: call.connection.database)
    return .integer(1)
  }

  private static func setWithExpiry(
    _ engine: RedisEngine, _ call: Invocation, unit: ExpiryTime.Unit
  ) throws(RedisError) -> RESPValue? {
    let time = ExpiryTime(amount: try call.integer(2), unit: unit, isAbsolute: false)
    let expiry = try time.absolute(now: engine.now, command: call.command.name)
    engine.store(KeyEntry(value: .string(call[3]), expiry: expiry), at: call.key(1), in: call.connection.database)
    return .ok
  }

  private static func getAndSetExpiry(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let options = try SetOptions(call, from: 2, allowing: [.persist, .expiry])
    let key = call.key(1)
    guard let entry = engine.entry(key, in: call.connection.database) else { return .null }
    guard let bytes = entry.value.string else { throw .wrongType }
    if let time = try options.expiry(call) {
      let expiry = try time.absolute(now: engine.now, command: "getex")
      engine.setExpiry(expiry, of: key, entry: entry, in: call.connection.database)
    } else if options.persists, entry.expiry != nil {
      engine.setExpiry(nil, of: key, entry: entry, in: call.connection.database)
    }
    return .bulk(bytes)
  }

  private static func getAndDelete(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    guard let bytes = try string(engine, call, 1) else { return .null }
    engine.remove(call.key(1), in: call.connection.database)
    return .bulk(bytes)
  }

  private static func getMany(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    .array(
      (1..<call.count).map { index in
        let entry = engine.entry(call.key(index), in: call.connection.database)
        return entry?.value.string.map { .bulk($0) } ?? .null
      })
  }

  private static func add(
    _ amount: Int64, _ engine: RedisEngine, _ call: Invocation
  ) throws(RedisError) -> RESPValue? {
    let key = call.key(1)
    let old = engine.entry(key, in: call.connection.database)
    var number: Int64 = 0
    if let old {
      guard let bytes = old.value.string else { throw .wrongType }
      guard let stored = RESPNumber.integer(bytes) else { throw .notAnInteger }
      number = stored
    }
    let (sum, overflow) = number.addingReportingOverflow(amount)
    guard !overflow else { throw .wouldOverflow }
    var digits: [UInt8] = []
    digits.appendDecimal(sum)
    engine.store(KeyEntry(value: .string(digits), expiry: old?.expiry), at: key, in: call.connection.database)
    return .integer(sum)
  }
}
