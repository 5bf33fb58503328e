/// A version of the schema: which tables there are and what the numbered files and the contract added to them.
///
/// `shipped` is what one start of the API makes of an empty database (recording 20): no `agent_commands.updated_at`
/// (B-24), no termination fields, one NO ACTION key from sessions to agents, times without zone. `contract` has all
/// of the additions of spec/00.
package struct CoreTables: Sendable, Hashable {
  /// What can be present or missing, each a defect of its own when it is missing.
  package struct Additions: OptionSet, Sendable, Hashable {
    package let rawValue: Int
    package init(rawValue: Int) { self.rawValue = rawValue }

    /// 002: the key sessions.agent_id with SET NULL in place of NO ACTION, and its index with the state.
    package static let sessionAgentKey = Additions(rawValue: 1)
    /// 004: `agent_commands.updated_at` and the trigger that keeps it (A-08, B-24).
    package static let commandUpdateTime = Additions(rawValue: 2)
    /// 007: `sessions.termination_reason` and `terminated_at`.
    package static let sessionTermination = Additions(rawValue: 4)
    /// C10: the claim of a command by a replica.
    package static let commandClaims = Additions(rawValue: 8)
    /// C1, C6, C12: which connection of an agent is the current one.
    package static let agentConnections = Additions(rawValue: 16)
    /// C31: TIMESTAMPTZ in place of TIMESTAMP.
    package static let zonedTimes = Additions(rawValue: 32)

    package static let all: Additions = [
      .sessionAgentKey, .commandUpdateTime, .sessionTermination, .commandClaims, .agentConnections, .zonedTimes,
    ]
    /// What the files 001 to 008 add to a start-up schema (recording 20).
    package static let numberedFiles: Additions = [.sessionAgentKey, .commandUpdateTime, .sessionTermination]
  }

  let additions: Additions
  /// Parents before children.
  let tables: [CoreTable]

  init(_ additions: Additions) {
    self.additions = additions
    tables = [
      AccountTables.organizations, AccountTables.users, AccountTables.userQuotas, AccountTables.groups,
      AccountTables.groupMemberships, CatalogTables.repositories, CatalogTables.catalogTemplates,
      CatalogTables.installedApplications, AccountTables.configuration, AccountTables.auditLog,
      AccountTables.licenses, SessionTables.agents, SessionTables.agentCommands, SessionTables.sessions,
      SessionTables.connections,
    ].map { Self.extend($0, by: additions) }
  }

  private static func extend(_ table: CoreTable, by additions: Additions) -> CoreTable {
    var table = table
    switch table.name {
    case "sessions":
      if additions.contains(.sessionAgentKey) {
        // 00 Migrations: 002 keeps one key, the file's.
        table.foreignKeys.removeAll { $0.column == "agent_id" }
        table.foreignKeys.append(
          CoreForeignKey("agent_id", "agents", "agent_id", onDelete: .setNull, name: "fk_sessions_agent_id"))
        table.indexes.append(["agent_id", "state"])
      }
      if additions.contains(.sessionTermination) {
        table.columns += [
          CoreColumn("termination_reason", .varchar(255)), CoreColumn("terminated_at", .timestamp),
        ]
      }
    case "agent_commands":
      if additions.contains(.commandUpdateTime) {
        table.columns.append(CoreColumn("updated_at", .timestamp, default: .now))
      }
      if additions.contains(.commandClaims) {
        table.columns += [
          CoreColumn("claimed_by", .varchar(255)), CoreColumn("claim_expires_at", .timestamp),
          CoreColumn("attempts", .integer, default: .integer(0)),
          CoreColumn("next_attempt_at", .timestamp),
        ]
      }
    case "agents":
      if additions.contains(.agentConnections) {
        table.columns += [
          CoreColumn("connection_pod", .varchar(255)),
          CoreColumn("connection_epoch", .bigint, default: .integer(0)),
          CoreColumn("leader_term", .bigint, default: .integer(0)),
          CoreColumn("offline_since", .timestamp), CoreColumn("issued_key", .varchar(64)),
        ]
      }
    default: break
    }
    if additions.contains(.zonedTimes) {
      table.columns = table.columns.map { column in
        guard column.type == .timestamp else { return column }
        return CoreColumn(
          column.name, .timestamptz, column.isNullable ? .nullable : .notNull, default: column.defaultValue)
      }
    }
    return table
  }
}
