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

  /// What a column without zone makes of the local time on this host: written as the replica's zone shows it, read as
  /// that of the database (C-15). Nanoseconds since 1970.
  func nanosecondsWithoutZone(_ configuration: ReplicaConfiguration) -> Int64 {
    let time = now
    let minutes = configuration.zone.minutes(at: time) - configuration.databaseZone.minutes(at: time)
    return time.nanosecondsSince1970 + TimeSpan.seconds(Int64(minutes) * 60).nanoseconds
  }

  /// Milliseconds since 1970.
  package var milliseconds: Int64 { now.nanosecondsSince1970 / 1_000_000 }
}
