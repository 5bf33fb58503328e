import StreamSpaceProtocol
import Testing

extension ConformanceCase {
  static let expiryCases: [ConformanceCase] = [
    ConformanceCase("EXPIRE and its reports") { arm in
      try arm.expect("expire k 100", .integer(0))
      try arm.expect("ttl k", .integer(-2))
      try arm.expect("pttl k", .integer(-2))
      try arm.expect("expiretime k", .integer(-2))
      try arm.expect("pexpiretime k", .integer(-2))
      try arm.expect("set k v", .ok)
      try arm.expect("ttl k", .integer(-1))
      try arm.expect("expiretime k", .integer(-1))
      try arm.expect("expire k 100", .integer(1))
      try arm.expect("ttl k", .integer(100))
      try arm.expect("pexpire k 99999", .integer(1))
      try arm.expect("ttl k", .integer(100))
      try arm.expect("pexpire k 99300", .integer(1))
      try arm.expect("ttl k", .integer(99))
      try arm.expect("persist k", .integer(1))
      try arm.expect("persist k", .integer(0))
      try arm.expect("persist missing", .integer(0))
      try arm.expect("ttl k", .integer(-1))
      let now = try arm.serverTime()
      try arm.expect("pexpireat k \(now + 500_499)", .integer(1))
      try arm.expect("pexpiretime k", .integer(now + 500_499))
      try arm.expect("expiretime k", .integer((now + 500_499 + 500) / 1_000))
      try arm.expect("expireat k \(now / 1_000 + 77)", .integer(1))
      try arm.expect("pexpiretime k", .integer((now / 1_000 + 77) * 1_000))
    },
    ConformanceCase("conditions of EXPIRE") { arm in
      try arm.expect("set k v", .ok)
      try arm.expect("expire k 100 xx", .integer(0))
      try arm.expect("expire k 100 gt", .integer(0))
      try arm.expect("expire k 100 nx", .integer(1))
      try arm.expect("expire k 50 nx", .integer(0))
      try arm.expect("expire k 50 gt", .integer(0))
      try arm.expect("expire k 200 gt xx", .integer(1))
      try arm.expect("expire k 300 lt", .integer(0))
      try arm.expect("expire k 100 lt", .integer(1))
      try arm.expect("ttl k", .integer(100))
      try arm.expect("persist k", .integer(1))
      try arm.expect("expire k 100 lt", .integer(1))
      try arm.expect("expire missing 100 nx", .integer(0))
      let incompatible = "ERR NX and XX, GT or LT options at the same time are not compatible"
      try arm.expect("expire k 1 nx xx", .error(incompatible))
      try arm.expect("expire k 1 nx gt", .error(incompatible))
      try arm.expect(
        "expire k 1 gt lt", .error("ERR GT and LT options at the same time are not compatible"))
      try arm.expect("expire k 1 foo", .error("ERR Unsupported option foo"))
    },
    ConformanceCase("a time that is not in the future removes the key") { arm in
      for command in ["expire k 0", "expire k -1", "pexpire k 0", "expireat k 1", "pexpireat k 1", "pexpireat k -5"] {
        try arm.expect("set k v", .ok)
        try arm.expect(command, .integer(1))
        try arm.expect("exists k", .integer(0))
      }
      try arm.expect("set k v", .ok)
      for command in ["expire", "pexpire", "expireat", "pexpireat"] {
        try arm.expect("\(command) k x", .error("ERR value is not an integer or out of range"))
      }
      try arm.expect(
        "expire k 9223372036854775807", .error("ERR invalid expire time in 'expire' command"))
      try arm.expect(
        "pexpire k 9223372036854775807", .error("ERR invalid expire time in 'pexpire' command"))
      try arm.expect(
        "expireat k 9223372036854775807", .error("ERR invalid expire time in 'expireat' command"))
      try arm.expect(
        "expire k -9223372036854775808", .error("ERR invalid expire time in 'expire' command"))
      try arm.expect("exists k", .integer(1))
    },
    ConformanceCase("an expired key is gone for every command") { arm in
      for key in ["a", "b", "c", "d", "e", "f"] { try arm.expect("set \(key) v px 30", .ok) }
      try arm.expect("hset h f v", .integer(1))
      try arm.expect("pexpire h 30", .integer(1))
      arm.advance(milliseconds: 60)
      try arm.expect("exists a", .integer(0))
      try arm.expect("get b", .null)
      try arm.expect("setnx c new", .integer(1))
      try arm.expect("ttl c", .integer(-1))
      try arm.expect("set d new xx", .null)
      try arm.expect("incr e", .integer(1))
      try arm.expect("ttl e", .integer(-1))
      try arm.expect("del f", .integer(0))
      try arm.expect("hset h g v", .integer(1))
      try arm.expect("hgetall h", .array([.bulk("g"), .bulk("v")]))
      try arm.expect("set k v px 30", .ok)
      arm.advance(milliseconds: 60)
      try arm.expect("set k w keepttl", .ok)
      try arm.expect("ttl k", .integer(-1))
      try arm.expect("set k v px 30", .ok)
      arm.advance(milliseconds: 60)
      try arm.expect("keys k", .array([]))
      try arm.expect("expire k 100", .integer(0))
      try arm.expect("ttl k", .integer(-2))
      try arm.expect("type k", .simple("none"))
    },
    ConformanceCase("which writes keep an expiry and which clear it") { arm in
      try arm.expect("set n 1 ex 100", .ok)
      try arm.expect("incr n", .integer(2))
      try arm.expect("ttl n", .integer(100))
      try arm.expect("sadd s a", .integer(1))
      try arm.expect("expire s 100", .integer(1))
      try arm.expect("sadd s b", .integer(1))
      try arm.expect("srem s a", .integer(1))
      try arm.expect("ttl s", .integer(100))
      try arm.expect("set s v", .ok)
      try arm.expect("ttl s", .integer(-1))
      try arm.expect("set n 5 get", .bulk("2"))
      try arm.expect("ttl n", .integer(-1))
    },
  ]
}
