import HostFiles
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

/// A random life of three replicas: pauses, crashes, cuts, lost records, clocks that run apart, then peace.
struct LockOrdeal {
  static let storm = TimeSpan.seconds(240)
  /// After the storm: a lease on the slowest clock, a poll, and what the store takes to come back.
  static let peace = TimeSpan.seconds(40)

  let rig: ElectionRig
  private let stream: DecisionStream
  private let span: Int64
  private let losesRecords: Bool

  /// `span`: by how many thousandths the fastest clock may outrun the slowest; a quarter is what C28 allows (15/12).
  init(
    _ backend: Backend, seed: UInt64, span: Int64 = 250, losesRecords: Bool = true,
    behaviour: LockElectionBehaviour = LockElectionBehaviour()
  ) throws {
    rig = try ElectionRig(backend, seed: seed, behaviour: behaviour)
    stream = rig.simulation.decisions.stream("test.ordeal")
    self.span = span
    self.losesRecords = losesRecords
  }

  private func choose(_ count: Int) -> Int { rig.simulation.decisions.choose(stream, count) }
  private func seconds(_ low: Int64, _ high: Int64) -> TimeSpan {
    rig.simulation.decisions.draw(stream, from: .seconds(low), to: .seconds(high))
  }

  /// Clocks between 20 % slow and as much faster as `span` allows.
  private func setClockRates() {
    let slowest = Int64(choose(200_001)) - 200_000
    for replica in rig.replicas {
      let faster = Int64(choose(Int((1_000_000 + slowest) * span / 1_000) + 1))
      replica.host.setClockRate(ppm: slowest + faster)
    }
  }

  /// Runs it; false if nobody leads at the end.
  func run() throws -> Bool {
    setClockRates()
    for replica in rig.replicas { replica.start(after: seconds(0, 5)) }
    try rig.run(seconds(10, 25))
    let end = rig.now + Self.storm
    while rig.now < end {
      strike()
      try rig.run(seconds(0, 12))
    }
    for replica in rig.replicas {
      replica.resume()
      replica.start()
    }
    rig.look()
    try rig.run(Self.peace)
    return try rig.run(until: { rig.leader != nil }, within: .seconds(5))
  }

  private func strike() {
    let replica = rig.replicas[choose(rig.replicas.count)]
    let leader = rig.leader ?? replica
    switch choose(12) {
    case 0, 1:
      leader.pause()
      resume(leader)
    case 2:
      replica.pause()
      resume(replica)
    case 3:
      leader.crash()
      leader.start(after: seconds(1, 20))
    case 4:
      replica.vanish()
      replica.start(after: seconds(1, 20))
    case 5, 6: cut(leader)
    case 7: cut(replica)
    case 8 where losesRecords: rig.emptyStore()
    case 9: strikeStore()
    case 10: replica.host.stepClock(by: seconds(-30, 30))
    case 11: rig.elector(leader.name)?.yield("a test")
    default: leader.terminate()
    }
    if leader.current == nil { leader.start(after: seconds(1, 20)) }
  }

  private func resume(_ replica: SimulatedProcess) {
    rig.simulation.schedule(after: seconds(1, 40), EventLabel("test.resume")) { [rig] in
      replica.resume()
      rig.look()
    }
  }

  private func cut(_ replica: SimulatedProcess) {
    guard rig.backend != .file else {
      rig.volumes[0].begin(choose(2) == 0 ? .readOnly : .diskFull, lasting: seconds(1, 20))
      return
    }
    let kind: NetworkFault.Kind = [.cut, .halfOpen, .reset][choose(3)]
    rig.simulation.network.begin(
      NetworkFault(kind, between: [replica.host.name], and: [rig.storeHost]), lasting: seconds(1, 30))
  }

  private func strikeStore() {
    switch rig.backend {
    case .file: break
    case .redis:
      let faults: [RedisFault] = [
        .frozen, .slow(.uniform(.zero, .seconds(4))), .restartWithData, .failOver(losing: .within(.seconds(5))),
        .restartEmpty,
      ]
      rig.redis.begin(faults[choose(losesRecords ? 5 : 3)], lasting: seconds(1, 12))
    case .swarm:
      if choose(2) == 0 { rig.swarm.conflicts += choose(12) } else { rig.swarm.lostAnswers += choose(3) }
    }
  }
}

@Suite("Never two leaders, and one in the end, whatever happens")
struct LockSafetyTests {
  @Test(
    "under pauses, deaths, cuts, lost records and clocks a quarter apart", arguments: Backend.allCases,
    Array(1...12) + [178, 338, 364])
  func ordeal(backend: Backend, seed: Int) throws {
    let ordeal = try LockOrdeal(backend, seed: UInt64(seed))
    let isLed = try ordeal.run()
    #expect(ordeal.rig.overlaps.isEmpty, "\(ordeal.rig.overlaps.prefix(2))")
    #expect(isLed)
    #expect(ordeal.rig.leads.count > 3)
  }

  @Test("as long as the store loses nothing, terms only grow", arguments: Backend.allCases, 101...106)
  func terms(backend: Backend, seed: Int) throws {
    let ordeal = try LockOrdeal(backend, seed: UInt64(seed), losesRecords: false)
    #expect(try ordeal.run())
    let terms = ordeal.rig.terms
    #expect(zip(terms, terms.dropFirst()).allSatisfy { $0 < $1 }, "\(terms)")
  }

  /// Runs ordeals until one shows two leaders; its seed, or nil.
  private func firstOverlap(
    _ backend: Backend, seeds: ClosedRange<UInt64>, span: Int64 = 250, _ behaviour: LockElectionBehaviour
  ) throws -> UInt64? {
    for seed in seeds {
      let ordeal = try LockOrdeal(backend, seed: seed, span: span, behaviour: behaviour)
      _ = try ordeal.run()
      if !ordeal.rig.overlaps.isEmpty { return seed }
    }
    return nil
  }

  @Test("clocks further apart than 15/12 do break it: the bound is no accident", arguments: [Backend.redis, .swarm])
  func drift(backend: Backend) throws {
    #expect(try firstOverlap(backend, seeds: 1...30, span: 800, LockElectionBehaviour()) != nil)
  }

  @Test("an authority as long as the lease breaks it (C-03)", arguments: [Backend.redis, .swarm])
  func noGap(backend: Backend) throws {
    var behaviour = LockElectionBehaviour()
    behaviour.authority = .limited(.seconds(15))
    #expect(try firstOverlap(backend, seeds: 1...30, behaviour) != nil)
  }

  @Test("judging by the time in the record breaks it (C-02, B-54)", arguments: [Backend.redis, .swarm])
  func remoteTime(backend: Backend) throws {
    var behaviour = LockElectionBehaviour()
    behaviour.recordAge = .remoteTime
    #expect(try firstOverlap(backend, seeds: 1...30, behaviour) != nil)
  }

  @Test("taking a lost record for a free lock breaks it (B-53)", arguments: [Backend.redis, .swarm])
  func lostRecords(backend: Backend) throws {
    var behaviour = LockElectionBehaviour()
    behaviour.lostRecord = .isFree
    #expect(try firstOverlap(backend, seeds: 1...30, behaviour) != nil)
  }
}
