import Testing

@testable import SimulationRuntime

@Suite("Order of events")
struct EventOrderTests {
  @Test("events run in the order of their times, and the clock shows each")
  func timeOrder() throws {
    let simulation = Simulation(.init(seed: 1))
    let log = Log()
    for time in [30, 10, 20] as [Int64] { simulation.at(time) { log.add("event", at: simulation.now) } }
    #expect(try simulation.run() == .drained)
    #expect(log.entries == ["10 event", "20 event", "30 event"])
    #expect(simulation.eventsRun == 3)
  }

  @Test("with the strategy fifo, simultaneous events run as they were scheduled")
  func fifo() throws {
    let simulation = Simulation(.init(seed: 7, strategy: .fifo))
    var order: [Int] = []
    for number in 0..<20 { simulation.at(5) { order.append(number) } }
    try simulation.run()
    #expect(order == Array(0..<20))
  }

  @Test("with the strategy random, every order of three simultaneous events occurs")
  func everyOrder() throws {
    var seen: Set<[Int]> = []
    for seed in 0..<100 as Range<UInt64> {
      let simulation = Simulation(.init(seed: seed))
      var order: [Int] = []
      for number in 0..<3 { simulation.at(5) { order.append(number) } }
      try simulation.run()
      seen.insert(order)
    }
    #expect(seen.count == 6)
  }

  @Test("an event scheduled for this instant competes with those that wait")
  func competes() throws {
    var overtook = 0
    for seed in 0..<50 as Range<UInt64> {
      let simulation = Simulation(.init(seed: seed))
      var order: [String] = []
      simulation.at(5) { simulation.at(5) { order.append("late") } }
      simulation.at(5) { order.append("waiting") }
      try simulation.run()
      #expect(order.count == 2)
      if order == ["late", "waiting"] { overtook += 1 }
    }
    #expect(overtook > 0 && overtook < 50)
  }

  @Test(
    "a run cut in pieces, or stopped and continued, equals the whole run",
    arguments: [Strategy.random, .fifo, .pct(depth: 3)], [1, 2, 3] as [UInt64])
  func pieces(strategy: Strategy, seed: UInt64) throws {
    func run(_ drive: (Simulation) throws -> Void) throws -> String {
      let simulation = Simulation(.init(seed: seed, strategy: strategy))
      for number in 0..<30 {
        let process = try simulation.launch("p\(number)")
        process.current?.every(.milliseconds(Int64(number % 4 + 1)), testStep) { [unowned simulation] in
          // Seen only by the run that is driven by stops.
          if number % 7 == 0 { simulation.stop() }
        }
      }
      try drive(simulation)
      #expect(simulation.now == Instant(nanoseconds: 100_000_000))
      return simulation.trace.fingerprint
    }
    let end = Instant(nanoseconds: 100_000_000)
    let stopped = try run { while try $0.run(until: end) == .stopped {} }
    let pieces = try run { simulation in
      while simulation.now < end {
        while try simulation.run(until: min(simulation.now + .microseconds(700), end)) == .stopped {}
      }
    }
    #expect(stopped == pieces)
  }

  @Test("a stop keeps what is left of the instant in its order")
  func stopKeepsOrder() throws {
    let simulation = Simulation(.init(seed: 1, strategy: .fifo))
    var order: [Int] = []
    for number in 0..<5 {
      simulation.at(1) {
        order.append(number)
        if number == 1 {
          simulation.stop()
          simulation.at(1) { order.append(99) }
        }
      }
    }
    #expect(try simulation.run() == .stopped)
    #expect(order == [0, 1])
    try simulation.run()
    #expect(order == [0, 1, 2, 3, 4, 99])
  }

  @Test("a cancelled event does not move the clock")
  func cancelledEventIsNoEvent() throws {
    let simulation = Simulation(.init(seed: 1))
    simulation.at(10) {}
    let token = simulation.schedule(after: .seconds(60), testStep) {}
    #expect(simulation.cancel(token))
    #expect(try simulation.run() == .drained)
    #expect(simulation.now == Instant(nanoseconds: 10_000_000))
  }

  @Test("an event may cancel another of the same instant")
  func cancelSimultaneous() throws {
    for seed in 0..<20 as Range<UInt64> {
      let simulation = Simulation(.init(seed: seed))
      var ran: [String] = []
      var tokens: [EventToken] = []
      for (mine, other) in [(0, 1), (1, 0)] {
        tokens.append(
          simulation.schedule(after: .milliseconds(1), testStep) {
            ran.append("\(mine)")
            #expect(simulation.cancel(tokens[other]))
          })
      }
      simulation.at(1) { ran.append("bystander") }
      try simulation.run()
      #expect(ran.count == 2)
    }
  }

  @Test("running to a limit moves the clock there, also when nothing is left")
  func runToLimit() throws {
    let simulation = Simulation(.init(seed: 1))
    simulation.at(10) {}
    #expect(try simulation.run(until: Instant(nanoseconds: 5_000_000)) == .timeReached)
    #expect(simulation.now == Instant(nanoseconds: 5_000_000))
    #expect(simulation.nextEvent == Instant(nanoseconds: 10_000_000))
    #expect(try simulation.run(for: .milliseconds(5)) == .drained)
    #expect(simulation.eventsRun == 1)
    #expect(simulation.nextEvent == nil)
    #expect(try simulation.run(for: .seconds(1)) == .drained)
    #expect(simulation.now == Instant(nanoseconds: 1_010_000_000))
  }

  @Test("a delay beyond the end of time is the end of time, a negative one is now")
  func hostileDelays() throws {
    let simulation = Simulation(.init(seed: 1))
    simulation.at(1) {}
    try simulation.run()
    var ran = false
    simulation.schedule(after: .nanoseconds(.max), testStep) {}
    simulation.schedule(after: .nanoseconds(-5), testStep) { ran = true }
    #expect(try simulation.run(for: .zero) == .timeReached)
    #expect(ran)
    #expect(simulation.nextEvent == .distantFuture)
  }

  @Test("an event cannot run the simulation it is part of")
  func noNesting() throws {
    let simulation = Simulation(.init(seed: 1))
    var refused: SimulationError?
    simulation.at(1) {
      do { try simulation.run() } catch { refused = error as? SimulationError }
    }
    try simulation.run()
    #expect(refused == .alreadyRunning)
  }

  @Test("a thousand times as many simultaneous events take no more than some thousand times as long")
  func manySimultaneous() throws {
    // Twenty thousand events of one instant: quadratic work would take minutes in debug.
    let simulation = Simulation(.init(seed: 1))
    var ran = 0
    for _ in 0..<20_000 { simulation.at(1) { ran += 1 } }
    try simulation.run()
    #expect(ran == 20_000)
  }

  @Test("two processes cannot have one name")
  func duplicateNames() throws {
    let simulation = Simulation(.init(seed: 1))
    try simulation.launch("twin")
    #expect(throws: SimulationError.duplicateProcess("twin")) { try simulation.launch("twin", on: "elsewhere") }
    #expect(simulation.process("twin") === simulation.allProcesses.first)
    #expect(simulation.process("nobody") == nil)
  }
}
