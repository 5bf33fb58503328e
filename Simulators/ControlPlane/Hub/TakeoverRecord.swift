import SimulationRuntime
import StreamSpaceProtocol

/// Who holds an agent id, and how often it was taken from a live connection lately (C1). Kept in
/// `agents.websocket_id`, a column that the shipped program never writes, so that all replicas judge alike.
package struct TakeoverRecord: Sendable, Equatable {
  /// A connection that sent a frame so lately is live (C1).
  package static let liveliness = TimeSpan.seconds(15)
  /// Span in which takeovers count, and length of the lock (C1).
  package static let window = TimeSpan.seconds(60)
  /// Takeovers that lock the id (C1).
  package static let limit = 3

  /// Instance that holds the id; nil when its registration named none.
  package var holder: String?
  /// Times of the takeovers that count, database clock in microseconds, oldest first.
  package var takeovers: [Int64] = []
  /// End of the lock, database clock in microseconds.
  package var lockedUntil: Int64 = 0

  package init(holder: String?) { self.holder = holder }

  /// Whether `instance` must not have the id at `now`.
  package func refuses(_ instance: String?, at now: Int64) -> Bool {
    lockedUntil > now && instance != holder
  }

  /// The record after `instance` took the id at `now`; `fromLive`: the connection before was live.
  package func taken(by instance: String?, at now: Int64, fromLive: Bool) -> TakeoverRecord {
    var next = self
    next.holder = instance
    next.takeovers.removeAll { now - $0 > Self.window.microseconds }
    guard fromLive, instance != holder else { return next }
    next.takeovers.append(now)
    if next.takeovers.count >= Self.limit {
      next.lockedUntil = now + Self.window.microseconds
      next.takeovers.removeAll()
    }
    return next
  }

  // MARK: The column

  /// The column's text: instance, end of the lock, takeovers, parted by blanks (an instance is a host name).
  package var text: String {
    ([holder ?? "-", String(lockedUntil)] + takeovers.map(String.init)).joined(separator: " ")
  }

  /// Reads the column; anything that is no record counts as none.
  package init(_ text: String?) {
    let parts = (text ?? "").split(separator: " ")
    guard parts.count >= 2, let lock = Int64(parts[1]) else { return }
    holder = parts[0] == "-" ? nil : String(parts[0])
    lockedUntil = lock
    takeovers = parts.dropFirst(2).compactMap { Int64($0) }
  }
}
