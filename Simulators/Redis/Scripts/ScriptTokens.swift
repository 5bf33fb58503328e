/// Why a script is not run: it is outside the subset of Lua this server knows, or no Lua at all.
struct ScriptRefusal: Error, Equatable {
  let line: Int
  let reason: String
}

/// A word of a script and the line it stands in.
struct ScriptToken: Equatable {
  enum Kind: Equatable {
    /// A name or a keyword.
    case name(String)
    case string([UInt8])
    case number(Int64)
    /// Punctuation: `( ) [ ] , ; . = == ~=`.
    case symbol(String)
    case end
  }

  let kind: Kind
  let line: Int
}

/// Cuts the body of a script into words; white space and comments vanish, so that edited bodies mean the same.
enum ScriptTokens {
  static func of(_ body: [UInt8]) throws(ScriptRefusal) -> [ScriptToken] {
    var tokens: [ScriptToken] = []
    var line = 1
    var index = 0
    while index < body.count {
      let byte = body[index]
      let next = index + 1 < body.count ? body[index + 1] : 0
      switch byte {
      case 10:
        line += 1
        index += 1
      case 32, 9, 11, 12, 13:
        index += 1
      case UInt8(ascii: "-") where next == UInt8(ascii: "-"):
        index = endOfLine(body, from: index)
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        let (text, end) = try string(body, from: index, line: line)
        tokens.append(ScriptToken(kind: .string(text), line: line))
        index = end
      case UInt8(ascii: "0")...UInt8(ascii: "9"):
        let end = body[index...].firstIndex { !isNamePart($0) } ?? body.count
        guard let number = Int64(String(decoding: body[index..<end], as: UTF8.self)) else {
          throw ScriptRefusal(line: line, reason: "a number that is not a decimal integer")
        }
        tokens.append(ScriptToken(kind: .number(number), line: line))
        index = end
      case let letter where isNamePart(letter):
        let end = body[index...].firstIndex { !isNamePart($0) } ?? body.count
        tokens.append(ScriptToken(kind: .name(String(decoding: body[index..<end], as: UTF8.self)), line: line))
        index = end
      case UInt8(ascii: "=") where next == UInt8(ascii: "="), UInt8(ascii: "~") where next == UInt8(ascii: "="):
        tokens.append(ScriptToken(kind: .symbol(byte == UInt8(ascii: "=") ? "==" : "~="), line: line))
        index += 2
      case let mark where "()[],;.=".utf8.contains(mark):
        tokens.append(ScriptToken(kind: .symbol(String(decoding: [mark], as: UTF8.self)), line: line))
        index += 1
      default:
        throw ScriptRefusal(line: line, reason: "unexpected '\(String(decoding: [byte], as: UTF8.self))'")
      }
    }
    tokens.append(ScriptToken(kind: .end, line: line))
    return tokens
  }

  private static func endOfLine(_ body: [UInt8], from index: Int) -> Int {
    body[index...].firstIndex(of: 10) ?? body.count
  }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  /// A quoted string without escapes, and the index behind it.
  private static func string(
    _ body: [UInt8], from start: Int, line: Int
  ) throws(ScriptRefusal) -> (text: [UInt8], end: Int) {
    guard let close = body[(start + 1)...].firstIndex(where: { $0 == body[start] || $0 == 10 || $0 == 92 }),
      body[close] == body[start]
    else { throw ScriptRefusal(line: line, reason: "a string with an escape or without an end") }
    return (Array(body[(start + 1)..<close]), close + 1)
  }
}
