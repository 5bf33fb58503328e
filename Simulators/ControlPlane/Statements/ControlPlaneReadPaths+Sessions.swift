import StreamSpaceProtocol

extension ControlPlaneReadPaths {
  static func sessions(_ policies: SessionPolicies) -> [ReadPath] {
    let tables = ["sessions"]
    let owner = ["users", "user_quotas", "licenses"]
    let live = SQLValue.array(policies.countedStates.map(\.rawValue))
    let row: @Sendable (SQLRow) throws -> StoredSession = { try StoredSession($0) }
    let terms: @Sendable (SQLRow) throws -> (SessionQuota, Int64?) = {
      (try SessionQuota(row: $0), try $0.optionalInteger("licence_limit"))
    }
    let usage = policies.quotaCount == .podsOnly ? SessionStatements.podsOfOwner : SessionStatements.usageOfOwner
    var paths = [
      each(SessionStatements.find, tables, [session], row),
      each(SessionStatements.listOwned, tables, [user], row),
      each(SessionStatements.listOfOrganisation, tables, [.text(StoredSession.defaultOrganisation)], row),
      each(
        SessionStatements.listByTags, tables,
        [.array(["plain", "", "0"]), .text(StoredSession.defaultOrganisation), nil], row),
      each(SessionStatements.setTags, tables, [session, .array(["a"])], row),
      each(SessionStatements.lockOwner, owner, [user], terms),
      each(SessionStatements.lockOwnerAlone, ["users", "user_quotas"], [user], terms),
      ReadPath(usage, tables: tables, parameters: [user, live]) { try SessionQuota.Usage(rows: $0.rows).sessions },
      each(policies.candidates, ["agents", "sessions"]) { try AgentCandidate(row: $0) },
      ReadPath(CommandResultStatements.standing, tables: tables, parameters: [session]) {
        try SessionStanding($0).exists ? 1 : 0
      },
    ]
    if policies.schema.holder == .controller {
      paths.append(each(SchemaStatements.controller, tables, [session]) { try $0.text("controller_id") })
    }
    if policies.schema.insertedCommand == .errorMessage {
      let parameters: [SQLValue] = [.text("command-read-back"), agent, session, "start_session", "{}"]
      paths.append(
        each(SchemaStatements.insertCommandReturning, ["agent_commands"], parameters) { try $0.text("error_message") })
    }
    return paths
  }

  static func reconciler(_ policies: SessionPolicies) -> [ReadPath] {
    let all = ["sessions", "agents", "agent_commands"]
    let names = SQLValue.array((0..<12).map { "session-\($0)" })
    return [
      each(ReconcilerStatements.work, ["sessions"]) { (try $0.integer("stuck"), try $0.integer("idle")) },
      each(ReconcilerStatements.stuck, all) { try StuckSession(row: $0) },
      each(ReconcilerStatements.idleCandidates, ["sessions"]) { try IdleSession(row: $0) },
      each(ReconcilerStatements.rowsForInventory, ["sessions", "agent_commands"], [agent, names]) {
        try InventoryRow(row: $0)
      },
      each(ConnectionStatements.removeExpired, ["connections"]) { try $0.optionalText("session_id") },
    ]
  }
}
