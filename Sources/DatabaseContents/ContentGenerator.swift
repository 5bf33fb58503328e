import StreamSpaceProtocol

/// Makes the rows of a StreamSpace database from a seed: the same seed, size and version make the same bytes.
///
/// At version 0 it is what spec/06 §9 calls the v1 dump. At a later version the columns that came until then are filled
/// too, and all others hold what they hold at version 0. Keys of SERIAL columns begin at ``firstSerial``, far from
/// those that a start-up's own rows have.
package struct ContentGenerator: Sendable {
  package let seed: UInt64
  package let size: ContentSize
  /// Whose columns are filled: 0 ... 10.
  package let version: Int
  private let contents: ContentIdentities

  package static let firstSerial = 1_000_000

  package init(seed: UInt64, size: ContentSize, version: Int = 0) {
    self.seed = seed
    self.size = size
    self.version = version
    contents = ContentIdentities(seed: seed, size: size)
  }

  /// The tables in an order in which every foreign key finds its row.
  package var tables: [ContentTable] {
    var tables: [ContentTable] = []
    if version >= 6 {
      tables.append(table("organizations", contents.organisations.count - 1, AccountContents.organisations))
    }
    tables += [
      table("users", contents.users.count, AccountContents.users),
      table("user_quotas", (contents.users.count * 2 + 1) / 3, AccountContents.userQuotas),
      table("groups", contents.groups.count, AccountContents.groups),
      table("group_quotas", contents.groups.count, AccountContents.groupQuotas),
      table("group_memberships", contents.users.count * 3 / 2, AccountContents.memberships),
      table("repositories", CatalogueContents.repositoryCount, CatalogueContents.repositories),
      table("catalog_templates", CatalogueContents.templateCount, CatalogueContents.templates),
      table("installed_applications", contents.applications.count, CatalogueContents.applications),
      table("configuration", 40, AccountContents.configuration),
      table("api_keys", max(16, contents.users.count / 4), AccountContents.apiKeys),
      table("webhooks", 16, AccountContents.webhooks),
      table("agents", contents.agents.count, AgentContents.agents),
      table("sessions", size.sessions, SessionContents.sessions),
      table("connections", max(12, size.sessions / 3), SessionContents.connections),
      table("session_shares", max(14, size.sessions / 10), SessionContents.shares),
      table("audit_log", max(20, size.sessions), SessionContents.audit),
      table("agent_commands", size.commands, AgentContents.commands),
    ]
    return tables
  }

  /// Loads every table, parents first, and answers the rows of each. `named`: only these.
  @discardableResult
  package func load(
    into connection: some SQLConnection, named: Set<String>? = nil
  ) throws(SQLError) -> [(table: String, rows: Int)] {
    var loaded: [(table: String, rows: Int)] = []
    for table in tables where named?.contains(table.name) ?? true {
      loaded.append((table.name, try connection.load(table.rows, into: table.name, columns: table.columns)))
    }
    return loaded
  }

  private func table(_ name: String, _ count: Int, _ all: [ContentColumn]) -> ContentTable {
    let columns = all.filter { $0.since <= version }
    let salt = name.utf8.reduce(17) { ($0 &* 31 &+ Int($1)) & 0xffff_ffff }
    return ContentTable(
      name: name, columns: columns.map(\.name),
      rows: ContentRows(
        count: count, columns: columns, contents: contents, seed: ContentDraw.seed(seed, salt)))
  }
}
