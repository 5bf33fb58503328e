import Testing

@testable import StreamSpaceProtocol

@Suite("RESP payloads")
struct RESPPayloadTests {
  @Test("a payload is what its bytes say, and as long")
  func roundTrip() throws {
    for seed in UInt64(0)..<200 {
      var generator = RESPGenerator(seed: seed)
      let command = RESPCommandPayload(generator.request())
      #expect(command.encoded.count == command.byteCount, "seed \(seed)")
      #expect(try RESPCommandPayload.decode(command.encoded) == command, "seed \(seed)")
      for version in RESPVersion.allCases {
        let reply = RESPReplyPayload(generator.value(), version: version)
        #expect(reply.encoded.count == reply.byteCount, "seed \(seed)")
        #expect(try RESPReplyPayload.decode(reply.encoded, version: version) == reply, "seed \(seed)")
      }
    }
  }

  @Test("bytes that hold less or more than one payload are none")
  func notOne() throws {
    let command = RESPCommandPayload(["get", "k"]).encoded
    #expect(try RESPCommandPayload.decode(Array(command.dropLast())) == nil)
    #expect(try RESPCommandPayload.decode(command + command) == nil)
    #expect(try RESPReplyPayload.decode(Array("+OK\r\n:1\r\n".utf8), version: .three) == nil)
    #expect(try RESPReplyPayload.decode(Array("+OK\r".utf8), version: .three) == nil)
    #expect(throws: RESPProtocolError.self) { try RESPReplyPayload.decode(Array("?\r\n".utf8), version: .two) }
  }
}
