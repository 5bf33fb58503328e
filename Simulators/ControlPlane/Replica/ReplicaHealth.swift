import StreamSpaceProtocol

/// Whether a replica may get requests, and why not (C8).
package enum ReplicaHealth: Sendable, Equatable {
  /// Not yet: the reason names what is missing.
  case starting(reason: String)
  case ready
  /// SIGTERM came.
  case draining

  package var isReady: Bool { self == .ready }

  /// The body of `GET /health` (spec/00, Answers).
  package var answer: HealthAnswer {
    switch self {
    case .ready: .healthy
    case .starting(let reason): .starting(reason: reason)
    case .draining: .draining(reason: "shutting down")
    }
  }
}
