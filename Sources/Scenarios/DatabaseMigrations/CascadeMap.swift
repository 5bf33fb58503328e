import StreamSpaceProtocol

/// What the deletion of a row does to the rows that name it, as spec/02 §8.2 declares it: written down apart from the
/// schema, so that a key with another action is found.
struct CascadeMap {
  enum Action { case cascade, setNull }

  struct Relation {
    var child: String
    var column: String
    var parent: String
    /// The parent's column that is named.
    var key = "id"
    var action: Action
  }

  static let relations: [Relation] = [
    Relation(child: "user_quotas", column: "user_id", parent: "users", action: .cascade),
    Relation(child: "group_quotas", column: "group_id", parent: "groups", action: .cascade),
    Relation(child: "group_memberships", column: "user_id", parent: "users", action: .cascade),
    Relation(child: "group_memberships", column: "group_id", parent: "groups", action: .cascade),
    Relation(child: "groups", column: "parent_id", parent: "groups", action: .cascade),
    Relation(child: "users", column: "org_id", parent: "organizations", action: .setNull),
    Relation(child: "agents", column: "org_id", parent: "organizations", action: .cascade),
    Relation(child: "sessions", column: "user_id", parent: "users", action: .cascade),
    Relation(child: "sessions", column: "team_id", parent: "groups", action: .setNull),
    Relation(child: "sessions", column: "org_id", parent: "organizations", action: .cascade),
    Relation(child: "sessions", column: "agent_id", parent: "agents", key: "agent_id", action: .setNull),
    Relation(child: "agent_commands", column: "agent_id", parent: "agents", key: "agent_id", action: .cascade),
    Relation(child: "connections", column: "session_id", parent: "sessions", action: .cascade),
    Relation(child: "connections", column: "user_id", parent: "users", action: .cascade),
    Relation(child: "session_shares", column: "session_id", parent: "sessions", action: .cascade),
    Relation(child: "session_shares", column: "owner_user_id", parent: "users", action: .cascade),
    Relation(child: "session_shares", column: "shared_with_user_id", parent: "users", action: .cascade),
    Relation(child: "catalog_templates", column: "repository_id", parent: "repositories", action: .cascade),
    Relation(
      child: "installed_applications", column: "catalog_template_id", parent: "catalog_templates", action: .setNull),
    Relation(child: "installed_applications", column: "created_by", parent: "users", action: .setNull),
    Relation(child: "audit_log", column: "org_id", parent: "organizations", action: .cascade),
    Relation(child: "api_keys", column: "user_id", parent: "users", action: .cascade),
    Relation(child: "api_keys", column: "created_by", parent: "users", action: .setNull),
    Relation(child: "api_keys", column: "org_id", parent: "organizations", action: .cascade),
    Relation(child: "webhooks", column: "created_by", parent: "users", action: .setNull),
    Relation(child: "webhooks", column: "org_id", parent: "organizations", action: .cascade),
  ]

  static let parentsAndChildren: [String] = Array(Set(relations.flatMap { [$0.child, $0.parent] })).sorted()

  /// Column by which the rows of a table are told apart.
  static func key(of table: String) -> String {
    switch table {
    case "user_quotas": "user_id"
    case "group_quotas": "group_id"
    default: "id"
    }
  }

  /// By table and key, the columns that name others or are named.
  private(set) var rows: [String: [SQLValue: [String: SQLValue]]] = [:]

  /// Reads what stands in the database now.
  init(_ connection: any SQLConnection) throws {
    for table in Self.parentsAndChildren {
      let relations = Self.relations.filter { $0.child == table }
      let named = Self.relations.filter { $0.parent == table }.map(\.key)
      let keyColumns = Array(Set(relations.map(\.column) + named + [Self.key(of: table)])).sorted()
      let answer = try connection.execute("SELECT \(keyColumns.joined(separator: ", ")) FROM \(table)")
      var contents: [SQLValue: [String: SQLValue]] = [:]
      for row in answer.rows {
        contents[try row.value(Self.key(of: table))] = Dictionary(uniqueKeysWithValues: zip(keyColumns, row.values))
      }
      rows[table] = contents
    }
  }

  /// By how many of the relations others name a row.
  func kindsOfChildren(of key: SQLValue, in table: String) -> Int {
    Self.relations.count { relation in
      guard relation.parent == table, let named = rows[table]?[key]?[relation.key] else { return false }
      return rows[relation.child]?.values.contains { $0[relation.column] == named } ?? false
    }
  }

  /// Removes a row, and does to the others what is declared.
  mutating func delete(_ key: SQLValue, from table: String) {
    guard let row = rows[table]?.removeValue(forKey: key) else { return }
    for relation in Self.relations where relation.parent == table {
      guard let named = row[relation.key], !named.isNull else { continue }
      for (child, columns) in rows[relation.child] ?? [:] where columns[relation.column] == named {
        switch relation.action {
        case .cascade: delete(child, from: relation.child)
        case .setNull: rows[relation.child]?[child]?[relation.column] = .null
        }
      }
    }
  }

  /// What another state of a table has that this one has not, and the reverse, a line each.
  func differences(from actual: CascadeMap, in table: String) -> [String] {
    let mine = rows[table] ?? [:]
    let theirs = actual.rows[table] ?? [:]
    var lines: [String] = []
    for key in mine.keys where theirs[key] == nil { lines.append("\(key) is gone") }
    for (key, columns) in theirs {
      guard let wanted = mine[key] else {
        lines.append("\(key) is still there")
        continue
      }
      for column in columns.keys.sorted() where columns[column] != wanted[column] {
        lines.append("\(key).\(column) is \(columns[column] ?? .null) in place of \(wanted[column] ?? .null)")
      }
    }
    return lines.sorted()
  }

  /// By table, keys in the schema that do something else than is declared, or are not there.
  static func undeclaredKeys(in catalogue: SQLCatalogue) -> [(table: String, lines: [String])] {
    parentsAndChildren.map { table in
      let wanted = relations.filter { $0.child == table }.map { relation in
        let action = relation.action == .cascade ? "CASCADE" : "SET NULL"
        return "FOREIGN KEY (\(relation.column)) REFERENCES \(relation.parent)(\(relation.key)) ON DELETE \(action)"
      }
      let found = (catalogue.tables[table]?.constraints.values.filter { $0.hasPrefix("FOREIGN KEY") } ?? []).sorted()
      return (
        table,
        found.filter { !wanted.contains($0) }.map { "\($0) is not declared" }
          + wanted.filter { !found.contains($0) }.map { "\($0) is missing" }
      )
    }
  }
}
