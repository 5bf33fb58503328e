import SchemaMigrations
import StreamSpaceProtocol

/// The contents of one table before and after migrations.
package struct ContentComparison: Sendable, Equatable {
  package let table: String
  /// After.
  package let rows: Int
  /// A line for each loss and change that nobody declared, and each declared one that did not happen.
  package let undeclared: [String]
}

extension ContentDigest {
  /// Compares what the database `after` holds with what it held when this digest was taken.
  ///
  /// - Parameter passages: the migrations carried out since, in order.
  /// - Throws: as ``init(of:catalogue:detail:named:)``.
  package func compare(
    with after: any SQLConnection, passages: [ContentPassage] = [], catalogue: SQLCatalogue? = nil
  ) throws -> [ContentComparison] {
    let catalogue = try catalogue ?? SQLCatalogue(after.execute(SQLCatalogue.query))
    let new = try ContentDigest(of: after, catalogue: catalogue, detail: detail)
    return try Set(tables.keys).union(new.tables.keys).sorted().map { name in
      let fate = Fate(table: name, existed: tables[name] != nil, passages)
      var lines: [String] = []
      switch (fate, new.tables[name]) {
      case (.kept, nil): lines.append("table lost, \(tables[name]?.rows ?? 0) rows")
      case (.fresh, nil): lines.append("declared table did not come")
      case (.lost, _?): lines.append("declared loss of the table did not happen")
      case (.unknown, _?): lines.append("table came undeclared")
      case (.kept, let table?):
        if let old = tables[name], let definition = catalogue.tables[name] {
          lines = try TableComparison(
            name: name, old: old, new: table, hasRows: detail == .rows, definition: definition, connection: after
          ).lines(passages)
        }
      case (.fresh, _?), (.lost, nil), (.unknown, nil): break
      }
      return ContentComparison(table: name, rows: new.tables[name]?.rows ?? 0, undeclared: lines)
    }
  }
}
