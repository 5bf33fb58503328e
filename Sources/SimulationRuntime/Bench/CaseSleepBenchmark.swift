extension KernelBenchmarks {
  /// Case bodies that sleep, `tasks` at a time: task switches, continuations and the way into the kernel.
  public static func caseSleeps(tasks: Int = 100, sleeps: Int = 300_000, clock: Clock) throws -> Measurement {
    let simulation = Simulation(.init(seed: 1))
    let cases = simulation.cases
    let rounds = sleeps / tasks
    let start = clock()
    try cases.run {
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<tasks {
          group.addTask {
            for round in 0..<rounds {
              try await cases.sleep(.nanoseconds(Int64((number * 7_919 + round * 104_729) % 1_000_003) + 1))
            }
          }
        }
        try await group.waitForAll()
      }
    }
    let end = clock()
    let fingerprint = simulation.trace.fingerprint
    simulation.tearDown()
    return Measurement(
      name: "caseSleeps", unit: "sleeps/s", value: rate(Int64(rounds * tasks), from: start, to: end),
      budget: 1_000_000, fingerprint: fingerprint)
  }
}
