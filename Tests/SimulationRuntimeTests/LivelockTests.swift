import Testing

@testable import SimulationRuntime

@Suite("Livelock and deadlock")
struct LivelockTests {
  @Test("too many events without time passing fail, and the parties are named", arguments: [50, 5_000])
  func livelock(limit: Int) throws {
    let simulation = Simulation(.init(seed: 1, livelockLimit: limit))
    let label = EventLabel("dog.chase")
    func chase(_ life: Incarnation) { life.after(.zero, label) { chase(life) } }
    try simulation.launch("dog") { life in life.after(.milliseconds(3), label) { chase(life) } }
    try simulation.launch("bystander") { life in life.every(.milliseconds(3), testStep) {} }
    let error = try #require(throws: SimulationError.self) { try simulation.run(for: .seconds(1)) }
    guard case .livelock(let time, let events, let busiest) = error else { return #expect(Bool(false), "\(error)") }
    #expect(time == Instant(nanoseconds: 3_000_000))
    #expect(events == limit + 1)
    #expect(busiest.first?.hasPrefix("dog#1 dog.chase (") == true)
    #expect(
      "\(error)".contains("livelock at 0.003000: \(limit + 1) events without time passing, mostly dog#1 dog.chase"))
    simulation.tearDown()
  }

  @Test("a run that takes more events than it may ends, though time passes", arguments: [(99, true), (100, false)])
  func eventLimit(limit: Int, isGivenUp: Bool) throws {
    let simulation = Simulation(.init(seed: 1, eventLimit: limit))
    for moment in 1...100 { simulation.at(Int64(moment)) {} }
    var failure: SimulationError?
    do { try simulation.run() } catch { failure = error }
    #expect(failure == (isGivenUp ? .eventLimit(at: Instant(nanoseconds: 100_000_000), events: 99) : nil))
    #expect(failure.map { "\($0)".hasPrefix("event limit reached at 0.100000") } ?? true)
  }

  @Test("as many events as are allowed are no livelock, one more is", arguments: [(100, false), (101, true)])
  func limit(events: Int, isLivelock: Bool) throws {
    let simulation = Simulation(.init(seed: 1, livelockLimit: 100))
    for _ in 0..<events { simulation.at(1) {} }
    simulation.at(2) {}
    var failed = false
    do { try simulation.run() } catch { failed = true }
    #expect(failed == isLivelock)
    #expect(simulation.eventsRun == (isLivelock ? 100 : 101))
  }

  @Test("a livelock loses no event: the run can go on")
  func goesOn() throws {
    let simulation = Simulation(.init(seed: 1, livelockLimit: 10))
    var ran = 0
    for _ in 0..<25 { simulation.at(1) { ran += 1 } }
    #expect(throws: SimulationError.self) { try simulation.run() }
    #expect(throws: SimulationError.self) { try simulation.run() }
    #expect(try simulation.run() == .drained)
    #expect(ran == 25)
  }

  @Test("each instant counts for itself, also after the clock was moved by hand")
  func perInstant() throws {
    let simulation = Simulation(.init(seed: 1, livelockLimit: 10))
    for time in 1...20 as ClosedRange<Int64> {
      for _ in 0..<8 { simulation.at(time) {} }
    }
    try simulation.run(for: .milliseconds(5))
    for _ in 0..<9 { simulation.schedule(after: .zero, testStep) {} }
    #expect(throws: SimulationError.self) { try simulation.run(for: .zero) }
    try simulation.run()
    #expect(simulation.eventsRun == 169)
  }

  @Test("a driver that moves the clock and acts at the moment it moved to is no livelock")
  func driven() throws {
    let simulation = Simulation(.init(seed: 1, livelockLimit: 10))
    for step in 1...50 {
      try simulation.run(until: Instant(nanoseconds: Int64(step)))
      simulation.schedule(after: .zero, EventLabel("test.act")) {}
    }
    try simulation.run(until: Instant(nanoseconds: 50))
  }

  @Test("a case body that only yields is a livelock")
  func yieldingCase() throws {
    let simulation = Simulation(.init(seed: 1, livelockLimit: 1_000))
    let error = try #require(throws: SimulationError.self) {
      try simulation.cases.run {
        while !Task.isCancelled { await Task.yield() }
      }
    }
    guard case .livelock(_, _, let busiest) = error else { return #expect(Bool(false), "\(error)") }
    #expect(busiest.first?.hasPrefix("case bodies") == true)
    simulation.tearDown()
  }

  @Test("when nothing is left to run and a case waits, it is a deadlock at that time, with the parties named")
  func deadlock() throws {
    let simulation = Simulation(.init(seed: 1))
    let cases = simulation.cases
    let client = try simulation.launch("client") { life in
      life.simulation.network.open(from: life, to: Endpoint(host: "server", port: 80), hello: text("hi")) { _ in }
    }
    try simulation.launch("server") { life in life.simulation.network.listen(life, port: 80) { _ in } }
    let error = try #require(throws: SimulationError.self) {
      try cases.run(limit: .seconds(60)) {
        try await cases.sleep(.milliseconds(7))
        try await cases.wait("the reply to hi") { (_: WaitHandle<Void>) in }
      }
    }
    #expect(
      error
        == .deadlock(at: Instant(nanoseconds: 7_000_000), waiting: ["the reply to hi", "call client#1 -> server:80"]))
    #expect("\(error)".hasPrefix("deadlock at 0.007000"))
    #expect(client.isRunning)
  }

  @Test("a case that waits outside of the case layer is named as such")
  func deadlockElsewhere() throws {
    let simulation = Simulation(.init(seed: 1))
    let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
    let error = try #require(throws: SimulationError.self) {
      try simulation.cases.run { for await _ in stream {} }
    }
    #expect(
      error
        == .deadlock(
          at: .start, waiting: ["a case body, for something that is not the simulation's (another thread?)"]))
    continuation.finish()
  }
}
