import SchemaMigrations
import StreamSpaceProtocol

/// What an image's schema is made by.
package enum InitialSchema: Sendable {
  /// Nothing: no tables.
  case none
  /// All versions of the contract, with their ledger.
  case contract
  /// The start-up list of the product as shipped: no ledger, no `agent_commands.updated_at` (B-24), no termination
  /// fields, a NO ACTION key from sessions to agents, times without zone (recording 20).
  case shipped
  /// A run of these migrations up to a version.
  case migrated(MigrationBehaviour, to: Int)

  private static let name = "image"

  func make(on connection: some SQLConnection) throws(SQLError) {
    let run: any MigrationRun
    switch self {
    case .none: return
    case .contract: run = MigrationBehaviour().run(to: MigrationSet.contract.newest, appliedBy: Self.name)
    case .shipped: run = MigrationBehaviour.shipped.run(to: 0, appliedBy: Self.name)
    case .migrated(let behaviour, let version): run = behaviour.run(to: version, appliedBy: Self.name)
    }
    switch run.perform(on: connection) {
    case .ready: return
    case .refused(let reason): throw SQLError(sqlState: "XX000", message: reason, kind: .other)
    case .failed(_, let error): throw error
    }
  }
}

/// The tables that the control plane's everyday statements use: an image has them ready (spec/06 §10.4). The others are
/// made in the run whose statement first names them.
enum UsedTables {
  /// Parents before children.
  static let names = [
    "organizations", "users", "user_quotas", "groups", "group_memberships", "repositories", "catalog_templates",
    "installed_applications", "configuration", "audit_log", "licenses", "agents", "agent_commands", "sessions",
    "connections",
  ]
}
