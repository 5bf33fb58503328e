import StreamSpaceProtocol
import Testing

@Suite("JSON parser")
struct JSONParserTests {
  @Test("values of every kind are read")
  func kinds() throws {
    let text = #" {"a":null,"b":[true,false,-12,9223372036854775807,1.5],"c":"x\"\\\/\b\f\n\r\té€😀","d":{}} "#
    let expected: JSONValue = [
      "a": nil,
      "b": [true, false, -12, 9_223_372_036_854_775_807, .double(1.5)],
      "c": "x\"\\/\u{8}\u{c}\n\r\té€😀",
      "d": [:],
    ]
    #expect(try JSONParser.parse(text) == expected)
  }

  @Test(
    "errors are worded as Go words them, with the place",
    arguments: [
      ("", "EOF", 0), ("  ", "EOF", 2), ("{", "unexpected EOF", 1), (#"{"a":1"#, "unexpected EOF", 6),
      ("\"abc", "unexpected EOF", 4), ("tru", "unexpected EOF", 3), ("-", "unexpected EOF", 1),
      ("x", "invalid character 'x' looking for beginning of value", 0),
      ("[1,]", "invalid character ']' looking for beginning of value", 3),
      ("{x}", "invalid character 'x' looking for beginning of object key string", 1),
      (#"{"a":1,}"#, "invalid character '}' looking for beginning of object key string", 7),
      (#"{"a" 1}"#, "invalid character '1' after object key", 5),
      (#"{"a":1 "b"}"#, "invalid character '\"' after object key:value pair", 7),
      ("[1 2]", "invalid character '2' after array element", 3),
      ("\"a\nb\"", "invalid character '\\n' in string literal", 2),
      (#""\q""#, "invalid character 'q' in string escape code", 2),
      (#""\u12x4""#, "invalid character 'x' in \\u hexadecimal character escape", 5),
      ("trux", "invalid character 'x' in literal true (expecting 'e')", 3),
      ("-x", "invalid character 'x' in numeric literal", 1),
      ("1.x", "invalid character 'x' after decimal point in numeric literal", 2),
      ("1e+x", "invalid character 'x' in exponent of numeric literal", 3),
      ("01", "invalid character '1' after top-level value", 1),
      ("{} {}", "invalid character '{' after top-level value", 3),
    ])
  func errors(_ text: String, _ expected: String, _ offset: Int) {
    do {
      let value = try JSONParser.parse(text)
      Issue.record("\(text) was read as \(JSONWriter.text(of: value))")
    } catch {
      guard case .syntax(let syntax) = error else {
        Issue.record("\(text): \(error)")
        return
      }
      #expect(syntax.goText == expected)
      #expect(syntax.offset == offset)
    }
  }

  @Test(
    "numbers keep their kind: integers that fit are integers, all others doubles",
    arguments: [
      ("0", JSONValue.int(0)), ("-1", .int(-1)), ("9223372036854775807", .int(.max)),
      ("-9223372036854775808", .int(.min)), ("9223372036854775808", .double(9_223_372_036_854_775_808)),
      ("-9223372036854775809", .double(-9_223_372_036_854_775_808)), ("1.0", .double(1)), ("1e3", .double(1000)),
      ("-0", .double(-0.0)), ("0.1", .double(0.1)), ("1E-7", .double(1e-7)),
      ("100000000000000000000000", .double(1e23)),
    ])
  func numbers(_ text: String, _ expected: JSONValue) throws {
    #expect(try JSONParser.parse(text) == expected)
  }

  @Test("a number beyond a double is refused")
  func hugeNumber() {
    #expect(throws: WireError.syntax(JSONSyntaxError(.numberOutOfRange, at: 0))) { try JSONParser.parse("1e999") }
  }

  @Test("the last of repeated keys wins and stands where the first stood, in small and large objects")
  func repeatedKeys() throws {
    #expect(try JSONParser.parse(#"{"a":1,"b":2,"a":3}"#) == ["a": 3, "b": 2])
    let many = (0..<40).map { "\"k\($0 % 30)\":\($0)" }.joined(separator: ",")
    let object = try #require(try JSONParser.parse("{\(many)}").members)
    #expect(object.count == 30)
    #expect(object["k3"] == 33)
    #expect(object.members[3].key == "k3")
    #expect(object["k29"] == 29)
  }

  @Test("surrogate pairs make one character, lone halves and bytes that are no UTF-8 become U+FFFD as in Go")
  func surrogates() throws {
    #expect(try JSONParser.parse(#""😀""#) == "😀")
    #expect(try JSONParser.parse(#""\ud83d""#) == "\u{FFFD}")
    #expect(try JSONParser.parse(#""\ud83dA""#) == "\u{FFFD}A")
    #expect(try JSONParser.parse(#""\ude00x""#) == "\u{FFFD}x")
    let quote = UInt8(ascii: "\"")
    // Go counts each byte of a broken sequence: e2 82 are two.
    #expect(try JSONParser.parse([quote, 0xe2, 0x82, 0x41, 0xff, quote]) == "\u{FFFD}\u{FFFD}A\u{FFFD}")
  }

  @Test("nesting is taken up to the limit and refused one beyond", arguments: [("[", "]"), (#"{"a":"#, "}")])
  func depth(_ opening: String, _ closing: String) throws {
    func nested(_ depth: Int) -> String {
      String(repeating: opening, count: depth) + "1" + String(repeating: closing, count: depth)
    }
    let limits = JSONLimits(maximumBytes: 10_000, maximumDepth: 50)
    _ = try JSONParser.parse(nested(50), limits: limits)
    let error = #expect(throws: WireError.self) { try JSONParser.parse(nested(51), limits: limits) }
    #expect(error == .syntax(JSONSyntaxError(.tooDeep(limit: 50), at: 50 * opening.utf8.count)))
  }

  @Test("hostile nesting ends with an error, not with the stack")
  func hostileNesting() {
    for opening in ["[", #"{"a":"#, #"[{"a":["#] {
      #expect(throws: WireError.self) { try JSONParser.parse(String(repeating: opening, count: 200_000)) }
    }
  }

  @Test("a document of the longest size is read, one byte more is refused")
  func size() throws {
    let limits = JSONLimits(maximumBytes: 16, maximumDepth: 4)
    #expect(try JSONParser.parse("\"12345678901234\"", limits: limits) == "12345678901234")
    #expect(throws: WireError.syntax(JSONSyntaxError(.tooLong(limit: 16), at: 16))) {
      try JSONParser.parse("\"123456789012345\"", limits: limits)
    }
    #expect(JSONLimits.agentFrame.maximumBytes == 524_288)
  }
}

/// Properties over documents drawn from a seed.
@Suite("JSON properties")
struct JSONPropertyTests {
  @Test("what is written is read back equal, and written again the same", arguments: 0..<60)
  func roundTrip(_ seed: Int) throws {
    var dice = Dice(seed: UInt64(seed))
    let document = JSONPropertyTests.document(&dice, depth: 5)
    let bytes = JSONWriter.bytes(of: document)
    let again = try JSONParser.parse(bytes)
    #expect(again == document, "seed \(seed)")
    #expect(JSONWriter.bytes(of: again) == bytes, "seed \(seed)")
    #expect(again.sortedByKey.isEquivalent(to: document), "seed \(seed)")
    #expect(again.inJSONBOrder.isEquivalent(to: document), "seed \(seed)")
  }

  @Test("a document cut at any byte is an error, never a crash or a value", arguments: 0..<20)
  func truncation(_ seed: Int) {
    var dice = Dice(seed: UInt64(seed) &+ 1000)
    let document: JSONValue = ["x": JSONPropertyTests.document(&dice, depth: 4)]
    let bytes = JSONWriter.bytes(of: document)
    for length in 0..<bytes.count {
      #expect(throws: WireError.self, "seed \(seed), \(length) bytes") { try JSONParser.parse(Array(bytes[..<length])) }
    }
  }

  @Test("a document with one byte changed is read or refused, and what is read can be written", arguments: 0..<20)
  func corruption(_ seed: Int) throws {
    var dice = Dice(seed: UInt64(seed) &+ 2000)
    let bytes = JSONWriter.bytes(of: ["x": JSONPropertyTests.document(&dice, depth: 3)])
    for index in bytes.indices {
      var changed = bytes
      changed[index] = UInt8.random(in: 0...255, using: &dice)
      guard let value = try? JSONParser.parse(changed) else { continue }
      let written = JSONWriter.bytes(of: value)
      #expect(JSONWriter.bytes(of: try JSONParser.parse(written)) == written, "seed \(seed), byte \(index)")
    }
  }

  static func document(_ dice: inout Dice, depth: Int) -> JSONValue {
    switch dice.roll(depth > 0 ? 9 : 6) {
    case 0: return .null
    case 1: return .bool(dice.roll(2) == 0)
    case 2: return .int(Int64(truncatingIfNeeded: dice.next()))
    case 3: return .int(Int64(dice.roll(1000)) - 500)
    case 4: return .double(Double(dice.roll(2_000_001) - 1_000_000) / 1024 + 0.0001)
    case 5: return .string(text(&dice))
    case 6: return .array((0..<dice.roll(5)).map { _ in document(&dice, depth: depth - 1) })
    default:
      var object = JSONObject()
      for _ in 0..<dice.roll(6) { object[text(&dice)] = document(&dice, depth: depth - 1) }
      return .object(object)
    }
  }

  private static func text(_ dice: inout Dice) -> String {
    let alphabet = [
      "a", "Z", "9", " ", "\"", "\\", "/", "<", ">", "&", "\n", "\u{0}", "\u{1f}", "é", "€", "😀", "\u{2028}",
    ]
    return (0..<dice.roll(20)).map { _ in alphabet[dice.roll(alphabet.count)] }.joined()
  }
}
