/// How the templates of a repository come into the catalogue, at each start and every hour (spec/05 ).
package struct CatalogueSync: Sendable, Equatable {
  package enum Method: Sendable, Equatable {
    /// Known names are updated, new ones inserted, missing ones deleted: a template keeps its id, and what points to it.
    case upserts
    /// All templates of the repository go and come again under new ids: installed applications lose theirs.
    case deletesAndInserts
    /// Known names are updated, the others inserted: a name that the repository has twice breaks its key, and nothing of
    /// it is taken.
    case insertsUnknown
  }

  /// What a repository says of one template.
  package struct Entry: Sendable, Hashable {
    package var name: String
    package var displayName: String
    package var category: String
    /// A JSON document.
    package var manifest: String
    package var tags: [String]

    package init(name: String, displayName: String, category: String, manifest: String, tags: [String]) {
      self.name = name
      self.displayName = displayName
      self.category = category
      self.manifest = manifest
      self.tags = tags
    }
  }

  package var method: Method

  package init(_ method: Method = .upserts) { self.method = method }

  /// Brings the repository with this key to `entries`, in one transaction.
  ///
  /// - Throws: `SQLError` of the first statement that fails; then nothing is changed.
  package func perform(
    repository: Int64, _ entries: [Entry], on connection: some SQLConnection
  ) throws(SQLError) {
    let key = SQLValue.integer(repository)
    try connection.transaction { () throws(SQLError) in
      switch method {
      case .upserts:
        for entry in entries { try connection.execute(Self.upsert, [key] + entry.values) }
        try connection.execute(Self.deleteMissing, [key, .array(entries.map(\.name))])
      case .deletesAndInserts:
        try connection.execute(Self.deleteAll, [key])
        var names: Set<String> = []
        for entry in entries where names.insert(entry.name).inserted {
          try connection.execute(Self.insert, [key] + entry.values)
        }
      case .insertsUnknown:
        var known: Set<String> = []
        for row in try connection.execute(Self.names, [key]).rows {
          if case .text(let name) = row.values[0] { known.insert(name) }
        }
        for entry in entries {
          try connection.execute(known.contains(entry.name) ? Self.update : Self.insert, [key] + entry.values)
        }
        try connection.execute(Self.deleteMissing, [key, .array(entries.map(\.name))])
      }
      try connection.execute(Self.synced, [key])
    }
  }

  /// What it sends.
  package var statements: [SQLStatement] {
    switch method {
    case .upserts: [Self.upsert, Self.deleteMissing, Self.synced]
    case .deletesAndInserts: [Self.deleteAll, Self.insert, Self.synced]
    case .insertsUnknown: [Self.names, Self.update, Self.insert, Self.deleteMissing, Self.synced]
    }
  }

  private static let insertion = """
    INSERT INTO catalog_templates (repository_id, name, display_name, category, manifest, tags, created_at, updated_at) \
    VALUES ($1, $2, $3, $4, $5, $6, NOW(), NOW())
    """

  private static let insert = SQLStatement("catalogueInsert", insertion)

  private static let upsert = SQLStatement(
    "catalogueUpsert",
    """
    \(insertion) ON CONFLICT (repository_id, name) DO UPDATE SET display_name = EXCLUDED.display_name, \
    category = EXCLUDED.category, manifest = EXCLUDED.manifest, tags = EXCLUDED.tags, updated_at = NOW()
    """)

  private static let update = SQLStatement(
    "catalogueUpdate",
    """
    UPDATE catalog_templates SET display_name = $3, category = $4, manifest = $5, tags = $6, updated_at = NOW() \
    WHERE repository_id = $1 AND name = $2
    """)

  private static let names = SQLStatement(
    "catalogueNames", "SELECT name FROM catalog_templates WHERE repository_id = $1 AND name IS NOT NULL")

  /// A row without name is nobody's to delete.
  private static let deleteMissing = SQLStatement(
    "catalogueDeleteMissing", "DELETE FROM catalog_templates WHERE repository_id = $1 AND name != ALL($2)")

  private static let deleteAll = SQLStatement(
    "catalogueDeleteAll", "DELETE FROM catalog_templates WHERE repository_id = $1")

  private static let synced = SQLStatement(
    "catalogueSynced",
    """
    UPDATE repositories SET status = 'synced', last_sync = NOW(), error_message = NULL, updated_at = NOW(), \
    template_count = (SELECT COUNT(*) FROM catalog_templates t WHERE t.repository_id = $1) WHERE id = $1
    """)
}

extension CatalogueSync.Entry {
  /// $2 ... $6 of the statements.
  fileprivate var values: [SQLValue] {
    [.text(name), .text(displayName), .text(category), .text(manifest), .array(tags)]
  }
}
