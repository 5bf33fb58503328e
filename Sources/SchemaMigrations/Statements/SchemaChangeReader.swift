import Synchronization

/// Reads from the text of a statement what it does to the schema: as much of PostgreSQL's DDL as migrations use.
package struct SchemaChangeReader {
  private var words: [String]
  private var position = 0

  private init(_ words: [String]) { self.words = words }

  /// The changes of one statement, several for an ALTER TABLE with several actions.
  package static func changes(of statement: String) -> [SchemaChange] {
    if let known = known.withLock({ $0[statement] }) { return known }
    var reader = SchemaChangeReader(StatementWords.words(of: statement))
    let changes = reader.read() ?? [.unknown(statement)]
    known.withLock { known in
      if known.count >= limit { known.removeAll(keepingCapacity: true) }
      known[statement] = changes
    }
    return changes
  }

  /// What was read lately: the checks of a set of migrations ask for each statement many times over.
  private static let known = Mutex<[String: [SchemaChange]]>([:])
  private static let limit = 4_096

  private mutating func read() -> [SchemaChange]? {
    switch next() {
    case "create": return create().map { [$0] }
    case "drop": return drop().map { [$0] }
    case "alter":
      guard take("table"), let table = guardedName() else { return nil }
      return actions(of: table)
    case "insert":
      guard take("into"), let table = next() else { return nil }
      return [.writeRows(table: table)]
    case "update": return next().map { [.writeRows(table: $0)] }
    case "delete":
      guard take("from"), let table = next() else { return nil }
      return [.writeRows(table: table)]
    default: return nil
    }
  }

  private mutating func create() -> SchemaChange? {
    if take("or") { _ = take("replace") }
    _ = take("unique")
    switch next() {
    case "table": return guardedName().map(SchemaChange.createTable)
    case "function": return next().map(SchemaChange.createFunction)
    case "index":
      _ = take("concurrently")
      guard let name = guardedName(), take("on"), let table = next() else { return nil }
      return .createIndex(name: name, table: table)
    case "trigger":
      guard let name = next() else { return nil }
      while let word = next() {
        if word == "on" { return next().map { .createTrigger(table: $0, name: name) } }
      }
      return nil
    default: return nil
    }
  }

  private mutating func drop() -> SchemaChange? {
    switch next() {
    case "table": return guardedName().map(SchemaChange.dropTable)
    case "function": return guardedName().map(SchemaChange.dropFunction)
    case "index":
      _ = take("concurrently")
      return guardedName().map(SchemaChange.dropIndex)
    case "trigger":
      guard let name = guardedName(), take("on"), let table = next() else { return nil }
      return .dropTrigger(table: table, name: name)
    default: return nil
    }
  }

  // MARK: - ALTER TABLE

  private mutating func actions(of table: String) -> [SchemaChange]? {
    var changes: [SchemaChange] = []
    var depth = 0
    var action: [String] = []
    for word in words[position...] + [","] {
      if word == "(" { depth += 1 } else if word == ")" { depth -= 1 }
      guard word == ",", depth == 0 else {
        action.append(word)
        continue
      }
      var reader = SchemaChangeReader(action)
      guard let change = reader.action(of: table) else { return nil }
      changes.append(change)
      action.removeAll()
    }
    return changes
  }

  private mutating func action(of table: String) -> SchemaChange? {
    switch next() {
    case "add":
      if take("constraint") { return next().map { .addConstraint(table: table, name: $0) } }
      _ = take("column")
      guard let column = guardedName() else { return nil }
      let rest = words[position...].joined(separator: " ")
      return .addColumn(table: table, column: column, isNullable: !rest.contains("not null"))
    case "drop":
      let isConstraint = take("constraint")
      if !isConstraint { _ = take("column") }
      guard let name = guardedName() else { return nil }
      return isConstraint
        ? .dropConstraint(table: table, name: name) : .dropColumn(table: table, column: name)
    case "alter":
      _ = take("column")
      guard let column = next() else { return nil }
      return columnAction(table, column)
    default: return nil
    }
  }

  private mutating func columnAction(_ table: String, _ column: String) -> SchemaChange? {
    switch (next(), next()) {
    case ("type", let type?): .setType(table: table, column: column, type: type)
    case ("set", "default"): .setDefault(table: table, column: column)
    case ("set", "not"): .setNotNull(table: table, column: column)
    case ("drop", "default"): .dropDefault(table: table, column: column)
    default: nil
    }
  }

  // MARK: - Words

  private mutating func next() -> String? {
    guard position < words.count else { return nil }
    position += 1
    return words[position - 1]
  }

  private mutating func take(_ word: String) -> Bool {
    guard position < words.count, words[position] == word else { return false }
    position += 1
    return true
  }

  /// A name after `IF EXISTS` or `IF NOT EXISTS`, where it stands.
  private mutating func guardedName() -> String? {
    if take("if") {
      _ = take("not")
      _ = take("exists")
    }
    return next()
  }
}

/// Cuts a statement into lower-case words and signs; strings and bodies count as one word.
enum StatementWords {
  static func words(of statement: String) -> [String] {
    var words: [String] = []
    var word: [UInt8] = []
    var quote: UInt8?
    func endWord() {
      guard !word.isEmpty else { return }
      words.append(String(decoding: word, as: UTF8.self))
      word.removeAll(keepingCapacity: true)
    }
    for byte in statement.utf8 {
      if let open = quote {
        word.append(byte)
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""):
        quote = byte
        word.append(byte)
      case UInt8(ascii: "("), UInt8(ascii: ")"), UInt8(ascii: ","):
        endWord()
        words.append(String(UnicodeScalar(byte)))
      case UInt8(ascii: " "), 0x09...0x0D: endWord()
      // As PostgreSQL folds names: ASCII only.
      case UInt8(ascii: "A")...UInt8(ascii: "Z"): word.append(byte + 0x20)
      default: word.append(byte)
      }
    }
    endWord()
    return words
  }
}
