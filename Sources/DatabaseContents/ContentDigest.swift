import StreamSpaceProtocol

/// What a database holds, in short: per table the number of rows and per column a checksum that does not depend on the
/// order of the rows, nor on the engine.
package struct ContentDigest: Sendable, Equatable {
  /// How much is kept.
  package enum Detail: Sendable, Hashable {
    /// Sums alone: a difference is found, not whose.
    case sums
    /// Also the key and a hash of every value of each row (8 bytes a value): a comparison names the rows.
    case rows
  }

  package struct Table: Sendable, Equatable {
    package internal(set) var rows = 0
    /// By column.
    package internal(set) var sums: [String: ContentChecksum] = [:]
    /// Of the keys of the rows.
    package internal(set) var keySum = ContentChecksum()
    /// In the order of the values in `cells`.
    var columns: [String] = []
    /// Only with ``Detail/rows``.
    var keys: [String] = []
    var cells: [UInt64] = []

    /// By key, the place of the row's first value in `cells`.
    var places: [String: Int] {
      Dictionary(keys.enumerated().map { ($1, $0 * columns.count) }, uniquingKeysWith: { first, _ in first })
    }
  }

  package internal(set) var tables: [String: Table] = [:]
  package internal(set) var detail: Detail

  /// The ledger says when migrations ran: it is no content.
  package static let ignored: Set<String> = ["schema_migrations"]

  /// Reads every table, or those `named`.
  ///
  /// - Parameter catalogue: the database's, when the caller has it.
  /// - Throws: `SQLError` of a query, `SQLRowError` when the answer to the catalogue's query is none.
  package init(
    of connection: any SQLConnection, catalogue: SQLCatalogue? = nil, detail: Detail = .rows,
    named: Set<String>? = nil
  ) throws {
    let catalogue = try catalogue ?? SQLCatalogue(connection.execute(SQLCatalogue.query))
    self.detail = detail
    for name in catalogue.tables.keys.sorted() where !Self.ignored.contains(name) && named?.contains(name) ?? true {
      guard let definition = catalogue.tables[name] else { continue }
      tables[name] = try Self.read(
        ContentReader(connection, table: name, catalogue: definition), definition, detail)
    }
  }

  private static func read(
    _ reader: ContentReader, _ definition: SQLCatalogue.Table, _ detail: Detail
  ) throws(SQLError) -> Table {
    var table = Table()
    table.columns = definition.columns.keys.sorted()
    let types = table.columns.map { ContentType(definition.columns[$0] ?? "") }
    var sums = table.columns.map { _ in ContentChecksum() }
    try reader.forEach(table.columns.map(ContentReader.quoted)) { key, values in
      let keyHash = ContentHash.of(key, tag: 20)
      table.rows += 1
      table.keySum.add(1, key: keyHash)
      if detail == .rows { table.keys.append(key) }
      var position = values.startIndex
      for column in types.indices {
        let hash = types[column].hash(values[position])
        sums[column].add(hash, key: keyHash)
        if detail == .rows { table.cells.append(hash) }
        position += 1
      }
    }
    for (name, sum) in zip(table.columns, sums) { table.sums[name] = sum }
    return table
  }

  package static func == (left: ContentDigest, right: ContentDigest) -> Bool {
    left.tables.keys.sorted() == right.tables.keys.sorted()
      && left.tables.allSatisfy { name, table in
        guard let other = right.tables[name] else { return false }
        return table.rows == other.rows && table.keySum == other.keySum && table.sums == other.sums
      }
  }
}
