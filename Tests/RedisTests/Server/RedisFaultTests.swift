import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import Redis

@Suite("Faults of the server")
struct RedisFaultTests {
  private func stageWithRoute(
    _ behaviour: RedisBehaviour = RedisBehaviour()
  ) throws -> (stage: RedisStage, client: SimulatedClient) {
    let stage = try RedisStage(behaviour: behaviour)
    let client = try stage.client()
    try stage.expect("set agent:a:pod api-1 ex 300", .ok, client)
    _ = try stage.ask("script load return~1", client)
    return (stage, client)
  }

  private func lostKeys(_ stage: RedisStage) -> [String] {
    stage.events.compactMap { event in
      guard case .keyChanged(let change) = event, change.cause == .lost else { return nil }
      return change.key.description
    }
  }

  @Test("down: connections are reset, dials refused, and without persistence it returns empty")
  func down() throws {
    let (stage, client) = try stageWithRoute()
    let record = stage.server.begin(.down, lasting: .seconds(10))
    try stage.run(.milliseconds(100))
    #expect(client.outcome == "reset")
    client.connect()
    try stage.run(.milliseconds(100))
    #expect(client.outcome == "refused")
    try stage.run(.seconds(10))
    #expect(record.end != nil && record.touched == 1)
    client.connect()
    try stage.run(.milliseconds(100))
    try stage.expect("get agent:a:pod", .null, client)
    #expect(lostKeys(stage) == ["agent:a:pod"])
    #expect(stage.events.contains(.started(withData: false)))
  }

  @Test("with persistence it returns with its data, expiries went on, scripts are lost")
  func persistence() throws {
    var behaviour = RedisBehaviour()
    behaviour.persistence = .everyWrite
    let (stage, client) = try stageWithRoute(behaviour)
    try stage.expect("set short v ex 5", .ok, client)
    stage.server.begin(.down, lasting: .seconds(10))
    try stage.run(.seconds(11))
    client.connect()
    try stage.run(.milliseconds(100))
    try stage.expect("get agent:a:pod", .bulk("api-1"), client)
    #expect(try #require(try stage.ask("ttl agent:a:pod", client)?.integer) == 289)
    try stage.expect("exists short", .integer(0), client)
    #expect(stage.events.contains { $0.isExpiry(of: "short") })
    let digest = ScriptDigest.of(Array("return 1".utf8))
    try stage.expect("script exists \(digest)", .array([.integer(0)]), client)
    #expect(lostKeys(stage) == [])
  }

  @Test("restart-empty loses data even with persistence, restart keeps it even without", arguments: [true, false])
  func restarts(empty: Bool) throws {
    var behaviour = RedisBehaviour()
    behaviour.persistence = empty ? .everyWrite : .none
    let (stage, client) = try stageWithRoute(behaviour)
    stage.server.begin(empty ? .restartEmpty : .restartWithData, lasting: .seconds(2))
    try stage.run(.seconds(3))
    client.connect()
    try stage.run(.milliseconds(100))
    try stage.expect("get agent:a:pod", empty ? .null : .bulk("api-1"), client)
  }

  @Test("a restart loses subscriptions")
  func subscriptionsLost() throws {
    let (stage, client) = try stageWithRoute()
    let subscriber = try stage.client()
    _ = try stage.ask("subscribe c", subscriber)
    stage.server.begin(.restartWithData, lasting: .seconds(1))
    try stage.run(.seconds(2))
    client.connect()
    try stage.run(.milliseconds(100))
    try stage.expect("publish c x", .integer(0), client)
    #expect(subscriber.outcome == "reset")
  }

  @Test("two overlapping outages end with the later one")
  func overlappingOutages() throws {
    let (stage, _) = try stageWithRoute()
    stage.server.begin(.down, lasting: .seconds(2))
    try stage.run(.seconds(1))
    stage.server.begin(.restartWithData, lasting: .seconds(3))
    try stage.run(.milliseconds(1_500))
    #expect(!stage.server.isAvailable)
    try stage.run(.seconds(2))
    #expect(stage.server.isAvailable)
  }

  @Test("data that one outage has lost, a later one in it cannot bring back")
  func lostForGood() throws {
    let (stage, client) = try stageWithRoute()
    stage.server.begin(.restartEmpty, lasting: .seconds(3))
    try stage.run(.seconds(1))
    stage.server.begin(.restartWithData, lasting: .seconds(1))
    try stage.run(.seconds(3))
    client.connect()
    try stage.run(.milliseconds(100))
    try stage.expect("get agent:a:pod", .null, client)
  }

  @Test("evict: the key is gone at once, silently")
  func evict() throws {
    let (stage, client) = try stageWithRoute()
    let record = stage.server.begin(.evict(key: "agent:a:pod", database: 0))
    #expect(record.touched == 1 && record.end != nil)
    try stage.expect("get agent:a:pod", .null, client)
    #expect(client.outcome == "connected")
    let inert = stage.server.begin(.evict(key: "missing", database: 0))
    #expect(inert.touched == 0)
    let changes = stage.events.compactMap { event in
      if case .keyChanged(let change) = event { change } else { nil }
    }
    #expect(changes.last?.cause == .evicted)
    #expect(changes.last?.old?.value.text == "api-1")
  }

  @Test("slow: replies come late and in order, and fast again afterwards")
  func slow() throws {
    let (stage, client) = try stageWithRoute()
    let record = stage.server.begin(.slow(.constant(.milliseconds(500))))
    client.send("echo 1")
    try stage.run(.milliseconds(400))
    #expect(client.received == [])
    stage.server.end(record)
    client.send("echo 2")
    try stage.run(.milliseconds(50))
    #expect(client.received == [])
    try stage.run(.milliseconds(100))
    #expect(client.received == [.bulk("1"), .bulk("2")])
    #expect(record.touched == 1)
    client.send("echo 3")
    try stage.run(.milliseconds(10))
    #expect(client.received.count == 3)
  }

  @Test("frozen: nothing is answered, connections stand, and all is answered afterwards")
  func frozen() throws {
    let (stage, client) = try stageWithRoute()
    let record = stage.server.begin(.frozen, lasting: .seconds(20))
    client.send("echo 1")
    try stage.run(.seconds(19))
    #expect(client.received == [] && client.outcome == "connected" && record.touched > 0)
    try stage.run(.seconds(2))
    #expect(client.received == [.bulk("1")])
  }

  @Test("lose-pubsub: receivers are counted and get nothing; replies and confirmations pass")
  func losePubSub() throws {
    let (stage, client) = try stageWithRoute()
    let subscriber = try stage.client()
    _ = try stage.ask("subscribe c", subscriber)
    let record = stage.server.begin(.losePubSub, lasting: .seconds(3))
    try stage.expect("publish c lost", .integer(1), client)
    try stage.expect("ping", .array([.bulk("pong"), .bulk("")]), subscriber)
    try stage.expect("subscribe d", .array([.bulk("subscribe"), .bulk("d"), .integer(2)]), subscriber)
    #expect(record.touched == 1)
    try stage.run(.seconds(3))
    #expect(subscriber.received == [])
    try stage.expect("publish c kept", .integer(1), client)
    try stage.run(.milliseconds(10))
    #expect(subscriber.next() == .array([.bulk("message"), .bulk("c"), .bulk("kept")]))
  }

  @Test("lose-message: exactly the one message is lost")
  func loseMessage() throws {
    let (stage, client) = try stageWithRoute()
    let subscriber = try stage.client()
    _ = try stage.ask("subscribe c", subscriber)
    let record = stage.server.begin(.loseMessage(number: 2))
    for word in ["a", "b", "c"] { try stage.expect("publish c \(word)", .integer(1), client) }
    try stage.run(.milliseconds(10))
    #expect(subscriber.received.compactMap { $0.elements?.last?.text } == ["a", "c"])
    #expect(record.touched == 1)
  }

  @Test("loading and read-only refuse what they must")
  func refusals() throws {
    let (stage, client) = try stageWithRoute()
    let loading = stage.server.begin(.loading, lasting: .seconds(5))
    let refusal = RESPValue.error("LOADING Redis is loading the dataset in memory")
    try stage.expect("get k", refusal, client)
    try stage.expect("ping", refusal, client)
    try stage.expect("select 1", .ok, client)
    try stage.run(.seconds(5))
    try stage.expect("ping", .simple("PONG"), client)
    #expect(loading.touched == 2)
    let readOnly = stage.server.begin(.readOnly)
    try stage.expect("set k v", .error("READONLY You can't write against a read only replica."), client)
    try stage.expect("get k", .null, client)
    stage.server.end(readOnly)
    try stage.expect("set k v", .ok, client)
    #expect(readOnly.touched == 1)
  }

  @Test("a started server with data is loading for a while")
  func loadingTime() throws {
    var behaviour = RedisBehaviour()
    behaviour.persistence = .everyWrite
    behaviour.loadingTime = .seconds(2)
    let (stage, client) = try stageWithRoute(behaviour)
    stage.server.begin(.down, lasting: .seconds(1))
    try stage.run(.milliseconds(1_100))
    client.connect()
    try stage.run(.milliseconds(100))
    #expect(try stage.ask("ping", client)?.errorCode == "LOADING")
    try stage.run(.seconds(2))
    try stage.expect("get agent:a:pod", .bulk("api-1"), client)
  }

  @Test("a fail-over loses the last writes and nothing else")
  func failOver() throws {
    let (stage, client) = try stageWithRoute()
    try stage.expect("set b 1", .ok, client)
    try stage.expect("set agent:a:pod api-2", .ok, client)
    try stage.expect("del b", .integer(1), client)
    let record = stage.server.begin(.failOver(losing: .last(2)), lasting: .seconds(1))
    try stage.run(.seconds(2))
    client.connect()
    try stage.run(.milliseconds(100))
    try stage.expect("mget agent:a:pod b", .array([.bulk("api-1"), .bulk("1")]), client)
    #expect(record.touched == 3)
    #expect(lostKeys(stage) == ["b", "agent:a:pod"])
  }

  @Test("a fail-over that loses a second loses the writes of that second")
  func failOverBySpan() throws {
    let (stage, client) = try stageWithRoute()
    try stage.run(.seconds(5))
    try stage.expect("set late v", .ok, client)
    try stage.run(.milliseconds(500))
    stage.server.begin(.failOver(losing: .within(.seconds(1))), lasting: .seconds(1))
    try stage.run(.seconds(2))
    client.connect()
    try stage.run(.milliseconds(100))
    try stage.expect("mget agent:a:pod late", .array([.bulk("api-1"), .null]), client)
  }

  @Test("a replaced server is back after its start time")
  func replaced() throws {
    let (stage, client) = try stageWithRoute()
    stage.server.replace()
    try stage.run(.milliseconds(3_900))
    #expect(!stage.server.isAvailable && client.outcome == "reset")
    try stage.run(.milliseconds(3_200))
    #expect(stage.server.isAvailable)
  }
}
