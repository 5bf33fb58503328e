import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("The lock of the Docker agent, on each back end")
struct LockElectorTests {
  private static let seeds = 1...4

  private func rig(_ backend: Backend, _ seed: Int) throws -> ElectionRig {
    let rig = try ElectionRig(backend, seed: UInt64(seed))
    try rig.begin()
    return rig
  }

  @Test("after a cold start one leads within 20 s, with term 1", arguments: Backend.allCases, seeds)
  func coldStart(backend: Backend, seed: Int) throws {
    let rig = try rig(backend, seed)
    #expect(rig.leads.count == 1)
    #expect(rig.terms == [1])
    let first = try #require(rig.leads.first)
    #expect(first.time <= .start + .seconds(20))
    #expect(rig.record?.holder == .replica(first.replica))
    #expect(rig.overlaps.isEmpty)
  }

  @Test("nothing changes in ten quiet minutes, and the record is renewed every 2 s", arguments: Backend.allCases)
  func quiet(backend: Backend) throws {
    let rig = try rig(backend, 1)
    let before = try #require(rig.record).counter
    try rig.run(.seconds(600))
    #expect(rig.leads.count == 1)
    #expect(rig.ends.isEmpty)
    let renewals = try #require(rig.record).counter - before
    #expect((295...301).contains(renewals))
  }

  @Test("at SIGTERM another leads within a poll, with a higher term", arguments: Backend.allCases, seeds)
  func graceful(backend: Backend, seed: Int) throws {
    let rig = try rig(backend, seed)
    let begun = rig.now
    try #require(rig.leader).terminate()
    #expect(try rig.run(until: { rig.leads.count == 2 }, within: .seconds(10)))
    #expect(rig.now - begun <= .milliseconds(2_200))
    #expect(rig.terms == [1, 2])
    #expect(rig.overlaps.isEmpty)
  }

  @Test(
    "a dead leader is replaced: with a file at once, else when its record is 15 s old",
    arguments: Backend.allCases, seeds)
  func crash(backend: Backend, seed: Int) throws {
    for isSilent in [false, true] {
      let rig = try rig(backend, seed)
      try rig.run(.milliseconds(Int64(seed) * 430))
      let begun = rig.now
      let old = try #require(rig.leader)
      if isSilent { old.vanish() } else { old.crash() }
      #expect(try rig.run(until: { rig.leads.count == 2 }, within: .seconds(30)))
      let span = rig.now - begun
      if backend == .file {
        #expect(span <= .milliseconds(2_100))
      } else {
        #expect(span >= .seconds(13) && span <= .milliseconds(17_500), "\(span)")
      }
      #expect(rig.terms == [1, 2])
      #expect(rig.overlaps.isEmpty)
    }
  }

  @Test("a hung leader is replaced within 20 s and does not act when it goes on", arguments: Backend.allCases, seeds)
  func pause(backend: Backend, seed: Int) throws {
    let rig = try rig(backend, seed)
    try rig.run(.milliseconds(Int64(seed) * 430))
    let begun = rig.now
    let old = try #require(rig.leader)
    old.pause()
    #expect(try rig.run(until: { rig.leads.count == 2 }, within: .seconds(30)))
    #expect(rig.now - begun >= .seconds(12) && rig.now - begun <= .milliseconds(17_500))
    try rig.run(.seconds(40))
    old.resume()
    #expect(rig.elector(old.name)?.authorisedTerm == nil)
    try rig.run(.seconds(30))
    #expect(rig.overlaps.isEmpty)
    #expect(rig.ends.map(\.replica) == [old.name])
    // It competes again.
    try #require(rig.leader).crash()
    for replica in rig.replicas where replica.name != old.name { replica.crash() }
    #expect(try rig.run(until: { rig.leader?.name == old.name }, within: .seconds(20)))
    #expect(rig.terms == rig.terms.sorted())
  }

  @Test("a lost record does not free the lock: the leader writes it again", arguments: Backend.allCases, seeds)
  func emptied(backend: Backend, seed: Int) throws {
    let rig = try rig(backend, seed)
    let leader = try #require(rig.leader)
    for _ in 0..<5 {
      try rig.run(.milliseconds(1_370))
      rig.emptyStore()
      try rig.run(.seconds(3))
      #expect(rig.record?.holder == .replica(leader.name))
    }
    try rig.run(.seconds(30))
    #expect(rig.leads.count == 1)
    #expect(rig.ends.isEmpty)
    #expect(rig.overlaps.isEmpty)
  }

  @Test("when record and leader are lost together another leads within 20 s", arguments: Backend.allCases, seeds)
  func emptiedAndCrashed(backend: Backend, seed: Int) throws {
    let rig = try rig(backend, seed)
    try #require(rig.leader).crash()
    rig.emptyStore()
    let begun = rig.now
    #expect(try rig.run(until: { rig.leads.count == 2 }, within: .seconds(30)))
    #expect(rig.now - begun <= .seconds(20))
    #expect(rig.terms == [1, 2])
  }

  @Test(
    "a leader cut off from the store stops at 12 s, before another begins", arguments: [Backend.redis, .swarm], seeds)
  func cut(backend: Backend, seed: Int) throws {
    let rig = try rig(backend, seed)
    let old = try #require(rig.leader)
    let begun = rig.now
    rig.simulation.network.begin(
      NetworkFault(.cut, between: [old.host.name], and: [rig.storeHost]), lasting: .seconds(60))
    #expect(try rig.run(until: { rig.leads.count == 2 }, within: .seconds(30)))
    let ended = try #require(rig.ends.first)
    #expect(ended.replica == old.name)
    #expect(ended.time - begun <= .seconds(12))
    #expect(rig.leads[1].time > ended.time)
    #expect(rig.leads[1].time - begun <= .milliseconds(17_500))
    try rig.run(.seconds(90))
    #expect(rig.leads.count == 2)
    #expect(rig.overlaps.isEmpty)
  }

  @Test(
    "a leader that the control plane does not answer yields to another: 25 s silent, 30 s without a connection",
    arguments: Backend.allCases)
  func withoutControlPlane(backend: Backend) throws {
    for (isConnected, limit) in [(true, TimeSpan.seconds(25)), (false, .seconds(30))] {
      let rig = try ElectionRig(backend)
      for replica in rig.replicas { replica.start() }
      try rig.run(until: { rig.leader != nil }, within: .seconds(30))
      let old = try #require(rig.leader)
      let begun = rig.now
      rig.links[old.name] = isConnected ? .silent(since: begun) : .lost(since: begun)
      #expect(try rig.run(until: { !rig.ends.isEmpty }, within: .seconds(60)))
      // The link is looked at when it was due, and once more for what changed meanwhile.
      #expect(rig.now - begun >= limit && rig.now - begun <= limit + .milliseconds(20))
      try rig.run(.seconds(5))
      #expect(rig.leads.count == 2)
      #expect(rig.leader != nil && rig.leader?.name != old.name)
      #expect(rig.overlaps.isEmpty)
    }
  }

  @Test("a control plane that knows a newer term makes a sure leader raise its own", arguments: Backend.allCases)
  func staleTerm(backend: Backend) throws {
    let rig = try rig(backend, 1)
    let leader = try #require(rig.leader)
    rig.elector(leader.name)?.meetStaleTerm(41)
    try rig.run(.seconds(1))
    #expect(rig.terms == [1, 42])
    #expect(rig.elector(leader.name)?.authorisedTerm == 42)
    #expect(rig.record?.term == 42)
    // Old news asks for nothing.
    rig.elector(leader.name)?.meetStaleTerm(41)
    try rig.run(.seconds(10))
    leader.crash()
    #expect(try rig.run(until: { rig.leads.count == 2 }, within: .seconds(20)))
    #expect(rig.terms == [1, 42, 43])
  }

  @Test("a leader that is not sure of its lock yields instead", arguments: [Backend.redis, .swarm])
  func staleTermWithoutCertainty(backend: Backend) throws {
    let rig = try rig(backend, 1)
    let leader = try #require(rig.leader)
    rig.simulation.network.begin(NetworkFault(.cut, between: [leader.host.name], and: [rig.storeHost]))
    try rig.run(.seconds(9))
    rig.elector(leader.name)?.meetStaleTerm(41)
    #expect(rig.ends.count == 1)
    #expect(rig.authorised.isEmpty)
  }

  @Test("stepped clocks change nothing", arguments: Backend.allCases, seeds)
  func skew(backend: Backend, seed: Int) throws {
    let rig = try rig(backend, seed)
    for (index, replica) in rig.replicas.enumerated() {
      replica.host.stepClock(by: .seconds([20, -20, 3_600][index]))
      try rig.run(.seconds(7))
    }
    try rig.run(.seconds(60))
    #expect(rig.leads.count == 1)
    #expect(rig.overlaps.isEmpty)
  }

  @Test("every replica can lead again after any number of losses", arguments: Backend.allCases)
  func losses(backend: Backend) throws {
    let rig = try rig(backend, 1)
    for round in 1...6 {
      let old = try #require(rig.leader)
      rig.elector(old.name)?.yield("a test")
      #expect(try rig.run(until: { rig.leads.count == round + 1 }, within: .seconds(5)))
      #expect(rig.leader?.name != old.name)
    }
    #expect(rig.terms == [1, 2, 3, 4, 5, 6, 7])
  }

  @Test(
    "a leader that yields while a renewal is on its way frees the lock all the same",
    arguments: [Backend.redis, .swarm])
  func yieldsDuringRenewal(backend: Backend) throws {
    let step = backend == .redis ? TimeSpan.microseconds(250) : .milliseconds(8)
    for offset in 0..<16 {
      let rig = try ElectionRig(backend)
      for replica in rig.replicas { replica.start() }
      try rig.run(until: { rig.leader != nil }, within: .seconds(30))
      let old = try #require(rig.leader)
      // Renewals go out every 2 s, a little before the time of day at which the lock was won.
      try rig.run(.seconds(4) - step * 12 + step * Int64(offset))
      rig.elector(old.name)?.yield("a test")
      #expect(try rig.run(until: { rig.leads.count == 2 }, within: .seconds(5)), "offset \(offset)")
      #expect(rig.overlaps.isEmpty)
    }
  }

  @Test("a record begins with a number that no other begins with", arguments: Backend.allCases)
  func numbers(backend: Backend) throws {
    var numbers: [Int64] = []
    for seed in 1...3 { numbers.append(try #require(try rig(backend, seed).record).counter) }
    let rig = try rig(backend, 1)
    try #require(rig.leader).terminate()
    try rig.run(.seconds(5))
    numbers.append(try #require(rig.record).counter)
    numbers.sort()
    #expect(zip(numbers, numbers.dropFirst()).allSatisfy { $1 - $0 > 1_000 }, "\(numbers)")
  }
}
