import Testing

@testable import SimulationRuntime

@Suite("Fingerprints")
struct FingerprintTests {
  @Test("the busy system is busy")
  func busy() throws {
    var busy = BusySystem()
    busy.retention = .everything
    let result = try busy.run()
    #expect(result.eventsRun > 5_000)
    let kinds = Set(result.events.map(\.kind))
    for kind in [
      "fault.begun", "fault.ended", "process.ended", "process.paused", "network.reset", "network.healed", "decision",
    ] {
      #expect(kinds.contains(kind), "\(kind) happens")
    }
  }

  @Test(
    "two runs of one seed have one fingerprint", arguments: [1, 2, 3, 4] as [UInt64],
    [Strategy.random, .fifo, .pct(depth: 5)])
  func repeatable(seed: UInt64, strategy: Strategy) throws {
    let busy = BusySystem(seed: seed, strategy: strategy, span: .seconds(5))
    #expect(try busy.run().fingerprint == busy.run().fingerprint)
  }

  @Test("other seeds and other strategies have other fingerprints")
  func different() throws {
    var seen: Set<String> = []
    for seed in 1...5 as ClosedRange<UInt64> {
      seen.insert(try BusySystem(seed: seed, span: .seconds(2)).run().fingerprint)
    }
    seen.insert(try BusySystem(seed: 1, strategy: .fifo, span: .seconds(2)).run().fingerprint)
    #expect(seen.count == 6)
  }

  @Test("the fingerprint of a seed is the same in debug, in release and on every machine")
  func golden() throws {
    // Changes when the order of events, the draws or the hash change: then every seed means another run.
    let fingerprint = try BusySystem(seed: 2026, span: .seconds(5)).run().fingerprint
    #expect(fingerprint == "7fee29146d50a4e8")
  }

  @Test("what is kept does not change the fingerprint")
  func retention() throws {
    let prints = try [Trace.Retention.hash, .notes, .everything].map { retention in
      var busy = BusySystem(span: .seconds(3))
      busy.retention = retention
      return try busy.run()
    }
    #expect(Set(prints.map(\.fingerprint)).count == 1)
    #expect(prints[0].events.isEmpty)
    #expect(!prints[1].events.isEmpty && prints[1].events.count < prints[2].events.count)
  }

  @Test(
    "recording does not change the fingerprint, and replaying repeats it under any seed",
    arguments: [Strategy.random, .pct(depth: 4)])
  func replay(strategy: Strategy) throws {
    var busy = BusySystem(seed: 11, strategy: strategy, span: .seconds(5))
    let plain = try busy.run()
    busy.isRecording = true
    let recorded = try busy.run()
    #expect(recorded.fingerprint == plain.fingerprint)
    let replayed = try BusySystem(seed: 4_711, isRecording: true, replay: recorded.log, span: .seconds(5)).run()
    #expect(replayed.fingerprint == plain.fingerprint)
    #expect(replayed.log == recorded.log)
  }

  @Test("a shortened log runs as the seed that recorded it", arguments: [Strategy.random, .fifo, .pct(depth: 4)])
  func shortened(strategy: Strategy) throws {
    var busy = BusySystem(seed: 11, strategy: strategy, span: .seconds(3))
    busy.isRecording = true
    var log = try busy.run().log
    for index in log.streams.indices { log.streams[index].answers = Array(log.streams[index].answers.prefix(10)) }
    busy.replay = log
    var plain = busy
    plain.replay = nil
    #expect(try busy.run().fingerprint == plain.run().fingerprint)
  }

  @Test("an edited log runs, as itself, and twice alike", arguments: ["schedule", "faults", "network.latency"])
  func edited(stream: String) throws {
    var busy = BusySystem(seed: 11, span: .seconds(3))
    busy.isRecording = true
    let recorded = try busy.run()
    var log = recorded.log
    let index = try #require(log.streams.firstIndex { $0.name == stream })
    for position in log.streams[index].answers.indices { log.streams[index].answers[position] /= 2 }
    busy.replay = log
    let first = try busy.run()
    #expect(first.fingerprint != recorded.fingerprint)
    #expect(try busy.run().fingerprint == first.fingerprint)
  }

  @Test("the first event in which two runs differ is found and printed")
  func divergence() throws {
    var busy = BusySystem(seed: 3, retention: .everything, span: .seconds(2))
    let usual = try busy.run()
    busy.oddNode = (2, .milliseconds(611))
    let odd = try busy.run()
    let divergence = try #require(Divergence.first(of: usual.events, odd.events))
    #expect(divergence.second?.kind == "node.odd" || divergence.second?.kind == "decision")
    #expect(divergence.second?.time == Instant(nanoseconds: 611_000_000))
    #expect(divergence.first == usual.events[divergence.index])
    #expect(divergence.description.contains("run 1: ") && divergence.description.contains("run 2: 0.611000"))
    #expect(Divergence.first(of: usual.events, usual.events) == nil)
    let cut = try #require(Divergence.first(of: usual.events, Array(usual.events.dropLast())))
    #expect(cut.second == nil && cut.description.contains("(end of run)"))
  }

  @Test("a draw that changes nothing else is part of the fingerprint")
  func draws() throws {
    func run(_ draws: Int) throws -> String {
      let simulation = Simulation(.init(seed: 1))
      let stream = simulation.decisions.stream("idle")
      simulation.at(1) { for _ in 0..<draws { _ = simulation.decisions.choose(stream, 5) } }
      try simulation.run()
      defer { simulation.tearDown() }
      return simulation.trace.fingerprint
    }
    #expect(try run(1) != run(2))
    #expect(try run(1) == run(1))
  }

  @Test("time, owner, label, field name, field value and field type all count")
  func everythingCounts() throws {
    func run(
      time: Int64 = 1, host: String = "a", label: EventLabel = EventLabel("x.y"), name: String = "n",
      value: TraceValue = "v"
    ) throws -> String {
      let simulation = Simulation(.init(seed: 1))
      for name in ["a", "b"] { try simulation.launch(name) }
      let life = try #require(simulation.process(host)?.current)
      life.after(.milliseconds(time), testStep) { life.note(label, (name, value)) }
      try simulation.run(until: Instant(nanoseconds: 10_000_000))
      defer { simulation.tearDown() }
      return simulation.trace.fingerprint
    }
    let prints = try [
      run(), run(time: 2), run(host: "b"), run(label: EventLabel("x.z")), run(name: "m"), run(value: "w"),
      run(value: 118),
    ]
    #expect(Set(prints).count == prints.count)
    #expect(try run() == prints[0])
  }

  @Test(
    "a text is hashed by its bytes and its length",
    arguments: [
      ("", "\0"), ("abcdefgh", "abcdefgh\0"), ("abcdefg", "abcdefgh"), ("ä", "a\u{308}"),
    ])
  func hashOfText(a: String, b: String) {
    var first = TraceHash()
    var second = TraceHash()
    first.mix(a)
    second.mix(b)
    #expect(first != second)
    #expect(first.text.count == 16)
  }

  @Test("the simulation itself is not its first process")
  func ownerOfNotes() throws {
    func run(_ byProcess: Bool) throws -> String {
      let simulation = Simulation(.init(seed: 1))
      let life = try simulation.launch("p").current
      simulation.note(testStep, by: byProcess ? life : nil)
      return simulation.trace.fingerprint
    }
    #expect(try run(true) != run(false))
  }

  @Test("notes reach the observer in order, also when nothing is kept")
  func observer() throws {
    let simulation = Simulation(.init(seed: 1))
    var seen: [String] = []
    simulation.trace.observer = { seen.append($0.description) }
    let life = try #require(try simulation.launch("p").current)
    life.note(EventLabel("did.it"), ("what", "this"), ("count", 3))
    #expect(seen == ["0.000000 p#1 process.started", "0.000000 p#1 did.it what=this count=3"])
    #expect(simulation.trace.events.isEmpty)
    #expect(simulation.trace.count == 2)
  }

  @Test("fields are found by name")
  func fields() throws {
    let simulation = Simulation(.init(seed: 1, retention: .notes))
    simulation.note(testStep, ("a", "x"), ("b", 7))
    let event = try #require(simulation.trace.events.first)
    #expect(event["a"] == "x" && event["b"] == "7" && event["c"] == nil)
    #expect(event.description == "0.000000 - test.step a=x b=7")
  }
}
