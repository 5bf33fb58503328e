import Database
import StreamSpaceProtocol

/// A connection straight to a simulated database's engine.
final class EngineConnection: SQLConnection {
  private let engine: DatabaseEngine
  private let session = DatabaseSession(1)
  /// Microseconds since 1970.
  var now: Int64 = 1_767_225_600_000_000

  init(_ schema: DatabaseSchema = .contract) throws {
    engine = try DatabaseEngine(image: DatabaseImage(schema: schema, at: now), identifierSeed: 7)
  }

  func answer(_ request: SQLRequest) -> SQLResponse {
    engine.submit(request, from: session, at: now).answer(to: session) ?? .failure(.unsupported("waiting"))
  }

  func load(_ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]) throws(SQLError) -> Int {
    let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let names = columns.map { "\"\($0)\"" }.joined(separator: ", ")
    let insert = SQLStatement("load \(table)", "INSERT INTO \"\(table)\" (\(names)) VALUES (\(places))")
    return try transaction { () throws(SQLError) in
      var count = 0
      for row in rows {
        try execute(insert, row)
        count += 1
      }
      return count
    }
  }

  func close() {}
}

extension DatabaseSchema {
  /// What the catalogue's query would answer, as far as contents need it.
  var catalogue: SQLCatalogue {
    var catalogue = SQLCatalogue()
    for table in tables {
      var words = SQLCatalogue.Table()
      for column in table.columns {
        words.columns[column.name] =
          switch column.type {
          case .boolean: "boolean"
          case .jsonb: "jsonb"
          case .textArray: "text[]"
          case .timestamp: "timestamp"
          case .timestamptz: "timestamptz"
          case .rating: "numeric(3,2)"
          case .integer, .serial: "integer"
          case .bigint: "bigint"
          default: "text"
          }
        switch column.defaultValue {
        case .integer(let number): words.columns[column.name]? += " default \(number)"
        case .text(let text): words.columns[column.name]? += " default '\(text)'::character varying"
        default: break
        }
      }
      words.constraints["\(table.name)_pkey"] = "PRIMARY KEY (\(table.primaryKey.joined(separator: ", ")))"
      catalogue.tables[table.name] = words
    }
    return catalogue
  }

  var tableNames: Set<String> { Set(tables.map(\.name)) }
}
