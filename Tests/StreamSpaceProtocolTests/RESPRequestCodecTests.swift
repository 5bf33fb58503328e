import Testing

@testable import StreamSpaceProtocol

@Suite("RESP requests")
struct RESPRequestCodecTests {
  private func requests(
    _ pieces: [some Collection<UInt8>], authenticated: Bool = true, limits: RESPLimits = RESPLimits()
  ) throws -> [[String]] {
    var decoder = RESPRequestDecoder(limits: limits)
    var requests: [[String]] = []
    for piece in pieces {
      decoder.append(piece)
      while let request = try decoder.next(authenticated: authenticated) {
        requests.append(request.map { String(decoding: $0, as: UTF8.self) })
      }
    }
    return requests
  }

  private func requests(_ text: String) throws -> [[String]] { try requests([Array(text.utf8)]) }

  @Test("a request is an array of bulks")
  func array() throws {
    #expect(try requests("*2\r\n$4\r\nping\r\n$2\r\nhi\r\n") == [["ping", "hi"]])
  }

  @Test("empty and negative arrays and blank lines are skipped")
  func skipped() throws {
    #expect(try requests("*0\r\n*-1\r\n\r\n\n*1\r\n$4\r\nping\r\n") == [["ping"]])
  }

  @Test("the two bytes behind a bulk are not looked at")
  func looseBulkEnd() throws {
    #expect(try requests("*1\r\n$4\r\npingXY*1\r\n$4\r\npong\r\n") == [["ping"], ["pong"]])
  }

  @Test(
    "an inline command is split at blanks, with quotes",
    arguments: [
      ("set a b\r\n", ["set", "a", "b"]), ("  get\t x \n", ["get", "x"]), ("echo \"a b\"\n", ["echo", "a b"]),
      ("echo 'it''s'\n", []), ("echo 'it\\'s'\n", ["echo", "it's"]),
      ("echo \"\\x41\\n\\\"\\q\"\n", ["echo", "A\n\"q"]),
      ("echo \"\" ''\n", ["echo", "", ""]), ("echo a\"b c\"\n", ["echo", "ab c"]),
    ])
  func inline(text: String, expected: [String]) throws {
    if expected.isEmpty {
      #expect(throws: RESPProtocolError.unbalancedQuotes) { try requests(text) }
    } else {
      #expect(try requests(text) == [expected])
    }
  }

  @Test("a decoded request is the encoded one, in whatever pieces it arrives")
  func roundTripInPieces() throws {
    for seed in UInt64(0)..<200 {
      var generator = RESPGenerator(seed: seed)
      let originals = (0..<4).map { _ in generator.request() }
      var bytes: [UInt8] = []
      for request in originals {
        let before = bytes.count
        bytes.appendRequest(request)
        #expect(bytes.count - before == RESPLength.request(request), "seed \(seed)")
      }
      for pieces in [bytes.map { [$0][...] }, generator.split(bytes), [bytes[...]]] {
        var decoder = RESPRequestDecoder()
        var decoded: [[[UInt8]]] = []
        for piece in pieces {
          decoder.append(piece)
          while let request = try decoder.next() { decoded.append(request) }
        }
        #expect(decoded == originals, "seed \(seed)")
        #expect(decoder.bufferedBytes == 0, "seed \(seed)")
      }
    }
  }

  @Test("bytes cut off anywhere yield no request and no error")
  func truncation() throws {
    for seed in UInt64(0)..<40 {
      var generator = RESPGenerator(seed: seed)
      var bytes: [UInt8] = []
      bytes.appendRequest(generator.request())
      for end in 0..<bytes.count {
        var decoder = RESPRequestDecoder()
        decoder.append(bytes[..<end])
        #expect(try decoder.next() == nil, "seed \(seed)")
      }
    }
  }

  @Test("any bytes are decoded or refused, and after an error nothing comes")
  func noise() {
    for seed in UInt64(0)..<200 {
      var generator = RESPGenerator(seed: seed)
      var decoder = RESPRequestDecoder()
      decoder.append(generator.bytes(upTo: 60))
      do {
        while try decoder.next() != nil {}
      } catch {
        decoder.append(Array("*1\r\n$4\r\nping\r\n".utf8))
        #expect((try? decoder.next()) == .some(nil), "seed \(seed)")
      }
    }
  }

  @Test(
    "framing errors have the texts of Redis",
    arguments: [
      ("*abc\r\n", "invalid multibulk length"), ("*2147483648\r\n", "invalid multibulk length"),
      ("*9223372036854775808\r\n", "invalid multibulk length"), ("*1\r\n:1\r\n", "expected '$', got ':'"),
      ("*1\r\n$abc\r\n", "invalid bulk length"), ("*1\r\n$-1\r\n", "invalid bulk length"),
      ("*1\r\n$536870913\r\n", "invalid bulk length"), ("echo 'x\r\n", "unbalanced quotes in request"),
    ])
  func framingErrors(text: String, message: String) {
    let error = #expect(throws: RESPProtocolError.self) { try requests(text) }
    #expect(error?.reply == .error("ERR Protocol error: \(message)"))
  }

  @Test("the largest legal lengths wait for their bytes")
  func largestLengths() throws {
    #expect(try requests("*2147483647\r\n$1\r\na\r\n") == [])
    #expect(try requests("*1\r\n$536870912\r\nabc") == [])
  }

  @Test("a line may be as long as the limit without a line end, and no longer")
  func longLines() throws {
    var limits = RESPLimits()
    limits.lineLength = 20
    for (first, error) in [
      ("x", RESPProtocolError.inlineTooLong), ("*", .multibulkHeaderTooLong), ("*1\r\n$", .bulkHeaderTooLong),
    ] {
      let kind = first.suffix(1)
      let head = String(first.dropLast())
      let atLimit = Array((head + kind + String(repeating: "1", count: 19)).utf8)
      #expect(try requests([atLimit], limits: limits) == [])
      #expect(throws: error) { try requests([atLimit + [UInt8(ascii: "1")]], limits: limits) }
    }
  }

  @Test("a client that has not authenticated may send 10 arguments of 16384 bytes")
  func unauthenticated() throws {
    let ten = Array(("*10\r\n" + String(repeating: "$1\r\na\r\n", count: 10)).utf8)
    #expect(try requests([ten], authenticated: false).count == 1)
    #expect(throws: RESPProtocolError.unauthenticatedMultibulkLength) {
      try requests([Array("*11\r\n".utf8)], authenticated: false)
    }
    let long = Array(("*1\r\n$16384\r\n" + String(repeating: "a", count: 16_384) + "\r\n").utf8)
    #expect(try requests([long], authenticated: false).count == 1)
    #expect(throws: RESPProtocolError.unauthenticatedBulkLength) {
      try requests([Array("*1\r\n$16385\r\n".utf8)], authenticated: false)
    }
  }

  @Test(
    "numbers are read as strictly as Redis reads them",
    arguments: [
      ("0", 0), ("-1", -1), ("9223372036854775807", .max), ("-9223372036854775808", .min), ("", nil), ("-", nil),
      ("-0", nil), ("01", nil), ("+1", nil), (" 1", nil), ("1 ", nil), ("9223372036854775808", nil),
      ("-9223372036854775809", nil), ("18446744073709551616", nil), ("1.0", nil),
    ] as [(String, Int64?)])
  func numbers(text: String, expected: Int64?) {
    #expect(RESPNumber.integer(Array(text.utf8)) == expected)
  }

  @Test("a script's digest is the SHA-1 of its bytes")
  func digest() {
    #expect(ScriptDigest.of(Array("return 1".utf8)) == "e0e1f9fabfc9d4800c877a703b823ac0578ff8db")
    #expect(ScriptDigest.of([]) == "da39a3ee5e6b4b0d3255bfef95601890afd80709")
  }
}
