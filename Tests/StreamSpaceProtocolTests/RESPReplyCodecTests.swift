import Testing

@testable import StreamSpaceProtocol

@Suite("RESP replies")
struct RESPReplyCodecTests {
  @Test(
    "each type has the bytes of the specification",
    arguments: [
      (.ok, "+OK\r\n", "+OK\r\n"),
      (.error("ERR no"), "-ERR no\r\n", "-ERR no\r\n"),
      (.error("ERR two\r\nlines"), "-ERR two  lines\r\n", "-ERR two  lines\r\n"),
      (.integer(-12), ":-12\r\n", ":-12\r\n"),
      (.integer(.min), ":-9223372036854775808\r\n", ":-9223372036854775808\r\n"),
      (.bulk("abc"), "$3\r\nabc\r\n", "$3\r\nabc\r\n"),
      (.bulk(""), "$0\r\n\r\n", "$0\r\n\r\n"),
      (.null, "$-1\r\n", "_\r\n"),
      (.nullArray, "*-1\r\n", "_\r\n"),
      (.array([.integer(1), .null]), "*2\r\n:1\r\n$-1\r\n", "*2\r\n:1\r\n_\r\n"),
      (.map([RESPMapEntry(.bulk("a"), .integer(1))]), "*2\r\n$1\r\na\r\n:1\r\n", "%1\r\n$1\r\na\r\n:1\r\n"),
      (.set([.integer(1)]), "*1\r\n:1\r\n", "~1\r\n:1\r\n"),
      (.push([.integer(1)]), "*1\r\n:1\r\n", ">1\r\n:1\r\n"),
      (.verbatim(format: "txt", text: Array("hi".utf8)), "$2\r\nhi\r\n", "=6\r\ntxt:hi\r\n"),
      (.boolean(true), ":1\r\n", "#t\r\n"),
      (.double("1.5"), "$3\r\n1.5\r\n", ",1.5\r\n"),
      (.bigNumber("123"), "$3\r\n123\r\n", "(123\r\n"),
    ] as [(RESPValue, String, String)])
  func encoding(value: RESPValue, two: String, three: String) {
    #expect(String(decoding: value.encoded(in: .two), as: UTF8.self) == two)
    #expect(String(decoding: value.encoded(in: .three), as: UTF8.self) == three)
  }

  @Test("a decoded value is the encoded one as the version shows it, and its length is foretold")
  func roundTrip() throws {
    for seed in UInt64(0)..<300 {
      var generator = RESPGenerator(seed: seed)
      let value = generator.value()
      for version in RESPVersion.allCases {
        let bytes = value.encoded(in: version)
        #expect(bytes.count == value.encodedLength(in: version), "seed \(seed)")
        var decoder = RESPReplyDecoder()
        decoder.append(bytes)
        #expect(try decoder.next() == value.represented(in: version), "seed \(seed)")
        #expect(try decoder.next() == nil, "seed \(seed)")
      }
    }
  }

  @Test("the pieces in which bytes arrive do not matter")
  func anySplit() throws {
    for seed in UInt64(0)..<100 {
      var generator = RESPGenerator(seed: seed)
      let values = (0..<5).map { _ in generator.value() }
      let bytes = values.flatMap { $0.encoded(in: .three) }
      for pieces in [bytes.map { [$0][...] }, generator.split(bytes), [bytes[...]]] {
        var decoder = RESPReplyDecoder()
        var decoded: [RESPValue] = []
        for piece in pieces {
          decoder.append(piece)
          while let value = try decoder.next() { decoded.append(value) }
        }
        #expect(decoded == values.map { $0.represented(in: .three) }, "seed \(seed)")
      }
    }
  }

  @Test("bytes cut off anywhere yield no value and no error")
  func truncation() throws {
    for seed in UInt64(0)..<60 {
      var generator = RESPGenerator(seed: seed)
      let bytes = generator.value().encoded(in: .three)
      for end in 0..<bytes.count {
        var decoder = RESPReplyDecoder()
        decoder.append(bytes[..<end])
        #expect(try decoder.next() == nil, "seed \(seed)")
      }
    }
  }

  @Test("any bytes are decoded or refused, and after an error nothing comes")
  func noise() {
    for seed in UInt64(0)..<200 {
      var generator = RESPGenerator(seed: seed)
      var decoder = RESPReplyDecoder()
      decoder.append(generator.bytes(upTo: 60))
      do {
        while try decoder.next() != nil {}
      } catch {
        decoder.append(Array("+OK\r\n".utf8))
        #expect((try? decoder.next()) == .some(nil), "seed \(seed)")
      }
    }
  }

  @Test(
    "hostile lengths are refused without allocating for them",
    arguments: [
      ("$536870913\r\n", .invalidBulkLength), ("$-2\r\n", .invalidBulkLength), ("=3\r\nabc\r\n", .malformedReply),
      ("$9223372036854775808\r\n", .malformedReply), ("*2147483648\r\n", .invalidMultibulkLength),
      ("%-1\r\n", .invalidMultibulkLength), (":1x\r\n", .malformedReply), ("#x\r\n", .malformedReply),
      ("_x\r\n", .malformedReply), ("?\r\n", .unknownType(UInt8(ascii: "?"))), ("$1\r\nabc", .malformedReply),
    ] as [(String, RESPProtocolError)])
  func hostile(text: String, expected: RESPProtocolError) {
    var decoder = RESPReplyDecoder()
    decoder.append(Array(text.utf8))
    #expect(throws: expected) { try decoder.next() }
  }

  @Test("the largest legal array header waits for its elements")
  func largestArray() throws {
    var decoder = RESPReplyDecoder()
    decoder.append(Array("*2147483647\r\n:1\r\n".utf8))
    #expect(try decoder.next() == nil)
  }

  @Test("nesting is legal up to the limit")
  func depth() throws {
    var limits = RESPLimits()
    limits.depth = 3
    var decoder = RESPReplyDecoder(limits: limits)
    decoder.append(Array("*1\r\n*1\r\n*1\r\n:1\r\n".utf8))
    #expect(try decoder.next() == .array([.array([.array([.integer(1)])])]))
    decoder.append(Array("*1\r\n*1\r\n*1\r\n*1\r\n:1\r\n".utf8))
    #expect(throws: RESPProtocolError.nestedTooDeeply) { try decoder.next() }
  }

  @Test("attributes are read and dropped, bulk errors are errors")
  func attributes() throws {
    var decoder = RESPReplyDecoder()
    decoder.append(Array("|1\r\n+ttl\r\n:3\r\n*2\r\n|1\r\n+a\r\n*0\r\n:1\r\n:2\r\n|0\r\n!6\r\nERR no\r\n".utf8))
    #expect(try decoder.next() == .array([.integer(1), .integer(2)]))
    #expect(try decoder.next() == .error("ERR no"))
  }
}
