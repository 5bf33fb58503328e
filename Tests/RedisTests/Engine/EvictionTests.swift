import StreamSpaceProtocol
import Testing

@testable import Redis

@Suite("A limit of memory")
struct EvictionTests {
  /// An engine with room for about ten keys of 100 bytes.
  private static func engine(_ policy: EvictionPolicy) throws -> (engine: RedisEngine, connection: ConnectionID) {
    var configuration = RedisConfiguration()
    configuration.maximumMemory = 2_000
    configuration.eviction = policy
    let engine = RedisEngine(configuration: configuration)
    return (engine, try engine.open(now: 0))
  }

  private static let filling = String(repeating: "x", count: 100)

  /// Writes a key that lives 300 s, then answers of 30 s, each read as often as it is written.
  private static func press(_ engine: RedisEngine, _ connection: ConnectionID, answers: Int) {
    _ = engine.execute(["SET", "route", "api-1", "EX", "300"], on: connection, now: 0)
    for number in 0..<answers {
      let now = Int64(number) * 100
      _ = engine.execute(["SET", "response:\(number)", filling, "EX", "30"], on: connection, now: now)
    }
  }

  @Test("what expires first goes first, so a cache cannot drive out what lives longer")
  func volatileTTL() throws {
    let (engine, connection) = try Self.engine(.volatileTTL)
    Self.press(engine, connection, answers: 40)
    #expect(engine.peek(ByteString("route"), database: 0, now: 4_000) != nil)
    #expect(engine.peek(ByteString("response:0"), database: 0, now: 4_000) == nil)
    #expect(engine.peek(ByteString("response:39"), database: 0, now: 4_000) != nil)
  }

  @Test("by last use, a key that nobody asks for goes however long it was to live")
  func allKeysLRU() throws {
    let (engine, connection) = try Self.engine(.allKeysLRU)
    Self.press(engine, connection, answers: 40)
    #expect(engine.peek(ByteString("route"), database: 0, now: 4_000) == nil)
  }

  @Test("by last use, a key that is read stays")
  func used() throws {
    let (engine, connection) = try Self.engine(.allKeysLRU)
    _ = engine.execute(["SET", "route", "api-1"], on: connection, now: 0)
    for number in 0..<40 {
      _ = engine.execute(["SET", "response:\(number)", Self.filling], on: connection, now: 0)
      _ = engine.execute(["GET", "route"], on: connection, now: 0)
    }
    #expect(engine.peek(ByteString("route"), database: 0, now: 0) != nil)
  }

  @Test("the limit is kept, and what is held is counted over writes, renewals, deletions and expiries")
  func counts() throws {
    for policy in [EvictionPolicy.volatileTTL, .allKeysLRU] {
      let (engine, connection) = try Self.engine(policy)
      Self.press(engine, connection, answers: 200)
      #expect(engine.usedMemory.map { (1_500...2_000).contains($0) } == true)
      engine.collectExpired(now: 100_000)
      _ = engine.execute(["DEL", "route"], on: connection, now: 100_000)
      #expect(engine.keyCount == 0)
      #expect(engine.usedMemory == 0)
    }
  }

  @Test("a server without a limit counts and evicts nothing")
  func unlimited() throws {
    let engine = RedisEngine()
    let connection = try engine.open(now: 0)
    Self.press(engine, connection, answers: 200)
    #expect(engine.keyCount == 201)
    #expect(engine.usedMemory == nil)
  }
}
