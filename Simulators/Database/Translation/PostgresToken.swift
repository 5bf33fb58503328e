import StreamSpaceProtocol

/// One token of PostgreSQL text.
enum PostgresToken: Hashable {
  /// An unquoted word, folded to lower case as PostgreSQL folds it.
  case word(String)
  /// A double-quoted name, without its quotes.
  case quoted(String)
  /// A string literal with its quotes, quotes inside still doubled.
  case string(String)
  case number(String)
  case parameter(Int)
  case symbol(String)

  /// As it would stand in a message.
  var text: String {
    switch self {
    case .word(let text), .string(let text), .number(let text), .symbol(let text): text
    case .quoted(let name): "\"\(name)\""
    case .parameter(let number): "$\(number)"
    }
  }
}

/// Cuts PostgreSQL text into tokens; comments and blanks go.
struct PostgresLexer {
  /// Longest first, so that `->>` is not read as `->` and `>`.
  private static let symbols = [
    "->>", "#>>", "::", "->", "#>", "<>", "!=", "<=", ">=", "||", "&&", "@>", "<@", "=>", "~*", "!~", "(", ")", ",",
    ".", ";", "[", "]", "+", "-", "*", "/", "%", "=", "<", ">", "~",
    ":",
  ]

  private let characters: [UInt8]
  private var position = 0

  init(_ text: String) { characters = Array(text.utf8) }

  static func tokens(of text: String) throws(SQLError) -> [PostgresToken] {
    var lexer = PostgresLexer(text)
    var tokens: [PostgresToken] = []
    while let token = try lexer.next() { tokens.append(token) }
    return tokens
  }

  private mutating func next() throws(SQLError) -> PostgresToken? {
    skipBlanksAndComments()
    guard let first = peek() else { return nil }
    switch first {
    case UInt8(ascii: "'"): return .string(try quoted(by: first, keepingQuotes: true))
    case UInt8(ascii: "\""): return .quoted(try quoted(by: first, keepingQuotes: false))
    case UInt8(ascii: "$"):
      if let literal = try dollarQuoted() { return literal }
      return try parameter()
    case _ where Self.isDigit(first): return .number(number())
    case _ where Self.startsWord(first):
      let word = takeWhile { Self.startsWord($0) || Self.isDigit($0) || $0 == UInt8(ascii: "$") }.lowercased()
      if (word == "e" || word == "b" || word == "x" || word == "n") && peek() == UInt8(ascii: "'") {
        throw .unsupported("\(word.uppercased())'...' literals")
      }
      return .word(word)
    default: return try symbol()
    }
  }

  private mutating func symbol() throws(SQLError) -> PostgresToken {
    for symbol in Self.symbols where characters[position...].starts(with: symbol.utf8) {
      position += symbol.utf8.count
      return .symbol(symbol)
    }
    throw .syntax(near: String(decoding: characters[position...].prefix(1), as: UTF8.self))
  }

  private mutating func parameter() throws(SQLError) -> PostgresToken {
    position += 1
    let digits = takeWhile(Self.isDigit)
    guard let number = Int(digits), (1...65_535).contains(number) else { throw .syntax(near: "$" + digits) }
    return .parameter(number)
  }

  /// `$$ … $$` or `$tag$ … $tag$` as a string literal; nil when a parameter stands here.
  private mutating func dollarQuoted() throws(SQLError) -> PostgresToken? {
    var end = position + 1
    while end < characters.count,
      Self.startsWord(characters[end]) || (end > position + 1 && Self.isDigit(characters[end]))
    {
      end += 1
    }
    guard end < characters.count, characters[end] == UInt8(ascii: "$") else { return nil }
    let tag = characters[position...end]
    var place = end + 1
    while place + tag.count <= characters.count {
      if characters[place..<(place + tag.count)].elementsEqual(tag) {
        let content = String(decoding: characters[(end + 1)..<place], as: UTF8.self)
        position = place + tag.count
        return .string(PostgresText.literal(content))
      }
      place += 1
    }
    throw .syntax(near: "")
  }

  private mutating func number() -> String {
    var text = takeWhile(Self.isDigit)
    if peek() == UInt8(ascii: "."), position + 1 < characters.count, Self.isDigit(characters[position + 1]) {
      position += 1
      text += "." + takeWhile(Self.isDigit)
    }
    return text
  }

  private mutating func quoted(by quote: UInt8, keepingQuotes: Bool) throws(SQLError) -> String {
    var content: [UInt8] = keepingQuotes ? [quote] : []
    position += 1
    while let character = peek() {
      position += 1
      if character == quote {
        if peek() == quote {
          content += keepingQuotes ? [quote, quote] : [quote]
          position += 1
          continue
        }
        if keepingQuotes { content.append(quote) }
        return String(decoding: content, as: UTF8.self)
      }
      content.append(character)
    }
    throw .syntax(near: "")
  }

  private mutating func skipBlanksAndComments() {
    while let character = peek() {
      if character == UInt8(ascii: " ") || (9...13).contains(character) {
        position += 1
      } else if characters[position...].starts(with: "--".utf8) {
        _ = takeWhile { $0 != 10 }
      } else if characters[position...].starts(with: "/*".utf8) {
        position += 2
        while position < characters.count, !characters[position...].starts(with: "*/".utf8) { position += 1 }
        position = min(position + 2, characters.count)
      } else {
        return
      }
    }
  }

  private mutating func takeWhile(_ accept: (UInt8) -> Bool) -> String {
    let start = position
    while let character = peek(), accept(character) { position += 1 }
    return String(decoding: characters[start..<position], as: UTF8.self)
  }

  private func peek() -> UInt8? { position < characters.count ? characters[position] : nil }

  private static func isDigit(_ character: UInt8) -> Bool { (48...57).contains(character) }

  private static func startsWord(_ character: UInt8) -> Bool {
    (65...90).contains(character) || (97...122).contains(character) || character == UInt8(ascii: "_")
      || character >= 128
  }
}

/// A token, or what stands between two brackets.
enum PostgresNode: Hashable {
  case token(PostgresToken)
  case group([PostgresNode])
  case bracket([PostgresNode])

  var word: String? {
    if case .token(.word(let word)) = self { return word }
    return nil
  }

  var symbol: String? {
    if case .token(.symbol(let symbol)) = self { return symbol }
    return nil
  }

  /// Groups the tokens of one statement by their brackets; a final semicolon goes.
  static func tree(of tokens: [PostgresToken]) throws(SQLError) -> [PostgresNode] {
    var tokens = tokens
    while tokens.last == .symbol(";") { tokens.removeLast() }
    var position = 0
    let nodes = try nodes(of: tokens, from: &position, until: nil)
    return nodes
  }

  private static func nodes(
    of tokens: [PostgresToken], from position: inout Int, until close: String?
  ) throws(SQLError) -> [PostgresNode] {
    var nodes: [PostgresNode] = []
    while position < tokens.count {
      let token = tokens[position]
      position += 1
      switch token {
      case .symbol("("): nodes.append(.group(try Self.nodes(of: tokens, from: &position, until: ")")))
      case .symbol("["): nodes.append(.bracket(try Self.nodes(of: tokens, from: &position, until: "]")))
      case .symbol(")"), .symbol("]"):
        guard token.text == close else { throw .syntax(near: token.text) }
        return nodes
      case .symbol(";"): throw .unsupported("several statements in one text")
      default: nodes.append(.token(token))
      }
    }
    guard close == nil else { throw .syntax(near: "") }
    return nodes
  }
}
