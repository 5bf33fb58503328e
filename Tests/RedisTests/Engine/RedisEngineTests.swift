import StreamSpaceProtocol
import Testing

@testable import Redis

@Suite("The engine")
struct RedisEngineTests {
  private func engine(_ configuration: RedisConfiguration = RedisConfiguration()) throws -> (RedisEngine, ConnectionID)
  {
    let engine = RedisEngine(configuration: configuration)
    return (engine, try engine.open(now: 0))
  }

  private func changes(_ body: (RedisEngine, ConnectionID) throws -> Void) throws -> [KeyChange] {
    let (engine, client) = try engine()
    var changes: [KeyChange] = []
    engine.observer = { event in
      if case .keyChanged(let change) = event { changes.append(change) }
    }
    try body(engine, client)
    return changes
  }

  @Test("a command given as arguments gets the reply its bytes get, in both versions")
  func typedAndBytes() throws {
    for seed in UInt64(1)...6 {
      let typed = try engine()
      let bytes = try engine()
      var random = RandomCommands(seed: seed, time: 0)
      if seed.isMultiple(of: 2) {
        #expect(typed.0.execute(["hello", "3"], on: typed.1, now: 0) != nil)
        _ = bytes.0.feed(RESPCommandPayload(["hello", "3"]).encoded, from: bytes.1, now: 0)
      }
      for step in 0..<1_500 {
        let command = random.next()
        let now = Int64(step * 7)
        let reply = typed.0.execute(command, on: typed.1, now: now)
        var decoder = RESPReplyDecoder()
        for output in bytes.0.feed(RESPCommandPayload(command).encoded, from: bytes.1, now: now) {
          decoder.append(output.bytes)
        }
        #expect(try decoder.next() == reply, "seed \(seed), step \(step): \(command)")
      }
    }
  }

  @Test("an expired key is gone from the first instant after its time")
  func exactExpiry() throws {
    let (engine, client) = try engine()
    _ = engine.execute(["set", "k", "v", "px", "100"], on: client, now: 1_000)
    #expect(engine.execute(["get", "k"], on: client, now: 1_100) == .bulk("v"))
    #expect(engine.execute(["pttl", "k"], on: client, now: 1_100) == .integer(0))
    #expect(engine.execute(["get", "k"], on: client, now: 1_101) == .null)
  }

  @Test(
    "TTL rounds to the nearest second",
    arguments: [(1_499, 1), (1_500, 2), (499, 0), (500, 1), (0, 0)] as [(Int64, Int64)])
  func rounding(left: Int64, shown: Int64) throws {
    let (engine, client) = try engine()
    _ = engine.execute(["set", "k", "v", "px", "5000"], on: client, now: 0)
    #expect(engine.execute(["ttl", "k"], on: client, now: 5_000 - left) == .integer(shown))
  }

  @Test("a jump forwards expires at once, a jump back prolongs")
  func jumps() throws {
    let (engine, client) = try engine()
    _ = engine.execute(["set", "k", "v", "ex", "10"], on: client, now: 100_000)
    #expect(engine.execute(["ttl", "k"], on: client, now: 50_000) == .integer(60))
    #expect(engine.execute(["exists", "k"], on: client, now: 110_001) == .integer(0))
  }

  @Test("DBSIZE counts an expired key until it is collected or touched")
  func collection() throws {
    let (engine, client) = try engine()
    for key in ["a", "b", "c"] { _ = engine.execute(["set", key, "v", "px", "100"], on: client, now: 0) }
    _ = engine.execute(["set", "keeper", "v"], on: client, now: 0)
    #expect(engine.execute(["dbsize"], on: client, now: 200) == .integer(4))
    #expect(engine.execute(["exists", "a"], on: client, now: 200) == .integer(0))
    #expect(engine.execute(["dbsize"], on: client, now: 200) == .integer(3))
    #expect(engine.earliestExpiry == 100)
    #expect(engine.collectExpired(now: 200) == 2)
    #expect(engine.execute(["dbsize"], on: client, now: 200) == .integer(1))
    #expect(engine.earliestExpiry == nil)
  }

  @Test("the earliest expiry is never too late, and exact after a collection")
  func earliestExpiry() throws {
    let (engine, client) = try engine()
    for (key, life) in [("a", "100"), ("b", "50"), ("c", "70")] {
      _ = engine.execute(["set", key, "v", "px", life], on: client, now: 0)
    }
    #expect(engine.earliestExpiry == 50)
    _ = engine.execute(["persist", "b"], on: client, now: 0)
    #expect(engine.earliestExpiry == 50)
    #expect(engine.collectExpired(now: 60) == 0)
    #expect(engine.earliestExpiry == 70)
  }

  @Test("the observer sees each change with old and new value and its cause")
  func observer() throws {
    let changes = try changes { engine, client in
      _ = engine.execute(["set", "k", "a"], on: client, now: 0)
      _ = engine.execute(["set", "k", "b", "px", "10"], on: client, now: 0)
      _ = engine.execute(["get", "k"], on: client, now: 11)
      _ = engine.execute(["set", "k", "c"], on: client, now: 11)
      #expect(engine.evict(ByteString("k"), database: 0, now: 11))
      #expect(!engine.evict(ByteString("k"), database: 0, now: 11))
      #expect(!engine.evict(ByteString("k"), database: 99, now: 11))
      _ = engine.execute(["sadd", "s", "m"], on: client, now: 11)
      _ = engine.execute(["flushall"], on: client, now: 11)
    }
    #expect(changes.map(\.cause) == [.command, .command, .expired, .command, .evicted, .command, .command])
    #expect(changes.map { $0.old?.value.text } == [nil, "a", "b", nil, "c", nil, nil])
    #expect(changes.map { $0.new?.value.text } == ["a", "b", nil, "c", nil, nil, nil])
    #expect(changes[1].new?.expiry == 10)
  }

  @Test("reads and refused writes change nothing")
  func noChanges() throws {
    let changes = try changes { engine, client in
      for command in [
        "get k", "set k v xx", "expire k 10", "persist k", "del k", "hdel k f", "srem k m", "scan 0", "keys *",
        "getex k persist", "incrby k x", "set k v ex 0",
      ] {
        _ = engine.execute(OurArm.words(command), on: client, now: 0)
      }
    }
    #expect(changes.isEmpty)
  }

  @Test("subscriptions and messages are observed, also when a connection ends")
  func observedSubscriptions() throws {
    let (engine, client) = try engine()
    var events: [RedisEvent] = []
    engine.observer = { events.append($0) }
    let channel = ByteString("c")
    _ = engine.execute(["subscribe", "c", "c"], on: client, now: 0)
    _ = engine.execute(["psubscribe", "*"], on: client, now: 0)
    let publisher = try engine.open(now: 0)
    #expect(engine.execute(["publish", "c", "x"], on: publisher, now: 0) == .integer(2))
    engine.close(client, now: 0)
    #expect(engine.execute(["publish", "c", "y"], on: publisher, now: 0) == .integer(0))
    #expect(
      events == [
        .subscribed(client, to: channel, isPattern: false), .subscribed(client, to: ByteString("*"), isPattern: true),
        .published(channel: channel, payload: Array("x".utf8), receivers: 2),
        .unsubscribed(client, from: channel, isPattern: false),
        .unsubscribed(client, from: ByteString("*"), isPattern: true),
        .published(channel: channel, payload: Array("y".utf8), receivers: 0),
      ])
  }

  @Test("undoing the last writes gives exactly the state before them")
  func lostWrites() throws {
    for seed in UInt64(1)...10 {
      let (engine, client) = try engine()
      var random = RandomCommands(seed: seed, time: 0)
      var states: [(writes: Int64, keys: [String])] = [(0, [])]
      for _ in 0..<300 {
        _ = engine.execute(random.next(), on: client, now: 0)
        states.append((engine.journal.writes, snapshot(engine)))
      }
      for lost in [1, 5, 40] {
        let remaining = max(0, engine.journal.writes - Int64(lost))
        let target = try #require(states.last { $0.writes == remaining })
        let expected = Int(engine.journal.writes - remaining)
        #expect(engine.loseWrites(last: lost, now: 0) == expected)
        #expect(snapshot(engine) == target.keys, "seed \(seed), \(lost) lost")
      }
    }
  }

  private func snapshot(_ engine: RedisEngine) -> [String] {
    engine.allEntries.map { "\($0.database) \($0.key) \(canonical($0.entry.value)) \($0.entry.expiry ?? -1)" }.sorted()
  }

  private func canonical(_ value: RedisValue) -> String {
    switch value {
    case .string(let bytes): "string \(ByteString(bytes))"
    case .hash(let hash): "hash \(hash.fields.map { "\($0.field)=\(ByteString($0.value))" }.sorted())"
    case .set(let set): "set \(set.members.map(\.description).sorted())"
    }
  }

  @Test("at most the remembered writes can be lost; a transaction is one write")
  func rememberedWrites() throws {
    var configuration = RedisConfiguration()
    configuration.rememberedWrites = 3
    let (engine, client) = try engine(configuration)
    for number in 1...5 { _ = engine.execute(["set", "k", "\(number)"], on: client, now: 0) }
    for command in [["multi"], ["set", "k", "six"], ["set", "other", "x"], ["exec"]] {
      _ = engine.execute(command, on: client, now: 0)
    }
    #expect(engine.loseWrites(last: 1, now: 0) == 1)
    #expect(engine.execute(["mget", "k", "other"], on: client, now: 0) == .array([.bulk("5"), .null]))
    #expect(engine.loseWrites(last: 100, now: 0) == 2)
    #expect(engine.execute(["get", "k"], on: client, now: 0) == .bulk("3"))
  }

  @Test(
    "a script outside the subset is refused loudly",
    arguments: [
      "local t = {} return t", "for i = 1, 3 do end", "return #KEYS", "redis.pcall('get', 'k')", "x = 1",
      "return tostring(1)", "return KEYS[i]", "return 'a\\n'", "return 'open", "while true do end", "return 1 return 2",
      "if 1 then", "local if = 1", "return redis.call()", "return 0x10", "return y", "do local z = 1 end return z",
    ])
  func refusedScripts(body: String) throws {
    let (engine, client) = try engine()
    var refusals: [String] = []
    engine.observer = { event in
      if case .scriptRefused(let digest, _) = event { refusals.append(digest) }
    }
    let digest = ScriptDigest.of(Array(body.utf8))
    let reply = engine.execute(["eval", body, "0"], on: client, now: 0)
    #expect(reply?.errorText?.hasPrefix("ERR script \(digest) is outside the subset of Lua") == true)
    #expect(refusals == [digest])
    #expect(engine.execute(["evalsha", digest, "0"], on: client, now: 0)?.errorCode == "NOSCRIPT")
  }

  @Test("7.2 accepts CLIENT SETINFO as go-redis sends it, 7.0 does not know it")
  func releases() throws {
    let refused = RESPValue.error("ERR unknown subcommand 'setinfo'. Try CLIENT HELP.")
    for (release, expected) in [(RedisRelease.redis70, refused), (.redis72, .ok)] {
      var configuration = RedisConfiguration()
      configuration.release = release
      let (engine, client) = try engine(configuration)
      #expect(engine.execute(["client", "setinfo", "LIB-NAME", "go-redis(,go1.24.1)"], on: client, now: 0) == expected)
      #expect(engine.execute(["client", "setinfo", "LIB-VER", "9.17.0"], on: client, now: 0) == expected)
    }
  }

  @Test("the connect sequence of go-redis 9.17 works")
  func connectSequence() throws {
    let (engine, client) = try engine()
    var bytes: [UInt8] = []
    for command in [
      "hello 3", "select 1", "client maint_notifications on moving-endpoint-type internal-ip",
      "client setinfo LIB-NAME go-redis(,go1.24.1)", "client setinfo LIB-VER 9.17.0",
      "set agent:a:pod api-1 ex 300", "set lock me ex 15 nx",
    ] {
      bytes.appendRequest(OurArm.words(command).map { Array($0.utf8) })
    }
    var decoder = RESPReplyDecoder()
    for output in engine.feed(bytes, from: client, now: 0) { decoder.append(output.bytes) }
    var replies: [RESPValue] = []
    while let reply = try decoder.next() { replies.append(reply) }
    guard case .map(let fields) = replies.removeFirst() else {
      Issue.record("HELLO did not answer with a map")
      return
    }
    #expect(fields.map(\.key) == ["server", "version", "proto", "id", "mode", "role", "modules"].map { .bulk($0) })
    #expect(
      replies == [
        .ok, .error("ERR unknown subcommand 'maint_notifications'. Try CLIENT HELP."), .ok, .ok, .ok, .ok,
      ])
  }

  @Test("connections are limited, and ids count up for ever")
  func connections() throws {
    var configuration = RedisConfiguration()
    configuration.maximumClients = 2
    let (engine, first) = try engine(configuration)
    let second = try engine.open(now: 0)
    #expect(throws: RedisError.tooManyClients) { try engine.open(now: 0) }
    engine.close(first, now: 0)
    let third = try engine.open(now: 0)
    #expect([first, second, third].map(\.number) == [1, 2, 3])
    #expect(engine.execute(["ping"], on: first, now: 0) == nil)
    #expect(engine.feed(Array("PING\r\n".utf8), from: first, now: 0) == [])
  }

  @Test("a killed subscriber gets what was published before, and nothing after")
  func killed() throws {
    let (engine, killer) = try engine()
    let victim = try engine.open(now: 0)
    _ = engine.feed(Array("subscribe c\r\n".utf8), from: victim, now: 0)
    let outputs = engine.feed(
      Array("publish c a\r\nclient kill id \(victim.number)\r\npublish c b\r\n".utf8), from: killer, now: 0)
    #expect(outputs.map(\.connection) == [victim, killer])
    #expect(outputs.map(\.closes) == [true, false])
    #expect(String(decoding: outputs[1].bytes, as: UTF8.self) == ":1\r\n:1\r\n:0\r\n")
  }
}
