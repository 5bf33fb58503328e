import StreamSpaceProtocol

/// A part of the control plane that is built on the replica: it adds routes and listens to the agents' messages.
package protocol ReplicaExtension: AnyObject {
  /// Called once, before the replica listens: add routes, set ``Replica/authenticator`` and ``Replica/sink``.
  func install()
  /// The replica answers requests from now on; periodic work may begin.
  func replicaBecameReady()
  /// The subscription to Redis stands again: what this part keeps there may be gone.
  func redisCameBack()
  /// A graceful stop begins, and the agents are still connected.
  func replicaWillStop()
  /// A graceful stop began: close what this part holds (viewers with 1001), then call `done`.
  func replicaStops(_ done: @escaping () -> Void)
}

extension ReplicaExtension {
  package func redisCameBack() {}
  package func replicaWillStop() {}
}

/// A command that reached its end, as its session wants to know it.
package struct FinishedCommand: Sendable, Hashable {
  /// How it ended.
  package enum Outcome: Sendable, Hashable {
    case completed(CommandResult?)
    /// The agent's text, or the reason the control plane gives (``CommandFailureReason``).
    case failed(String)
  }

  package var commandID: String
  package var agentID: String
  package var sessionID: String?
  /// Any text; ``AgentAction`` names the known ones.
  package var actionName: String
  package var outcome: Outcome

  package init(commandID: String, agentID: String, sessionID: String?, actionName: String, outcome: Outcome) {
    self.commandID = commandID
    self.agentID = agentID
    self.sessionID = sessionID
    self.actionName = actionName
    self.outcome = outcome
  }

  package var action: AgentAction? { AgentAction(rawValue: actionName) }
}

/// What agents say about sessions, for the part that keeps the sessions.
package protocol AgentMessageSink: AnyObject {
  /// The row of a command became final inside `transaction`, which is still open: move the session in it, then call
  /// `done`; success commits both, an error rolls both back (C9, C13).
  func commandFinished(
    _ command: FinishedCommand, in transaction: DatabaseTransaction,
    _ done: @escaping (Result<Void, DatabaseError>) -> Void)
  /// The transaction of ``commandFinished(_:in:_:)`` is committed.
  func commandFinishCommitted(_ command: FinishedCommand)
  /// A result came for a row that was final already: it is not stored (C11).
  func lateAnswer(_ command: FinishedCommand, from connection: AgentConnectionIdentity)
  /// The agent acked a command; its row is `ack`.
  func commandAcknowledged(commandID: String, from connection: AgentConnectionIdentity)
  /// An agent reports on a session.
  /// `done` lets the next message of this connection in.
  func sessionReported(
    _ report: SessionStatusReport, from connection: AgentConnectionIdentity, _ done: @escaping () -> Void)
  /// An agent has a new current connection, its row is written. `inventory`: what it found on its platform, nil if it
  /// did not say (C14).
  func agentConnected(_ connection: AgentConnectionIdentity, inventory: [SessionInventoryItem]?)
  /// A connection is gone, replaced or not.
  func agentDisconnected(_ connection: AgentConnectionIdentity)
  /// A `vnc_*` message.
  func streamMessage(_ message: AgentMessage, from connection: AgentConnectionIdentity)
}
