import Chaos
import TestEnvironment

/// What one seed of a chaos campaign costs: a plan that the seed draws, carried out and judged once (spec/06 §10.4, 3).
public enum ChaosBenchmark {
  /// Medians over the seeds.
  public struct Measurement: Sendable {
    /// Of real time: a run with everything that is made and freed for it.
    public var nanoseconds: Int64
    public var events: Int
    public var statements: Int
    /// Seeds in whose run something was violated or broke.
    public var red: [UInt64]
  }

  /// `clock` gives nanoseconds: of real time, or of the thread's processor time.
  public static func measure(_ seeds: ClosedRange<UInt64> = 1...50, clock: () -> UInt64) -> Measurement {
    let executor = SimulatedChaosExecutor()
    var times: [Int64] = []
    var events: [Int] = []
    var statements: [Int] = []
    var red: [UInt64] = []
    // What is made once in a process is not the first seed's.
    _ = executor.run(ChaosPlan(swarm: seeds.lowerBound), ExecutionOptions())
    for seed in seeds {
      let began = clock()
      let outcome = executor.run(ChaosPlan(swarm: seed), ExecutionOptions())
      times.append(Int64(clamping: clock() - began))
      events.append(outcome.kernelEvents)
      statements.append(outcome.statements)
      if !outcome.violations.isEmpty || !outcome.problems.isEmpty { red.append(seed) }
    }
    return Measurement(
      nanoseconds: median(times), events: median(events), statements: median(statements), red: red)
  }

  private static func median<Value: Comparable>(_ values: [Value]) -> Value { values.sorted()[values.count / 2] }
}
