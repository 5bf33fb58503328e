import SimulationRuntime
import StreamSpaceProtocol

/// Backups and standbys. A deployment has none unless it asks for them.
extension SimulatedDatabase {
  /// Takes a base copy and keeps the log of every commit from now on: past states can be restored (DBM-16). What is lost by
  /// a restore is what committed after its instant and nothing else.
  package func startArchive() throws(SQLError) { try store.startArchive() }

  /// Restores the committed state of a past instant, microseconds since 1970 on the database's clock: the server crashes
  /// and comes back with it. What is open or committed later is lost.
  ///
  /// - Throws: 0A000 without an archive, 22023 for an instant before it.
  package func restore(to instant: Int64) throws(SQLError) {
    let runs = process.current != nil
    process.crash()
    try store.restore(to: instant)
    if runs { process.start() }
  }

  /// The content as it is committed now, for a database of its own: a dump.
  package func image() throws(SQLError) -> DatabaseImage { try store.engine.copy() }

  /// Adds a standby `name` that answers reads with the state of `delay` ago, and refuses writes with 25006 (C-14). It is to
  /// be started like any process.
  ///
  /// - Throws: `SQLError` or `SimulationError`, as `init`.
  package func makeStandby(named name: String, delay: TimeSpan) throws -> SimulatedDatabase {
    let standby = try SimulatedDatabase(image: image(), in: simulation, name: name, behaviour: store.behaviour)
    standby.store.isStandby = true
    let followed = standby.store
    store.followers.append { [simulation] transaction in
      simulation.schedule(after: delay, Self.replayed) {
        // A transaction that does not repeat would be a fault of this simulation: the standby stays behind.
        do { try followed.engine.replay(transaction) } catch {
          simulation.note(Self.replayed, ("error", .text("\(error)")))
        }
      }
    }
    store.follow()
    return standby
  }

  private static let replayed = EventLabel("database.standby")
}
