import Database
import SimulationRuntime
import StreamSpaceProtocol

/// Who carries out the statements of the environment itself: probes, fixtures, what cases ask and write.
package protocol StatementRunner: AnyObject {
  /// One statement past the network of the simulation, nothing else in its transaction.
  func run(_ statement: SQLStatement, _ parameters: [SQLValue]) async throws -> SQLResult
  /// The time by which rows are written: microseconds since 1970.
  var now: Int64 { get throws }
}

/// The simulated database, asked at once.
final class SimulatedStatements: StatementRunner {
  private unowned let deployment: Deployment

  init(_ deployment: Deployment) { self.deployment = deployment }

  func run(_ statement: SQLStatement, _ parameters: [SQLValue]) async throws -> SQLResult {
    try deployment.database.query(statement, parameters)
  }

  var now: Int64 { get throws { try deployment.database.now } }
}
