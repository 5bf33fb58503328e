import SimulationRuntime
import StreamSpaceProtocol

/// Removes connections without a beat (spec/00 Streaming item 6). Rows are all it knows, so any replica's tick serves
/// the connections that any other made (B-75).
final class ConnectionTracker {
  /// Between two ticks (spec/01 §4.5).
  static let period = TimeSpan.seconds(30)
  private static let tick = EventLabel("controlplane.connections")

  private let services: SessionServices

  init(_ services: SessionServices) { self.services = services }

  func begin() {
    services.incarnation.every(Self.period, Self.tick) { [weak self] in self?.sweep() }
  }

  private func sweep() {
    services.database.execute(ConnectionStatements.removeExpired) { [self] result in
      guard let rows = try? result.get().rows else { return }
      var sessions: [String] = []
      for row in rows {
        guard let session = try? row.text("session_id"), !sessions.contains(session) else { continue }
        sessions.append(session)
      }
      mark(sessions[...])
    }
  }

  private func mark(_ sessions: ArraySlice<String>) {
    guard let session = sessions.first else { return }
    services.database.execute(ConnectionStatements.markDisconnected, [.text(session)]) { [self] _ in
      mark(sessions.dropFirst())
    }
  }
}
