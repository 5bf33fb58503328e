import StreamSpaceProtocol

/// Columns, constraints and the actions of ALTER TABLE.
extension DefinitionParser {
  private static let constraintWords: Set<String> = ["constraint", "primary", "unique", "check", "foreign"]

  static func element(_ nodes: [PostgresNode]) throws(SQLError) -> TableElement {
    var parser = DefinitionParser(cursor: NodeCursor(nodes))
    let element: TableElement
    if let word = nodes.first?.word, constraintWords.contains(word) {
      element = .constraint(try parser.constraint())
    } else {
      element = .column(try parser.column())
    }
    if let rest = parser.cursor.peek() { throw .syntax(near: PostgresTranslator.description(of: rest)) }
    return element
  }

  // MARK: - Columns

  mutating func column() throws(SQLError) -> ColumnRequest {
    guard let name = cursor.takeName() else {
      throw .syntax(near: cursor.peek().map(PostgresTranslator.description) ?? "")
    }
    var column: ColumnRequest
    switch cursor.peek()?.word {
    case "serial", "serial4":
      cursor.advance()
      column = ColumnRequest(name: name, type: .integer, isSerial: true, isNotNull: true)
    case "bigserial", "serial8":
      cursor.advance()
      column = ColumnRequest(name: name, type: .bigint, isSerial: true, isNotNull: true)
    default: column = ColumnRequest(name: name, type: try ColumnType(&cursor), isSerial: false)
    }
    while cursor.peek() != nil { try columnConstraint(&column) }
    return column
  }

  private mutating func columnConstraint(_ column: inout ColumnRequest) throws(SQLError) {
    let constraintName = cursor.take(word: "constraint") ? try name() : nil
    guard let word = cursor.next()?.word else { throw .syntax(near: column.name) }
    let kind: ConstraintRequest.Kind
    switch word {
    case "not":
      try expect("null")
      column.isNotNull = true
      return
    case "null": return
    case "default":
      column.defaultValue = try ExpressionParser.value(&cursor)
      return
    case "primary":
      try expect("key")
      kind = .primaryKey([column.name])
    case "unique": kind = .unique([column.name])
    case "check": kind = .check(try check())
    case "references": kind = try references([column.name])
    default: throw .syntax(near: word)
    }
    column.constraints.append(ConstraintRequest(name: constraintName, kind: kind))
  }

  // MARK: - Constraints

  mutating func constraint() throws(SQLError) -> ConstraintRequest {
    let constraintName = cursor.take(word: "constraint") ? try name() : nil
    guard let word = cursor.next()?.word else { throw .syntax(near: constraintName ?? "") }
    switch word {
    case "primary":
      try expect("key")
      return ConstraintRequest(name: constraintName, kind: .primaryKey(try columns()))
    case "unique": return ConstraintRequest(name: constraintName, kind: .unique(try columns()))
    case "check": return ConstraintRequest(name: constraintName, kind: .check(try check()))
    case "foreign":
      try expect("key")
      let columns = try columns()
      try expect("references")
      return ConstraintRequest(name: constraintName, kind: try references(columns))
    default: throw .syntax(near: word)
    }
  }

  private mutating func check() throws(SQLError) -> SQLExpression {
    guard case .group(let nodes)? = cursor.next() else { throw .syntax(near: "check") }
    return try ExpressionParser.parse(nodes)
  }

  /// A list of names in brackets.
  private mutating func columns() throws(SQLError) -> [String] {
    guard case .group(let nodes)? = cursor.next() else { throw .syntax(near: "") }
    var names: [String] = []
    for part in nodes.split(at: ",") {
      var inner = NodeCursor(part)
      guard part.count == 1, let name = inner.takeName() else {
        throw .syntax(near: part.last.map(PostgresTranslator.description) ?? ",")
      }
      names.append(name)
    }
    return names
  }

  private mutating func references(_ columns: [String]) throws(SQLError) -> ConstraintRequest.Kind {
    let table = try name()
    var referenced: [String] = []
    if case .group? = cursor.peek() { referenced = try self.columns() }
    var onDelete = ForeignKeyDefinition.Action.noAction
    var onUpdate = ForeignKeyDefinition.Action.noAction
    while cursor.take(word: "on") {
      if cursor.take(word: "delete") {
        onDelete = try action()
      } else {
        try expect("update")
        onUpdate = try action()
      }
    }
    return .foreignKey(columns, table: table, referenced: referenced, onDelete: onDelete, onUpdate: onUpdate)
  }

  private mutating func action() throws(SQLError) -> ForeignKeyDefinition.Action {
    switch cursor.next()?.word {
    case "cascade": return .cascade
    case "restrict": return .restrict
    case "set":
      if cursor.take(word: "null") { return .setNull }
      try expect("default")
      return .setDefault
    case "no":
      try expect("action")
      return .noAction
    case let word: throw .syntax(near: word ?? "")
    }
  }

  // MARK: - ALTER TABLE

  mutating func alter() throws(SQLError) -> DefinitionStatement {
    guard cursor.take(word: "table") else {
      throw .unsupported("ALTER \(cursor.peek().map(PostgresTranslator.description)?.uppercased() ?? "")")
    }
    let ifExists = try guarded(nil)
    _ = cursor.take(word: "only")
    let name = try name()
    var actions: [TableAction] = []
    for part in rest().split(at: ",") {
      var parser = DefinitionParser(cursor: NodeCursor(part))
      actions.append(try parser.action(of: name))
      if let left = parser.cursor.peek() { throw .syntax(near: PostgresTranslator.description(of: left)) }
    }
    guard !actions.isEmpty else { throw .syntax(near: "") }
    return .alterTable(name: name, ifExists: ifExists, actions)
  }

  private mutating func action(of table: String) throws(SQLError) -> TableAction {
    guard let word = cursor.next()?.word else { throw .syntax(near: "") }
    switch word {
    case "add":
      if let next = cursor.peek()?.word, Self.constraintWords.contains(next) { return .addConstraint(try constraint()) }
      _ = cursor.take(word: "column")
      let ifNotExists = try guarded("not")
      return .addColumn(try column(), ifNotExists: ifNotExists)
    case "drop":
      let isConstraint = cursor.take(word: "constraint")
      if !isConstraint { _ = cursor.take(word: "column") }
      let ifExists = try guarded(nil)
      let name = try name()
      return isConstraint
        ? .dropConstraint(name, ifExists: ifExists, cascade: behaviour())
        : .dropColumn(name, ifExists: ifExists, cascade: behaviour())
    case "alter":
      _ = cursor.take(word: "column")
      return try columnAction(try name())
    default: throw .unsupported("ALTER TABLE ... \(word.uppercased())")
    }
  }

  private mutating func columnAction(_ column: String) throws(SQLError) -> TableAction {
    if cursor.take(word: "type") { return try typeAction(column) }
    if cursor.take(word: "drop") {
      if cursor.take(word: "default") { return .setDefault(column, nil) }
      try expect("not")
      try expect("null")
      return .dropNotNull(column)
    }
    try expect("set")
    if cursor.take(word: "default") { return .setDefault(column, try ExpressionParser.value(&cursor)) }
    if cursor.take(word: "data") {
      try expect("type")
      return try typeAction(column)
    }
    try expect("not")
    try expect("null")
    return .setNotNull(column)
  }

  /// `TYPE t [USING col | col::t | col AT TIME ZONE 'UTC']`: every other conversion is refused.
  private mutating func typeAction(_ column: String) throws(SQLError) -> TableAction {
    let type = try ColumnType(&cursor)
    guard cursor.take(word: "using") else { return .setType(column, type) }
    guard cursor.takeName() == column else { throw .unsupported("USING with anything but the column itself") }
    if cursor.take(word: "at") {
      try expect("time")
      try expect("zone")
      guard cursor.next() == .token(.string("'UTC'")), [.timestamp, .timestamptz].contains(type) else {
        throw .unsupported("AT TIME ZONE other than 'UTC'")
      }
    } else if cursor.take(symbol: "::") {
      guard try ColumnType(&cursor) == type else { throw .unsupported("USING with a cast to another type") }
    }
    return .setType(column, type)
  }
}
