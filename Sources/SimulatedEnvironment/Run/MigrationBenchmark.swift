import Database
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// What the databases of scenario 9 cost.
package enum MigrationBenchmark {
  /// Nanoseconds of real time for all migrations of the contract on a new, empty database.
  ///
  /// `clock` gives nanoseconds of real time. Throws when they do not reach the newest version.
  package static func freshInstall(on laboratory: any DatabaseLaboratory, clock: () -> UInt64) throws -> Int64 {
    let database = try laboratory.makeDatabase()
    defer { database.drop() }
    let connection = try database.connect()
    defer { connection.close() }
    let newest = MigrationSet.contract.newest
    let began = clock()
    let end = MigrationBehaviour().run(to: newest, appliedBy: "bench").perform(on: connection)
    let elapsed = clock() - began
    guard case .ready(newest, _) = end else { throw EnvironmentError("the migrations ended so: \(end)") }
    return Int64(clamping: elapsed)
  }

  /// Statements a second of the simulated database: heartbeats, one UPDATE by key each, without the simulated network.
  package static func heartbeats(clock: () -> UInt64) throws -> Int64 {
    let measurements = try DatabaseBenchmark.run(repetitions: 2_000) { Int64(clamping: clock()) }
    guard let heartbeat = measurements.first(where: { $0.name == "heartbeat" }) else {
      throw EnvironmentError("the benchmark of the database has no heartbeat")
    }
    return 1_000_000_000 / max(heartbeat.nanoseconds, 1)
  }
}
