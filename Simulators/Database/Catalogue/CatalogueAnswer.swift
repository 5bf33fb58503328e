import StreamSpaceProtocol

/// The answer to `SQLCatalogue.query` from a schema, in PostgreSQL's words.
enum CatalogueAnswer {
  private static let columns = SQLColumns(["kind", "relation", "name", "definition"])

  static func answer(for schema: DatabaseSchema) -> SQLResult {
    var facts: [[String]] = []
    for table in schema.tables {
      facts.append(["table", table.name, table.name, ""])
      for column in table.columns { facts.append(["column", table.name, column.name, PostgresText.column(column)]) }
      for constraint in table.constraints {
        facts.append(["constraint", table.name, constraint.name, PostgresText.constraint(constraint, of: table)])
      }
      for index in table.indexes {
        facts.append(["index", table.name, index.name, PostgresText.index(index, of: table)])
      }
      for trigger in table.triggers {
        facts.append(["trigger", table.name, trigger.name, PostgresText.trigger(trigger)])
      }
    }
    for function in schema.functions { facts.append(["function", "", function.name, "plpgsql returns trigger"]) }
    facts.sort { $0.lexicographicallyPrecedes($1) }
    let rows = facts.map { SQLRow(columns: columns, values: $0.map(SQLValue.text)) }
    return SQLResult(columns: columns, rows: rows, rowCount: rows.count)
  }
}
