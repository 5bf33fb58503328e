/// Why a call of the Redis client failed.
package enum RedisFailure: Error, Sendable, Hashable {
  /// Nobody listens: fails at once.
  case refused
  /// The connection broke before the answer.
  case connectionLost
  /// No answer within the limits of go-redis (dial 5 s, read 3 s) or of the call (5 s, C4).
  case timedOut
  /// The server answered an error.
  case error(String)
}

extension RedisFailure: CustomStringConvertible {
  /// As go-redis words it.
  package var description: String {
    switch self {
    case .refused: "dial tcp: connect: connection refused"
    case .connectionLost: "EOF"
    case .timedOut: "i/o timeout"
    case .error(let text): text
    }
  }
}
