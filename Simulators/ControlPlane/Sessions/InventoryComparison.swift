import StreamSpaceProtocol

/// What must be done so that the platform of an agent and the rows agree again (C14): a pure comparison.
package enum InventoryCorrection: Sendable, Hashable {
  /// The session has arrived where it was going.
  case adopt(session: String, from: SessionState, to: SessionState, podName: String)
  /// The workload belongs to no live session of this agent.
  case stop(session: String)
  /// No row tells of the workload: it is listed and left alone (DBM-16).
  case orphan(session: String)
  /// The workload is not in the state of its session.
  case command(AgentAction, session: String)
  /// The session runs, its workload is gone.
  case fail(session: String)
  /// The session is hibernated, its definition is gone.
  case end(session: String)
}

/// A row the comparison looks at.
package struct InventoryRow: Sendable, Hashable {
  package var id: String
  package var state: SessionState
  package var agentID: String?
  package var podName: String
  /// Unchanged for 30 s: an inventory taken just before a change must not undo it.
  package var isSettled: Bool
  package var openCommands: Int

  package init(
    id: String, state: SessionState, agentID: String?, podName: String = "", isSettled: Bool = true,
    openCommands: Int = 0
  ) {
    self.id = id
    self.state = state
    self.agentID = agentID
    self.podName = podName
    self.isSettled = isSettled
    self.openCommands = openCommands
  }

  /// A row of ``ReconcilerStatements/rowsForInventory``; nil for a state the contract does not know.
  init?(row: SQLRow) throws(SQLRowError) {
    guard let state = SessionState(rawValue: try row.optionalText("state") ?? "") else { return nil }
    id = try row.text("id")
    self.state = state
    agentID = try row.optionalText("agent_id")
    podName = try row.optionalText("pod_name") ?? ""
    isSettled = try row.optionalBoolean("is_settled") ?? true
    openCommands = Int(try row.integer("open_commands"))
  }
}

extension InventoryCorrection {
  /// Compares what `agent` found with its rows. Sessions with a command on its way are left to the command, which is
  /// sent again at every connect (C10).
  package static func compare(
    _ inventory: [SessionInventoryItem], of agent: String, with rows: [InventoryRow],
    orphans: SessionPolicies.Orphans = .leftAlone
  ) -> [InventoryCorrection] {
    var corrections: [InventoryCorrection] = []
    for item in inventory {
      let known = rows.first { $0.id == item.sessionID }
      if known == nil, orphans == .leftAlone {
        corrections.append(.orphan(session: item.sessionID))
        continue
      }
      guard let row = known, row.agentID == agent, !row.state.isFinal else {
        corrections.append(.stop(session: item.sessionID))
        continue
      }
      guard row.openCommands == 0 else { continue }
      if let correction = correction(for: item, row) { corrections.append(correction) }
    }
    for row in rows where row.agentID == agent && row.openCommands == 0 && row.isSettled {
      if inventory.contains(where: { $0.sessionID == row.id }) { continue }
      switch row.state {
      case .running: corrections.append(.fail(session: row.id))
      case .hibernated: corrections.append(.end(session: row.id))
      // A start that left nothing, or a stop that is done but for its answer, is the reconciler's.
      case .pending, .hibernating, .waking, .terminating, .terminated, .failed: continue
      }
    }
    return corrections
  }

  private static func correction(for item: SessionInventoryItem, _ row: InventoryRow) -> InventoryCorrection? {
    let runs = item.state == SessionState.running.rawValue
    let sleeps = item.state == SessionState.hibernated.rawValue
    guard runs || sleeps else { return nil }
    switch row.state {
    case .pending, .waking:
      return runs ? .adopt(session: row.id, from: row.state, to: .running, podName: item.podName) : nil
    case .hibernating:
      return sleeps ? .adopt(session: row.id, from: row.state, to: .hibernated, podName: "") : nil
    case .running:
      if sleeps { return .command(.wakeSession, session: row.id) }
      guard !item.podName.isEmpty, item.podName != row.podName else { return nil }
      return .adopt(session: row.id, from: .running, to: .running, podName: item.podName)
    case .hibernated: return runs ? .command(.hibernateSession, session: row.id) : nil
    case .terminating: return .stop(session: row.id)
    case .terminated, .failed: return nil
    }
  }
}
