import Foundation
import StreamSpaceProtocol
import Testing

@testable import Redis

/// A place where our server answers other than Redis 7.0, on purpose. Listed in `docs/redis-differences.md`.
struct KnownDifference: Sendable, CustomTestStringConvertible {
  let id: String
  /// Commands sent in one write; the reply to the last one is what differs.
  let requests: [[String]]
  /// How our reply begins, as ``RESPValue/description`` words it.
  let ours: String
  /// How the reply of Redis 7.0 begins.
  let real: String

  init(_ id: String, _ requests: [String]..., ours: String, real: String) {
    self.id = id
    self.requests = requests
    self.ours = ours
    self.real = real
  }

  var testDescription: String { id }

  static let all: [KnownDifference] = [
    KnownDifference(
      "absent-commands", ["lpush", "l", "a"], ours: "(error) ERR unknown command 'lpush'", real: "(integer) 1"),
    KnownDifference(
      "absent-subcommands", ["config", "set", "timeout", "0"],
      ours: "(error) ERR unknown subcommand 'set'. Try CONFIG HELP.", real: "OK"),
    KnownDifference(
      "help", ["client", "help"], ours: "(error) ERR unknown subcommand 'help'. Try CLIENT HELP.", real: "[CLIENT "),
    KnownDifference("command-count", ["command", "count"], ours: "(integer) 69", real: "(integer) 2"),
    KnownDifference("command-docs", ["command", "docs", "get"], ours: "[]", real: "[\"get\""),
    KnownDifference(
      "lua-subset", ["eval", "return 1 + 1", "0"],
      ours:
        "(error) ERR script \(ScriptDigest.of(Array("return 1 + 1".utf8))) is outside the subset of Lua that this server runs: line 1: unexpected '+'",
      real: "(integer) 2"),
    KnownDifference(
      "lua-compile-errors", ["eval", "return (", "0"],
      ours: "(error) ERR script \(ScriptDigest.of(Array("return (".utf8))) is outside the subset",
      real: "(error) ERR Error compiling script (new function): user_script:1:"),
    KnownDifference(
      "subscribe-in-transaction", ["multi"], ["subscribe", "c"],
      ours: "(error) ERR Command not allowed inside a transaction", real: "QUEUED"),
    KnownDifference(
      "past-expiry-counted", ["set", "k", "v", "pxat", "1"], ["dbsize"], ours: "(integer) 0", real: "(integer) 1"),
    KnownDifference("info-sections", ["info", "memory"], ours: "\"\"", real: "\"# Memory"),
    KnownDifference("config-parameters", ["config", "get", "hz"], ours: "[]", real: "[\"hz\""),
  ]

  /// Sends the requests and returns the last reply.
  func provoke(_ arm: any RedisArm) throws -> String {
    #expect(try arm.open() == 0)
    var bytes: [UInt8] = []
    for request in requests { bytes.appendRequest(request.map { Array($0.utf8) }) }
    try arm.send(bytes, on: 0)
    for _ in requests.dropLast() { _ = try arm.receive(on: 0) }
    return try #require(try arm.receive(on: 0)).description
  }
}

@Suite("Known differences")
struct KnownDifferenceTests {
  @Test("our server differs as listed", arguments: KnownDifference.all)
  func ours(difference: KnownDifference) throws {
    let reply = try difference.provoke(OurArm())
    #expect(reply.hasPrefix(difference.ours), "\(reply)")
  }

  @Test(
    "Redis 7.0 answers as listed", .enabled(if: RealRedis.isUsable, "needs redis-server 7.0"),
    arguments: KnownDifference.all)
  func real(difference: KnownDifference) throws {
    let reply = try difference.provoke(RealRedis())
    #expect(reply.hasPrefix(difference.real), "\(reply)")
  }

  @Test("the page lists these differences, no other, with these requests")
  func page() throws {
    let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appendingPathComponent("../../../docs/redis-differences.md")
    let rows = try String(contentsOf: page, encoding: .utf8).split(separator: "\n")
      .filter { $0.hasPrefix("| `") }
      .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
    let listed = rows.map { [$0[0], $0[1]] }
    let expected = KnownDifference.all.map { difference in
      ["`\(difference.id)`", difference.requests.map { "`\($0.joined(separator: " "))`" }.joined(separator: ", ")]
    }
    #expect(listed == expected)
  }
}
