import StreamSpaceProtocol

/// Reads the expressions that stand in DDL. What it does not know it refuses with 0A000.
struct ExpressionParser {
  private var cursor: NodeCursor

  /// Reads a whole list of nodes.
  static func parse(_ nodes: [PostgresNode]) throws(SQLError) -> SQLExpression {
    var parser = ExpressionParser(cursor: NodeCursor(nodes))
    let expression = try parser.disjunction()
    if let rest = parser.cursor.peek() {
      throw .unsupported("\(PostgresTranslator.description(of: rest)) in an expression")
    }
    return expression
  }

  /// Reads the value behind DEFAULT, which ends where the next clause begins.
  static func value(_ cursor: inout NodeCursor) throws(SQLError) -> SQLExpression {
    var parser = ExpressionParser(cursor: cursor)
    let value = try parser.sum()
    cursor = parser.cursor
    return value
  }

  private mutating func disjunction() throws(SQLError) -> SQLExpression {
    var parts = [try conjunction()]
    while cursor.take(word: "or") { parts.append(try conjunction()) }
    return parts.count == 1 ? parts[0] : .or(parts)
  }

  private mutating func conjunction() throws(SQLError) -> SQLExpression {
    var parts = [try negation()]
    while cursor.take(word: "and") { parts.append(try negation()) }
    return parts.count == 1 ? parts[0] : .and(parts)
  }

  private mutating func negation() throws(SQLError) -> SQLExpression {
    cursor.take(word: "not") ? .not(try negation()) : try comparison()
  }

  private mutating func comparison() throws(SQLError) -> SQLExpression {
    let left = try sum()
    if cursor.take(word: "is") {
      let negated = cursor.take(word: "not")
      guard cursor.take(word: "null") else { throw .unsupported("IS with anything but NULL") }
      return .isNull(left, negated: negated)
    }
    let negated = cursor.peek()?.word == "not" && ["in", "between"].contains(cursor.peek(1)?.word)
    if negated { cursor.advance() }
    if cursor.take(word: "in") {
      guard case .group(let nodes)? = cursor.next() else { throw .syntax(near: "in") }
      return .membership(left, try Self.list(nodes), negated: negated)
    }
    if cursor.take(word: "between") {
      let low = try sum()
      guard cursor.take(word: "and") else { throw .syntax(near: "between") }
      let high = try sum()
      return negated
        ? .or([.binary("<", left, low), .binary(">", left, high)])
        : .and([.binary(">=", left, low), .binary("<=", left, high)])
    }
    if let symbol = cursor.peek()?.symbol, ["=", "<>", "!=", "<", ">", "<=", ">="].contains(symbol) {
      cursor.advance()
      return .binary(symbol == "!=" ? "<>" : symbol, left, try sum())
    }
    return left
  }

  private mutating func sum() throws(SQLError) -> SQLExpression {
    var left = try primary()
    while let symbol = cursor.peek()?.symbol, ["+", "-", "*", "/"].contains(symbol) {
      cursor.advance()
      left = .binary(symbol, left, try primary())
    }
    return left
  }

  private mutating func primary() throws(SQLError) -> SQLExpression {
    var value = try bare()
    while cursor.take(symbol: "::") { value = .cast(value, try ColumnType(&cursor)) }
    return value
  }

  private mutating func bare() throws(SQLError) -> SQLExpression {
    guard let node = cursor.next() else { throw .syntax(near: "") }
    switch node {
    case .group(let nodes): return try Self.parse(nodes)
    case .bracket: throw .syntax(near: "[")
    case .token(.string(let literal)): return .string(Self.content(of: literal))
    case .token(.number(let text)): return .number(text)
    case .token(.symbol("-")):
      guard case .token(.number(let text))? = cursor.next() else { throw .syntax(near: "-") }
      return .number("-" + text)
    case .token(.quoted(let name)): return .column(name)
    case .token(.word(let word)): return try named(word)
    case .token(let token): throw .syntax(near: token.text)
    }
  }

  private mutating func named(_ word: String) throws(SQLError) -> SQLExpression {
    switch word {
    case "true": return .boolean(true)
    case "false": return .boolean(false)
    case "null": return .null
    case "current_timestamp": return .currentTimestamp
    case "array":
      guard case .bracket(let nodes)? = cursor.next() else { throw .unsupported("ARRAY (subquery)") }
      return .array(try Self.list(nodes))
    default:
      guard case .group(let arguments)? = cursor.peek() else { return .column(word) }
      cursor.advance()
      return .call(word, try Self.list(arguments))
    }
  }

  private static func list(_ nodes: [PostgresNode]) throws(SQLError) -> [SQLExpression] {
    var parts: [SQLExpression] = []
    for part in nodes.split(at: ",") { parts.append(try parse(part)) }
    return parts
  }

  /// A literal without its quotes.
  static func content(of literal: String) -> String {
    String(literal.dropFirst().dropLast()).split(separator: "''", omittingEmptySubsequences: false).joined(
      separator: "'")
  }
}

extension [PostgresNode] {
  /// The parts between the commas of a list; nothing for an empty list.
  func split(at symbol: String) -> [[PostgresNode]] {
    isEmpty ? [] : split(omittingEmptySubsequences: false) { $0.symbol == symbol }.map(Array.init)
  }
}
