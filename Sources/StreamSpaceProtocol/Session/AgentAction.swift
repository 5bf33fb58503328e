/// What a command asks an agent to do (spec/01 §1.4).
package enum AgentAction: String, Sendable, Hashable, CaseIterable, JSONConvertible {
  case startSession = "start_session"
  case stopSession = "stop_session"
  case hibernateSession = "hibernate_session"
  case wakeSession = "wake_session"

  /// The state of the session that a completed command leads to (C13).
  package var stateWhenCompleted: SessionState {
    switch self {
    case .startSession, .wakeSession: .running
    case .stopSession: .terminated
    case .hibernateSession: .hibernated
    }
  }

  /// The state a failed command leads to, nil where the session keeps its state: a failed stop stays `terminating` for
  /// the reconciler (C13, C14).
  package var stateWhenFailed: SessionState? {
    switch self {
    case .startSession: .failed
    case .hibernateSession: .running
    case .wakeSession: .hibernated
    case .stopSession: nil
    }
  }

  /// The state a session has while this command is on its way.
  package var stateWhileRunning: SessionState {
    switch self {
    case .startSession: .pending
    case .stopSession: .terminating
    case .hibernateSession: .hibernating
    case .wakeSession: .waking
    }
  }

  /// How long the work may take after the ack, in nanoseconds: start 5 min, others 2 min (C11).
  package var deadline: Int64 {
    self == .startSession ? 300_000_000_000 : 120_000_000_000
  }
}
