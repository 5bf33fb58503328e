import OrderedCollections
import SimulationRuntime
import StreamSpaceProtocol

/// Removes connections without a beat (spec/00 Streaming item 6). Rows are all it knows, so any replica's tick serves
/// the connections that any other made; only under B-75 it keeps those of this replica in memory.
final class ConnectionTracker {
  /// Between two ticks (spec/01 §4.5).
  static let period = TimeSpan.seconds(30)
  /// Silence after which a connection is removed (spec/01 §4.5).
  static let silence = TimeSpan.seconds(60)
  private static let tick = EventLabel("controlplane.connections")

  private let services: SessionServices
  /// Last beats of the connections this replica made, with their sessions; empty unless the policy says so.
  private var own: OrderedDictionary<String, (session: String, beat: Instant)> = [:]

  init(_ services: SessionServices) { self.services = services }

  private var isShared: Bool { services.policies.connections == .sharedRows }

  func begin() {
    services.incarnation.every(Self.period, Self.tick) { [weak self] in self?.sweep() }
  }

  /// A connection was made here.
  func made(_ connection: String, session: String) {
    if !isShared { own[connection] = (session, services.incarnation.monotonicNow) }
  }

  /// A beat came; false when the connection is none of those that count here.
  func beat(_ connection: String, session: String, _ done: @escaping (Result<Bool, DatabaseError>) -> Void) {
    if !isShared {
      guard own[connection]?.session == session else { return done(.success(false)) }
      own[connection]?.beat = services.incarnation.monotonicNow
    }
    services.database.execute(ConnectionStatements.beat, [.text(connection), .text(session)]) { result in
      done(result.map { $0.rowCount > 0 })
    }
  }

  private func sweep() {
    guard isShared else { return sweepOwn() }
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

  private func sweepOwn() {
    let now = services.incarnation.monotonicNow
    for (connection, last) in own where now - last.beat > Self.silence {
      own[connection] = nil
      let keys: [SQLValue] = [.text(connection), .text(last.session)]
      services.database.execute(ConnectionStatements.remove, keys) { [self] _ in mark([last.session]) }
    }
  }

  private func mark(_ sessions: ArraySlice<String>) {
    guard let session = sessions.first else { return }
    services.database.execute(ConnectionStatements.markDisconnected, [.text(session)]) { [self] _ in
      mark(sessions.dropFirst())
    }
  }
}
