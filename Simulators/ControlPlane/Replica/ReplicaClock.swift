import SimulationRuntime
import StreamSpaceProtocol

/// The wall clock of a replica's host, in UTC. What is stored and compared in the database uses the database's clock
/// instead (C31).
package struct ReplicaClock {
  private unowned let incarnation: Incarnation

  init(_ incarnation: Incarnation) { self.incarnation = incarnation }

  /// What the host's clock shows, as a calendar time.
  package var now: Timestamp {
    Timestamp(nanosecondsSince1970: Epoch.unixSeconds * 1_000_000_000 + incarnation.now.nanoseconds)
  }

  /// Milliseconds since 1970.
  package var milliseconds: Int64 { now.nanosecondsSince1970 / 1_000_000 }
}
