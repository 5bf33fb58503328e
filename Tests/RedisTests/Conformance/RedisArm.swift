import StreamSpaceProtocol
import Testing

@testable import Redis

/// A server under the conformance suite: ours or a real one. Clients are numbered as they are opened, from 0.
protocol RedisArm: AnyObject {
  /// Opens a client.
  func open() throws -> Int
  /// Sends raw bytes on a client.
  func send(_ bytes: [UInt8], on client: Int) throws
  /// The next reply or message of a client; nil when nothing comes within a while, or the connection has ended.
  func receive(on client: Int) throws -> RESPValue?
  /// Whether the server has ended the connection of a client, once all it had sent was read.
  func hasEnded(_ client: Int) throws -> Bool
  /// Lets time pass.
  func advance(milliseconds: Int64)
}

extension RedisArm {
  func send(_ arguments: [String], on client: Int = 0) throws {
    var bytes: [UInt8] = []
    bytes.appendRequest(arguments.map { Array($0.utf8) })
    try send(bytes, on: client)
  }

  /// Sends a command given as words separated by blanks and returns the reply.
  func ask(_ line: String, on client: Int = 0) throws -> RESPValue? {
    try send(Self.words(line), on: client)
    return try receive(on: client)
  }

  /// Sends a command and expects a reply.
  func expect(
    _ line: String, _ reply: RESPValue, on client: Int = 0, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let received = try ask(line, on: client)
    #expect(received == reply, "\(line)", sourceLocation: sourceLocation)
  }

  /// Expects a message without sending anything.
  func expectMessage(
    _ message: RESPValue, on client: Int, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let received = try receive(on: client)
    #expect(received == message, sourceLocation: sourceLocation)
  }

  /// The server's time in milliseconds.
  func serverTime() throws -> Int64 {
    let parts = try ask("time")?.elements?.compactMap(\.text).compactMap(Int64.init) ?? []
    try #require(parts.count == 2)
    return parts[0] * 1_000 + parts[1] / 1_000
  }

  /// Words at blanks; `''` stands for an empty word and `~` inside a word for a blank.
  static func words(_ line: String) -> [String] {
    line.split(separator: " ").map { $0 == "''" ? "" : String($0.replacing("~", with: " ")) }
  }
}

/// Our engine as an arm: bytes in, bytes out, virtual time.
final class OurArm: RedisArm {
  let engine: RedisEngine
  private(set) var now: Int64 = 1_800_000_000_000
  private var clients: [(id: ConnectionID, decoder: RESPReplyDecoder)] = []
  private var ended: [ConnectionID] = []

  init(password: String? = nil, release: RedisRelease = .redis70) {
    var configuration = RedisConfiguration()
    configuration.password = password
    configuration.release = release
    engine = RedisEngine(configuration: configuration, now: now)
  }

  func open() throws -> Int {
    clients.append((try engine.open(now: now), RESPReplyDecoder()))
    return clients.count - 1
  }

  func send(_ bytes: [UInt8], on client: Int) throws {
    for output in engine.feed(bytes, from: clients[client].id, now: now) {
      let receiver = try #require(clients.firstIndex { $0.id == output.connection })
      clients[receiver].decoder.append(output.bytes)
      if output.closes { ended.append(output.connection) }
    }
  }

  func receive(on client: Int) throws -> RESPValue? { try clients[client].decoder.next() }

  func hasEnded(_ client: Int) -> Bool { ended.contains(clients[client].id) }

  func advance(milliseconds: Int64) { now += milliseconds }
}
