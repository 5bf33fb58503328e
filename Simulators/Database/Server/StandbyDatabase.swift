import SimulationRuntime
import StreamSpaceProtocol

/// A standby: it carries out what a database has committed, some time later, and answers what only reads (C-14).
package final class StandbyDatabase {
  private let simulation: Simulation
  private let database: SimulatedDatabase
  private let lag: TimeSpan

  private static let replay = EventLabel("database.standby.replay")

  /// Adds the process `name` on the host of the same name; it does not run yet.
  ///
  /// - Throws: `SQLError` when the content of `primary` cannot be copied, `SimulationError` when the name is taken.
  package init(
    of primary: SimulatedDatabase, lag: TimeSpan, in simulation: Simulation, name: String = "postgres-standby"
  ) throws {
    self.simulation = simulation
    self.lag = lag
    database = try SimulatedDatabase(image: primary.store.engine.copy(), in: simulation, name: name)
    primary.store.standbys.append { [weak self] transaction in self?.follow(transaction) }
  }

  /// Runs from `start()` on.
  package var process: SimulatedProcess { database.process }
  /// Where clients connect.
  package var endpoint: Endpoint { database.endpoint }

  private func follow(_ transaction: CommittedTransaction) {
    simulation.schedule(after: lag, Self.replay) { [weak self] in
      // A transaction that cannot be repeated would leave a standby that lies behind for ever: a fault of the engine.
      try? self?.database.store.engine.replay(transaction)
    }
  }
}
