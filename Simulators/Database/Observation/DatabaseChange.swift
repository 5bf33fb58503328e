import CSQLite

/// One row changed by a committed transaction: what oracles and the trace see of the database.
///
/// `before` is nil for an insert, `after` for a delete. An update is reported only when one of the named columns
/// changed.
package enum DatabaseChange: Sendable, Hashable {
  case agent(before: AgentRow?, after: AgentRow?)
  case session(before: SessionRow?, after: SessionRow?)
  case command(before: CommandRow?, after: CommandRow?)

  /// The observed part of a row of `agents`.
  package struct AgentRow: Sendable, Hashable {
    package let agentID: String
    /// `online`, `offline` or `draining`.
    package let status: String?
    /// Microseconds since 1970.
    package let lastHeartbeat: Int64?

    package init(agentID: String, status: String?, lastHeartbeat: Int64?) {
      self.agentID = agentID
      self.status = status
      self.lastHeartbeat = lastHeartbeat
    }
  }

  /// The observed part of a row of `sessions`.
  package struct SessionRow: Sendable, Hashable {
    package let id: String
    package let userID: String?
    package var state: String?
    package let agentID: String?
    package let activeConnections: Int64?
    package let podName: String?
    /// Quantities as requested, for example `250m` and `512Mi`.
    package let cpu: String?
    package let memory: String?
    /// Whether the home outlives the session.
    package let hasPersistentHome: Bool?

    package init(
      id: String, userID: String?, state: String?, agentID: String?, activeConnections: Int64?, podName: String?,
      cpu: String?, memory: String?, hasPersistentHome: Bool?
    ) {
      self.id = id
      self.userID = userID
      self.state = state
      self.agentID = agentID
      self.activeConnections = activeConnections
      self.podName = podName
      self.cpu = cpu
      self.memory = memory
      self.hasPersistentHome = hasPersistentHome
    }
  }

  /// The observed part of a row of `agent_commands`; times in microseconds since 1970.
  package struct CommandRow: Sendable, Hashable {
    package let commandID: String
    package let agentID: String?
    package let sessionID: String?
    package let action: String
    /// `pending`, `sent`, `ack`, `completed` or `failed`.
    package var status: String?
    package let createdAt: Int64?
    package let sentAt: Int64?
    package let acknowledgedAt: Int64?
    package let completedAt: Int64?

    package init(
      commandID: String, agentID: String?, sessionID: String?, action: String, status: String?, createdAt: Int64?,
      sentAt: Int64?, acknowledgedAt: Int64?, completedAt: Int64?
    ) {
      self.commandID = commandID
      self.agentID = agentID
      self.sessionID = sessionID
      self.action = action
      self.status = status
      self.createdAt = createdAt
      self.sentAt = sentAt
      self.acknowledgedAt = acknowledgedAt
      self.completedAt = completedAt
    }
  }
}

extension DatabaseChange {
  /// What is observed of a table: its code for `observe`, the columns reported, and which of them make an update one.
  private struct Observed {
    let code: Int
    let columns: [String]
    let watched: ClosedRange<Int>
  }

  private static let observed: [String: Observed] = [
    "agents": Observed(code: 0, columns: ["agent_id", "status", "last_heartbeat"], watched: 1...2),
    "sessions": Observed(
      code: 1,
      columns: [
        "id", "user_id", "state", "agent_id", "active_connections", "pod_name", "cpu", "memory", "persistent_home",
      ],
      watched: 2...5),
    "agent_commands": Observed(
      code: 2,
      columns: [
        "command_id", "agent_id", "session_id", "action", "status", "created_at", "sent_at", "acknowledged_at",
        "completed_at",
      ], watched: 4...8),
  ]

  /// Insert, update and delete triggers that call `observe(code, event, old columns, new columns)`; none for a table
  /// that is not observed. A column that the table does not have is reported as NULL.
  static func triggers(of table: TableDefinition) -> [String] {
    guard let observed = observed[table.name] else { return [] }
    func list(_ prefix: String) -> String {
      observed.columns.map { table.column($0) == nil ? "NULL" : "\(prefix).\($0)" }.joined(separator: ", ")
    }
    let watched = observed.columns[observed.watched].filter { table.column($0) != nil }
    let changed = watched.map { "old.\($0) IS NOT new.\($0)" }.joined(separator: " OR ")
    let (name, code) = (table.name, observed.code)
    var triggers = [
      "CREATE TRIGGER observe_\(name)_insert AFTER INSERT ON \(name) BEGIN SELECT observe(\(code), 0, \(list("new"))); END"
    ]
    if !watched.isEmpty {
      triggers.append(
        "CREATE TRIGGER observe_\(name)_update AFTER UPDATE OF \(watched.joined(separator: ", ")) ON \(name) WHEN \(changed) BEGIN SELECT observe(\(code), 1, \(list("old")), \(list("new"))); END"
      )
    }
    triggers.append(
      "CREATE TRIGGER observe_\(name)_delete AFTER DELETE ON \(name) BEGIN SELECT observe(\(code), 2, \(list("old"))); END"
    )
    return triggers
  }

  /// Reads the arguments of `observe`.
  static func observe(_ count: Int32, _ list: SQLiteArgument.List, into changes: inout [DatabaseChange]) {
    guard count > 2 else { return }
    let event = SQLiteArgument.integer(list, 1)
    let width = event == 1 ? (Int(count) - 2) / 2 : Int(count) - 2
    let beforeStart = event == 0 ? nil : 2
    let afterStart = event == 2 ? nil : 2 + (event == 1 ? width : 0)
    switch SQLiteArgument.integer(list, 0) {
    case 0:
      changes.append(
        .agent(
          before: beforeStart.map { AgentRow(list, at: $0) }, after: afterStart.map { AgentRow(list, at: $0) }))
    case 1:
      changes.append(
        .session(
          before: beforeStart.map { SessionRow(list, at: $0) }, after: afterStart.map { SessionRow(list, at: $0) }))
    default:
      changes.append(
        .command(
          before: beforeStart.map { CommandRow(list, at: $0) }, after: afterStart.map { CommandRow(list, at: $0) }))
    }
  }
}

extension DatabaseChange.AgentRow {
  fileprivate init(_ list: SQLiteArgument.List, at start: Int) {
    agentID = SQLiteArgument.text(list, start)
    status = SQLiteArgument.optionalText(list, start + 1)
    lastHeartbeat = SQLiteArgument.optionalInteger(list, start + 2)
  }
}

extension DatabaseChange.SessionRow {
  fileprivate init(_ list: SQLiteArgument.List, at start: Int) {
    id = SQLiteArgument.text(list, start)
    userID = SQLiteArgument.optionalText(list, start + 1)
    state = SQLiteArgument.optionalText(list, start + 2)
    agentID = SQLiteArgument.optionalText(list, start + 3)
    activeConnections = SQLiteArgument.optionalInteger(list, start + 4)
    podName = SQLiteArgument.optionalText(list, start + 5)
    cpu = SQLiteArgument.optionalText(list, start + 6)
    memory = SQLiteArgument.optionalText(list, start + 7)
    hasPersistentHome = SQLiteArgument.optionalInteger(list, start + 8).map { $0 != 0 }
  }
}

extension DatabaseChange.CommandRow {
  fileprivate init(_ list: SQLiteArgument.List, at start: Int) {
    commandID = SQLiteArgument.text(list, start)
    agentID = SQLiteArgument.optionalText(list, start + 1)
    sessionID = SQLiteArgument.optionalText(list, start + 2)
    action = SQLiteArgument.text(list, start + 3)
    status = SQLiteArgument.optionalText(list, start + 4)
    createdAt = SQLiteArgument.optionalInteger(list, start + 5)
    sentAt = SQLiteArgument.optionalInteger(list, start + 6)
    acknowledgedAt = SQLiteArgument.optionalInteger(list, start + 7)
    completedAt = SQLiteArgument.optionalInteger(list, start + 8)
  }
}
