import Testing

@testable import SimulationRuntime

@Suite("Reseeding")
struct ReseedTests {
  private func events(
    _ seed: UInt64, _ strategy: Strategy = .random, reseed: Simulation.Configuration.Reseed? = nil
  ) throws -> [TraceEvent] {
    var busy = BusySystem(seed: seed, strategy: strategy, retention: .everything, span: .seconds(3))
    busy.reseed = reseed
    return try busy.run().events
  }

  @Test(
    "before the instant nothing changes, after it another run goes on", arguments: [1, 2, 3] as [UInt64],
    [Strategy.random, .fifo, .pct(depth: 4)])
  func prefix(seed: UInt64, strategy: Strategy) throws {
    let instant = Instant(nanoseconds: 1_500_000_000)
    let plain = try events(seed, strategy)
    let other = try events(seed, strategy, reseed: .init(at: instant, seed: 77))
    let divergence = try #require(Divergence.first(of: plain, other))
    let before = plain.count { $0.time < instant }
    #expect(before > 1_000)
    #expect(divergence.index >= before)
    // Something is drawn in every few milliseconds of this system.
    #expect((divergence.first?.time ?? instant) < instant + .milliseconds(500))
  }

  @Test("two other seeds give two other runs, one gives the same again")
  func seeds() throws {
    let instant = Instant(nanoseconds: 1_000_000_000)
    let runs = try [5, 6, 5].map { try events(1, reseed: .init(at: instant, seed: $0)) }
    #expect(runs[0] == runs[2])
    #expect(runs[0] != runs[1])
  }

  @Test("a reseed at the beginning is a run of that seed from its first event on")
  func beginning() {
    let decisions = Decisions(seed: 1)
    let early = decisions.stream("early")
    decisions.reseed(with: 2)
    let other = Decisions(seed: 2)
    let stream = other.stream("early")
    for _ in 0..<20 { #expect(decisions.choose(early, 1_000) == other.choose(stream, 1_000)) }
    // Streams that are opened after the reseed are of the new seed, too.
    let (late, expected) = (decisions.stream("late"), other.stream("late"))
    for _ in 0..<20 { #expect(decisions.choose(late, 1_000) == other.choose(expected, 1_000)) }
  }

  @Test("what a log would answer after the instant is not followed")
  func log() {
    let log = DecisionLog(streams: [.init(name: "a", answers: [1, 2, 3, 4], rest: 9)])
    let decisions = Decisions(seed: 1, replaying: log)
    let stream = decisions.stream("a")
    #expect((0..<2).map { _ in decisions.choose(stream, 1_000_000) } == [1, 2])
    decisions.reseed(with: 8)
    let other = Decisions(seed: 8)
    let expected = other.stream("a")
    for _ in 0..<20 { #expect(decisions.choose(stream, 1_000_000) == other.choose(expected, 1_000_000)) }
  }

  @Test("a reseed while no event happens holds for what is drawn next")
  func idle() throws {
    let simulation = Simulation(.init(seed: 1, reseed: .init(at: Instant(nanoseconds: 10), seed: 8)))
    let stream = simulation.decisions.stream("a")
    try simulation.run(until: Instant(nanoseconds: 20))
    let other = Decisions(seed: 8)
    let expected = other.stream("a")
    for _ in 0..<20 {
      #expect(simulation.decisions.choose(stream, 1_000_000) == other.choose(expected, 1_000_000))
    }
    simulation.tearDown()
  }
}

@Suite("The rest of a log")
struct LogRestTests {
  @Test("where its answers end, a log goes on with its rest, or with the seed where that is impossible")
  func rest() {
    let log = DecisionLog(streams: [.init(name: "a", answers: [7, 8], rest: 500)])
    let decisions = Decisions(seed: 1, replaying: log)
    let stream = decisions.stream("a")
    #expect((0..<4).map { _ in decisions.choose(stream, 1_000) } == [7, 8, 500, 500])
    #expect(decisions.choose(stream, 10) < 10)
    #expect(decisions.choose(stream, 1_000) == 500)
  }

  @Test("a latency whose answer is the middle of its table is the median")
  func median() {
    let log = DecisionLog(streams: [.init(name: "a", answers: [], rest: 500_000)])
    let decisions = Decisions(seed: 1, replaying: log)
    let model = LatencyModel.lognormal(median: .milliseconds(4), .s060)
    for _ in 0..<5 { #expect(decisions.draw(decisions.stream("a"), model) == .milliseconds(4)) }
  }
}
