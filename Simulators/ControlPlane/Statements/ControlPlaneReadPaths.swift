import StreamSpaceProtocol

/// Every way in which the control plane makes values of rows (DBM-13), with the decoders that it uses itself.
///
/// The parameters name rows that every generated database has: `user-0`, `agent-0`, `session-0`, `command-0`.
package enum ControlPlaneReadPaths {
  static let user = SQLValue.text("user-0")
  static let agent = SQLValue.text("agent-0")
  static let session = SQLValue.text("session-0")
  static let command = SQLValue.text("command-0")

  package static func all(for behaviour: ControlPlaneBehaviour) -> [ReadPath] {
    let sent = Set(ControlPlaneStatements.all(for: behaviour).map(\.statement))
    let paths =
      agents(behaviour.enrolment) + commands(behaviour.dispatch) + sessions(behaviour.sessions)
      + reconciler(behaviour.sessions) + viewers() + users() + catalogue(behaviour.sessions.schema)
    return paths.filter { sent.contains($0.statement) }
  }

  /// A path whose every row is decoded by itself, and an error of one is an error of all.
  static func each(
    _ statement: SQLStatement, _ tables: [String], _ parameters: [SQLValue] = [],
    _ decode: @escaping @Sendable (SQLRow) throws -> some Any
  ) -> ReadPath {
    ReadPath(statement, tables: tables, parameters: parameters) { try $0.rows.map { try decode($0) }.count }
  }

  private static func viewers() -> [ReadPath] {
    let sessions = SQLValue.array((0..<10).map { "session-\($0)" })
    return [
      each(StreamingStatements.states, ["sessions"], [sessions]) { try ViewedSession($0) },
      each(StreamingStatements.relayed, ["sessions"], [session]) { try RelayedSession($0) },
      each(StreamingStatements.activeUsers, ["users"], [.array(["user-0", "user-1"])]) { try ViewingUser($0) },
    ]
  }

  private static func users() -> [ReadPath] {
    let any = SQLValue.text("")
    let quotas = ["user_quotas", "users"]
    return [
      each(UserStatements.authenticate, ["users"], [user]) { try UserRow($0) },
      each(UserStatements.findByIDOrName, ["users"], [user]) { try UserRow($0) },
      each(UserStatements.credentials, ["users"], [.text("login-0")]) { row in
        (try UserAccount(row: row), try row.optionalText("password_hash"), try row.optionalText("org_id"))
      },
      each(UserStatements.find, ["users"], [user]) { try UserAccount(row: $0) },
      each(UserStatements.list, ["users"], [any, any, any]) { try UserAccount(row: $0) },
      each(UserStatements.groups, ["group_memberships"], [user]) { try $0.text("group_id") },
      each(UserStatements.quota, quotas, [user]) { try UserQuota(row: $0, showsName: false) },
      each(UserStatements.quotas, quotas) { try UserQuota(row: $0, showsName: true) },
      each(UserStatements.quotaByName, quotas, [.text("login-0")]) { row in
        (
          try row.text("owner"),
          try row.optionalText("user_id").map { _ in try UserQuota(row: row, showsName: true) }
        )
      },
    ]
  }

  private static func catalogue(_ schema: SchemaPolicies) -> [ReadPath] {
    let template = SQLValue.text("template-0-\u{e9}")
    let applications = ["installed_applications", "catalog_templates"]
    let scan = schema.templateScan
    let forSession = scan == .arrayAsList ? SchemaStatements.templateWithTags : CatalogStatements.forSession
    return [
      each(CatalogStatements.list, ["catalog_templates"]) { try Template(row: $0) },
      each(CatalogStatements.find, ["catalog_templates"], [template]) { try Template(row: $0) },
      each(forSession, ["catalog_templates"], [template]) { try CatalogTemplate(row: $0, scan: scan) },
      each(CatalogStatements.applicationForSession, applications, [.text("app-0")]) {
        try InstalledApplication(row: $0)
      },
    ]
  }
}
