import SimulationRuntime
import Testing

@Suite("Kernel benchmarks")
struct BenchmarkTests {
  /// A clock that moves one second with each reading.
  private func clock() -> KernelBenchmarks.Clock {
    var now: UInt64 = 0
    return {
      now += 1_000_000_000
      return now
    }
  }

  private func small() throws -> [KernelBenchmarks.Measurement] {
    try [
      KernelBenchmarks.timers(pending: 100, events: 5_000, clock: clock()),
      KernelBenchmarks.pingpong(messages: 2_000, clock: clock()),
      KernelBenchmarks.caseSleeps(tasks: 10, sleeps: 1_000, clock: clock()),
      KernelBenchmarks.idle(agents: 6, span: .seconds(1_000), clock: clock()),
    ]
  }

  @Test("what is reported is the work divided by the time of the clock given")
  func values() throws {
    let measurements = try small()
    #expect(measurements.map(\.name) == ["timers", "pingpong", "caseSleeps", "idle"])
    #expect((5_000...6_000).contains(measurements[0].value))
    #expect(measurements[1].value == 2_000)
    #expect(measurements[2].value == 1_000)
    #expect(measurements[3].value == 1_000)
    #expect(measurements.map(\.met) == [false, true, false, false])
  }

  @Test("a benchmark does the same work each time")
  func repeatable() throws { #expect(try small() == small()) }
}
