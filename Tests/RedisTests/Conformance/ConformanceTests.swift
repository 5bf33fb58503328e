import StreamSpaceProtocol
import Testing

@testable import Redis

/// What both servers must do: a conversation with literal replies.
struct ConformanceCase: Sendable, CustomTestStringConvertible {
  let name: String
  let password: String?
  let talk: @Sendable (any RedisArm) throws -> Void

  init(_ name: String, password: String? = nil, talk: @escaping @Sendable (any RedisArm) throws -> Void) {
    self.name = name
    self.password = password
    self.talk = talk
  }

  var testDescription: String { name }

  static let all: [ConformanceCase] =
    protocolCases + connectionCases + stringCases + keyCases + expiryCases + collectionCases + pubSubCases
    + transactionCases + scriptCases

  func run(on arm: any RedisArm) throws {
    #expect(try arm.open() == 0)
    try talk(arm)
  }
}

@Suite("Conformance of our server")
struct OurConformanceTests {
  @Test("our server answers as the specification says", arguments: ConformanceCase.all)
  func ours(conformance: ConformanceCase) throws {
    try conformance.run(on: OurArm(password: conformance.password))
  }
}

@Suite(
  "Conformance of a real server", .serialized,
  .enabled(if: RealRedis.isUsable, "needs redis-server 7.0 (Debian package redis-server)"))
struct RealConformanceTests {
  @Test("a real server answers the same", arguments: ConformanceCase.all)
  func real(conformance: ConformanceCase) throws {
    try conformance.run(on: RealRedis(password: conformance.password))
  }
}
