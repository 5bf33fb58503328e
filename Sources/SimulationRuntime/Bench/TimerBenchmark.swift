extension KernelBenchmarks {
  /// Timers that re-arm themselves: the event queue, the dispatch and the trace hash, and little else.
  ///
  /// - Parameters:
  ///   - pending: timers waiting at any time.
  ///   - events: timers fired in all.
  public static func timers(pending: Int = 1_000, events: Int = 1_000_000, clock: Clock) throws -> Measurement {
    let simulation = Simulation(.init(seed: 1))
    let processes = try (0..<10).map { number in
      try simulation.addProcess("timers-\(number)", on: simulation.host("host-\(number)")) { incarnation in
        TimerProgram(incarnation, timers: pending / 10, seed: UInt64(number))
      }
    }
    for process in processes { process.start() }
    // The first round fills the queue and the caches.
    try simulation.run(for: .milliseconds(2))
    let before = simulation.eventsRun
    simulation.schedule(after: .zero, Self.limit) { [unowned simulation] in
      Self.stop(simulation, at: before + events)
    }
    let start = clock()
    try simulation.run()
    let end = clock()
    let measured = Int64(simulation.eventsRun - before)
    let fingerprint = simulation.trace.fingerprint
    simulation.tearDown()
    return Measurement(
      name: "timers", unit: "events/s", value: rate(measured, from: start, to: end), budget: 5_000_000,
      fingerprint: fingerprint)
  }

  private static let limit = EventLabel("bench.limit")

  /// Looks every virtual millisecond whether enough events ran.
  private static func stop(_ simulation: Simulation, at events: Int) {
    guard simulation.eventsRun < events else { return simulation.stop() }
    simulation.schedule(after: .milliseconds(1), limit) { [unowned simulation] in stop(simulation, at: events) }
  }
}

/// A number of timers, each due again after 1 to 2 048 microseconds.
private final class TimerProgram: Program {
  private unowned let incarnation: Incarnation
  private let timers: Int
  private var state: UInt64
  private var fire: () -> Void = {}

  private static let tick = EventLabel("bench.tick")

  init(_ incarnation: Incarnation, timers: Int, seed: UInt64) {
    self.incarnation = incarnation
    self.timers = timers
    state = seed
  }

  func start() {
    fire = { [unowned self] in arm() }
    for _ in 0..<timers { arm() }
  }

  func terminate() { incarnation.exit("told to") }

  private func arm() {
    // A generator of its own: the benchmark measures the queue, not the decisions.
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    incarnation.after(.nanoseconds(Int64(state >> 43) + 1), Self.tick, fire)
  }
}
