import SimulationRuntime

/// A fault of a Redis server as a value (`spec/05 §2`, `spec/04 §3.8`).
package enum RedisFault: Sendable, Equatable {
  /// Which acknowledged writes a fail-over loses.
  package enum LostWrites: Sendable, Equatable {
    /// The last so many writes.
    case last(Int)
    /// The writes of the last span.
    case within(TimeSpan)
  }

  /// The process is gone: connections are reset, dials refused. It returns as its persistence says.
  case down
  /// As ``down``, and it returns without data, scripts and subscriptions.
  case restartEmpty
  /// As ``down``, and it returns with its data; scripts and subscriptions are lost, expiries went on.
  case restartWithData
  /// As ``restartWithData``, but a replica takes over that lacks the last writes.
  case failOver(losing: LostWrites)
  /// One key is gone. Has no duration.
  case evict(key: String, database: Int)
  /// Every reply and message is delayed.
  case slow(LatencyModel)
  /// Connections stay open, nothing is answered; what came meanwhile is answered afterwards.
  case frozen
  /// `PUBLISH` counts its receivers, who get nothing.
  case losePubSub
  /// The so-many-th message from now on, counted from 1 over all subscribers, never arrives.
  case loseMessage(number: Int)
  /// Commands are refused with `LOADING`.
  case loading
  /// Writes are refused with `READONLY`.
  case readOnly

  /// As `spec/05 §2` writes it: `redis(restart-empty)`.
  package var text: String {
    let name =
      switch self {
      case .down: "down"
      case .restartEmpty: "restart-empty"
      case .restartWithData: "restart"
      case .failOver(losing: .last(let count)): "fail-over losing \(count) writes"
      case .failOver(losing: .within(let span)): "fail-over losing \(span.milliseconds) ms"
      case .evict(let key, _): "evict \(key)"
      case .slow: "slow"
      case .frozen: "frozen"
      case .losePubSub: "lose-pubsub"
      case .loseMessage(let number): "lose-message \(number)"
      case .loading: "loading"
      case .readOnly: "read-only"
      }
    return "redis(\(name))"
  }

  /// Whether the process is gone while the fault lasts.
  var stopsProcess: Bool {
    switch self {
    case .down, .restartEmpty, .restartWithData, .failOver: true
    default: false
    }
  }
}
