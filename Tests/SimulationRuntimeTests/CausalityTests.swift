import Testing

@testable import SimulationRuntime

@Suite("Causes")
struct CausalityTests {
  @Test("every event of a busy run follows from one before it, or from nothing", arguments: [1, 2, 3] as [UInt64])
  func order(seed: UInt64) throws {
    let events = try BusySystem(seed: seed, retention: .everything, span: .seconds(3)).run().events
    let kernel = Set(events.filter { $0.kind != "decision" }.map(\.sequence))
    var roots = 0
    for event in events {
      guard let cause = event.cause else {
        roots += 1
        continue
      }
      #expect(cause < event.sequence)
      #expect(kernel.contains(cause))
      #expect(events[cause].time <= event.time)
    }
    #expect(events.map(\.sequence) == Array(events.indices))
    // What is set up before the run follows from nothing; everything else has a cause.
    #expect(roots < 200)
  }

  @Test("a delivery follows from the event in which its payload was sent, over processes and timers")
  func chain() throws {
    let simulation = Simulation(.init(seed: 1, retention: .everything))
    defer { simulation.tearDown() }
    let (asked, timer) = (EventLabel("test.asked"), EventLabel("test.timer"))
    let answered = EventLabel("test.answered")
    try simulation.launch("server") { incarnation in
      incarnation.simulation.network.listen(incarnation, port: 1) { call in
        incarnation.note(asked)
        call.reply(text("yes"))
      }
    }
    try simulation.launch("client") { incarnation in
      incarnation.after(.seconds(1), timer) {
        incarnation.simulation.network.open(
          from: incarnation, to: Endpoint(host: "server", port: 1), hello: text("?"), timeout: .seconds(5)
        ) { _ in incarnation.note(answered) }
      }
      // Noise in between, so that "the event before" would be a wrong answer.
      incarnation.every(.microseconds(50), EventLabel("test.noise")) {}
    }
    try simulation.run(for: .seconds(2))
    let events = simulation.trace.events
    var event = try #require(events.first { $0.kind == "test.answered" })
    var kinds: [String] = []
    while let cause = event.cause {
      event = events[cause]
      kinds.append("\(event.process) \(event.kind)")
    }
    let ask = try #require(events.first { $0.kind == "test.asked" })
    #expect(kinds.contains("client test.timer"))
    #expect(kinds.contains("server \(events[try #require(ask.cause)].kind)"))
    #expect(!kinds.contains { $0.hasSuffix("test.noise") })
    // An arrival is the event of the process that takes it.
    #expect(events.filter { $0.kind == "network.call" }.map(\.process) == ["server"])
    #expect(events.filter { $0.kind == "network.answer" }.map(\.process) == ["client"])
  }

  @Test("what waited for a heal follows from what was sent")
  func heal() throws {
    let pair = try Pair(retention: .everything)
    let simulation = pair.simulation
    defer { simulation.tearDown() }
    let (send, arrived) = (EventLabel("test.send"), EventLabel("test.arrived"))
    _ = pair.begin(.cut, lasting: .seconds(5))
    pair.serverEnd?.onReceive = { _ in simulation.note(arrived) }
    simulation.schedule(after: .seconds(1), send) { pair.say("late") }
    try simulation.run(for: .seconds(10))
    let events = simulation.trace.events
    var event = try #require(events.first { $0.kind == "test.arrived" })
    #expect(event.time > Instant(nanoseconds: 5_000_000_000))
    var kinds: [String] = []
    while let cause = event.cause {
      event = events[cause]
      kinds.append(event.kind)
    }
    #expect(kinds.contains("test.send"))
  }

  @Test("without the kernel's events no causes are kept", arguments: [Trace.Retention.hash, .notes])
  func off(retention: Trace.Retention) throws {
    let events = try BusySystem(retention: retention, span: .seconds(2)).run().events
    #expect(events.allSatisfy { $0.cause == nil })
  }
}

@Suite("Remarks")
struct RemarkTests {
  @Test("a remark is kept with its cause where everything is kept, and never changes the fingerprint")
  func remark() throws {
    let (step, label) = (EventLabel("test.step"), EventLabel("test.remark"))
    func run(_ retention: Trace.Retention, remarks: Bool) throws -> Trace {
      let simulation = Simulation(.init(seed: 1, retention: retention))
      defer { simulation.tearDown() }
      simulation.schedule(after: .seconds(1), step) {
        if remarks { simulation.trace.remark(label, at: simulation.now, "look") }
      }
      simulation.schedule(after: .seconds(2), step) {}
      try simulation.run()
      return simulation.trace
    }
    let everything = try run(.everything, remarks: true)
    #expect(everything.fingerprint == (try run(.everything, remarks: false)).fingerprint)
    let remark = try #require(everything.events.first { $0.kind == "test.remark" })
    #expect(remark.isNote && remark["text"] == "look" && remark.cause == 0)
    #expect(try run(.notes, remarks: true).events.isEmpty)
  }
}
