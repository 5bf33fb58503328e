import StreamSpaceProtocol

/// Primaries: what stands between operators.
extension PostgresTranslator {
  /// A translated primary. Structured ones are JSONB or arrays by their cast, for which `||` means something else.
  struct Operand {
    var text: String
    var isStructured = false
  }

  /// A name, a literal, a parameter, a call or a parenthesis, with the casts and JSON arrows behind it.
  mutating func primary(_ cursor: inout NodeCursor) throws(SQLError) -> Operand {
    var operand = try bare(&cursor)
    while let symbol = cursor.peek()?.symbol {
      switch symbol {
      case "::":
        cursor.advance()
        operand = try cast(operand, to: PostgresType(&cursor))
      case "->", "->>":
        cursor.advance()
        let key = try bare(&cursor).text
        let member = "(\(operand.text) -> \(key))"
        // `->>` of SQLite keeps the type of numbers and turns true into 1; PostgreSQL gives text.
        operand =
          symbol == "->"
          ? Operand(text: member, isStructured: true)
          : Operand(
            text:
              "(CASE json_type(\(member)) WHEN 'true' THEN 'true' WHEN 'false' THEN 'false' ELSE CAST(\(operand.text) ->> \(key) AS TEXT) END)"
          )
      default: return operand
      }
    }
    return operand
  }

  private mutating func bare(_ cursor: inout NodeCursor) throws(SQLError) -> Operand {
    guard let node = cursor.next() else { throw .syntax(near: "") }
    switch node {
    case .group(let nodes):
      if nodes.isEmpty { throw .syntax(near: ")") }
      return Operand(text: "(\(try level(nodes)))")
    case .bracket: throw .unsupported("array subscripts")
    case .token(.string(let literal)): return Operand(text: literal)
    case .token(.number(let literal)): return Operand(text: literal)
    case .token(.parameter(let number)):
      parameterCount = max(parameterCount, number)
      return Operand(text: "?\(number)")
    case .token(.symbol(let symbol)): throw .syntax(near: symbol)
    case .token(.quoted(let name)): return try qualified(name, &cursor, isQuoted: true)
    case .token(.word(let word)):
      if let special = try special(word, &cursor) { return special }
      return try qualified(word, &cursor, isQuoted: false)
    }
  }

  /// Constructs with a syntax of their own.
  private mutating func special(_ word: String, _ cursor: inout NodeCursor) throws(SQLError) -> Operand? {
    switch word {
    case "current_timestamp", "localtimestamp": return Operand(text: "now_us()")
    case "current_date", "current_time", "localtime": throw .unsupported(word.uppercased())
    case "interval":
      guard case .token(.string(let literal))? = cursor.peek() else { return nil }
      cursor.advance()
      return Operand(text: String(try Self.interval(literal)))
    case "cast":
      guard case .group(let nodes)? = cursor.next() else { throw .syntax(near: "cast") }
      guard let split = nodes.lastIndex(where: { $0.word == "as" }) else { throw .syntax(near: ")") }
      let value = Operand(text: try level(Array(nodes[..<split])))
      var type = NodeCursor(Array(nodes[(split + 1)...]))
      return try cast(value, to: PostgresType(&type))
    case "extract":
      guard case .group(let nodes)? = cursor.next(), nodes.count > 2, nodes[1].word == "from" else {
        throw .syntax(near: "extract")
      }
      guard nodes[0].word == "epoch" else { throw .unsupported("EXTRACT of anything but EPOCH") }
      return Operand(text: "((\(try level(Array(nodes[2...])))) / 1000000.0)")
    case "array":
      guard case .bracket(let nodes)? = cursor.next() else { throw .unsupported("ARRAY (subquery)") }
      return Operand(text: nodes.isEmpty ? "'[]'" : "json_array(\(try level(nodes)))", isStructured: true)
    case "make_interval":
      guard case .group(let nodes)? = cursor.next(), nodes.count > 2, let unit = nodes[0].word,
        nodes[1].symbol == "=>", !nodes.contains(where: { $0.symbol == "," }),
        let length = PostgresInterval.microseconds(ofUnit: unit)
      else { throw .unsupported("make_interval with other than one of secs, mins, hours, days, weeks") }
      return Operand(text: "((\(try level(Array(nodes[2...])))) * \(length))")
    default: return nil
    }
  }

  /// A name with its qualifiers, or the call of a function.
  private mutating func qualified(
    _ name: String, _ cursor: inout NodeCursor, isQuoted: Bool
  ) throws(SQLError) -> Operand {
    if case .group(let arguments)? = cursor.peek(), !isQuoted {
      cursor.advance()
      return try call(name, arguments)
    }
    var parts = [name]
    while cursor.peek()?.symbol == "." {
      cursor.advance()
      if cursor.take(symbol: "*") {
        parts.append("*")
        break
      }
      guard let next = cursor.takeName() else { throw .syntax(near: ".") }
      parts.append(next)
    }
    if parts.count > 1, parts[0] == "public" { parts.removeFirst() }
    return Operand(text: parts.map { $0 == "*" ? "*" : Self.identifier($0) }.joined(separator: "."))
  }

  private mutating func call(_ name: String, _ arguments: [PostgresNode]) throws(SQLError) -> Operand {
    guard let function = TranslatedFunctions.sqliteNames[name] else {
      if name.contains("advisory") { throw .unsupported("\(name)() in a statement: use the request for it") }
      throw .undefinedFunction("\(name)()")
    }
    let several = arguments.contains { $0.symbol == "," }
    // With two arguments SQLite's min and max are GREATEST and LEAST; PostgreSQL has no such functions.
    if several, ["min", "max"].contains(name) { throw .undefinedFunction("\(name)(integer, integer)") }
    if arguments.contains(where: { $0.word == "from" || $0.word == "for" }), arguments.first?.word != "select" {
      throw .unsupported("\(name.uppercased()) with keywords between its arguments")
    }
    return Operand(
      text: "\(function)(\(try level(arguments)))",
      isStructured: function.hasPrefix("json_") && function != "json_array_length")
  }

  private func cast(_ operand: Operand, to type: PostgresType) throws(SQLError) -> Operand {
    let text = operand.text
    let isLiteral = text.hasPrefix("'")
    switch type {
    case .text: return Operand(text: "CAST(\(text) AS TEXT)")
    case .integer: return Operand(text: "CAST(\(text) AS INTEGER)")
    case .number: return Operand(text: "CAST(\(text) AS REAL)")
    case .structured:
      return Operand(text: text == "'{}'" && type == .structured(isArray: true) ? "'[]'" : text, isStructured: true)
    case .boolean:
      switch text.lowercased() {
      case "'true'", "'t'": return Operand(text: "true")
      case "'false'", "'f'": return Operand(text: "false")
      default: return operand
      }
    case .uuid: return operand
    case .timestamp:
      if isLiteral { throw .unsupported("time stamp literals: pass a parameter") }
      return operand
    case .interval:
      return Operand(text: isLiteral ? String(try Self.interval(text)) : "interval_us(\(text))")
    }
  }

  private static func interval(_ literal: String) throws(SQLError) -> Int64 {
    let text = String(literal.dropFirst().dropLast())
    guard let microseconds = PostgresInterval.microseconds(of: text) else {
      throw .unsupported("the interval \(literal) (no months, years or ISO form)")
    }
    return microseconds
  }
}
