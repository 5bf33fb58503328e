import StreamSpaceProtocol

/// Draws commands from a seed: few keys, so that types, expiries and conditions meet.
struct RandomCommands {
  private var state: UInt64
  /// Server time near which absolute expiries lie, in milliseconds.
  let time: Int64

  init(seed: UInt64, time: Int64) {
    state = seed
    self.time = time
  }

  /// A number in `0..<bound` (splitmix64).
  mutating func draw(_ bound: Int) -> Int {
    state &+= 0x9e37_79b9_7f4a_7c15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
    return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
  }

  private mutating func pick(_ choices: [String]) -> String { choices[draw(choices.count)] }
  private mutating func key() -> String { pick(["k1", "k2", "k3", "h1", "s1", "n1"]) }
  private mutating func word() -> String { pick(["a", "b", "c", "7", "-3", "x y", ""]) }
  private mutating func number() -> String {
    pick(["1", "-1", "10", "5000", "0", "9223372036854775807", "-9223372036854775808", "x", "1.5", ""])
  }
  /// Seconds from now, or nonsense. Never short, and never near a time that ``offset()`` gives or that was drawn before:
  /// the real server's time goes on between commands, ours does not.
  private mutating func seconds() -> String {
    draw(4) == 0 ? pick(["0", "-1", "x"]) : String(103 + 10 * draw(100_000))
  }
  /// Numbers that are no time.
  private mutating func noTime() -> String {
    pick(["0", "-1", "x", "", "9223372036854775807", "-9223372036854775808", "9223372036854775"])
  }

  /// Seconds from now, never near now.
  private mutating func offset() -> Int64 { draw(3) == 0 ? -1_000 : Int64(1_000 + 10 * draw(100_000)) }

  private mutating func expiry() -> [String] {
    switch draw(8) {
    case 0: ["ex", seconds()]
    case 1: ["px", seconds() + "000"]
    case 2: ["exat", String(time / 1_000 + offset())]
    case 3: ["pxat", String(time + offset() * 1_000)]
    case 4: ["keepttl"]
    case 5: ["persist"]
    case 6: ["ex"]
    default: []
    }
  }

  private mutating func options(_ choices: [String]) -> [String] {
    (0..<draw(3)).map { _ in draw(5) == 0 ? pick(["foo", "get", "ch"]) : pick(choices) }
  }

  /// A command; one in forty with its last argument missing.
  mutating func next() -> [String] {
    var command = whole()
    if command.count > 1, draw(40) == 0 { command.removeLast() }
    return command
  }

  /// A command about subscriptions and messages.
  mutating func nextOfPubSub() -> [String] {
    switch draw(12) {
    case 0, 1: ["subscribe"] + (0...draw(2)).map { _ in channel() }
    case 2, 3: ["psubscribe"] + (0...draw(2)).map { _ in pattern() }
    case 4: draw(2) == 0 ? ["unsubscribe"] : ["unsubscribe", channel(), channel()]
    case 5: draw(2) == 0 ? ["punsubscribe"] : ["punsubscribe", pattern()]
    case 6: ["pubsub", pick(["numpat", "numpat", "numsub"])]
    case 7: ["pubsub", "numsub", channel(), channel()]
    case 8: draw(6) == 0 ? ["reset"] : ["get", "k"]
    default: ["publish", channel(), word()]
    }
  }

  private mutating func channel() -> String { pick(["news:1", "news:2", "pod:a:commands"]) }
  private mutating func pattern() -> String { pick(["*", "news:*", "news:[1]", "pod:?:*"]) }

  private mutating func whole() -> [String] {
    switch draw(44) {
    case 0, 1: ["set", key(), word()]
    case 2, 3: ["set", key(), word()] + options(["nx", "xx", "get"]) + expiry()
    case 4: ["SET", key(), number()] + expiry() + options(["NX", "XX", "GET"])
    case 5, 6: ["get", key()]
    case 7: ["getex", key()] + expiry()
    case 8: ["getdel", key()]
    case 9: ["setnx", key(), word()]
    case 10: [pick(["setex", "psetex"]), key(), seconds() + "000", word()]
    case 11: ["mget", key(), key(), "missing"]
    case 12, 13: [pick(["incr", "decr"]), key()]
    case 14: [pick(["incrby", "decrby"]), key(), number()]
    case 15: [pick(["del", "unlink", "exists"]), key(), key()]
    case 16, 17: ["expire", key(), seconds()] + options(["nx", "xx", "gt", "lt"])
    case 18: ["pexpire", key(), seconds() + "000"] + options(["nx", "xx", "gt", "lt"])
    case 19: ["expireat", key(), String(time / 1_000 + offset())] + options(["gt", "lt"])
    case 20: ["pexpireat", key(), String(time + offset() * 1_000)] + options(["gt", "lt"])
    case 21: [pick(["expire", "pexpire", "expireat", "pexpireat"]), key(), noTime()]
    case 22, 23: [pick(["ttl", "pttl"]), key()]
    case 24: [pick(["expiretime", "pexpiretime"]), key()]
    case 25: ["persist", key()]
    case 26: ["type", key()]
    case 27: ["keys", pick(["*", "k?", "[hs]1", "k[^1]", "\\k1", "n*"])]
    case 28: ["scan", "0", "count", "1000", "match", pick(["*", "k*"])]
    case 29: [pick(["hset", "hmset"]), pick(["h1", key()]), word(), word(), word(), word()]
    case 30: ["hget", pick(["h1", key()]), word()]
    case 31: ["hdel", pick(["h1", key()]), word(), word()]
    case 32: ["hgetall", pick(["h1", key()])]
    case 33: ["hincrby", pick(["h1", key()]), word(), number()]
    case 34: [pick(["sadd", "srem"]), pick(["s1", key()]), word(), word()]
    case 35: ["smembers", pick(["s1", key()])]
    case 36: ["sismember", pick(["s1", key()]), word()]
    case 37: ["scard", pick(["s1", key()])]
    case 38: [pick(["multi", "exec", "exec", "discard", "unwatch"])]
    case 39: ["watch", key()]
    case 40: ["eval", TestScripts.compareAndExpire, "1", key(), word(), seconds()]
    case 41: ["eval", TestScripts.compareAndDeletePair, "2", key(), key(), word()]
    case 42: ["select", pick(["0", "1", "0", "x"])]
    default: [pick(["ping", "nosuch", "flushdb", "echo"])] + (draw(4) == 0 ? [word()] : [])
    }
  }
}
