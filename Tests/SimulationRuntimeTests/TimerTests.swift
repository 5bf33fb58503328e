import Testing

@testable import SimulationRuntime

@Suite("Timers and host clocks")
struct TimerTests {
  /// Times in milliseconds at which a ticker of `period` fired.
  private func ticks(
    period: Int64, until end: Int64, _ prepare: (Simulation, SimulatedProcess, Ticker) -> Void
  ) throws -> [Int64] {
    let simulation = Simulation(.init(seed: 1))
    var times: [Int64] = []
    let process = try simulation.launch("p")
    let life = try #require(process.current)
    let ticker = life.every(.milliseconds(period), testStep) { times.append((simulation.now - .start).milliseconds) }
    prepare(simulation, process, ticker)
    try simulation.run(until: Instant(nanoseconds: end * 1_000_000))
    simulation.tearDown()
    return times
  }

  @Test("a ticker fires every period")
  func ticker() throws {
    #expect(try ticks(period: 10, until: 45) { _, _, _ in } == [10, 20, 30, 40])
  }

  @Test("ticks of a pause collapse into one, and the period counts from it")
  func collapse() throws {
    let times = try ticks(period: 10, until: 60) { simulation, process, _ in
      simulation.at(15) { process.pause() }
      simulation.at(45) { process.resume() }
    }
    #expect(times == [10, 45, 55])
  }

  @Test("a stopped ticker never fires, also when it is stopped in its own tick")
  func stop() throws {
    let times = try ticks(period: 10, until: 60) { simulation, _, ticker in simulation.at(25) { ticker.stop() } }
    #expect(times == [10, 20])
    let simulation = Simulation(.init(seed: 1))
    var count = 0
    let process = try simulation.launch("p")
    var ticker: Ticker?
    ticker = process.current?.every(.milliseconds(1), testStep) {
      count += 1
      ticker?.stop()
    }
    #expect(try simulation.run() == .drained)
    #expect(count == 1)
  }

  @Test("a changed period counts from the next tick")
  func period() throws {
    let times = try ticks(period: 10, until: 80) { simulation, _, ticker in
      simulation.at(12) { ticker.period = .milliseconds(25) }
    }
    #expect(times == [10, 20, 45, 70])
  }

  @Test("a ticker ends with its life, even when its tick ends it")
  func endsWithLife() throws {
    let simulation = Simulation(.init(seed: 1))
    var count = 0
    let process = try simulation.launch("p") { life in
      life.every(.milliseconds(1), testStep) {
        count += 1
        life.panic("in the tick")
      }
    }
    #expect(try simulation.run() == .drained)
    #expect(count == 1)
    #expect(process.current == nil)
  }

  @Test("a fast clock makes timers fire early, a slow one late", arguments: [(500_000, 20), (0, 30), (-250_000, 40)])
  func rate(ppm: Int64, expected: Int64) throws {
    let simulation = Simulation(.init(seed: 1))
    simulation.host("p").setClockRate(ppm: ppm)
    var fired: Int64 = 0
    try simulation.launch("p") { life in
      life.after(.milliseconds(30), testStep) { fired = (simulation.now - .start).milliseconds }
    }
    try simulation.run()
    #expect(fired == expected)
  }

  @Test("a step of the clock moves what it shows, and no timer")
  func step() throws {
    let simulation = Simulation(.init(seed: 1))
    let log = Log()
    let process = try simulation.launch("p") { life in
      life.after(.milliseconds(10), testStep) {
        log.add("local \((life.now - .start).milliseconds)", at: simulation.now)
      }
    }
    process.host.stepClock(by: .seconds(-2))
    try simulation.run()
    #expect(log.entries == ["10 local -1990"])
  }

  @Test(
    "what a local timer waits, the local clock has counted", arguments: [-500_000, -17, -1, 0, 1, 123_457, 1_000_000])
  func rateAndTimersAgree(ppm: Int64) {
    var random = RandomStream(seed: UInt64(bitPattern: ppm), name: "clock")
    for _ in 0..<200 {
      var clock = HostClock()
      let begin = Instant(nanoseconds: Int64(random.next(below: 1 << 50)))
      clock.setRate(ppm: ppm, at: begin)
      let span = TimeSpan.nanoseconds(Int64(random.next(below: 1 << 50)))
      let wait = clock.trueSpan(forLocal: span)
      let counted = clock.local(at: begin + wait) - clock.local(at: begin)
      #expect(counted >= span)
      #expect(counted - span <= .nanoseconds(2))
    }
  }

  @Test("a change of rate does not make the clock jump, and a clock never runs backwards")
  func monotonic() {
    var clock = HostClock()
    var random = RandomStream(seed: 9, name: "clock")
    var now = Instant.start
    var last = clock.local(at: now)
    for _ in 0..<500 {
      now = now + .nanoseconds(Int64(random.next(below: 1_000)))
      let before = clock.local(at: now)
      clock.setRate(ppm: Int64(random.next(below: 1_500_001)) - 500_000, at: now)
      #expect(clock.local(at: now) == before)
      #expect(before >= last)
      last = before
    }
  }

  @Test("a rate beyond the limits is the limit, and a span beyond the end of time does not trap")
  func limits() {
    var clock = HostClock()
    clock.setRate(ppm: -900_000, at: .start)
    #expect(clock.ratePPM == -500_000)
    #expect(clock.trueSpan(forLocal: .nanoseconds(.max)) == .nanoseconds(.max))
    clock.setRate(ppm: 5_000_000, at: .start)
    #expect(clock.ratePPM == 1_000_000)
    clock.setRate(ppm: 0, at: .start)
    #expect(clock.isExact)
  }

  @Test("the clock of one host is its own")
  func perHost() throws {
    let simulation = Simulation(.init(seed: 1))
    simulation.host("a").stepClock(by: .seconds(5))
    #expect(simulation.host("a").localTime == Instant(nanoseconds: 5_000_000_000))
    #expect(simulation.host("b").localTime == .start)
    #expect(simulation.now == .start)
  }

  @Test("the monotonic clock runs at the host's rate and knows no steps")
  func monotonicClock() throws {
    let simulation = Simulation(.init(seed: 1))
    let host = simulation.host("a")
    host.setClockRate(ppm: 100_000)
    host.stepClock(by: .seconds(-20))
    try simulation.run(until: .start + .seconds(10))
    host.stepClock(by: .seconds(3_600))
    #expect(host.monotonicTime == .start + .seconds(11))
    #expect(host.localTime == .start + .seconds(11 - 20 + 3_600))
  }
}
