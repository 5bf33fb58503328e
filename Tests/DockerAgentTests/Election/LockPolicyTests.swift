import HostFiles
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("What each departure from the contract does to the lock")
struct LockPolicyTests {
  private func rig(
    _ backend: Backend, seed: UInt64 = 1, isShared: Bool = true,
    _ change: (inout LockElectionBehaviour) -> Void = { _ in }
  ) throws -> ElectionRig {
    var behaviour = LockElectionBehaviour()
    change(&behaviour)
    return try ElectionRig(backend, seed: seed, isShared: isShared, behaviour: behaviour)
  }

  // MARK: Loss

  @Test("a replica that retires after a loss leaves nobody in the end (B-35)", arguments: Backend.allCases)
  func retires(backend: Backend) throws {
    for policy in [LockElectionBehaviour.AfterLoss.rejoins, .retires] {
      let rig = try rig(backend) { $0.afterLoss = policy }
      try rig.begin()
      for _ in 0..<3 {
        if let leader = rig.leader { rig.elector(leader.name)?.yield("a test") }
        try rig.run(.seconds(5))
      }
      #expect((rig.leader != nil) == (policy == .rejoins))
    }
  }

  @Test("a leader that keeps the lock without the control plane blocks the others (B-46)", arguments: Backend.allCases)
  func keepsLock(backend: Backend) throws {
    let rig = try rig(backend) { $0.withoutControlPlane = .keepsLock }
    for replica in rig.replicas { replica.start() }
    try rig.run(until: { rig.leader != nil }, within: .seconds(30))
    let leader = try #require(rig.leader)
    rig.links[leader.name] = .lost(since: rig.now)
    try rig.run(.seconds(120))
    #expect(rig.leader === leader)
    #expect(rig.ends.isEmpty)
  }

  @Test("without authority a write is not made; handlers that run on make it without a term (B-39, C-04)")
  func writeAuthority() throws {
    for (atLoss, writes, leading, lost) in [
      (
        LockElectionBehaviour.HandlersAtLoss.stopped, LockElectionBehaviour.PlatformWrites.fenced,
        LockElector.WriteAuthority.term(1), LockElector.WriteAuthority.none
      ),
      (.runOn, .fenced, .term(1), .unfenced), (.stopped, .unfenced, .unfenced, .none),
    ] {
      let rig = try rig(.redis) {
        $0.handlersAtLoss = atLoss
        $0.platformWrites = writes
      }
      try rig.begin()
      let leader = try #require(rig.leader)
      #expect(rig.elector(leader.name)?.writeAuthority == leading)
      leader.pause()
      try rig.run(.seconds(13))
      #expect(rig.elector(leader.name)?.writeAuthority == lost)
    }
  }

  @Test(
    "candidates that read an old record together and write over whatever is there all win (C-01)",
    arguments: [Backend.redis, .swarm])
  func blindWrites(backend: Backend) throws {
    func overlaps(_ policy: LockElectionBehaviour.RecordWrites) throws -> Int {
      try (1...12).count { seed in
        let rig = try rig(backend, seed: UInt64(seed)) { $0.recordWrites = policy }
        try rig.begin()
        rig.leader?.crash()
        try rig.run(until: { rig.leads.count > 1 }, within: .seconds(20))
        try rig.run(.seconds(1))
        return !rig.overlaps.isEmpty
      }
    }
    #expect(try overlaps(.compareAndSet) == 0)
    #expect(try overlaps(.lastWriterWins) > 0)
  }

  // MARK: Redis

  @Test("one answer that takes 5 s is tolerated; an agent that renews every 10 s without retry is deposed (B-51)")
  func slowRenewal() throws {
    for policy in [LockElectionBehaviour.Renewal.patient, .onceWithoutRetry] {
      let rig = try rig(.redis) { $0.renewal = policy }
      try rig.begin()
      let leader = try #require(rig.leader)
      let counter = rig.record?.counter
      try rig.run(until: { rig.record?.counter != counter }, within: .seconds(11))
      try rig.run(policy == .patient ? .milliseconds(1_800) : .milliseconds(9_800))
      let fault = rig.redis.begin(.slow(.constant(.seconds(5))), lasting: .seconds(1))
      try rig.run(.seconds(30))
      #expect(fault.touched > 0)
      #expect(rig.ends.isEmpty == (policy == .patient))
      if policy == .patient { #expect(rig.leader === leader) }
    }
  }

  @Test("after its first win the shipped agent looks every 10 s only (B-51)")
  func slowTicks() throws {
    let rig = try rig(.redis) { $0.renewal = .onceWithoutRetry }
    try rig.begin()
    // It waits one tick before it tries at all.
    #expect(try #require(rig.leads.first).time >= .start + .seconds(17))
    let counter = try #require(rig.record).counter
    try rig.run(.seconds(60))
    #expect((5...7).contains(try #require(rig.record).counter - counter))
  }

  @Test(
    "Redis restarted empty: the valid leader writes its record again, nobody else acts; without the watch two do (B-53)",
    arguments: [UInt64(1), 2, 3])
  func restartEmpty(seed: UInt64) throws {
    let contract = try rig(.redis, seed: seed)
    try contract.begin()
    let leader = try #require(contract.leader)
    contract.redis.begin(.restartEmpty, lasting: .seconds(5))
    try contract.run(.seconds(60))
    #expect(contract.leader === leader)
    #expect(contract.leads.count == 1)
    #expect(contract.record?.holder == .replica(leader.name))
    #expect(contract.redis.value(of: RouteKeys.leaderTerm(agent: ElectionRig.agentID), database: 1) == "1")

    let shipped = try rig(.redis, seed: seed) {
      $0.lostRecord = .isFree
      $0.authority = .untilNextTick
    }
    try shipped.begin()
    try #require(shipped.leader).pause()
    shipped.redis.begin(.restartEmpty, lasting: .seconds(1))
    try shipped.run(.seconds(10))
    #expect(!shipped.overlaps.isEmpty)
  }

  @Test("a leader paused for 16 s acts beside its successor when only its next tick tells it (B-53)", arguments: 1...3)
  func untilNextTick(seed: Int) throws {
    for policy in [LockElectionBehaviour.Authority.limited(.seconds(12)), .untilNextTick] {
      let rig = try rig(.redis, seed: UInt64(seed)) { $0.authority = policy }
      try rig.begin()
      let old = try #require(rig.leader)
      old.pause()
      try rig.run(until: { rig.leads.count == 2 }, within: .seconds(20))
      #expect((rig.elector(old.name)?.authorisedTerm == nil) == (policy != .untilNextTick))
      #expect(rig.overlaps.isEmpty == (policy != .untilNextTick))
    }
  }

  @Test("the term key holds the term of every win")
  func termKey() throws {
    let rig = try rig(.redis)
    try rig.begin()
    for term in 2...4 {
      try #require(rig.leader).terminate()
      try rig.run(.seconds(5))
      for replica in rig.replicas { replica.start() }
      #expect(rig.redis.value(of: RouteKeys.leaderTerm(agent: ElectionRig.agentID), database: 1) == "\(term)")
    }
  }

  @Test("a fail-over of Redis that loses writes deceives no candidate", arguments: 1...6)
  func failOver(seed: Int) throws {
    let rig = try rig(.redis, seed: UInt64(seed))
    try rig.begin()
    // The new leader's win is lost, and the old record stands there again, older than a lease.
    try #require(rig.leader).crash()
    try rig.run(until: { rig.leads.count == 2 }, within: .seconds(20))
    let leader = try #require(rig.leader)
    rig.redis.begin(.failOver(losing: .within(.milliseconds(500))), lasting: .milliseconds(200))
    try rig.run(.seconds(30))
    #expect(rig.overlaps.isEmpty)
    #expect(rig.leader === leader)
    #expect(rig.leads.count == 2)
  }

  // MARK: Swarm

  @Test("an update of the service by somebody else is no loss, unless the policy says so (B-54)")
  func versionConflict() throws {
    for policy in [LockElectionBehaviour.VersionConflict.retried, .deposes] {
      let rig = try rig(.swarm) { $0.versionConflict = policy }
      try rig.begin()
      let refused = rig.swarm.refusedUpdates
      for _ in 0..<10 {
        rig.swarm.conflicts = 1
        try rig.run(.seconds(3))
      }
      #expect(rig.swarm.refusedUpdates > refused)
      #expect(rig.ends.isEmpty == (policy == .retried))
    }
  }

  @Test("an update that took effect without an answer is found again")
  func lostAnswer() throws {
    let rig = try rig(.swarm)
    try rig.begin()
    let leader = try #require(rig.leader)
    for _ in 0..<5 {
      rig.swarm.lostAnswers = 1
      try rig.run(.seconds(9))
    }
    #expect(rig.leader === leader)
    #expect(rig.ends.isEmpty)
  }

  @Test("a clock 20 s ahead steals a live lock when ages are read off the record (B-54)")
  func wallClock() throws {
    for policy in [LockElectionBehaviour.RecordAge.ownObservation, .remoteTime] {
      let rig = try rig(.swarm) { $0.recordAge = policy }
      try rig.begin()
      let leader = try #require(rig.leader)
      for replica in rig.replicas where replica !== leader { replica.host.stepClock(by: .seconds(20)) }
      try rig.run(.seconds(10))
      #expect((rig.leads.count == 1) == (policy == .ownObservation))
    }
  }

  @Test("a replica that takes its host name for its task id cannot compete (A-14)")
  func hostName() throws {
    let rig = try rig(.swarm) { $0.swarmIdentity = .hostName }
    for replica in rig.replicas { replica.start() }
    try rig.run(.seconds(60))
    #expect(rig.leads.isEmpty)
    #expect(rig.refusals.map(\.kind) == rig.refusals.map { .refused("task \($0.replica) not found in Swarm") })
    #expect(rig.refusals.count == 3)
  }

  @Test("outside a swarm, and outside a task, the reason is told")
  func unusableSwarm() throws {
    let worker = try rig(.swarm)
    worker.swarm.isManager = false
    worker.replicas[0].start()
    try worker.run(.seconds(1))
    #expect(worker.refusals.map(\.kind) == [.refused("not running in Docker Swarm mode or not a manager node")])
    let plain = try rig(.swarm)
    plain.swarm.hasTaskLabels = false
    plain.replicas[0].start()
    try plain.run(.seconds(1))
    #expect(
      plain.refusals.map(\.kind) == [
        .refused("container agent-1 is not a Swarm task (missing com.docker.swarm.task.id label)")
      ])
  }

  // MARK: Files

  @Test("a lock without lease: a hung leader is never replaced, an unlinked file gives two (B-52)")
  func lockOnly() throws {
    let hung = try rig(.file) {
      $0.fileLocking = .lockOnly
      $0.authority = .untilNextTick
    }
    try hung.begin()
    try #require(hung.leader).pause()
    try hung.run(.seconds(120))
    #expect(hung.leads.count == 1)

    let unlinked = try rig(.file) {
      $0.fileLocking = .lockOnly
      $0.authority = .untilNextTick
    }
    try unlinked.begin()
    unlinked.emptyStore()
    try unlinked.run(.seconds(10))
    #expect(unlinked.leads.count == 2)
    #expect(!unlinked.overlaps.isEmpty)
    #expect(unlinked.ends.isEmpty)
    // Death still frees it.
    try #require(unlinked.replicas.first { $0.name == unlinked.leads[1].replica }).crash()
    #expect(try unlinked.run(until: { unlinked.leads.count == 3 }, within: .seconds(5)))
  }

  @Test("the old leader sees another file at its path before it acts, even with time left on its own clock")
  func comparesBeforeActing() throws {
    let rig = try rig(.file)
    try rig.begin()
    let leader = try #require(rig.leader)
    let volume = rig.volumes[0]
    let life = try #require(rig.replicas.first { $0 !== leader }?.current)
    let files = volume.files(for: life)
    let other = LockRecord(
      holder: .replica("agent-9"), term: 7, counter: 1, writtenAt: Timestamp(nanosecondsSince1970: 0))
    let file = try files.open("intruder", .creating)
    try files.write(Array((other.text + "\n").utf8), to: file)
    try files.rename("intruder", to: ElectionRig.path)
    #expect(rig.elector(leader.name)?.authorisedTerm == nil)
    try rig.run(.seconds(3))
    #expect(rig.ends.map(\.replica) == [leader.name])
  }

  @Test("a volume that cannot be written ends the leadership in time; the first who can write leads")
  func readOnly() throws {
    let rig = try rig(.file)
    try rig.begin()
    let begun = rig.now
    let fault = rig.volumes[0].begin(.readOnly, lasting: .seconds(40))
    try rig.run(.seconds(39))
    #expect(rig.authorised.isEmpty)
    #expect(try #require(rig.ends.first).time - begun <= .seconds(12))
    #expect(fault.touched > 0)
    #expect(try rig.run(until: { rig.leader != nil }, within: .seconds(5)))
    #expect(rig.overlaps.isEmpty)
  }

  @Test("what is no record is watched like one")
  func garbage() throws {
    let rig = try rig(.file)
    try rig.begin()
    try #require(rig.leader).terminate()
    let life = try #require(rig.replicas.first { $0.current != nil }?.current)
    let files = rig.volumes[0].files(for: life)
    try rig.run(.milliseconds(1))
    let file = try files.open(ElectionRig.path, .creating)
    try files.write(Array("not a record".utf8), to: file)
    try files.close(file)
    let begun = rig.now
    #expect(try rig.run(until: { rig.leads.count == 2 }, within: .seconds(30)))
    #expect(rig.now - begun >= .seconds(15) && rig.now - begun <= .seconds(18))
    #expect(rig.terms == [1, 2])
  }

  @Test("volumes of their own: whoever learns that another holds the id gives up for good (A-10)")
  func unsharedVolume() throws {
    for policy in [LockElectionBehaviour.UnsharedVolume.refused, .ignored] {
      let rig = try rig(.file, isShared: false) { $0.unsharedVolume = policy }
      for replica in rig.replicas { replica.start() }
      try rig.run(.seconds(20))
      // Each holds its own lock: no local evidence tells them apart.
      #expect(rig.leads.count == 3)
      // The control plane gave the id to the last one that connected.
      for name in ["agent-1", "agent-2"] { rig.elector(name)?.meetOtherHolder("the id is in use") }
      try rig.run(.seconds(120))
      #expect(rig.authorised == (policy == .refused ? ["agent-3"] : ["agent-1", "agent-2", "agent-3"]))
      #expect(rig.refusals.map(\.replica) == (policy == .refused ? ["agent-1", "agent-2"] : []))
    }
  }

  @Test("a newer term after the own one was accepted proves another lock; before that it is only raised")
  func otherLock() throws {
    let rig = try rig(.file)
    try rig.begin()
    let leader = try #require(rig.leader)
    let elector = try #require(rig.elector(leader.name))
    elector.meetStaleTerm(5)
    #expect(elector.authorisedTerm == 6)
    elector.meetAcceptance()
    elector.meetStaleTerm(9)
    #expect(rig.refusals.map(\.replica) == [leader.name])
    #expect(elector.authorisedTerm == nil)
    // A shared store cannot be split: there the term is raised as the contract says.
    let shared = try self.rig(.redis)
    try shared.begin()
    let name = try #require(shared.leader).name
    shared.elector(name)?.meetAcceptance()
    shared.elector(name)?.meetStaleTerm(9)
    try shared.run(.seconds(1))
    #expect(shared.elector(name)?.authorisedTerm == 10)
    #expect(shared.refusals.isEmpty)
  }
}
