import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import Redis

@Suite("The server in a simulation")
struct RedisServerTests {
  @Test("bytes and frames say the same", arguments: [SimulatedClient.Form.bytes, .frames])
  func forms(form: SimulatedClient.Form) throws {
    let stage = try RedisStage()
    let client = try stage.client(form: form)
    try stage.expect("set k v ex 300", .ok, client)
    try stage.expect("get k", .bulk("v"), client)
    try stage.expect("config get databases", .array([.bulk("databases"), .bulk("16")]), client)
    #expect(try stage.ask("hello 3", client)?.errorText == nil)
    try stage.expect("get missing", .null, client)
    try stage.expect("config get databases", .map([RESPMapEntry(.bulk("databases"), .bulk("16"))]), client)
    try stage.expect("subscribe c", .push([.bulk("subscribe"), .bulk("c"), .integer(1)]), client)
    #expect(stage.server.subscriberCount(of: "c") == 1)
    try stage.expect("quit", .ok, client)
    try stage.run(.milliseconds(10))
    #expect(client.outcome == "closed")
    #expect(stage.server.subscriberCount(of: "c") == 0)
  }

  @Test("a message passes between clients of both forms")
  func mixedForms() throws {
    let stage = try RedisStage()
    let subscribers = [try stage.client(form: .bytes), try stage.client(form: .frames)]
    let publisher = try stage.client(form: .frames)
    for client in subscribers { _ = try stage.ask("subscribe pod:a:commands", client) }
    try stage.expect("publish pod:a:commands hello", .integer(2), publisher)
    try stage.run(.milliseconds(10))
    for client in subscribers {
      #expect(client.next() == .array([.bulk("message"), .bulk("pod:a:commands"), .bulk("hello")]))
    }
    #expect(
      stage.events.contains(
        .published(channel: ByteString("pod:a:commands"), payload: Array("hello".utf8), receivers: 2)))
  }

  @Test("the server can be read from outside")
  func reading() throws {
    let stage = try RedisStage()
    let client = try stage.client()
    try stage.expect("select 1", .ok, client)
    try stage.expect("set agent:a:pod api-1 ex 300", .ok, client)
    #expect(stage.server.value(of: "agent:a:pod", database: 1) == "api-1")
    #expect(stage.server.value(of: "agent:a:pod", database: 0) == nil)
    #expect(stage.server.keys(matching: "agent:*", database: 1) == ["agent:a:pod"])
    let life = try #require(stage.server.timeToLive(of: "agent:a:pod", database: 1))
    #expect(life > .seconds(299) && life <= .seconds(300))
    stage.server.process.crash()
    #expect(stage.server.value(of: "agent:a:pod", database: 1) == nil)
    #expect(!stage.server.isAvailable)
  }

  @Test(
    "an expiry may be as far away as 64 bits hold",
    arguments: [
      "99999999999999", "9223372036854775807", "9223372036854775000",
    ])
  func farExpiry(time: String) throws {
    let stage = try RedisStage()
    let client = try stage.client()
    try stage.expect("set k v", .ok, client)
    try stage.expect("pexpireat k \(time)", .integer(1), client)
    try stage.expect("pexpiretime k", .integer(try #require(Int64(time))), client)
    #expect((try stage.ask("ttl k", client)?.integer ?? 0) > 0)
    #expect((stage.server.timeToLive(of: "k", database: 0) ?? .zero) > .seconds(1))
    // A near one beside it is still collected in time.
    try stage.expect("set near v px 100", .ok, client)
    try stage.run(.milliseconds(400))
    #expect(stage.events.contains { $0.isExpiry(of: "near") })
    try stage.expect("get k", .bulk("v"), client)
  }

  @Test("an expired key nobody asks for is collected within the period, and no timer runs without one")
  func collection() throws {
    let stage = try RedisStage()
    let client = try stage.client()
    try stage.expect("set k v px 1000", .ok, client)
    try stage.expect("set k v px 2000", .ok, client)
    try stage.run(.milliseconds(1_900))
    #expect(!stage.events.contains { $0.isExpiry(of: "k") })
    try stage.run(.milliseconds(200))
    #expect(stage.events.contains { $0.isExpiry(of: "k") })
    #expect(try stage.simulation.run(until: .distantFuture) == .drained)
  }

  @Test("time is that of the host: a step forwards expires, a step back prolongs")
  func clockSteps() throws {
    let stage = try RedisStage()
    let client = try stage.client()
    try stage.expect("set k v ex 100", .ok, client)
    stage.server.process.host.stepClock(by: .seconds(-50))
    #expect(try #require(try stage.ask("ttl k", client)?.integer) == 150)
    stage.server.process.host.stepClock(by: .seconds(200))
    try stage.expect("get k", .null, client)
  }

  @Test("the client over the limit gets an error and is closed")
  func tooManyClients() throws {
    var behaviour = RedisBehaviour()
    behaviour.configuration.maximumClients = 2
    let stage = try RedisStage(behaviour: behaviour)
    let first = try stage.client()
    _ = try stage.client()
    let third = try stage.client()
    #expect(third.next() == .error("ERR max number of clients reached"))
    #expect(third.outcome == "closed")
    try stage.expect("quit", .ok, first)
    #expect(try stage.client().outcome == "connected")
  }

  @Test("a subscriber that does not read is cut off at the limit")
  func slowSubscriber() throws {
    var behaviour = RedisBehaviour()
    behaviour.softOutputLimit = 1_000
    behaviour.hardOutputLimit = 10_000
    let stage = try RedisStage(behaviour: behaviour)
    let subscriber = try stage.client()
    let publisher = try stage.client()
    _ = try stage.ask("subscribe c", subscriber)
    subscriber.socket?.pauseReading()
    let message = String(repeating: "x", count: 900)
    for _ in 0..<10 { try stage.expect("publish c \(message)", .integer(1), publisher) }
    try stage.expect("publish c \(message)", .integer(1), publisher)
    try stage.expect("publish c \(message)", .integer(0), publisher)
    subscriber.socket?.resumeReading()
    try stage.run(.milliseconds(10))
    #expect(subscriber.outcome == "reset")
  }

  @Test("a subscriber over the soft limit for a minute is cut off")
  func softLimit() throws {
    var behaviour = RedisBehaviour()
    behaviour.softOutputLimit = 1_000
    let stage = try RedisStage(behaviour: behaviour)
    let subscriber = try stage.client()
    let publisher = try stage.client()
    _ = try stage.ask("subscribe c", subscriber)
    subscriber.socket?.pauseReading()
    let message = String(repeating: "x", count: 900)
    for _ in 0..<3 { try stage.expect("publish c \(message)", .integer(1), publisher) }
    try stage.run(.seconds(59))
    try stage.expect("publish c x", .integer(1), publisher)
    try stage.run(.seconds(1))
    try stage.expect("publish c x", .integer(1), publisher)
    try stage.expect("publish c x", .integer(0), publisher)
    subscriber.socket?.resumeReading()
    try stage.run(.milliseconds(10))
    #expect(subscriber.outcome == "reset")
  }

  @Test("a run repeats from its seed")
  func determinism() throws {
    func fingerprint() throws -> String {
      let stage = try RedisStage(seed: 7)
      let client = try stage.client()
      stage.server.begin(.slow(.uniform(.milliseconds(1), .milliseconds(50))), lasting: .seconds(1))
      for number in 0..<20 { _ = try stage.ask("set k\(number) v px \(number * 10 + 5)", client) }
      try stage.run(.seconds(5))
      return "\(stage.simulation.trace.fingerprint) \(stage.events.count)"
    }
    #expect(try fingerprint() == fingerprint())
  }
}

extension RedisEvent {
  func isExpiry(of key: String) -> Bool {
    if case .keyChanged(let change) = self { change.key == ByteString(key) && change.cause == .expired } else { false }
  }
}
