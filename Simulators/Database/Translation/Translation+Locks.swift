/// What a statement locks and changes, as far as it can be told from its text.
extension Translation {
  /// Whether it changes nothing.
  var isRead: Bool {
    switch self {
    case .statement(let statement): statement.kind == .select
    case .catalogue: true
    case .definition(.comment), .definition: false
    }
  }

  /// Whether it neither writes nor locks, so that it need not wait for another's transaction.
  var isPlainRead: Bool {
    switch self {
    case .statement(let statement): statement.kind == .select && !statement.locksRows
    case .catalogue: true
    case .definition: false
    }
  }

  /// The command as PostgreSQL names it in 25006; nil for what a read-only role may do.
  var writingCommand: String? {
    switch self {
    case .catalogue: nil
    case .statement(let statement):
      switch statement.kind {
      case .select: statement.locksRows ? "SELECT FOR UPDATE" : nil
      case .insert: "INSERT"
      case .update: "UPDATE"
      case .delete: "DELETE"
      }
    case .definition(let definition): definition.command
    }
  }

  /// Tables that nobody may read while the transaction of this statement is open (ACCESS EXCLUSIVE).
  func exclusive(in schema: DatabaseSchema) -> Set<String> {
    guard case .definition(let definition) = self else { return [] }
    switch definition {
    case .alterTable(let name, _, _): return [name]
    case .dropTables(let names, _, _), .truncate(let names, _), .lock(let names): return Set(names)
    case .dropIndexes(let names, _, concurrently: false):
      return Set(
        names.compactMap { name in
          if case .index(let table)? = schema.relation(name) { return table }
          return nil
        })
    default: return []
    }
  }
}

extension DefinitionStatement {
  /// The name that a CREATE writes into the catalogue first; a function's has brackets.
  var createdName: String? {
    switch self {
    case .createTable(let name, _, _): name
    case .createIndex(let request): request.name
    case .createFunction(let name, _, _): name + "()"
    default: nil
    }
  }

  /// The unique index of the catalogue on which two that create the same thing at once meet. The sequence of a SERIAL
  /// column is made before its table.
  var catalogueIndex: String {
    switch self {
    case .createTable(_, _, let elements):
      let isSerial = elements.contains { element in
        if case .column(let column) = element { return column.isSerial }
        return false
      }
      return isSerial ? "pg_class_relname_nsp_index" : "pg_type_typname_nsp_index"
    case .createFunction: return "pg_proc_proname_args_nsp_index"
    default: return "pg_class_relname_nsp_index"
    }
  }

  /// The command as PostgreSQL names it; nil for SET.
  var command: String? {
    switch self {
    case .createTable: "CREATE TABLE"
    case .dropTables: "DROP TABLE"
    case .alterTable: "ALTER TABLE"
    case .createIndex: "CREATE INDEX"
    case .dropIndexes: "DROP INDEX"
    case .createFunction: "CREATE FUNCTION"
    case .dropFunction: "DROP FUNCTION"
    case .createTrigger: "CREATE TRIGGER"
    case .dropTrigger: "DROP TRIGGER"
    case .truncate: "TRUNCATE TABLE"
    case .lock: "LOCK TABLE"
    case .comment: "COMMENT"
    case .set: nil
    }
  }
}
