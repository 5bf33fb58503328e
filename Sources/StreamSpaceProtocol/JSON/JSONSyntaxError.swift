/// Where and why bytes are no JSON document, worded as Go's scanner words it (spec/02 §3).
package struct JSONSyntaxError: Error, Sendable, Hashable {
  /// What is wrong.
  package enum Reason: Sendable, Hashable {
    /// There is nothing but white space.
    case empty
    /// The document stops too early.
    case unexpectedEnd
    /// A byte that cannot stand there.
    case invalidCharacter(UInt8, Context)
    /// A number beyond the range of a double.
    case numberOutOfRange
    /// Nested deeper than the limit.
    case tooDeep(limit: Int)
    /// Longer than the limit.
    case tooLong(limit: Int)
  }

  /// What the scanner was looking at.
  package enum Context: String, Sendable, Hashable {
    case value = "looking for beginning of value"
    case key = "looking for beginning of object key string"
    case afterKey = "after object key"
    case afterMember = "after object key:value pair"
    case afterElement = "after array element"
    case string = "in string literal"
    case escape = "in string escape code"
    case unicodeEscape = "in \\u hexadecimal character escape"
    case number = "in numeric literal"
    case fraction = "after decimal point in numeric literal"
    case exponent = "in exponent of numeric literal"
    case literalTrue = "in literal true"
    case literalFalse = "in literal false"
    case literalNull = "in literal null"
    case afterDocument = "after top-level value"
  }

  package var reason: Reason
  /// Offset of the byte, from 0.
  package var offset: Int
  /// The byte a literal should have had here; only for the three literals.
  package var expected: UInt8?

  package init(_ reason: Reason, at offset: Int, expected: UInt8? = nil) {
    self.reason = reason
    self.offset = offset
    self.expected = expected
  }

  /// The text a client of the control plane sees.
  package var goText: String {
    switch reason {
    case .empty: return "EOF"
    case .unexpectedEnd: return "unexpected EOF"
    case .invalidCharacter(let byte, let context):
      let text = "invalid character \(JSONSyntaxError.quoted(byte)) \(context.rawValue)"
      guard let expected else { return text }
      return "\(text) (expecting \(JSONSyntaxError.quoted(expected)))"
    case .numberOutOfRange: return "json: cannot unmarshal number into Go value of type float64"
    case .tooDeep: return "exceeded max depth"
    case .tooLong: return "http: request body too large"
    }
  }

  private static func quoted(_ byte: UInt8) -> String {
    switch byte {
    case UInt8(ascii: "'"): "'\\''"
    case UInt8(ascii: "\\"): "'\\\\'"
    case UInt8(ascii: "\n"): "'\\n'"
    case UInt8(ascii: "\r"): "'\\r'"
    case UInt8(ascii: "\t"): "'\\t'"
    case 0..<0x20, 0x7f: "'\\x\(Hex.string([byte]))'"
    default: "'\(Unicode.Scalar(byte))'"
    }
  }
}

/// How much a parser takes before it refuses.
package struct JSONLimits: Sendable, Hashable {
  /// Longest document in bytes.
  package var maximumBytes: Int
  /// Deepest nesting of arrays and objects.
  package var maximumDepth: Int

  package init(maximumBytes: Int, maximumDepth: Int) {
    self.maximumBytes = maximumBytes
    self.maximumDepth = maximumDepth
  }

  /// 16 MiB and 128 levels: beyond every body of StreamSpace, below what could hurt a run.
  package static let standard = JSONLimits(maximumBytes: 16 << 20, maximumDepth: 128)
  /// One WebSocket message of an agent: 524288 bytes (spec/01 §1.6).
  package static let agentFrame = JSONLimits(maximumBytes: 524_288, maximumDepth: 128)
}
