/// Draws commands whose replies are determined to the byte: no remaining lives, no orders that Redis leaves open.
struct RedisCommandSource {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A number in `0..<bound` (splitmix64).
  mutating func draw(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  private mutating func pick(_ choices: [String]) -> String { choices[draw(choices.count)] }
  private mutating func key() -> String { pick(["k1", "k2", "k3", "n1", "h1", "s1"]) }
  private mutating func number() -> String { pick(["1", "-1", "77", "9223372036854775807", "x", ""]) }

  /// Any bytes, now and then many.
  private mutating func value() -> [UInt8] {
    switch draw(12) {
    case 0: Array(repeating: UInt8(draw(256)), count: 100_000 + draw(100_000))
    case 1: []
    case 2...5: Array("\(draw(1_000))".utf8)
    default: (0..<draw(60)).map { _ in UInt8(draw(256)) }
    }
  }

  mutating func next() -> [[UInt8]] {
    switch draw(34) {
    case 0...3: words("set", key()) + [value()]
    case 4: words("set", key(), "v", pick(["nx", "xx", "get"]), pick(["ex", "px", "keepttl"]), "900000")
    case 5, 6: words("get", key())
    case 7: words(pick(["getdel", "type", "persist"]), key())
    case 8: words(pick(["incr", "decr"]), key())
    case 9: words(pick(["incrby", "decrby"]), key(), number())
    case 10: words(pick(["del", "unlink", "exists"]), key(), key())
    case 11: words("expire", key(), pick(["500000", "0", "-1", "x"]), pick(["nx", "xx", "gt", "lt"]))
    case 12: words("expiretime", "h1")
    case 13:
      words(
        pick(["pexpireat", "expireat", "pexpire"]), key(),
        pick(["99999999999999", "9223372036854775807", "9223372036854775", "922337203685477"]))
    case 14: words("mget", key(), key(), "missing")
    case 15: words("hset", "h1", pick(["a", "b"])) + [value()]
    case 16: words("hget", pick(["h1", key()]), "a")
    case 17: words("hdel", "h1", "a", "b")
    case 18: words("hincrby", "h1", "n", number())
    case 19: words(pick(["sadd", "srem"]), "s1", pick(["a", "b", "c"]))
    case 20: words(pick(["scard", "smembers"]), "one")
    case 21: words("sismember", "s1", "b")
    case 22: words("multi")
    case 23: words(pick(["exec", "exec", "discard"]))
    case 24: words("watch", key())
    case 25: words("select", pick(["0", "1", "15", "16", "x"]))
    case 26: words("publish", "news") + [value()]
    case 27: words("pubsub", pick(["numsub", "numpat"]))
    case 28: words("client", pick(["getname", "setname", "nosuch"]))
    case 29: words("client", "setname", pick(["me", "a b"]))
    case 30: words(pick(["nosuch", "FLUSHDB", "echo", "ping"]))
    case 31: words("echo") + [value()]
    case 32: words("eval", Self.script, "1", key(), "v", "500")
    default: words("get")
    }
  }

  private static let script =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then redis.call('EXPIRE', KEYS[1], ARGV[2]) return 1 else return 0 end"

  private func words(_ words: String...) -> [[UInt8]] { words.map { Array($0.utf8) } }

  /// As an array of bulk strings, or as a line where that is possible.
  mutating func encoded(_ command: [[UInt8]]) -> [UInt8] {
    let isPlain = command.allSatisfy { word in
      !word.isEmpty && word.allSatisfy { ($0 >= 0x61 && $0 <= 0x7a) || ($0 >= 0x30 && $0 <= 0x39) }
    }
    // A real server takes lines of 64 KiB and no more.
    if isPlain, command.joined().count < 1_000, draw(4) == 0 {
      return Array(command.joined(separator: [0x20])) + [0x0d, 0x0a]
    }
    var bytes = Array("*\(command.count)\r\n".utf8)
    for word in command { bytes += Array("$\(word.count)\r\n".utf8) + word + [0x0d, 0x0a] }
    return bytes
  }
}
