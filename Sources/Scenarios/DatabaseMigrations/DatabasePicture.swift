import DatabaseContents
import StreamSpaceProtocol

/// A database at rest, to be compared with itself later.
struct DatabasePicture {
  var catalogue: SQLCatalogue
  /// A line for each row of the ledger, without times; empty where there is no ledger.
  var ledger: [String]
  /// Sums over the rows; nil: not looked at.
  var contents: ContentDigest?

  private static let ledgerQuery = SQLStatement(
    "ledgerLines",
    """
    SELECT version, step, name, checksum, state, position, applied_by FROM schema_migrations \
    ORDER BY version, step
    """, isPrepared: false)

  init(_ connection: any SQLConnection, contents: Bool = false) throws {
    catalogue = try SQLCatalogue(connection.execute(SQLCatalogue.query))
    ledger = []
    if catalogue.tables["schema_migrations"] != nil {
      ledger = try connection.execute(Self.ledgerQuery).rows.map { row in
        row.values.map(\.description).joined(separator: " ")
      }
    }
    self.contents = contents ? try ContentDigest(of: connection, catalogue: catalogue, detail: .sums) : nil
  }

  /// What has changed since, a line each.
  func changes(since old: DatabasePicture) -> [String] {
    var lines = catalogue.differences(from: old.catalogue)
    for line in ledger where !old.ledger.contains(line) { lines.append("ledger: \(line) is new") }
    for line in old.ledger where !ledger.contains(line) { lines.append("ledger: \(line) is gone") }
    guard let contents, let before = old.contents else { return lines }
    for name in Set(contents.tables.keys).union(before.tables.keys).sorted() {
      guard let new = contents.tables[name], let table = before.tables[name] else { continue }
      if new.rows != table.rows { lines.append("\(name): \(new.rows) rows in place of \(table.rows)") }
      for column in table.sums.keys.sorted() where new.sums[column] != table.sums[column] {
        lines.append("\(name).\(column): other values")
      }
    }
    return lines
  }
}
