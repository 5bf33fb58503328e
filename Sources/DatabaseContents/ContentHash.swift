import StreamSpaceProtocol

/// A sum that does not depend on the order of what was added: 128 bits of hashes of 64 bits.
package struct ContentChecksum: Sendable, Hashable {
  private var low: UInt64 = 0
  private var high: UInt64 = 0

  /// Adds a value as that of the row with this key, so that values that have changed places do not cancel out.
  mutating func add(_ value: UInt64, key: UInt64) {
    let mixed = ContentHash.folded(value ^ 0x2545_f491_4f6c_dd1d, key ^ 0x9fb2_1c65_1e98_df25)
    low &+= mixed
    high &+= ContentDraw.mixed(mixed)
  }
}

/// Hashes of values: equal for values that the two engines hand out for the same content.
enum ContentHash {
  /// The hash of NULL, and of nothing else.
  static let null: UInt64 = 0

  static func folded(_ left: UInt64, _ right: UInt64) -> UInt64 {
    let product = left.multipliedFullWidth(by: right)
    return product.high ^ product.low
  }

  static func of(_ bytes: UnsafeRawBufferPointer, tag: UInt64) -> UInt64 {
    var state = tag &* 0x9e37_79b9_7f4a_7c15 ^ UInt64(bytes.count)
    var position = 0
    while position + 8 <= bytes.count {
      let word = bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian
      state = folded(state ^ word, 0xa076_1d64_78bd_642f) ^ state
      position += 8
    }
    var rest: UInt64 = 0
    while position < bytes.count {
      rest = rest << 8 | UInt64(bytes[position])
      position += 1
    }
    return folded(state ^ rest, 0xe703_7ed1_a0b4_28db) ^ ContentDraw.mixed(state &+ rest) | 1
  }

  static func of(_ text: String, tag: UInt64) -> UInt64 {
    var text = text
    return text.withUTF8 { of(UnsafeRawBufferPointer($0), tag: tag) }
  }

  static func of(_ number: Int64, tag: UInt64) -> UInt64 {
    ContentDraw.mixed(UInt64(bitPattern: number) ^ tag &* 0x9e37_79b9_7f4a_7c15) | 1
  }
}

/// What a column holds, as far as the two engines hand it out differently.
enum ContentType: Sendable, Hashable {
  case text, json, array, boolean, time, decimal, integer

  /// `definition`: as in `SQLCatalogue`, for example `varchar(50) not null`.
  init(_ definition: String) {
    let type = definition.prefix { $0 != " " && $0 != "(" }
    self =
      switch type {
      case _ where type.hasSuffix("[]"): .array
      case "jsonb", "json": .json
      case "boolean": .boolean
      case "timestamp", "timestamptz": .time
      case "numeric", "decimal": .decimal
      case "integer", "bigint", "smallint": .integer
      default: .text
      }
  }

  func hash(_ value: SQLValue) -> UInt64 {
    switch (self, value) {
    case (_, .null): ContentHash.null
    case (.boolean, .boolean(let flag)): flag ? 3 : 5
    case (.boolean, .integer(let number)): number != 0 ? 3 : 5
    case (.time, .timestamp(let number)), (.time, .integer(let number)): ContentHash.of(number, tag: 2)
    case (.integer, .text(let text)): Int64(text).map { ContentHash.of($0, tag: 1) } ?? ContentHash.of(text, tag: 1)
    case (.json, .text(let text)): Self.document(text)
    case (.array, .text(let text)): text == "{}" ? Self.document("[]") : Self.document(text)
    case (.decimal, .integer(let number)): ContentHash.of(String(number), tag: 4)
    case (.decimal, .text(let text)): ContentHash.of(Self.shortened(text), tag: 4)
    case (_, .integer(let number)): ContentHash.of(number, tag: 1)
    case (_, .boolean(let flag)): flag ? 3 : 5
    case (_, .timestamp(let number)): ContentHash.of(number, tag: 2)
    case (_, .text(let text)): ContentHash.of(text, tag: 6)
    case (_, .bytes(let bytes)): bytes.withUnsafeBytes { ContentHash.of($0, tag: 7) }
    }
  }

  /// `4.50` and `4.5` are one number.
  private static func shortened(_ number: String) -> String {
    guard number.utf8.contains(UInt8(ascii: ".")) else { return number }
    var digits = Substring(number)
    while digits.hasSuffix("0") { digits.removeLast() }
    if digits.hasSuffix(".") { digits.removeLast() }
    return digits == "-0" ? "0" : String(digits)
  }

  /// Blanks and the order of keys do not count: `jsonb` keeps neither.
  private static func document(_ text: String) -> UInt64 {
    guard let value = try? JSONParser.parse(text) else { return ContentHash.of(text, tag: 8) }
    return hash(value)
  }

  private static func hash(_ value: JSONValue) -> UInt64 {
    switch value {
    case .null: 11
    case .bool(let flag): flag ? 13 : 15
    case .int(let number): ContentHash.of(number, tag: 9)
    case .double(let number):
      Int64(exactly: number).map { ContentHash.of($0, tag: 9) }
        ?? ContentHash.of(Int64(bitPattern: number.bitPattern), tag: 10)
    case .string(let text): ContentHash.of(text, tag: 11)
    case .array(let elements):
      elements.reduce(17) { ContentHash.folded($0 ^ 0x8ebc_6af0_9c88_c6e3, hash($1)) ^ $0 } | 1
    case .object(let object):
      object.members.reduce(19) { $0 &+ ContentHash.folded(ContentHash.of($1.key, tag: 12), hash($1.value)) } | 1
    }
  }
}
