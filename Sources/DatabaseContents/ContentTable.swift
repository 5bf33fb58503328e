import StreamSpaceProtocol

/// The rows of one table, made one at a time as they are asked for.
package struct ContentTable: Sendable {
  package let name: String
  /// Those that exist at the generator's version, in the order of the values.
  package let columns: [String]
  package let rows: ContentRows
}

/// The rows of a table in order; each pass makes the same.
package struct ContentRows: Sequence, Sendable {
  package let count: Int
  let columns: [ContentColumn]
  let contents: ContentIdentities
  let seed: UInt64

  package var underestimatedCount: Int { count }

  package func makeIterator() -> Iterator { Iterator(rows: self) }

  /// One row by its number from 0.
  package subscript(row: Int) -> [SQLValue] {
    let rowSeed = ContentDraw.seed(seed, row)
    return [SQLValue](unsafeUninitializedCapacity: columns.count) { buffer, initialised in
      for column in columns {
        var cell = ContentCell(contents: contents, row: row, rowSeed: rowSeed, salt: column.salt)
        (buffer.baseAddress.unsafelyUnwrapped + initialised).initialize(to: column.make(&cell))
        initialised += 1
      }
    }
  }

  package struct Iterator: IteratorProtocol {
    let rows: ContentRows
    private var row = 0

    init(rows: ContentRows) { self.rows = rows }

    package mutating func next() -> [SQLValue]? {
      guard row < rows.count else { return nil }
      defer { row += 1 }
      return rows[row]
    }
  }
}

/// One column: what makes its values, and since which version of the schema there is one.
struct ContentColumn: Sendable {
  let name: String
  let since: Int
  let salt: Int
  let make: @Sendable (inout ContentCell) -> SQLValue

  /// A column that is never NULL.
  static func always(
    _ name: String, since: Int = 0, _ make: @escaping @Sendable (inout ContentCell) -> SQLValue
  ) -> ContentColumn {
    ContentColumn(name: name, since: since, salt: salt(of: name), make: make)
  }

  /// A column that is NULL in every `period`-th row.
  static func nullable(
    _ name: String, since: Int = 0, every period: Int = 7,
    _ make: @escaping @Sendable (inout ContentCell) -> SQLValue
  ) -> ContentColumn {
    let salt = salt(of: name)
    let phase = salt % period
    return ContentColumn(name: name, since: since, salt: salt) { cell in
      cell.row % period == phase ? .null : make(&cell)
    }
  }

  /// The same in every process: names are short, so a plain polynomial does.
  private static func salt(of name: String) -> Int {
    Int(name.utf8.reduce(UInt64(7)) { ($0 &* 31 &+ UInt64($1)) & 0xffff_ffff })
  }
}
