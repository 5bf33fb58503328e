/// A state of a session (spec/01 §4.1). The database column and the JSON key `state` hold the raw value.
package enum SessionState: String, Sendable, Hashable, CaseIterable, JSONConvertible {
  case pending
  case running
  case hibernating
  case hibernated
  case waking
  case terminating
  case terminated
  case failed

  /// `terminated` and `failed` are never left (I-SESS-LEGAL).
  package var isFinal: Bool { self == .terminated || self == .failed }

  /// `hibernating`, `waking` and `terminating`: a command is on its way, and the reconciler looks at it (C14).
  package var isTransitional: Bool { self == .hibernating || self == .waking || self == .terminating }

  /// Whether a session in this state counts against quota and capacity: all that are not final (C15).
  package var countsAgainstQuota: Bool { !isFinal }

  /// Whether the shipped quota counts it (spec/02 §7.1); `starting`, which is never written, would count too.
  package var countsAgainstShippedQuota: Bool {
    self == .running || self == .hibernated || self == .waking
  }

  /// Whether the shipped agent selector counts it as load (spec/02 §5.2).
  package var countsAsShippedLoad: Bool {
    self == .running || self == .hibernated || self == .pending
  }

  /// The states that may follow directly: the edges of I-SESS-LEGAL.
  package var successors: [SessionState] {
    switch self {
    case .pending: [.running, .failed, .terminating]
    case .running: [.hibernating, .failed, .terminating]
    case .hibernating: [.hibernated, .running, .terminating]
    case .hibernated: [.waking, .terminating]
    case .waking: [.running, .hibernated, .failed, .terminating]
    case .terminating: [.terminated]
    case .terminated, .failed: []
    }
  }

  /// Whether a session may go from this state to another one. Staying is no edge.
  package func mayBecome(_ next: SessionState) -> Bool { successors.contains(next) }

  /// `Running`: the `phase` of an answer.
  package var phase: String { GoText.phase(of: rawValue) }
}
