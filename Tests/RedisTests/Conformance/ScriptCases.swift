import StreamSpaceProtocol
import Testing

/// Scripts as StreamSpace uses them, worded in several ways.
enum TestScripts {
  static let compareAndExpire = """

    local lock = KEYS[1]
    local holder = redis.call('GET', lock)
    -- the lock is ours: prolong it
    if holder == ARGV[1] then
      redis.call('EXPIRE', lock, ARGV[2])
      return 1
    else
      return 0
    end
    """
  static let compareAndDelete =
    #"if redis.call("get",KEYS[1]) == ARGV[1] then return redis.call("del",KEYS[1]) else return 0 end"#
  static let compareAndDeletePair =
    "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1], KEYS[2]) end return 0"
}

extension RedisArm {
  func eval(_ body: String, _ rest: String = "0") throws -> RESPValue? {
    try send(["eval", body] + Self.words(rest))
    return try receive(on: 0)
  }
}

extension ConformanceCase {
  static let scriptCases: [ConformanceCase] = [
    ConformanceCase("compare-and-expire") { arm in
      try arm.expect("set lock me ex 5", .ok)
      #expect(try arm.eval(TestScripts.compareAndExpire, "1 lock me 100") == .integer(1))
      try arm.expect("ttl lock", .integer(100))
      #expect(try arm.eval(TestScripts.compareAndExpire, "1 lock other 50") == .integer(0))
      try arm.expect("ttl lock", .integer(100))
      #expect(try arm.eval(TestScripts.compareAndExpire, "1 missing me 50") == .integer(0))
      #expect(try arm.eval(TestScripts.compareAndExpire, "1 lock me 0") == .integer(1))
      try arm.expect("exists lock", .integer(0))
    },
    ConformanceCase("compare-and-delete, one key and a pair") { arm in
      try arm.expect("set lock me", .ok)
      #expect(try arm.eval(TestScripts.compareAndDelete, "1 lock other") == .integer(0))
      #expect(try arm.eval(TestScripts.compareAndDelete, "1 lock me") == .integer(1))
      try arm.expect("exists lock", .integer(0))
      try arm.expect("set agent:a:pod api-1", .ok)
      try arm.expect("set agent:a:connected true", .ok)
      #expect(try arm.eval(TestScripts.compareAndDeletePair, "2 agent:a:pod agent:a:connected api-2") == .integer(0))
      try arm.expect("dbsize", .integer(2))
      #expect(try arm.eval(TestScripts.compareAndDeletePair, "2 agent:a:pod agent:a:connected api-1") == .integer(2))
      try arm.expect("dbsize", .integer(0))
    },
    ConformanceCase("scripts are known by their digest") { arm in
      let digest = ScriptDigest.of(Array(TestScripts.compareAndDelete.utf8))
      let unknown = RESPValue.error("NOSCRIPT No matching script. Please use EVAL.")
      try arm.expect("evalsha \(digest) 1 k me", unknown)
      try arm.expect("evalsha abc 0", unknown)
      try arm.send(["script", "load", TestScripts.compareAndDelete])
      try arm.expectMessage(.bulk(digest), on: 0)
      try arm.expect("evalsha \(digest.uppercased()) 1 k me", .integer(0))
      try arm.expect(
        "script exists \(digest) abc \(digest.uppercased())", .array([.integer(1), .integer(0), .integer(1)]))
      try arm.expect("script flush x", .error("ERR SCRIPT FLUSH only support SYNC|ASYNC option"))
      try arm.expect("script flush", .ok)
      try arm.expect("script exists \(digest)", .array([.integer(0)]))
      #expect(try arm.eval(TestScripts.compareAndDelete, "1 k me") == .integer(0))
      try arm.expect("evalsha \(digest) 1 k me", .integer(0))
    },
    ConformanceCase("the number of keys is checked") { arm in
      #expect(try arm.eval("return 1", "2 a") == .error("ERR Number of keys can't be greater than number of args"))
      #expect(try arm.eval("return 1", "-1") == .error("ERR Number of keys can't be negative"))
      #expect(try arm.eval("return 1", "x") == .error("ERR value is not an integer or out of range"))
      try arm.expect("eval", .error("ERR wrong number of arguments for 'eval' command"))
    },
    ConformanceCase("values pass between script and client") { arm in
      try arm.expect("set k v", .ok)
      try arm.expect("hset h f v", .integer(1))
      for (body, expected) in [
        ("return 1", .integer(1)), ("return 'x'", .bulk("x")), ("return true", .integer(1)), ("return false", .null),
        ("return nil", .null), ("return", .null), ("local x = 1", .null), ("return KEYS[1]", .bulk("key")),
        ("return ARGV[1]", .bulk("arg")), ("return ARGV[2]", .null), ("return redis.call('get', 'k')", .bulk("v")),
        ("return redis.call('get', 'missing')", .null), ("return redis.call('set', 'k', 'v')", .ok),
        ("return redis.call('hgetall', 'h')", .array([.bulk("f"), .bulk("v")])),
        ("return redis.call('mget', 'k', 'missing')", .array([.bulk("v"), .null])),
        ("return redis.call('incrby', 'n', 2)", .integer(2)),
        ("return redis.call('get', 'missing') == false", .integer(1)),
        ("return redis.call('get', 'missing') == nil", .null),
        ("return redis.call('exists', 'k') == 1", .integer(1)), ("return redis.call('exists', 'k') == '1'", .null),
        ("return not redis.call('get', 'missing')", .integer(1)), ("return 1 ~= 2 and 'yes' or 'no'", .bulk("yes")),
        ("return nil or false", .null), ("return nil == false", .null), ("return ('a')", .bulk("a")),
        ("if false then return 1 elseif nil then return 2 else return 3 end", .integer(3)),
        ("if true then local x = 5; return x end", .integer(5)),
        ("return redis.call('set', 'k', 'v') == 'OK'", .null),
      ] as [(String, RESPValue)] {
        let received = try arm.eval(body, "1 key arg")
        #expect(received == expected, "\(body)")
      }
    },
    ConformanceCase("errors inside a script name the script and the line") { arm in
      try arm.expect("sadd s m", .integer(1))
      func failure(_ body: String, _ text: String, line: Int) throws {
        let digest = ScriptDigest.of(Array(body.utf8))
        let received = try arm.eval(body)
        #expect(received == .error("\(text) script: \(digest), on @user_script:\(line)."))
      }
      try failure(
        "return redis.call('get', 's')", "WRONGTYPE Operation against a key holding the wrong kind of value", line: 1)
      try failure("\n\nredis.call('nosuch')", "ERR Unknown Redis command called from script", line: 3)
      try failure("redis.call('get')", "ERR Wrong number of args calling Redis command from script", line: 1)
      try failure(
        "return 1 == 1 and redis.call('subscribe', 'c')", "ERR This Redis command is not allowed from script", line: 1)
      try failure("redis.call('set', 'k', 'v', 'ex', '0')", "ERR invalid expire time in 'set' command", line: 1)
      try failure(
        "redis.call('get', nil)", "ERR Lua redis lib command arguments must be strings or integers", line: 1)
    },
    ConformanceCase("what a script did before its error stays done") { arm in
      #expect(
        try arm.eval("redis.call('set', 'a', '1') redis.call('incr', 'a') return redis.call('nosuch')")?.errorCode
          == "ERR")
      try arm.expect("get a", .bulk("2"))
    },
    ConformanceCase("a database chosen inside a script is the script's own") { arm in
      #expect(try arm.eval("redis.call('select', '3') return redis.call('set', 'k', 'v')") == .ok)
      try arm.expect("exists k", .integer(0))
      try arm.expect("select 3", .ok)
      try arm.expect("exists k", .integer(1))
    },
    ConformanceCase("a script in a transaction, a watch spoilt by a script") { arm in
      let other = try arm.open()
      try arm.expect("set k me", .ok)
      try arm.expect("watch k", .ok, on: other)
      try arm.expect("multi", .ok)
      try arm.send(["eval", TestScripts.compareAndDelete, "1", "k", "me"])
      try arm.expectMessage(.simple("QUEUED"), on: 0)
      try arm.expect("exec", .array([.integer(1)]))
      try arm.expect("multi", .ok, on: other)
      try arm.expect("exec", .nullArray, on: other)
    },
  ]
}
