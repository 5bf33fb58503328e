import StreamSpaceProtocol

/// Reads a table page by page along its primary key, so that a million rows are never in memory at once.
struct ContentReader {
  private static let pageSize = 20_000

  let connection: any SQLConnection
  let table: String
  /// Columns of the primary key.
  let key: [String]

  init(_ connection: any SQLConnection, table: String, catalogue: SQLCatalogue.Table) {
    self.connection = connection
    self.table = table
    key = Self.key(of: catalogue)
  }

  /// The columns of `PRIMARY KEY (…)`; none where the table has no such key.
  private static func key(of table: SQLCatalogue.Table) -> [String] {
    for definition in table.constraints.values where definition.hasPrefix("PRIMARY KEY (") {
      let list = definition.dropFirst("PRIMARY KEY (".count).prefix { $0 != ")" }
      return list.split(separator: ",").map { $0.filter { $0 != " " && $0 != "\"" } }
    }
    return []
  }

  static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

  /// Hands over the key of each row as one text, and the values of `expressions`.
  func forEach(
    _ expressions: [String], _ body: (_ key: String, _ values: ArraySlice<SQLValue>) -> Void
  ) throws(SQLError) {
    guard !connection.hasNeverHeldRows(table) else { return }
    let keys = key.map(Self.quoted)
    let selection = (keys + expressions).joined(separator: ", ")
    let isPaged = keys.count == 1
    var last: SQLValue?
    while true {
      var text = "SELECT \(selection.isEmpty ? "1" : selection) FROM \(Self.quoted(table))"
      if isPaged {
        if last != nil { text += " WHERE \(keys[0]) > $1" }
        text += " ORDER BY \(keys[0]) LIMIT \(Self.pageSize)"
      }
      let rows = try connection.execute(text, last.map { [$0] } ?? []).rows
      for row in rows {
        let key = row.values.prefix(keys.count).map(Self.text).joined(separator: "/")
        body(key, row.values[keys.count..<(keys.count + expressions.count)])
      }
      guard isPaged, rows.count == Self.pageSize, let end = rows.last else { return }
      last = end.values[0]
    }
  }

  private static func text(_ value: SQLValue) -> String {
    switch value {
    case .text(let text): text
    case .integer(let number): String(number)
    default: value.description
    }
  }
}
