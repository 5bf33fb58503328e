#if Live
  import PostgreSQL
  import SimulatedEnvironment
  import SimulationRuntime
  import SocketBridges
  import StreamSpaceProtocol

  /// Carries out the environment's statements on a real database, while the case waits.
  ///
  /// Unchecked: used by case bodies, which run on the simulation's thread alone.
  final class RealStatements: StatementRunner, @unchecked Sendable {
    private let watch: DatabaseWatch
    private let driver: WallClockDriver
    private unowned let simulation: Simulation
    /// Microseconds since 1970 at the start of the simulation.
    private let origin: Int64

    init(_ watch: DatabaseWatch, _ driver: WallClockDriver, _ simulation: Simulation, origin: Int64) {
      self.watch = watch
      self.driver = driver
      self.simulation = simulation
      self.origin = origin
    }

    func run(_ statement: SQLStatement, _ parameters: [SQLValue]) async throws -> SQLResult {
      let watch = watch
      let driver = driver
      return try await simulation.cases.wait("an answer of the database") { (handle: WaitHandle<SQLResult>) in
        watch.run(statement, parameters) { result in
          driver.post { _ in
            switch result {
            case .success(let rows): handle.succeed(rows)
            case .failure(let error): handle.fail(error)
            }
          }
        }
      }
    }

    var now: Int64 { origin + simulation.now.nanoseconds / 1_000 }
  }
#endif
