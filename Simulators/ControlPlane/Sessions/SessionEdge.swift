import StreamSpaceProtocol

/// What the end of a command does to its session (C13).
struct SessionEdge {
  private enum Kind {
    case running(from: SessionState, podName: String, isReachable: Bool)
    case hibernated
    case terminated
    case startFailed(reason: String)
    case revert(to: SessionState, from: SessionState)
  }

  private let kind: Kind

  /// Nil: a failed stop, which stays `terminating` for the reconciler (C14).
  init?(_ action: AgentAction, _ outcome: FinishedCommand.Outcome) {
    switch (outcome, action) {
    case (.completed(let result), .startSession), (.completed(let result), .wakeSession):
      kind = .running(
        from: action.stateWhileRunning, podName: result?.podName ?? "", isReachable: (result?.vncPort ?? 0) > 0)
    case (.completed, .hibernateSession): kind = .hibernated
    case (.completed, .stopSession): kind = .terminated
    case (.failed(let reason), .startSession): kind = .startFailed(reason: reason)
    case (.failed, .hibernateSession): kind = .revert(to: .running, from: .hibernating)
    case (.failed, .wakeSession): kind = .revert(to: .hibernated, from: .waking)
    case (.failed, .stopSession): return nil
    }
  }

  /// Whether a workload may now stand in a state that its session does not know of.
  var leavesWorkload: Bool {
    switch kind {
    case .running, .hibernated: true
    case .terminated, .startFailed, .revert: false
    }
  }

  /// Whether a session that did not take it may still have to end: its workload is gone.
  var isTermination: Bool {
    if case .terminated = kind { true } else { false }
  }

  /// Longest text that the column `termination_reason` takes (spec/02 §8.2).
  static let longestReason = 255

  func statement(session: String, agent: String) -> (statement: SQLStatement, parameters: [SQLValue]) {
    let keys: [SQLValue] = [.text(session), .text(agent)]
    switch kind {
    case .running(let from, let podName, let isReachable):
      return (
        CommandResultStatements.becomeRunning,
        keys + [.text(podName), .boolean(isReachable), .text(from.rawValue)]
      )
    case .hibernated: return (CommandResultStatements.becomeHibernated, keys)
    case .terminated: return (CommandResultStatements.becomeTerminated, keys)
    case .startFailed(let reason):
      return (CommandResultStatements.startFailed, keys + [.text(String(reason.prefix(Self.longestReason)))])
    case .revert(let state, let from):
      return (CommandResultStatements.revert, keys + [.text(state.rawValue), .text(from.rawValue)])
    }
  }
}

/// What a status report does to its session when it is legal (C13).
struct ReportEffect {
  let statement: SQLStatement
  let parameters: [SQLValue]

  /// Nil for the states that only the control plane gives.
  init?(_ report: SessionStatusReport, state: SessionState, agent: String) {
    let keys: [SQLValue] = [.text(report.sessionID), .text(agent)]
    switch state {
    case .running:
      statement = CommandResultStatements.reportedRunning
      parameters = keys + [.text(report.platformMetadata?.podName ?? ""), .boolean(report.isReachable)]
    case .hibernated:
      statement = CommandResultStatements.reportedHibernated
      parameters = keys
    case .terminated:
      statement = CommandResultStatements.reportedTerminated
      parameters = keys
    case .failed:
      statement = CommandResultStatements.reportedFailed
      parameters = keys + [.text(String((report.reason ?? "reported_failed").prefix(SessionEdge.longestReason)))]
    case .pending, .hibernating, .waking, .terminating: return nil
    }
  }
}

extension SessionStatusReport {
  /// Whether the report gives the session its url (spec/02 §5.4).
  var isReachable: Bool { vncReady == true && (vncPort ?? 0) > 0 }
}

/// How a session stands when a message did not move it.
struct SessionStanding {
  /// Nil: there is no such session, or its state is none of the contract.
  let state: SessionState?
  let exists: Bool
  let agentID: String?

  init(_ result: SQLResult) throws(DatabaseError) {
    guard let row = result.firstRow else {
      state = nil
      exists = false
      agentID = nil
      return
    }
    do throws(SQLRowError) {
      state = SessionState(rawValue: try row.optionalText("state") ?? "")
      agentID = try row.optionalText("agent_id")
    } catch {
      throw .row(error)
    }
    exists = true
  }

  /// The command that makes the workload fit its session again, after the success of `action` that came too late or for
  /// a session that has gone on (C11); nil when nothing is wrong.
  func correction(after action: AgentAction, by agent: String) -> AgentAction? {
    switch action {
    case .startSession: return isStranger(to: agent) ? .stopSession : nil
    case .wakeSession:
      if isStranger(to: agent) { return .stopSession }
      return state == .hibernated ? .hibernateSession : nil
    case .hibernateSession:
      if isStranger(to: agent) { return .stopSession }
      return state == .running ? .wakeSession : nil
    case .stopSession: return nil
    }
  }

  /// The same after a report that was refused: a workload that stands for a final session is stopped.
  func correction(afterReport reported: SessionState, by agent: String) -> AgentAction? {
    guard exists, agentID == agent, state?.isFinal == true else { return nil }
    return reported == .running || reported == .hibernated ? .stopSession : nil
  }

  /// Whether the agent has a workload that it should not have: the session is over, or another's.
  private func isStranger(to agent: String) -> Bool {
    !exists || agentID != agent || state?.isFinal == true
  }
}

extension SessionServices {
  /// Parameters of ``CommandResultStatements/correct``.
  func correction(_ action: AgentAction, session: String, agent: String) -> [SQLValue] {
    let payload: SessionCommandPayload =
      action == .stopSession ? .reconcilerStop(sessionID: session) : SessionCommandPayload(sessionID: session)
    return [
      .text(identifiers.ownCommand()), .text(agent), .text(session), .text(action.rawValue),
      .text(JSONWriter.text(of: payload.json)),
    ]
  }
}
