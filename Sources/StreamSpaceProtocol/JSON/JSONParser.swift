/// A strict JSON parser (RFC 8259) with limits, over bytes.
///
/// Hand-written because key order, Go's error texts and speed are all part of the protocol. Where Go is lenient it is
/// too: bytes that are no UTF-8 and lone surrogates become U+FFFD, the last of repeated keys wins.
package struct JSONParser {
  private let bytes: UnsafeBufferPointer<UInt8>
  private let limits: JSONLimits
  private var position = 0
  private var depth = 0

  private init(_ bytes: UnsafeBufferPointer<UInt8>, _ limits: JSONLimits) {
    self.bytes = bytes
    self.limits = limits
  }

  /// Reads one document; nothing but white space may follow it.
  package static func parse(_ bytes: [UInt8], limits: JSONLimits = .standard) throws(WireError) -> JSONValue {
    let outcome: Result<JSONValue, JSONSyntaxError> = bytes.withUnsafeBufferPointer { buffer in
      var parser = JSONParser(buffer, limits)
      do throws(JSONSyntaxError) {
        return .success(try parser.document())
      } catch {
        return .failure(error)
      }
    }
    switch outcome {
    case .success(let value): return value
    case .failure(let error): throw .syntax(error)
    }
  }

  /// Reads one document from a text.
  package static func parse(_ text: String, limits: JSONLimits = .standard) throws(WireError) -> JSONValue {
    try parse(Array(text.utf8), limits: limits)
  }

  private mutating func document() throws(JSONSyntaxError) -> JSONValue {
    guard bytes.count <= limits.maximumBytes else {
      throw JSONSyntaxError(.tooLong(limit: limits.maximumBytes), at: limits.maximumBytes)
    }
    skipSpace()
    guard position < bytes.count else { throw JSONSyntaxError(.empty, at: position) }
    let result = try value()
    skipSpace()
    if position < bytes.count { throw unexpected(.afterDocument) }
    return result
  }

  private mutating func value() throws(JSONSyntaxError) -> JSONValue {
    guard position < bytes.count else { throw end }
    switch bytes[position] {
    case UInt8(ascii: "\""):
      return .string(try string())
    case UInt8(ascii: "{"):
      return try object()
    case UInt8(ascii: "["):
      return try array()
    case UInt8(ascii: "t"):
      try literal("true", .literalTrue)
      return .bool(true)
    case UInt8(ascii: "f"):
      try literal("false", .literalFalse)
      return .bool(false)
    case UInt8(ascii: "n"):
      try literal("null", .literalNull)
      return .null
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"):
      return try number()
    default:
      throw unexpected(.value)
    }
  }

  private mutating func object() throws(JSONSyntaxError) -> JSONValue {
    try descend()
    var members: [JSONObject.Member] = []
    skipSpace()
    guard position < bytes.count else { throw end }
    if bytes[position] == UInt8(ascii: "}") {
      ascend()
      return .object(JSONObject())
    }
    members.reserveCapacity(8)
    while true {
      guard position < bytes.count else { throw end }
      guard bytes[position] == UInt8(ascii: "\"") else { throw unexpected(.key) }
      let key = try string()
      skipSpace()
      guard position < bytes.count else { throw end }
      guard bytes[position] == UInt8(ascii: ":") else { throw unexpected(.afterKey) }
      position += 1
      skipSpace()
      members.append(JSONObject.Member(key: key, value: try value()))
      skipSpace()
      guard position < bytes.count else { throw end }
      switch bytes[position] {
      case UInt8(ascii: ","):
        position += 1
        skipSpace()
      case UInt8(ascii: "}"):
        ascend()
        return .object(JSONObject(JSONParser.withoutRepetitions(members)))
      default:
        throw unexpected(.afterMember)
      }
    }
  }

  private mutating func array() throws(JSONSyntaxError) -> JSONValue {
    try descend()
    var elements: [JSONValue] = []
    skipSpace()
    guard position < bytes.count else { throw end }
    if bytes[position] == UInt8(ascii: "]") {
      ascend()
      return .array([])
    }
    while true {
      elements.append(try value())
      skipSpace()
      guard position < bytes.count else { throw end }
      switch bytes[position] {
      case UInt8(ascii: ","):
        position += 1
        skipSpace()
      case UInt8(ascii: "]"):
        ascend()
        return .array(elements)
      default:
        throw unexpected(.afterElement)
      }
    }
  }

  /// The last value of a repeated key stands where the key stood first.
  private static func withoutRepetitions(_ members: [JSONObject.Member]) -> [JSONObject.Member] {
    if members.count < 24 {
      for (index, member) in members.enumerated().dropFirst() {
        for earlier in members[..<index] where earlier.key == member.key { return lastOfEach(members) }
      }
      return members
    }
    return lastOfEach(members)
  }

  private static func lastOfEach(_ members: [JSONObject.Member]) -> [JSONObject.Member] {
    var places: [String: Int] = [:]
    var kept: [JSONObject.Member] = []
    kept.reserveCapacity(members.count)
    for member in members {
      if let place = places[member.key] {
        kept[place].value = member.value
      } else {
        places[member.key] = kept.count
        kept.append(member)
      }
    }
    return kept
  }

  private mutating func descend() throws(JSONSyntaxError) {
    guard depth < limits.maximumDepth else {
      throw JSONSyntaxError(.tooDeep(limit: limits.maximumDepth), at: position)
    }
    depth += 1
    position += 1
  }

  private mutating func ascend() {
    depth -= 1
    position += 1
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0a, 0x0d: position += 1
      default: return
      }
    }
  }

  private mutating func literal(_ word: StaticString, _ context: JSONSyntaxError.Context) throws(JSONSyntaxError) {
    for index in 0..<word.utf8CodeUnitCount {
      let expected = word.utf8Start[index]
      guard position < bytes.count else { throw end }
      guard bytes[position] == expected else {
        throw JSONSyntaxError(.invalidCharacter(bytes[position], context), at: position, expected: expected)
      }
      position += 1
    }
  }

  private var end: JSONSyntaxError { JSONSyntaxError(.unexpectedEnd, at: position) }

  private func unexpected(_ context: JSONSyntaxError.Context) -> JSONSyntaxError {
    JSONSyntaxError(.invalidCharacter(bytes[position], context), at: position)
  }
}

// MARK: Numbers

extension JSONParser {
  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = position
    let negative = bytes[position] == UInt8(ascii: "-")
    if negative { position += 1 }
    guard position < bytes.count else { throw end }
    var magnitude: UInt64 = 0
    var fits = true
    switch bytes[position] {
    case UInt8(ascii: "0"):
      position += 1
    case UInt8(ascii: "1")...UInt8(ascii: "9"):
      while position < bytes.count, let digit = digit(at: position) {
        let (product, tooLarge) = magnitude.multipliedReportingOverflow(by: 10)
        let (sum, stillTooLarge) = product.addingReportingOverflow(UInt64(digit))
        fits = fits && !tooLarge && !stillTooLarge
        magnitude = sum
        position += 1
      }
    default:
      throw unexpected(.number)
    }
    var isInteger = true
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      isInteger = false
      position += 1
      try digits(.fraction)
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      isInteger = false
      position += 1
      if position < bytes.count, bytes[position] == UInt8(ascii: "+") || bytes[position] == UInt8(ascii: "-") {
        position += 1
      }
      try digits(.exponent)
    }
    if isInteger, fits {
      if negative {
        if magnitude != 0, magnitude <= UInt64(Int64.max) + 1 { return .int(Int64(truncatingIfNeeded: 0 &- magnitude)) }
      } else if magnitude <= UInt64(Int64.max) {
        return .int(Int64(magnitude))
      }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    guard let value = Double(text), value.isFinite else { throw JSONSyntaxError(.numberOutOfRange, at: start) }
    return .double(value)
  }

  private func digit(at index: Int) -> UInt8? {
    let value = bytes[index] &- UInt8(ascii: "0")
    return value < 10 ? value : nil
  }

  private mutating func digits(_ context: JSONSyntaxError.Context) throws(JSONSyntaxError) {
    guard position < bytes.count else { throw end }
    guard digit(at: position) != nil else { throw unexpected(context) }
    while position < bytes.count, digit(at: position) != nil { position += 1 }
  }
}

// MARK: Strings

extension JSONParser {
  /// Reads a string; the position is at its opening quote.
  private mutating func string() throws(JSONSyntaxError) -> String {
    position += 1
    let start = position
    var onlyASCII: UInt8 = 0
    while position < bytes.count {
      let byte = bytes[position]
      if byte == UInt8(ascii: "\"") {
        let text = text(start..<position, isASCII: onlyASCII < 0x80)
        position += 1
        return text
      }
      if byte == UInt8(ascii: "\\") { return try escapedString(from: start) }
      if byte < 0x20 { throw unexpected(.string) }
      onlyASCII |= byte
      position += 1
    }
    throw end
  }

  private func text(_ range: Range<Int>, isASCII: Bool) -> String {
    let part = UnsafeBufferPointer(rebasing: bytes[range])
    if isASCII { return String(decoding: part, as: UTF8.self) }
    return String(validating: part, as: UTF8.self) ?? GoText.repaired(part)
  }

  /// The slow path: a string that holds a backslash, read again from its start.
  private mutating func escapedString(from start: Int) throws(JSONSyntaxError) -> String {
    var decoded = Array(bytes[start..<position])
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return decoded.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) ?? GoText.repaired($0) }
      case UInt8(ascii: "\\"):
        position += 1
        try escape(into: &decoded)
      case ..<0x20:
        throw unexpected(.string)
      default:
        decoded.append(byte)
        position += 1
      }
    }
    throw end
  }

  private mutating func escape(into decoded: inout [UInt8]) throws(JSONSyntaxError) {
    guard position < bytes.count else { throw end }
    switch bytes[position] {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): decoded.append(bytes[position])
    case UInt8(ascii: "b"): decoded.append(0x08)
    case UInt8(ascii: "f"): decoded.append(0x0c)
    case UInt8(ascii: "n"): decoded.append(0x0a)
    case UInt8(ascii: "r"): decoded.append(0x0d)
    case UInt8(ascii: "t"): decoded.append(0x09)
    case UInt8(ascii: "u"):
      position += 1
      let unit = try hexadecimal()
      decoded.append(contentsOf: String(try scalar(from: unit)).utf8)
      return
    default: throw unexpected(.escape)
    }
    position += 1
  }

  /// Four hexadecimal digits at the position.
  private mutating func hexadecimal() throws(JSONSyntaxError) -> UInt16 {
    var unit: UInt16 = 0
    for _ in 0..<4 {
      guard position < bytes.count else { throw end }
      guard let digit = Hex.value(of: bytes[position]) else { throw unexpected(.unicodeEscape) }
      unit = unit << 4 | UInt16(digit)
      position += 1
    }
    return unit
  }

  /// The scalar a `\u` escape stands for, with the second half of a surrogate pair if one follows.
  private mutating func scalar(from unit: UInt16) throws(JSONSyntaxError) -> Unicode.Scalar {
    if let scalar = Unicode.Scalar(unit) { return scalar }
    let isHigh = unit & 0xfc00 == 0xd800
    guard isHigh, position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
      bytes[position + 1] == UInt8(ascii: "u")
    else { return GoText.replacement }
    let before = position
    position += 2
    let low = try hexadecimal()
    guard low & 0xfc00 == 0xdc00 else {
      position = before
      return GoText.replacement
    }
    let value = 0x10000 + (UInt32(unit & 0x3ff) << 10 | UInt32(low & 0x3ff))
    return Unicode.Scalar(value) ?? GoText.replacement
  }
}
