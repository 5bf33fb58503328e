import SimulatedEnvironment
import TestEnvironment

/// What scenario 9's databases cost: SQLite in this process, and PostgreSQL where a server is given.
enum MigrationFigures {
  static func figures(_ repeats: Int, on server: DatabaseServer?) throws -> [BenchmarkFigure] {
    // Of the time budget of a fresh install in the simulation: 40 ms.
    var figures = [
      BenchmarkFigure(
        name: "migrations, SQLite", unit: "us",
        value: try median(repeats) {
          try MigrationBenchmark.freshInstall(on: SQLiteLaboratory(), clock: BenchmarkPrograms.clock) / 1_000
        }, budget: .atMost(40_000)),
      BenchmarkFigure(
        name: "heartbeats, SQLite", unit: "statements/s",
        value: try median(repeats) { try MigrationBenchmark.heartbeats(clock: BenchmarkPrograms.clock) }, budget: nil),
    ]
    if let server {
      figures.append(
        BenchmarkFigure(
          name: "migrations, PostgreSQL", unit: "us",
          value: try median(repeats) {
            try MigrationBenchmark.freshInstall(on: server.laboratory, clock: BenchmarkPrograms.clock) / 1_000
          }, budget: nil))
    }
    return figures
  }

  private static func median(_ repeats: Int, _ measure: () throws -> Int64) throws -> Int64 {
    let values = try (0..<repeats).map { _ in try measure() }.sorted()
    return values[values.count / 2]
  }
}
