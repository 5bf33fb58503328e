import Dispatch
import SimulatedEnvironment
import SimulationRuntime

/// A program that finds figures, some with a budget of DESIGN §3.
struct BenchmarkProgram {
  let name: String
  /// Runs it so many times; the medians count. Some measure a PostgreSQL server too, where one is given.
  let measure: (_ repeats: Int, _ server: DatabaseServer?) throws -> [BenchmarkFigure]

  init(_ name: String, _ measure: @escaping (_ repeats: Int, _ server: DatabaseServer?) throws -> [BenchmarkFigure]) {
    self.name = name
    self.measure = measure
  }

  /// A program with one figure; more is better.
  init(_ name: String, unit: String, budget: Int64?, _ measure: @escaping () throws -> Int64) {
    self.init(name) { repeats, _ in
      let values = try (0..<repeats).map { _ in try measure() }.sorted()
      return [
        BenchmarkFigure(
          name: name, unit: unit, value: values[values.count / 2], budget: budget.map { .atLeast($0) })
      ]
    }
  }
}

/// All programs, in the order they are printed.
enum BenchmarkPrograms {
  static func clock() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

  static var all: [BenchmarkProgram] {
    [
      BenchmarkProgram("timers", unit: "events/s", budget: 5_000_000) {
        try KernelBenchmarks.timers(clock: clock).value
      },
      BenchmarkProgram("pingpong", unit: "messages/s", budget: nil) {
        try KernelBenchmarks.pingpong(clock: clock).value
      },
      BenchmarkProgram("sleeps", unit: "sleeps/s", budget: 1_000_000) {
        try KernelBenchmarks.caseSleeps(clock: clock).value
      },
      BenchmarkProgram("idle", unit: "x real time", budget: 100_000) {
        try KernelBenchmarks.idle(clock: clock).value
      },
      // The budget of DESIGN §3 is of such a cluster on the kernel alone (`idle`); with SQL and Redis underneath it is
      // reported, not judged.
      BenchmarkProgram("cluster", unit: "x real time", budget: nil) {
        try ClusterBenchmark.idle(clock: clock)
      },
      BenchmarkProgram("sessions") { _, _ in try SessionFigures.figures() },
      BenchmarkProgram("chaos") { _, _ in ChaosFigures.figures() },
      BenchmarkProgram("soak") { _, _ in try SoakFigures.figures() },
      BenchmarkProgram("migrations") { try MigrationFigures.figures($0, on: $1) },
      BenchmarkProgram("vnc") { repeats, _ in try VNCBenchmark.figures(repeats: repeats) },
    ]
  }
}
