/// A table as PostgreSQL has it: the names of its constraints are those its error messages use.
struct CoreTable: Sendable, Hashable {
  let name: String
  var columns: [CoreColumn]
  let primaryKey: [String]
  /// Unique constraints in the order PostgreSQL made them, which is the order it tests them in.
  let uniqueKeys: [[String]]
  var foreignKeys: [CoreForeignKey]
  /// Secondary indexes that some statement uses; those PostgreSQL has besides cost time on every write.
  var indexes: [[String]]

  init(
    _ name: String, primaryKey: [String] = ["id"], unique: [[String]] = [], foreignKeys: [CoreForeignKey] = [],
    indexes: [[String]] = [], columns: [CoreColumn]
  ) {
    self.name = name
    self.columns = columns
    self.primaryKey = primaryKey
    uniqueKeys = unique
    self.foreignKeys = foreignKeys
    self.indexes = indexes
  }

  var primaryKeyName: String { "\(name)_pkey" }

  func uniqueKeyName(_ columns: [String]) -> String { "\(name)_\(columns.joined(separator: "_"))_key" }

  /// The name of a foreign key: PostgreSQL's default, or its own.
  func name(of key: CoreForeignKey) -> String { key.name ?? "\(name)_\(key.column)_fkey" }

  func indexName(_ columns: [String]) -> String {
    // The real names drop the suffixes of two-column indexes: idx_sessions_agent_state.
    let parts = columns.count == 1 ? columns : columns.map { $0.hasSuffix("_id") ? String($0.dropLast(3)) : $0 }
    return "idx_\(name)_\(parts.joined(separator: "_"))"
  }

  func column(_ name: String) -> CoreColumn? { columns.first { $0.name == name } }

  /// The constraint behind SQLite's list of columns in a uniqueness failure.
  func uniqueConstraint(over columns: [String]) -> String? {
    if columns == primaryKey { return primaryKeyName }
    return uniqueKeys.contains(columns) ? uniqueKeyName(columns) : nil
  }
}

struct CoreColumn: Sendable, Hashable {
  let name: String
  let type: CoreType
  let isNullable: Bool
  let defaultValue: CoreDefault?

  init(_ name: String, _ type: CoreType, _ nullability: Nullability = .nullable, default value: CoreDefault? = nil) {
    self.name = name
    self.type = type
    isNullable = nullability == .nullable
    defaultValue = value
  }

  enum Nullability {
    case nullable
    case notNull
  }
}

/// PostgreSQL types of the core tables.
enum CoreType: Sendable, Hashable {
  case varchar(Int)
  case text
  case integer
  case bigint
  case boolean
  /// TIMESTAMP without time zone (shipped).
  case timestamp
  /// TIMESTAMPTZ (C31). Stored the same way: microseconds since 1970 in UTC.
  case timestamptz
  case jsonb
  case uuid
  case textArray
  case bytea
  /// DECIMAL(3,2), the ratings.
  case rating
  /// INTEGER with a sequence of its own.
  case serial
}

enum CoreDefault: Sendable, Hashable {
  case text(String)
  case integer(Int)
  case boolean(Bool)
  case now
  case randomIdentifier
}

struct CoreForeignKey: Sendable, Hashable {
  enum Action: String, Sendable, Hashable {
    case cascade = "CASCADE"
    case setNull = "SET NULL"
    case noAction = "NO ACTION"
  }

  let column: String
  let table: String
  let key: String
  let onDelete: Action
  let name: String?

  init(_ column: String, _ table: String, _ key: String = "id", onDelete: Action, name: String? = nil) {
    self.column = column
    self.table = table
    self.key = key
    self.onDelete = onDelete
    self.name = name
  }
}
