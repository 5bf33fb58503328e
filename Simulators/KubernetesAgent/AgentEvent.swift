import SimulationRuntime
import StreamSpaceProtocol

/// What an observer is told of an agent replica, at the instant it happens.
package enum AgentEvent: Sendable, Hashable {
  /// An attempt to register begins; the first after a loss is number 1, 0 is the first of a life or a term.
  case attempt(Int)
  /// An attempt failed; `wait` passes before the next one.
  case attemptFailed(Int, reason: String, wait: TimeSpan)
  /// No further attempt is made.
  case gaveUp(reason: String)
  /// The administrator has not yet decided.
  case approvalPending
  /// A key was issued and stored.
  case keyReceived
  /// The WebSocket stands.
  case connected
  /// It is gone.
  case disconnected(reason: String)
  /// How many sockets to the control plane the process has open: its own ends, which nobody but itself closes.
  case socketsHeld(Int)
  /// A command arrived.
  case commandReceived(commandID: String, action: String, sessionID: String)
  /// Its ack was handed to the socket.
  case commandAcknowledged(commandID: String)
  /// Work on a command has reached a step boundary. The observer may crash, stop or pause the process right there.
  case step(commandID: String, sessionID: String, step: AgentStep)
  /// A command that is known: it is not carried out again (C10).
  case duplicateSuppressed(commandID: String, isAnswered: Bool)
  /// Work on a command begins.
  case commandBegun(commandID: String, sessionID: String, term: Int64?)
  /// A command took effect on the platform or failed: what the agent answers.
  case commandFinished(commandID: String, sessionID: String, outcome: Outcome, term: Int64?)
  /// Work on a command was stopped without an answer: the leadership ended.
  case commandAbandoned(commandID: String)
  /// The answer was handed to the socket; repeats included.
  case commandAnswered(commandID: String, isRepeat: Bool)
  /// An existing object was adopted by a start (C27).
  case adopted(commandID: String, ObjectReference)
  /// A workload has another pod than was reported.
  case workloadMoved(sessionID: String, podName: String)
  /// A workload is gone or was not ready for 60 s (C13).
  case workloadLost(sessionID: String)
  /// This replica became leader.
  case leading(term: Int64)
  /// It no longer is.
  case leadershipEnded(term: Int64, reason: String)
  /// A stream to a desktop stands; `connection` is the number of its socket. `attachment` is nil for a tunnel that was
  /// opened without the contract's frames.
  case tunnelOpened(session: String, attachment: String?, connection: Int)
  /// It is over.
  case tunnelClosed(session: String, attachment: String?, connection: Int, reason: String)
  /// A message of another kind than this agent handles.
  case ignored(type: String)

  /// How a command ended.
  package enum Outcome: Sendable, Hashable {
    case completed
    case failed(String)
  }
}
