import SchemaMigrations
import StreamSpaceProtocol

/// Compares a table that is there before and after.
struct TableComparison {
  let name: String
  let old: ContentDigest.Table
  let new: ContentDigest.Table
  /// Whether the digests know single rows.
  let hasRows: Bool
  let definition: SQLCatalogue.Table
  let connection: any SQLConnection

  private static let exampleCount = 3

  /// Rows that one side alone has, then each column by name.
  func lines(_ passages: [ContentPassage]) throws(SQLError) -> [String] {
    let oldPlaces = hasRows ? old.places : [:]
    let newPlaces = hasRows ? new.places : [:]
    var lines: [String] = []
    if hasRows {
      lines += Self.line("rows missing", old.keys.filter { newPlaces[$0] == nil })
      lines += Self.line("rows new", new.keys.filter { oldPlaces[$0] == nil })
    } else if old.rows != new.rows {
      lines.append("\(new.rows) rows in place of \(old.rows)")
    } else if old.keySum != new.keySum {
      lines.append("other rows")
    }
    for column in Set(old.columns).union(new.columns).sorted() {
      let isThere = new.columns.contains(column)
      let fate = Fate(name, column, existed: old.columns.contains(column), passages)
      switch fate {
      case .kept where !isThere: lines.append("\(column): lost")
      case .fresh where !isThere: lines.append("\(column): declared, did not come")
      case .lost where isThere: lines.append("\(column): declared loss did not happen")
      case .unknown where isThere: lines.append("\(column): came undeclared")
      case .kept(fill: nil): lines += changed(column, oldPlaces, newPlaces)
      case .kept(let fill?): lines += try filled(column, with: fill, oldPlaces)
      case .fresh(let fill?): lines += try filled(column, with: fill, nil)
      case .fresh(fill: nil): lines += try defaulted(column)
      case .lost, .unknown: break
      }
    }
    return lines
  }

  /// `what: count (a, b, c, …)`, or nothing.
  private static func line(_ what: String, _ keys: [String]) -> [String] {
    guard !keys.isEmpty else { return [] }
    let examples = keys.sorted().prefix(exampleCount).map { String($0.prefix(80)) }
    return ["\(what): \(keys.count) (\(examples.joined(separator: ", "))\(keys.count > exampleCount ? ", …" : ""))"]
  }

  /// A column that nobody may have touched.
  private func changed(_ column: String, _ oldPlaces: [String: Int], _ newPlaces: [String: Int]) -> [String] {
    guard old.sums[column] != new.sums[column] else { return [] }
    guard hasRows else { return old.keySum == new.keySum ? ["\(column): changed"] : [] }
    guard let from = old.columns.firstIndex(of: column), let to = new.columns.firstIndex(of: column) else { return [] }
    let keys = old.keys.filter { key in
      guard let before = oldPlaces[key], let after = newPlaces[key] else { return false }
      return old.cells[before + from] != new.cells[after + to]
    }
    return Self.line("\(column): changed", keys)
  }

  /// A column that `expression` fills: in every row, or with `oldPlaces` in those alone that had NULL.
  private func filled(
    _ column: String, with expression: String, _ oldPlaces: [String: Int]?
  ) throws(SQLError) -> [String] {
    let type = ContentType(definition.columns[column] ?? "")
    let position = old.columns.firstIndex(of: column)
    var wrong: [String] = []
    var empty: [String] = []
    var altered: [String] = []
    let reader = ContentReader(connection, table: name, catalogue: definition)
    try reader.forEach([ContentReader.quoted(column), "(\(expression))"]) { key, values in
      let actual = type.hash(values[values.startIndex])
      let expected = type.hash(values[values.startIndex + 1])
      if let oldPlaces, hasRows, let position {
        guard let place = oldPlaces[key] else { return }
        let before = old.cells[place + position]
        if before != ContentHash.null {
          if actual != before { altered.append(key) }
          return
        }
      } else if oldPlaces != nil, actual != ContentHash.null {
        return
      }
      guard actual != expected else { return }
      if actual == ContentHash.null { empty.append(key) } else { wrong.append(key) }
    }
    return Self.line("\(column): not filled with \(expression)", empty)
      + Self.line("\(column): filled with something else than \(expression)", wrong)
      + Self.line("\(column): changed", altered)
  }

  /// A new column that nothing fills: its default, the same in every row, or NULL.
  private func defaulted(_ column: String) throws(SQLError) -> [String] {
    let type = ContentType(definition.columns[column] ?? "")
    let expected = ColumnDefault(definition.columns[column] ?? "")
    var others: [String] = []
    var first: UInt64?
    let reader = ContentReader(connection, table: name, catalogue: definition)
    try reader.forEach([ContentReader.quoted(column)]) { key, values in
      let hash = type.hash(values[values.startIndex])
      let wanted: UInt64
      switch expected {
      case .value(let value): wanted = type.hash(value)
      // When it was added: one time for all rows.
      case .computed: wanted = first ?? hash
      }
      first = first ?? hash
      if hash != wanted { others.append(key) }
    }
    return Self.line("\(column): not its default", others)
  }
}

/// The default in a column's definition of `SQLCatalogue`.
enum ColumnDefault: Equatable {
  case value(SQLValue)
  /// A call, whose value only the database knows.
  case computed

  init(_ definition: String) {
    guard let range = definition.firstRange(of: " default ") else {
      self = .value(.null)
      return
    }
    let text = definition[range.upperBound...]
    if text.hasPrefix("'"), let end = text.dropFirst().firstIndex(of: "'") {
      self = .value(.text(String(text[text.index(after: text.startIndex)..<end])))
    } else if text.hasPrefix("NULL") {
      self = .value(.null)
    } else if let number = Int64(text) {
      self = .value(.integer(number))
    } else if text == "true" || text == "false" {
      self = .value(.boolean(text == "true"))
    } else {
      self = .computed
    }
  }
}
