import StreamSpaceProtocol
import Testing

private let wrongType = RESPValue.error("WRONGTYPE Operation against a key holding the wrong kind of value")
private let notInteger = RESPValue.error("ERR value is not an integer or out of range")
private let syntax = RESPValue.error("ERR syntax error")

extension ConformanceCase {
  static let stringCases: [ConformanceCase] = [
    ConformanceCase("SET and GET") { arm in
      try arm.expect("get k", .null)
      try arm.expect("set k v", .ok)
      try arm.expect("get k", .bulk("v"))
      try arm.expect("set k ''", .ok)
      try arm.expect("get k", .bulk(""))
      try arm.expect("sadd s m", .integer(1))
      try arm.expect("get s", wrongType)
      try arm.expect("set s v", .ok)
      try arm.expect("type s", .simple("string"))
    },
    ConformanceCase("keys and values are binary-safe") { arm in
      let nasty: [UInt8] = [0, 13, 10, 255, 36]
      var bytes: [UInt8] = []
      bytes.appendRequest([Array("set".utf8), nasty, nasty + nasty])
      bytes.appendRequest([Array("get".utf8), nasty])
      try arm.send(bytes, on: 0)
      try arm.expectMessage(.ok, on: 0)
      try arm.expectMessage(.bulk(nasty + nasty), on: 0)
    },
    ConformanceCase("conditions of SET") { arm in
      try arm.expect("set k a xx", .null)
      try arm.expect("set k a nx", .ok)
      try arm.expect("set k b nx", .null)
      try arm.expect("set k c xx", .ok)
      try arm.expect("set k d get", .bulk("c"))
      try arm.expect("set k e nx get", .bulk("d"))
      try arm.expect("get k", .bulk("d"))
      try arm.expect("set new x xx get", .null)
      try arm.expect("exists new", .integer(0))
      try arm.expect("set new x get", .null)
      try arm.expect("get new", .bulk("x"))
      try arm.expect("sadd s m", .integer(1))
      try arm.expect("set s x get", wrongType)
      try arm.expect("set s x nx get", wrongType)
      try arm.expect("set k a nx xx", syntax)
      try arm.expect("set k a foo", syntax)
      try arm.expect("set k a nx nx", .null)
    },
    ConformanceCase("expiries of SET") { arm in
      try arm.expect("set k v ex 300", .ok)
      try arm.expect("ttl k", .integer(300))
      try arm.expect("set k w keepttl", .ok)
      try arm.expect("ttl k", .integer(300))
      try arm.expect("set k v", .ok)
      try arm.expect("ttl k", .integer(-1))
      try arm.expect("set k v px 1500 nx", .null)
      try arm.expect("set k v px 250000", .ok)
      try arm.expect("ttl k", .integer(250))
      try arm.expect("set k v ex 1 px 1", syntax)
      try arm.expect("set k v ex 10 ex 20", .ok)
      try arm.expect("ttl k", .integer(20))
      try arm.expect("set k v ex", syntax)
      try arm.expect("set k v keepttl ex 1", syntax)
      try arm.expect("set k v ex 1 keepttl", syntax)
      try arm.expect("set k v ex x", notInteger)
      try arm.expect("set k v ex 0", .error("ERR invalid expire time in 'set' command"))
      try arm.expect("set k v px -1", .error("ERR invalid expire time in 'set' command"))
      try arm.expect("set k v ex 9223372036854775807", .error("ERR invalid expire time in 'set' command"))
      try arm.expect("set k v px 9223372036854775807", .error("ERR invalid expire time in 'set' command"))
      try arm.expect("get k", .bulk("v"))
      let now = try arm.serverTime() / 1_000
      try arm.expect("set k v exat \(now + 100)", .ok)
      try arm.expect("expiretime k", .integer(now + 100))
      try arm.expect("set k v pxat \((now + 50) * 1_000 + 7)", .ok)
      try arm.expect("pexpiretime k", .integer((now + 50) * 1_000 + 7))
      try arm.expect("set k v exat \(now - 100)", .ok)
      try arm.expect("exists k", .integer(0))
      try arm.expect("set k v exat 0", .error("ERR invalid expire time in 'set' command"))
    },
    ConformanceCase("SETNX, SETEX, PSETEX") { arm in
      try arm.expect("setnx k a", .integer(1))
      try arm.expect("setnx k b", .integer(0))
      try arm.expect("ttl k", .integer(-1))
      try arm.expect("setex k 100 v", .ok)
      try arm.expect("ttl k", .integer(100))
      try arm.expect("psetex k 100000 v", .ok)
      try arm.expect("ttl k", .integer(100))
      try arm.expect("setex k 0 v", .error("ERR invalid expire time in 'setex' command"))
      try arm.expect("psetex k -1 v", .error("ERR invalid expire time in 'psetex' command"))
      try arm.expect("setex k x v", notInteger)
    },
    ConformanceCase("GETEX, GETDEL, MGET") { arm in
      try arm.expect("getex k", .null)
      try arm.expect("getex k ex 0", .null)
      try arm.expect("getdel k", .null)
      try arm.expect("set k v", .ok)
      try arm.expect("getex k ex 100", .bulk("v"))
      try arm.expect("ttl k", .integer(100))
      try arm.expect("getex k", .bulk("v"))
      try arm.expect("ttl k", .integer(100))
      try arm.expect("getex k persist", .bulk("v"))
      try arm.expect("ttl k", .integer(-1))
      try arm.expect("getex k ex 0", .error("ERR invalid expire time in 'getex' command"))
      try arm.expect("getex k nx", syntax)
      try arm.expect("getex k keepttl", syntax)
      try arm.expect("getex k persist ex 1", syntax)
      try arm.expect("getex k pxat 1", .bulk("v"))
      try arm.expect("exists k", .integer(0))
      try arm.expect("set k v", .ok)
      try arm.expect("sadd s m", .integer(1))
      try arm.expect("mget k missing s k", .array([.bulk("v"), .null, .null, .bulk("v")]))
      try arm.expect("getdel s", wrongType)
      try arm.expect("getex s", wrongType)
      try arm.expect("getdel k", .bulk("v"))
      try arm.expect("exists k", .integer(0))
    },
    ConformanceCase("counters") { arm in
      try arm.expect("incr n", .integer(1))
      try arm.expect("incrby n 41", .integer(42))
      try arm.expect("decr n", .integer(41))
      try arm.expect("decrby n 50", .integer(-9))
      try arm.expect("get n", .bulk("-9"))
      try arm.expect("expire n 100", .integer(1))
      try arm.expect("incr n", .integer(-8))
      try arm.expect("ttl n", .integer(100))
      try arm.expect("incrby n x", notInteger)
      try arm.expect("set n 9223372036854775807", .ok)
      try arm.expect("incr n", .error("ERR increment or decrement would overflow"))
      try arm.expect("decrby n -1", .error("ERR increment or decrement would overflow"))
      try arm.expect("decrby n -9223372036854775808", .error("ERR decrement would overflow"))
      for text in ["abc", "1.5", "01", "+1", "''", "-0"] {
        try arm.expect("set n \(text)", .ok)
        try arm.expect("incr n", notInteger)
      }
      try arm.expect("sadd s m", .integer(1))
      try arm.expect("incr s", wrongType)
    },
  ]

  static let keyCases: [ConformanceCase] = [
    ConformanceCase("DEL, UNLINK, EXISTS, TYPE, DBSIZE") { arm in
      try arm.expect("del a b", .integer(0))
      try arm.expect("set a 1", .ok)
      try arm.expect("hset h f v", .integer(1))
      try arm.expect("sadd s m", .integer(1))
      try arm.expect("exists a a h missing", .integer(3))
      try arm.expect("type a", .simple("string"))
      try arm.expect("type h", .simple("hash"))
      try arm.expect("type s", .simple("set"))
      try arm.expect("type missing", .simple("none"))
      try arm.expect("dbsize", .integer(3))
      try arm.expect("del a a h", .integer(2))
      try arm.expect("unlink s", .integer(1))
      try arm.expect("dbsize", .integer(0))
    },
    ConformanceCase("KEYS matches globs") { arm in
      let names = ["agent:1:pod", "agent:2:pod", "hello", "hallo", "hillo", "h*llo", "hbllo", "a[b", "x"]
      for name in names { try arm.expect("set \(name) v", .ok) }
      for (pattern, expected) in [
        ("*", names), ("agent:*", ["agent:1:pod", "agent:2:pod"]), ("*:pod", ["agent:1:pod", "agent:2:pod"]),
        ("h?llo", ["hello", "hallo", "hillo", "h*llo", "hbllo"]), ("h[ae]llo", ["hello", "hallo"]),
        ("h[^e]llo", ["hallo", "hillo", "h*llo", "hbllo"]), ("h[a-b]llo", ["hallo", "hbllo"]),
        ("h[b-a]llo", ["hallo", "hbllo"]), ("h\\*llo", ["h*llo"]), ("h[\\*]llo", ["h*llo"]), ("a[[]b", ["a[b"]),
        ("a\\[b", ["a[b"]), ("nothing", []), ("**l*o", ["hello", "hallo", "hillo", "h*llo", "hbllo"]),
        ("h[", []), ("[x", ["x"]), ("[^x", ["a", "y"].filter(names.contains)), ("[", []), ("x\\", []), ("[a-", []),
      ] {
        let found = try #require(arm.ask("keys \(pattern)")?.elements).compactMap(\.text)
        #expect(found.sorted() == expected.sorted(), "KEYS \(pattern)")
      }
    },
    ConformanceCase("SCAN comes to every key") { arm in
      for number in 0..<35 { try arm.expect("set key:\(number) v", .ok) }
      try arm.expect("sadd other m", .integer(1))
      func scan(_ options: String) throws -> [String] {
        var cursor = "0"
        var found: Set<String> = []
        repeat {
          let reply = try arm.ask("scan \(cursor) \(options)")?.elements ?? []
          cursor = reply.first?.text ?? "0"
          found.formUnion(reply.last?.elements?.compactMap(\.text) ?? [])
        } while cursor != "0"
        return found.sorted()
      }
      #expect(try scan("").count == 36)
      #expect(try scan("match key:1* count 3") == (["key:1"] + (10...19).map { "key:\($0)" }).sorted())
      #expect(try scan("type set") == ["other"])
      #expect(try scan("TYPE string COUNT 100").count == 35)
      #expect(try scan("type nosuch") == [])
      try arm.expect("scan x", .error("ERR invalid cursor"))
      try arm.expect("scan -", .error("ERR invalid cursor"))
      try arm.expect("scan 18446744073709551616", .error("ERR invalid cursor"))
      try arm.expect("scan -1 count", syntax)
      try arm.expect("scan +0 count", syntax)
      try arm.expect("scan '' count", syntax)
      try arm.expect("scan 0 count 0", syntax)
      try arm.expect("scan 0 count x", notInteger)
      try arm.expect("scan 0 foo bar", syntax)
      #expect(try arm.ask("scan 12345678901")?.elements?.count == 2)
    },
    ConformanceCase("FLUSHDB and FLUSHALL") { arm in
      try arm.expect("set a 1", .ok)
      try arm.expect("select 1", .ok)
      try arm.expect("set b 1", .ok)
      try arm.expect("flushdb x", syntax)
      try arm.expect("flushdb async", .ok)
      try arm.expect("dbsize", .integer(0))
      try arm.expect("select 0", .ok)
      try arm.expect("dbsize", .integer(1))
      try arm.expect("flushall sync x", syntax)
      try arm.expect("flushall", .ok)
      try arm.expect("dbsize", .integer(0))
    },
  ]

  static let collectionCases: [ConformanceCase] = [
    ConformanceCase("hashes") { arm in
      try arm.expect("hset h a 1 b 2 a 3", .integer(2))
      try arm.expect("hget h a", .bulk("3"))
      try arm.expect("hget h x", .null)
      try arm.expect("hget missing x", .null)
      try arm.expect("hset h a", .error("ERR wrong number of arguments for 'hset' command"))
      try arm.expect("hset h a 1 b", .error("ERR wrong number of arguments for 'hset' command"))
      try arm.expect("hmset h a 1 b", .error("ERR wrong number of arguments for 'hmset' command"))
      try arm.expect("hmset h c 4", .ok)
      try arm.expect("expire h 100", .integer(1))
      try arm.expect("hgetall h", .array(["a", "3", "b", "2", "c", "4"].map { .bulk($0) }))
      try arm.expect("hgetall missing", .array([]))
      try arm.expect("hincrby h b 40", .integer(42))
      try arm.expect("hincrby h new -5", .integer(-5))
      try arm.expect("ttl h", .integer(100))
      try arm.expect("hset h text abc", .integer(1))
      try arm.expect("hincrby h text 1", .error("ERR hash value is not an integer"))
      try arm.expect("hincrby h b x", notInteger)
      try arm.expect("hset h max 9223372036854775807", .integer(1))
      try arm.expect("hincrby h max 1", .error("ERR increment or decrement would overflow"))
      try arm.expect("hdel h a a missing text max", .integer(3))
      _ = try arm.ask("hello 3")
      try arm.expect(
        "hgetall h",
        .map([
          RESPMapEntry(.bulk("b"), .bulk("42")), RESPMapEntry(.bulk("c"), .bulk("4")),
          RESPMapEntry(.bulk("new"), .bulk("-5")),
        ]))
      try arm.expect("hgetall missing", .map([]))
      try arm.expect("hdel h b c new", .integer(3))
      try arm.expect("exists h", .integer(0))
      try arm.expect("hdel h b", .integer(0))
      try arm.expect("set s v", .ok)
      for command in ["hget s a", "hset s a 1", "hdel s a", "hgetall s", "hincrby s a 1"] {
        try arm.expect(command, wrongType)
      }
    },
    ConformanceCase("sets") { arm in
      try arm.expect("sadd s b a b c", .integer(3))
      try arm.expect("sadd s a", .integer(0))
      try arm.expect("scard s", .integer(3))
      try arm.expect("sismember s a", .integer(1))
      try arm.expect("sismember s x", .integer(0))
      try arm.expect("sismember missing x", .integer(0))
      try arm.expect("smembers missing", .array([]))
      try arm.expect("srem s a x a", .integer(1))
      let members = try #require(try arm.ask("smembers s")?.elements).compactMap(\.text)
      #expect(members.sorted() == ["b", "c"])
      _ = try arm.ask("hello 3")
      try arm.expect("smembers missing", .set([]))
      try arm.expect("srem s b c", .integer(2))
      try arm.expect("exists s", .integer(0))
      try arm.expect("scard s", .integer(0))
      try arm.expect("srem s b", .integer(0))
      try arm.expect("set s v", .ok)
      for command in ["sadd s a", "srem s a", "smembers s", "sismember s a", "scard s"] {
        try arm.expect(command, wrongType)
      }
    },
  ]
}
