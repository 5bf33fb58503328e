import Foundation
import SimulatedEnvironment

/// `./sim bench chaos`: what a seed of a campaign costs.
enum ChaosFigures {
  static func figures() -> [BenchmarkFigure] {
    let measured = ChaosBenchmark.measure(clock: processorTime)
    // A campaign counts on 3 000 seeds a minute and core.
    return [
      BenchmarkFigure(
        name: "chaos seed, median of 50", unit: "us", value: measured.nanoseconds / 1_000, budget: .atMost(20_000)),
      BenchmarkFigure(name: "  kernel events", unit: "events", value: Int64(measured.events), budget: .atMost(6_000)),
      BenchmarkFigure(
        name: "  SQL statements", unit: "statements", value: Int64(measured.statements), budget: .atMost(700)),
      BenchmarkFigure(name: "  seeds with a violation", unit: "seeds", value: Int64(measured.red.count)),
    ]
  }

  /// Of this thread: others may keep the machine busy.
  private static func processorTime() -> UInt64 {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
  }
}
