import StreamSpaceProtocol

/// Reads the DDL that StreamSpace's schema and its migrations need; what it does not know it refuses with 0A000.
struct DefinitionParser {
  var cursor: NodeCursor

  private static let words: Set<String> = [
    "create", "drop", "alter", "comment", "set", "lock", "truncate", "reset",
  ]

  /// The statement, or nil when the text is not DDL.
  static func parse(_ nodes: [PostgresNode]) throws(SQLError) -> DefinitionStatement? {
    guard let word = nodes.first?.word, words.contains(word) else { return nil }
    var parser = DefinitionParser(cursor: NodeCursor(nodes))
    parser.cursor.advance()
    let statement: DefinitionStatement
    switch word {
    case "create": statement = try parser.create()
    case "drop": statement = try parser.drop()
    case "alter": statement = try parser.alter()
    case "comment": statement = try parser.comment()
    case "truncate":
      _ = parser.cursor.take(word: "table")
      let names = try parser.names()
      try parser.skipIdentityOptions()
      statement = .truncate(names, cascade: parser.behaviour())
    case "lock":
      _ = parser.cursor.take(word: "table")
      let names = try parser.names()
      // The mode does not matter with one lock for all writers.
      while parser.cursor.peek() != nil { parser.cursor.advance() }
      statement = .lock(names)
    case "set": statement = try parser.setting()
    default: throw .unsupported("\(word.uppercased()) statements")
    }
    if let rest = parser.cursor.peek() { throw .syntax(near: PostgresTranslator.description(of: rest)) }
    return statement
  }

  // MARK: - CREATE

  private mutating func create() throws(SQLError) -> DefinitionStatement {
    let orReplace = cursor.take(word: "or")
    if orReplace { try expect("replace") }
    if cursor.take(word: "table") {
      let ifNotExists = try guarded("not")
      let name = try name()
      guard case .group(let nodes)? = cursor.next() else { throw .syntax(near: name) }
      var elements: [TableElement] = []
      for part in nodes.split(at: ",") { elements.append(try Self.element(part)) }
      return .createTable(name: name, ifNotExists: ifNotExists, elements)
    }
    if cursor.take(word: "function") { return try function(orReplace: orReplace) }
    if cursor.take(word: "trigger") { return try trigger(orReplace: orReplace) }
    let isUnique = cursor.take(word: "unique")
    if cursor.take(word: "index") { return try index(isUnique: isUnique) }
    throw .unsupported("CREATE \(cursor.peek().map(PostgresTranslator.description)?.uppercased() ?? "")")
  }

  private mutating func index(isUnique: Bool) throws(SQLError) -> DefinitionStatement {
    let isConcurrent = cursor.take(word: "concurrently")
    let ifNotExists = try guarded("not")
    let name = cursor.peek()?.word == "on" ? nil : try name()
    try expect("on")
    _ = cursor.take(word: "only")
    let table = try self.name()
    var method = "btree"
    if cursor.take(word: "using") { method = try self.name() }
    guard ["btree", "gin"].contains(method) else { throw .unsupported("the index method \(method)") }
    guard case .group(let nodes)? = cursor.next() else { throw .syntax(near: table) }
    var keys: [IndexDefinition.Key] = []
    for part in nodes.split(at: ",") { keys.append(try Self.key(part)) }
    var predicate: SQLExpression?
    if cursor.take(word: "where") { predicate = try ExpressionParser.parse(rest()) }
    return .createIndex(
      IndexRequest(
        name: name, table: table, isUnique: isUnique, isConcurrent: isConcurrent, ifNotExists: ifNotExists,
        method: method, keys: keys, predicate: predicate))
  }

  private static func key(_ nodes: [PostgresNode]) throws(SQLError) -> IndexDefinition.Key {
    var nodes = nodes
    var nullsFirst: Bool?
    if nodes.count > 2, nodes[nodes.count - 2].word == "nulls" {
      nullsFirst = nodes.last?.word == "first"
      nodes.removeLast(2)
    }
    var isDescending = false
    if let word = nodes.last?.word, ["asc", "desc"].contains(word), nodes.count > 1 {
      isDescending = word == "desc"
      nodes.removeLast()
    }
    return IndexDefinition.Key(
      expression: try ExpressionParser.parse(nodes), isDescending: isDescending, nullsFirst: nullsFirst)
  }

  /// `CREATE FUNCTION f() RETURNS TRIGGER AS $$ BEGIN NEW.c = CURRENT_TIMESTAMP; RETURN NEW; END $$ LANGUAGE plpgsql`.
  private mutating func function(orReplace: Bool) throws(SQLError) -> DefinitionStatement {
    let name = try name()
    guard case .group(let arguments)? = cursor.next(), arguments.isEmpty else {
      throw .unsupported("functions with arguments")
    }
    try expect("returns")
    guard cursor.take(word: "trigger") else { throw .unsupported("functions that are not for triggers") }
    var column: String?
    while let node = cursor.next() {
      switch node {
      case .token(.word("as")):
        guard case .token(.string(let body))? = cursor.next() else { throw .syntax(near: "as") }
        column = try Self.assignedColumn(ExpressionParser.content(of: body))
      case .token(.word("language")):
        guard try self.name() == "plpgsql" else { throw .unsupported("other languages than plpgsql") }
      default: throw .syntax(near: PostgresTranslator.description(of: node))
      }
    }
    guard let column else { throw .syntax(near: "") }
    return .createFunction(name: name, column: column, orReplace: orReplace)
  }

  private static func assignedColumn(_ body: String) throws(SQLError) -> String {
    let tokens = try PostgresLexer.tokens(of: body).map(\.text)
    let text = tokens.joined(separator: " ")
    let times = ["now ( )", "current_timestamp"]
    for time in times {
      for assignment in ["=", ": ="] {
        let after = " \(assignment) \(time) ; return new ; end ;"
        let end = text.hasSuffix(" ;") ? text : text + " ;"
        guard end.hasPrefix("begin new . "), end.hasSuffix(after) else { continue }
        return String(end.dropFirst("begin new . ".count).dropLast(after.count))
      }
    }
    throw .unsupported("trigger functions other than those that set a column to the present time")
  }

  private mutating func trigger(orReplace: Bool) throws(SQLError) -> DefinitionStatement {
    let name = try name()
    guard cursor.take(word: "before"), cursor.take(word: "update"), cursor.take(word: "on") else {
      throw .unsupported("triggers other than BEFORE UPDATE")
    }
    let table = try self.name()
    try expect("for")
    _ = cursor.take(word: "each")
    guard cursor.take(word: "row") else { throw .unsupported("triggers FOR EACH STATEMENT") }
    try expect("execute")
    guard cursor.take(word: "function") || cursor.take(word: "procedure") else { throw .syntax(near: "execute") }
    let function = try self.name()
    guard case .group(let arguments)? = cursor.next(), arguments.isEmpty else { throw .syntax(near: function) }
    return .createTrigger(name: name, table: table, function: function, orReplace: orReplace)
  }

  // MARK: - DROP, COMMENT, SET

  private mutating func drop() throws(SQLError) -> DefinitionStatement {
    if cursor.take(word: "table") {
      let ifExists = try guarded(nil)
      let names = try names()
      return .dropTables(names, ifExists: ifExists, cascade: behaviour())
    }
    if cursor.take(word: "index") {
      let concurrently = cursor.take(word: "concurrently")
      let ifExists = try guarded(nil)
      let names = try names()
      _ = behaviour()
      return .dropIndexes(names, ifExists: ifExists, concurrently: concurrently)
    }
    if cursor.take(word: "function") {
      let ifExists = try guarded(nil)
      let name = try name()
      if case .group? = cursor.peek() { cursor.advance() }
      return .dropFunction(name, ifExists: ifExists, cascade: behaviour())
    }
    if cursor.take(word: "trigger") {
      let ifExists = try guarded(nil)
      let name = try name()
      try expect("on")
      let table = try self.name()
      _ = behaviour()
      return .dropTrigger(name: name, table: table, ifExists: ifExists)
    }
    throw .unsupported("DROP \(cursor.peek().map(PostgresTranslator.description)?.uppercased() ?? "")")
  }

  private mutating func comment() throws(SQLError) -> DefinitionStatement {
    try expect("on")
    let target: DefinitionStatement.CommentTarget
    if cursor.take(word: "table") {
      target = .table(try name())
    } else if cursor.take(word: "column") {
      let table = try name()
      guard cursor.take(symbol: "."), let column = cursor.takeName() else { throw .syntax(near: table) }
      target = .column(table: table, column)
    } else {
      target = .other
      while let node = cursor.peek(), node.word != "is" { cursor.advance() }
    }
    try expect("is")
    guard cursor.next() != nil else { throw .syntax(near: "") }
    return .comment(target)
  }

  private mutating func setting() throws(SQLError) -> DefinitionStatement {
    let isLocal = cursor.take(word: "local")
    if !isLocal { _ = cursor.take(word: "session") }
    let name = try name()
    if name == "time" { try expect("zone") } else if !cursor.take(symbol: "=") { try expect("to") }
    guard let value = cursor.next() else { throw .syntax(near: "") }
    switch name {
    case "lock_timeout": return .set(.lockTimeout(milliseconds: try Self.milliseconds(value)), isLocal: isLocal)
    case "statement_timeout":
      return .set(.statementTimeout(milliseconds: try Self.milliseconds(value)), isLocal: isLocal)
    case "time", "timezone", "application_name", "client_min_messages", "search_path", "datestyle",
      "idle_in_transaction_session_timeout", "maintenance_work_mem", "synchronous_commit":
      return .set(.other, isLocal: isLocal)
    default: throw .undefinedObject("unrecognized configuration parameter \"\(name)\"")
    }
  }

  /// `2000`, `'2s'`, `'500ms'`; a bare number is milliseconds.
  private static func milliseconds(_ node: PostgresNode) throws(SQLError) -> Int {
    switch node {
    case .token(.number(let text)): if let value = Int(text) { return value }
    case .token(.string(let literal)):
      let text = ExpressionParser.content(of: literal)
      if let value = Int(text) { return value }
      if let microseconds = PostgresInterval.microseconds(of: text) { return Int(microseconds / 1_000) }
    default: break
    }
    throw .syntax(near: PostgresTranslator.description(of: node))
  }
}

// MARK: - Pieces

extension DefinitionParser {
  /// A name, with `public.` before it or not.
  mutating func name() throws(SQLError) -> String {
    guard let name = cursor.takeName() else {
      throw .syntax(near: cursor.peek().map(PostgresTranslator.description) ?? "")
    }
    guard name == "public", cursor.take(symbol: ".") else { return name }
    return try self.name()
  }

  mutating func names() throws(SQLError) -> [String] {
    var names: [String] = []
    repeat { names.append(try name()) } while cursor.take(symbol: ",")
    return names
  }

  mutating func expect(_ word: String) throws(SQLError) {
    guard cursor.take(word: word) else {
      throw .syntax(near: cursor.peek().map(PostgresTranslator.description) ?? "")
    }
  }

  /// IF EXISTS, or with `negation` IF NOT EXISTS.
  mutating func guarded(_ negation: String?) throws(SQLError) -> Bool {
    guard cursor.take(word: "if") else { return false }
    if let negation { try expect(negation) }
    try expect("exists")
    return true
  }

  /// CASCADE or RESTRICT; true for the first.
  mutating func behaviour() -> Bool {
    if cursor.take(word: "cascade") { return true }
    _ = cursor.take(word: "restrict")
    return false
  }

  mutating func rest() -> [PostgresNode] {
    var nodes: [PostgresNode] = []
    while let node = cursor.next() { nodes.append(node) }
    return nodes
  }

  private mutating func skipIdentityOptions() throws(SQLError) {
    if cursor.take(word: "restart") { throw .unsupported("TRUNCATE ... RESTART IDENTITY") }
    if cursor.take(word: "continue") { try expect("identity") }
  }
}
