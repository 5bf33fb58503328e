import Dispatch
import SimulatedEnvironment
import SimulationRuntime

/// A program with a figure and, if DESIGN §3 gives one, a budget that the figure must reach.
struct BenchmarkProgram {
  let name: String
  let unit: String
  let budget: Int64?
  let measure: () throws -> Int64
}

/// All programs, in the order they are printed.
enum BenchmarkPrograms {
  private static func clock() -> UInt64 { DispatchTime.now().uptimeNanoseconds }

  static var all: [BenchmarkProgram] {
    [
      BenchmarkProgram(name: "timers", unit: "events/s", budget: 5_000_000) {
        try KernelBenchmarks.timers(clock: clock).value
      },
      BenchmarkProgram(name: "pingpong", unit: "messages/s", budget: nil) {
        try KernelBenchmarks.pingpong(clock: clock).value
      },
      BenchmarkProgram(name: "sleeps", unit: "sleeps/s", budget: 1_000_000) {
        try KernelBenchmarks.caseSleeps(clock: clock).value
      },
      BenchmarkProgram(name: "idle", unit: "x real time", budget: 100_000) {
        try KernelBenchmarks.idle(clock: clock).value
      },
      // The budget of DESIGN §3 is of such a cluster on the kernel alone (`idle`); with SQL and Redis underneath it is
      // reported, not judged.
      BenchmarkProgram(name: "cluster", unit: "x real time", budget: nil) {
        try ClusterBenchmark.idle(clock: clock)
      },
    ]
  }
}
