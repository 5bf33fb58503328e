import StreamSpaceProtocol

/// A session that has been on its way for over 5 minutes, as the reconciler sees it (C14).
package struct StuckSession: Sendable, Hashable {
  package var id: String
  package var state: SessionState
  /// Nil: the agent was deregistered.
  package var agentID: String?
  package var agentIsOnline: Bool
  /// Went offline less than 5 min ago (C12 gives it that long).
  package var agentIsJustOffline: Bool
  /// Over 10 min in this state.
  package var isExpired: Bool
  /// Commands that are not final.
  package var openCommands: Int
  /// Of these, those that may still have their effect: waiting for their turn, acknowledged, or sent under 2 min ago.
  package var workingCommands: Int
  /// Commands written for it since it got stuck.
  package var redriven: Int
  /// Whether the last command is younger than a tick: another replica has just looked.
  package var wasJustRedriven: Bool

  package init(
    id: String, state: SessionState, agentID: String?, agentIsOnline: Bool, agentIsJustOffline: Bool = false,
    isExpired: Bool, openCommands: Int = 0, workingCommands: Int = 0, redriven: Int = 0, wasJustRedriven: Bool = false
  ) {
    self.id = id
    self.state = state
    self.agentID = agentID
    self.agentIsOnline = agentIsOnline
    self.agentIsJustOffline = agentIsJustOffline
    self.isExpired = isExpired
    self.openCommands = openCommands
    self.workingCommands = workingCommands
    self.redriven = redriven
    self.wasJustRedriven = wasJustRedriven
  }

  /// A row of ``ReconcilerStatements/stuck``; nil for a state the contract does not know.
  init?(row: SQLRow) throws(SQLRowError) {
    guard let state = SessionState(rawValue: try row.optionalText("state") ?? "") else { return nil }
    id = try row.text("id")
    self.state = state
    agentID = try row.optionalText("agent_id")
    agentIsOnline = try row.optionalText("agent_status").map { $0 != AgentStatus.offline.rawValue } ?? false
    agentIsJustOffline = try row.optionalBoolean("is_just_offline") ?? false
    isExpired = try row.boolean("is_expired")
    openCommands = Int(try row.integer("open_commands"))
    workingCommands = Int(try row.integer("working_commands"))
    redriven = Int(try row.integer("redriven"))
    wasJustRedriven = try row.integer("recent_commands") > 0
  }

  /// Commands the reconciler writes for one stuck session at most (C14).
  package static let redriveLimit = 3

  /// What is done about it.
  package enum Remedy: Sendable, Hashable {
    case wait
    case redrive(AgentAction)
    case giveUp(SessionState, reason: String)
  }

  /// The decision.
  ///
  /// - Parameter mayGiveUpOnAbsent: Whether this replica has been ready long enough to hold an agent's absence against
  ///   it: a control plane that was away fails nothing merely because agents are late (C12).
  package func remedy(mayGiveUpOnAbsent: Bool) -> Remedy {
    guard let (action, end) = Self.wayOut(of: state) else { return .wait }
    guard agentID != nil else {
      return state == .pending || state == .terminating || isExpired ? .giveUp(end, reason: "agent_removed") : .wait
    }
    if agentIsOnline {
      if workingCommands > 0 { return .wait }
      if openCommands == 0, redriven < Self.redriveLimit, !isExpired || redriven == 0 {
        return wasJustRedriven ? .wait : .redrive(action)
      }
      return isExpired ? .giveUp(end, reason: "command_timeout") : .wait
    }
    return isExpired && mayGiveUpOnAbsent && !agentIsJustOffline ? .giveUp(end, reason: "agent_unavailable") : .wait
  }

  /// What the shipped reconciler does: stops are sent again for ever, nothing else is (spec/02 §5.14).
  func shippedRemedy() -> Remedy {
    switch state {
    case .terminating where agentIsOnline: .redrive(.stopSession)
    case .terminating where isExpired: .giveUp(.terminated, reason: "agent_unavailable")
    case .pending where isExpired && !agentIsOnline: .giveUp(.failed, reason: "agent_unavailable")
    default: .wait
    }
  }

  /// The command that would finish the way, and the state when nothing finishes it.
  private static func wayOut(of state: SessionState) -> (AgentAction, SessionState)? {
    switch state {
    case .pending: (.startSession, .failed)
    case .terminating: (.stopSession, .terminated)
    case .hibernating: (.hibernateSession, .running)
    case .waking: (.wakeSession, .hibernated)
    case .running, .hibernated, .terminated, .failed: nil
    }
  }
}
