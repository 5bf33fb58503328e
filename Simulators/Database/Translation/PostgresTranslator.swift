import StreamSpaceProtocol

/// What the translator made of one statement.
struct TranslatedStatement: Hashable, Sendable {
  enum Kind: Hashable, Sendable {
    case select
    case insert
    case update
    case delete
  }

  let sql: String
  let kind: Kind
  /// The highest `$n`.
  let parameterCount: Int
  /// The table that INSERT, UPDATE or DELETE names.
  let table: String?
  /// Columns that SET assigns or INSERT lists: their absence is worded differently (42703).
  let writtenColumns: [String]
  /// FOR UPDATE and its kin: PostgreSQL would lock the rows, here the open transaction already excludes writers.
  let locksRows: Bool
  /// Every name in it: among them are the tables it reads.
  let names: Set<String>
}

/// Turns PostgreSQL text into SQLite text (spec/02 §8.4): the constructs the control plane needs, and a clear
/// SQLSTATE 0A000 for every other.
///
/// One pass over the token tree. Every primary (a name, a literal, a call, a parenthesis) becomes one piece, so a
/// postfix cast or a JSON arrow finds its left side whole.
struct PostgresTranslator {
  var parameterCount = 0
  private var writtenColumns: [String] = []
  private var locksRows = false

  static func translate(_ text: String) throws(SQLError) -> TranslatedStatement {
    try translate(PostgresNode.tree(of: PostgresLexer.tokens(of: text)))
  }

  static func translate(_ nodes: [PostgresNode]) throws(SQLError) -> TranslatedStatement {
    let (kind, table) = try classify(nodes)
    var translator = PostgresTranslator()
    let sql = try translator.level(nodes, statement: kind)
    return TranslatedStatement(
      sql: sql, kind: kind, parameterCount: translator.parameterCount, table: table,
      writtenColumns: translator.writtenColumns, locksRows: translator.locksRows, names: names(in: nodes))
  }

  private static func names(in nodes: [PostgresNode]) -> Set<String> {
    var names: Set<String> = []
    for node in nodes {
      switch node {
      case .token(.word(let name)), .token(.quoted(let name)): names.insert(name)
      case .group(let inner), .bracket(let inner): names.formUnion(Self.names(in: inner))
      default: continue
      }
    }
    return names
  }

  // MARK: - The statement as a whole

  private static func classify(
    _ nodes: [PostgresNode]
  ) throws(SQLError) -> (kind: TranslatedStatement.Kind, table: String?) {
    guard let first = nodes.first else { throw .syntax(near: "") }
    switch first.word {
    case "select", "values", "with", "insert", "update", "delete": break
    case "begin", "start", "commit", "rollback", "end", "savepoint", "release":
      throw .unsupported("\((first.word ?? "").uppercased()) as a statement: use the request for it")
    case let word?: throw .unsupported("\(word.uppercased()) statements")
    case nil: throw .syntax(near: description(of: first))
    }
    for (position, node) in nodes.enumerated() {
      switch node.word {
      case "select", "values": return (.select, nil)
      case "insert": return (.insert, name(nodes, position + 2))
      case "update": return (.update, name(nodes, position + 1))
      case "delete": return (.delete, name(nodes, position + 2))
      default: continue
      }
    }
    throw .syntax(near: "")
  }

  private static func name(_ nodes: [PostgresNode], _ position: Int) -> String? {
    guard position < nodes.count else { return nil }
    switch nodes[position] {
    case .token(.word("public")) where position + 2 < nodes.count && nodes[position + 1].symbol == ".":
      return name(nodes, position + 2)
    case .token(.word(let name)), .token(.quoted(let name)): return name
    default: return nil
    }
  }

  static func description(of node: PostgresNode) -> String {
    switch node {
    case .token(let token): token.text
    case .group: "("
    case .bracket: "["
    }
  }

  // MARK: - One level of brackets

  /// Translates the nodes between two brackets, or the whole statement.
  mutating func level(_ nodes: [PostgresNode], statement: TranslatedStatement.Kind? = nil) throws(SQLError) -> String {
    if statement == nil, let word = nodes.first?.word, ["insert", "update", "delete"].contains(word), nodes.count > 1 {
      throw .unsupported("\(word.uppercased()) inside a WITH clause")
    }
    var cursor = NodeCursor(nodes)
    var output = LevelOutput()
    while let node = cursor.peek() {
      if let word = node.word {
        if try keyword(word, &cursor, &output, statement) { continue }
      } else if let symbol = node.symbol {
        if try operation(symbol, &cursor, &output) { continue }
      }
      if output.expectsAssignment, cursor.peek(1)?.symbol == "=" { writtenColumns.append(Self.description(of: node)) }
      let operand = try primary(&cursor)
      output.append(operand.text, isStructured: operand.isStructured)
    }
    output.closeOrderItem()
    return output.text
  }

  /// Handles words that are not names; false when the word is one.
  private mutating func keyword(
    _ word: String, _ cursor: inout NodeCursor, _ output: inout LevelOutput, _ statement: TranslatedStatement.Kind?
  ) throws(SQLError) -> Bool {
    switch word {
    case "cast", "extract", "interval", "array", "current_timestamp", "localtimestamp", "current_date", "row":
      return false
    case "for":
      try skipLocking(&cursor)
      return true
    case "like", "ilike":
      cursor.advance()
      // match() and regexp() are ours and quote with the backslash, as PostgreSQL's LIKE does.
      output.append(word == "like" ? "MATCH" : "REGEXP")
      return true
    case "is":
      cursor.advance()
      let negated = cursor.take(word: "not")
      if cursor.take(word: "distinct") {
        guard cursor.take(word: "from") else { throw .syntax(near: "distinct") }
        output.append(negated ? "IS" : "IS NOT")
      } else {
        output.append(negated ? "IS NOT" : "IS")
      }
      return true
    case "at":
      guard cursor.peek(1)?.word == "time", cursor.peek(2)?.word == "zone" else { return false }
      guard cursor.peek(3) == .token(.string("'UTC'")) else { throw .unsupported("AT TIME ZONE other than 'UTC'") }
      cursor.advance(by: 4)
      return true
    case "on" where cursor.peek(1)?.word == "conflict":
      if cursor.peek(2)?.word == "on" { throw .unsupported("ON CONFLICT ON CONSTRAINT") }
      // SQLite would take this ON for a join condition of the SELECT before it.
      if output.endsWithBareSelect { output.append("WHERE true") }
      cursor.advance(by: 2)
      output.append("ON CONFLICT")
      return true
    case "distinct" where cursor.peek(1)?.word == "on": throw .unsupported("DISTINCT ON")
    case "limit", "offset":
      if word == "limit", statement == .update || statement == .delete { throw .syntax(near: "LIMIT") }
      output.closeOrderItem()
    case "order": output.beginOrder(followedBy: cursor.peek(1)?.word)
    case "returning", "union", "intersect", "except", "rows", "range": output.closeOrderItem()
    case "using" where statement == .delete: throw .unsupported("DELETE ... USING")
    case "insert" where cursor.peek(1)?.word == "or": throw .syntax(near: "OR")
    case "default" where output.lastWord != "insert": throw .unsupported("DEFAULT as a value")
    case "nothing" where output.lastWord != "do": return false
    case "into":
      cursor.advance()
      output.append("INTO")
      try insertTarget(&cursor, &output)
      return true
    case "lateral", "tablesample", "window", "fetch", "only", "similar", "overlaps", "any", "all", "some", "escape":
      guard word == "all", ["union", "intersect", "except", "select"].contains(output.lastWord) else {
        throw .unsupported(word.uppercased())
      }
    default:
      guard Self.keywords.contains(word) else { return false }
      if cursor.peek(1)?.symbol == "." { return false }
    }
    cursor.advance()
    output.append(word: word)
    return true
  }

  /// Handles operators; false when the node begins a primary.
  private mutating func operation(
    _ symbol: String, _ cursor: inout NodeCursor, _ output: inout LevelOutput
  ) throws(SQLError) -> Bool {
    switch symbol {
    case "=", "<>", "!=":
      if cursor.peek(1)?.symbol == "=" { throw .syntax(near: "=") }
      if let quantifier = cursor.peek(1)?.word, ["any", "all", "some"].contains(quantifier) {
        try quantified(symbol, quantifier, &cursor, &output)
        return true
      }
    case "+", "-":
      guard cursor.peek(1)?.word == "interval", case .token(.string(let literal))? = cursor.peek(2),
        let months = PostgresInterval.months(of: ExpressionParser.content(of: literal)),
        let left = output.removeOperand()
      else { break }
      cursor.advance(by: 3)
      output.append("add_months(\(left), \(symbol == "-" ? -months : months))", isStructured: false)
      return true
    case ",":
      cursor.advance()
      output.appendComma()
      return true
    case "&&":
      cursor.advance()
      guard let left = output.removeOperand() else { throw .syntax(near: "&&") }
      let right = try primary(&cursor).text
      output.append(
        "EXISTS (SELECT 1 FROM json_each(\(left)) AS l JOIN json_each(\(right)) AS r ON l.value = r.value)",
        isStructured: false)
      return true
    case "||":
      let next = try lookahead(cursor)
      if output.lastIsStructured || next.isStructured { throw .unsupported("|| of JSONB or array values") }
    case "@>", "<@", "#>", "#>>", "~", "~*", "!~", "=>", "->", "->>", "::":
      throw .unsupported("the operator \(symbol) here")
    case ".", ":": throw .syntax(near: symbol)
    default: break
    }
    cursor.advance()
    output.append(symbol)
    return true
  }

  private func lookahead(_ cursor: NodeCursor) throws(SQLError) -> Operand {
    var cursor = cursor
    cursor.advance()
    var scratch = self
    return try scratch.primary(&cursor)
  }

  private mutating func quantified(
    _ symbol: String, _ quantifier: String, _ cursor: inout NodeCursor, _ output: inout LevelOutput
  ) throws(SQLError) {
    guard case .group(let argument)? = cursor.peek(2) else { throw .syntax(near: quantifier.uppercased()) }
    switch (symbol, quantifier) {
    case ("=", "any"), ("=", "some"): output.append("IN")
    case ("<>", "all"), ("!=", "all"): output.append("NOT IN")
    default: throw .unsupported("\(symbol) \(quantifier.uppercased())")
    }
    cursor.advance(by: 3)
    let inner = try level(argument)
    output.append(
      argument.first?.word == "select" ? "(\(inner))" : "(SELECT value FROM json_each(\(inner)))", isStructured: false)
  }

  /// FOR UPDATE and its kin, with what may follow. SQLite has no row locks and needs none: one transaction at a time.
  private mutating func skipLocking(_ cursor: inout NodeCursor) throws(SQLError) {
    cursor.advance()
    var strengths = ["update", "share", "no", "key"]
    var any = false
    while let word = cursor.peek()?.word, strengths.contains(word) {
      strengths = ["update", "share", "key"]
      any = true
      cursor.advance()
    }
    guard any else { throw .unsupported("FOR here") }
    if cursor.take(word: "of") {
      repeat { cursor.advance() } while cursor.take(symbol: ",")
    }
    if cursor.take(word: "skip") {
      guard cursor.take(word: "locked") else { throw .syntax(near: "skip") }
    } else {
      _ = cursor.take(word: "nowait")
    }
    locksRows = true
  }

  private mutating func insertTarget(_ cursor: inout NodeCursor, _ output: inout LevelOutput) throws(SQLError) {
    if cursor.peek()?.word == "public", cursor.peek(1)?.symbol == "." { cursor.advance(by: 2) }
    guard let table = cursor.takeName() else { throw .syntax(near: cursor.peek().map(Self.description) ?? "") }
    output.append(Self.identifier(table))
    guard case .group(let columns)? = cursor.peek() else { return }
    cursor.advance()
    var targets: [String] = []
    for node in columns {
      switch node {
      case .token(.word(let name)), .token(.quoted(let name)): targets.append(name)
      case .token(.symbol(",")): continue
      default: throw .syntax(near: Self.description(of: node))
      }
    }
    writtenColumns += targets
    output.append("(" + targets.map(Self.identifier).joined(separator: ", ") + ")")
  }

  /// A name as SQLite must see it: in square brackets when it was or should be quoted, because SQLite takes an unknown
  /// double-quoted name for a string.
  static func identifier(_ name: String) -> String {
    let plain = name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 }
    return plain && !reserved.contains(name) ? name : "[\(name)]"
  }

  /// Words that SQLite reserves and PostgreSQL does not.
  private static let reserved: Set<String> = [
    "add", "alter", "autoincrement", "commit", "drop", "if", "index", "nothing", "transaction",
  ]

  /// Words that are passed on as they are.
  private static let keywords: Set<String> = [
    "select", "distinct", "from", "where", "and", "or", "not", "in", "null", "between", "as", "on", "join", "inner",
    "left", "right", "full", "outer", "cross", "group", "by", "having", "asc", "desc", "nulls", "union", "intersect",
    "except", "case", "when", "then", "else", "end", "exists", "insert", "values", "update", "set", "delete",
    "returning", "conflict", "do", "nothing", "with", "recursive", "over", "partition", "rows", "range", "unbounded",
    "preceding", "following", "filter", "true", "false", "using", "order",
  ]
}
