import StreamSpaceProtocol

/// Expiries of keys (`spec/04 §3.4` and `§3.5`).
enum ExpiryCommands {
  static let all: [RedisCommand] = [
    expiring("expire", .seconds, isAbsolute: false),
    expiring("pexpire", .milliseconds, isAbsolute: false),
    expiring("expireat", .seconds, isAbsolute: true),
    expiring("pexpireat", .milliseconds, isAbsolute: true),
    RedisCommand("ttl", 2, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      report(engine, call) { rounded(max(0, $0 - engine.now)) }
    },
    RedisCommand("pttl", 2, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      report(engine, call) { max(0, $0 - engine.now) }
    },
    RedisCommand("expiretime", 2, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      report(engine, call, rounded)
    },
    RedisCommand("pexpiretime", 2, [.read], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      report(engine, call) { $0 }
    },
    RedisCommand("persist", 2, [.write], keys: (1, 1, 1), persist),
  ]

  /// Milliseconds to seconds as Redis rounds: 1499 is 1, 400 is 0.
  private static func rounded(_ milliseconds: Int64) -> Int64 {
    milliseconds / 1_000 + (milliseconds % 1_000 >= 500 ? 1 : 0)
  }

  private static func expiring(_ name: String, _ unit: ExpiryTime.Unit, isAbsolute: Bool) -> RedisCommand {
    RedisCommand(name, -3, [.write], keys: (1, 1, 1)) { (engine, call) throws(RedisError) in
      let condition = try ExpiryCondition(call, from: 3)
      let time = ExpiryTime(amount: try call.integer(2), unit: unit, isAbsolute: isAbsolute)
      let expiry = try time.absoluteOrPast(now: engine.now, command: name)
      let key = call.key(1)
      guard let entry = engine.entry(key, in: call.connection.database), condition.allows(expiry, over: entry.expiry)
      else { return .integer(0) }
      engine.setExpiry(expiry, of: key, entry: entry, in: call.connection.database)
      return .integer(1)
    }
  }

  /// Answers -2 without a key, -1 without an expiry.
  private static func report(
    _ engine: RedisEngine, _ call: Invocation, _ shown: (Int64) -> Int64
  ) -> RESPValue {
    guard let entry = engine.entry(call.key(1), in: call.connection.database) else { return .integer(-2) }
    return .integer(entry.expiry.map(shown) ?? -1)
  }

  private static func persist(_ engine: RedisEngine, _ call: Invocation) throws(RedisError) -> RESPValue? {
    let key = call.key(1)
    guard let entry = engine.entry(key, in: call.connection.database), entry.expiry != nil else {
      return .integer(0)
    }
    engine.setExpiry(nil, of: key, entry: entry, in: call.connection.database)
    return .integer(1)
  }
}

/// The conditions `NX`, `XX`, `GT`, `LT` of the `EXPIRE` family. No expiry counts as infinite.
private struct ExpiryCondition {
  private var onlyWithout = false
  private var onlyWith = false
  private var onlyLater = false
  private var onlyEarlier = false

  init(_ call: Invocation, from start: Int) throws(RedisError) {
    for index in start..<max(start, call.count) {
      switch call.word(index) {
      case "NX": onlyWithout = true
      case "XX": onlyWith = true
      case "GT": onlyLater = true
      case "LT": onlyEarlier = true
      default:
        throw RedisError("ERR Unsupported option \(String(decoding: call[index], as: UTF8.self))")
      }
    }
    if onlyWithout, onlyWith || onlyLater || onlyEarlier {
      throw RedisError("ERR NX and XX, GT or LT options at the same time are not compatible")
    }
    if onlyLater, onlyEarlier {
      throw RedisError("ERR GT and LT options at the same time are not compatible")
    }
  }

  func allows(_ expiry: Int64, over current: Int64?) -> Bool {
    if onlyWithout, current != nil { return false }
    if onlyWith, current == nil { return false }
    if onlyLater { return current.map { expiry > $0 } ?? false }
    if onlyEarlier { return current.map { expiry < $0 } ?? true }
    return true
  }
}
