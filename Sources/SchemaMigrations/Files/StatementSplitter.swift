/// Splits PostgreSQL text into statements: a semicolon ends one, unless it stands in a string, a quoted name, a comment
/// or a `$$` body. Comments between and inside statements are left out.
package struct StatementSplitter {
  private let bytes: [UInt8]
  private var position = 0
  private var statement: [UInt8] = []
  private var statements: [String] = []

  private init(_ text: String) { bytes = Array(text.utf8) }

  /// The statements in order, without their semicolons and surrounding white space.
  package static func statements(of text: String) -> [String] {
    var splitter = StatementSplitter(text)
    splitter.split()
    return splitter.statements
  }

  private mutating func split() {
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: ";"):
        position += 1
        endStatement()
      case UInt8(ascii: "'"): copyQuoted(UInt8(ascii: "'"))
      case UInt8(ascii: "\""): copyQuoted(UInt8(ascii: "\""))
      case UInt8(ascii: "-") where byte(after: 0) == UInt8(ascii: "-"): skipLine()
      case UInt8(ascii: "/") where byte(after: 0) == UInt8(ascii: "*"): skipBlockComment()
      case UInt8(ascii: "$"): copyDollar()
      default: copy(1)
      }
    }
    endStatement()
  }

  private func byte(after distance: Int) -> UInt8? {
    position + distance + 1 < bytes.count ? bytes[position + distance + 1] : nil
  }

  private mutating func copy(_ count: Int) {
    let end = min(position + count, bytes.count)
    statement += bytes[position..<end]
    position = end
  }

  /// A doubled quote inside is two quoted stretches in a row, which comes to the same.
  private mutating func copyQuoted(_ quote: UInt8) {
    copy(1)
    while position < bytes.count, bytes[position] != quote { copy(1) }
    copy(1)
  }

  private mutating func skipLine() {
    while position < bytes.count, bytes[position] != UInt8(ascii: "\n") { position += 1 }
  }

  private mutating func skipBlockComment() {
    var depth = 0
    while position < bytes.count {
      if bytes[position] == UInt8(ascii: "/"), byte(after: 0) == UInt8(ascii: "*") {
        depth += 1
        position += 2
      } else if bytes[position] == UInt8(ascii: "*"), byte(after: 0) == UInt8(ascii: "/") {
        depth -= 1
        position += 2
        if depth == 0 { return }
      } else {
        position += 1
      }
    }
  }

  /// A `$tag$ … $tag$` body, or the sign of a parameter such as `$1`.
  private mutating func copyDollar() {
    var end = position + 1
    while end < bytes.count, bytes[end] != UInt8(ascii: "$"), Self.mayStandInTag(bytes[end], at: end - position) {
      end += 1
    }
    guard end < bytes.count, bytes[end] == UInt8(ascii: "$") else { return copy(1) }
    let tag = Array(bytes[position...end])
    copy(tag.count)
    while position < bytes.count, !bytes[position...].starts(with: tag) { copy(1) }
    copy(tag.count)
  }

  private static func mayStandInTag(_ byte: UInt8, at offset: Int) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
    case UInt8(ascii: "0")...UInt8(ascii: "9"): offset > 1
    default: false
    }
  }

  private mutating func endStatement() {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0A || $0 == 0x09 || $0 == 0x0D }
    if let first = statement.firstIndex(where: { !isSpace($0) }),
      let last = statement.lastIndex(where: { !isSpace($0) })
    {
      statements.append(String(decoding: statement[first...last], as: UTF8.self))
    }
    statement.removeAll(keepingCapacity: true)
  }
}
