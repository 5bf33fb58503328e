import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

@Suite("Waits before a reconnection")
struct ReconnectScheduleTests {
  private func waits(
    _ count: Int, _ reconnect: AgentBehaviour.Reconnect = .jittered, _ backOff: AgentBehaviour.BackOff = .startsAgain,
    draw: (TimeSpan, TimeSpan) -> TimeSpan
  ) -> [TimeSpan?] {
    var schedule = ReconnectSchedule(reconnect, backOff)
    return (0..<count).map { _ in schedule.nextWait(draw) }
  }

  @Test("the bounds are [b/2, b] with b = 2, 4, 8, 16, 32 and then 32 for ever")
  func bounds() {
    let seconds: [Int64] = [2, 4, 8, 16, 32, 32, 32, 32]
    #expect(waits(8) { low, _ in low } == seconds.map { .seconds($0) / 2 })
    #expect(waits(8) { _, high in high } == seconds.map { .seconds($0) })
  }

  @Test("after a success they begin at 2 s again")
  func reset() {
    var schedule = ReconnectSchedule(.jittered, .startsAgain)
    for _ in 0..<6 { _ = schedule.nextWait { _, high in high } }
    schedule.succeeded()
    #expect(schedule.nextWait { _, high in high } == .seconds(2))
  }

  @Test("the shipped saw-tooth is exact and begins again by itself")
  func sawTooth() {
    let seconds: [Int64] = [2, 4, 8, 16, 32, 2, 4]
    #expect(waits(7, .exact) { low, _ in low } == seconds.map { .seconds($0) })
  }

  @Test("a counter that is never reset gives up after the fifth wait (C-17)")
  func neverReset() {
    var schedule = ReconnectSchedule(.jittered, .neverReset)
    for _ in 0..<5 {
      #expect(schedule.nextWait { _, high in high } != nil)
      schedule.succeeded()
    }
    #expect(schedule.nextWait { _, high in high } == nil)
  }
}

@Suite("Memory of commands")
struct CommandMemoryTests {
  private func answer(_ id: String) -> AgentMessage { .failed(CommandFailure(commandID: id, error: id)) }

  private func isAnswered(_ entry: CommandMemory.Entry?) -> Bool {
    if case .answered? = entry { true } else { false }
  }

  @Test("it keeps so many answers, the oldest goes first")
  func capacity() {
    var memory = CommandMemory(capacity: 3)
    for number in 1...4 {
      memory.open("c\(number)")
      memory.answer("c\(number)", with: answer("c\(number)"), at: .start)
    }
    #expect(memory.entry("c1", at: .start) == nil)
    for number in 2...4 { #expect(isAnswered(memory.entry("c\(number)", at: .start))) }
    #expect(memory.count == 3)
  }

  @Test("an answer is kept for one hour and no longer")
  func lifetime() {
    var memory = CommandMemory()
    memory.answer("c", with: answer("c"), at: .start)
    #expect(isAnswered(memory.entry("c", at: .start + CommandMemory.lifetime)))
    #expect(memory.entry("c", at: .start + CommandMemory.lifetime + .nanoseconds(1)) == nil)
  }

  @Test("open work is never forgotten by itself")
  func openStays() {
    var memory = CommandMemory(capacity: 1)
    memory.open("open")
    for number in 1...200 { memory.answer("c\(number)", with: answer("c"), at: .start) }
    if case .open? = memory.entry("open", at: .start + .seconds(9_999)) {} else { Issue.record("open work is gone") }
    memory.forget("open")
    #expect(memory.entry("open", at: .start) == nil)
  }

  @Test("the contract's limits are 10 000 commands and one hour")
  func limits() {
    #expect(CommandMemory.capacity == 10_000)
    #expect(CommandMemory.lifetime == .minutes(60))
  }
}

@Suite("Queue of commands")
struct CommandQueueTests {
  @Test("four sessions at a time, one command per session, in order of arrival")
  func order() {
    var queue = CommandQueue<Int>(limit: 4)
    for (number, session) in ["a", "a", "b", "c", "d", "e"].enumerated() { queue.add(number, for: session) }
    var begun: [Int] = []
    while let next = queue.next() { begun.append(next.work) }
    #expect(begun == [0, 2, 3, 4])
    queue.finished("b")
    #expect(queue.next()?.work == 5)
    #expect(queue.next() == nil)
    queue.finished("a")
    #expect(queue.next()?.work == 1)
    #expect(queue.concerns("a"))
    queue.finished("a")
    #expect(!queue.concerns("a"))
  }

  @Test("cleared it is empty and tells what waited")
  func clear() {
    var queue = CommandQueue<Int>(limit: 1)
    for number in 1...3 { queue.add(number, for: "s\(number)") }
    _ = queue.next()
    #expect(queue.clear() == [2, 3])
    #expect(queue.runningCount == 0)
    #expect(queue.next() == nil)
  }
}

@Suite("Leader election, decided")
struct LeaderElectionTests {
  private let calendar = Timestamp(nanosecondsSince1970: 1_767_225_600_000_000_000)

  private func lease(_ spec: Lease.Spec, version: Int64 = 1) -> Lease {
    var metadata = ObjectMetadata(name: "streamspace-agent-x", namespace: "streamspace")
    metadata.resourceVersion = version
    return Lease(metadata: metadata, spec: spec)
  }

  private func spec(_ holder: String, term: Int64 = 3, duration: Int64 = 15) -> Lease.Spec {
    Lease.Spec(
      holder: holder, durationSeconds: duration, acquireTime: calendar, renewTime: calendar, transitions: term)
  }

  private func at(_ seconds: Int64) -> Instant { .start + .seconds(seconds) }

  private func candidate(_ change: (inout ElectionBehaviour) -> Void = { _ in }) -> LeaderElection {
    var behaviour = ElectionBehaviour()
    change(&behaviour)
    return LeaderElection(identity: "me", behaviour: behaviour)
  }

  private func leader(
    term: Int64 = 4, at time: Instant, _ change: (inout ElectionBehaviour) -> Void = { _ in }
  ) -> LeaderElection {
    var election = candidate(change)
    let own = spec("me", term: term)
    #expect(election.stored(lease(own, version: 7), sentAt: time, now: time) == term)
    return election
  }

  @Test("a candidate reads first, and makes the lease that is not there with term 0")
  func firstLease() {
    var election = candidate()
    #expect(election.begin(calendar: calendar) == .read)
    #expect(election.found(nil, at: at(0), calendar: calendar) == .create(spec("me", term: 0)))
  }

  @Test("another's lease is taken 15 s after it was last seen to change, with the next term")
  func expiry() {
    var election = candidate()
    let other = lease(spec("other"), version: 5)
    #expect(election.found(other, at: at(100), calendar: calendar) == .wait)
    #expect(election.found(other, at: at(115), calendar: calendar) == .wait)
    #expect(
      election.found(other, at: at(115) + .nanoseconds(1), calendar: calendar)
        == .write(spec("me", term: 4), version: 5))
  }

  @Test("a renewal seen begins the 15 s anew")
  func renewalSeen() {
    var election = candidate()
    _ = election.found(lease(spec("other")), at: at(0), calendar: calendar)
    var renewed = spec("other")
    renewed.renewTime = calendar.adding(nanoseconds: 1_000)
    #expect(election.found(lease(renewed), at: at(14), calendar: calendar) == .wait)
    #expect(election.found(lease(renewed), at: at(29), calendar: calendar) == .wait)
  }

  @Test("a remote time is not believed; the mutant does, and steals a live lease (C-02)")
  func remoteTime() {
    let ahead = calendar.adding(nanoseconds: 20_000_000_000)
    var election = candidate()
    #expect(election.found(lease(spec("other")), at: at(0), calendar: ahead) == .wait)
    var mutant = candidate { $0.leaseExpiry = .remoteTime }
    #expect(mutant.found(lease(spec("other")), at: at(0), calendar: ahead) != .wait)
  }

  @Test("a released lease and one's own from an earlier life are free at once, with a new term")
  func free() {
    for holder in ["", "me"] {
      var election = candidate()
      #expect(
        election.found(lease(spec(holder), version: 2), at: at(0), calendar: calendar)
          == .write(spec("me", term: 4), version: 2))
    }
  }

  @Test("authority ends 12 s after the sending of the last acknowledged renewal, not of its answer")
  func authority() {
    var election = leader(at: at(10))
    #expect(election.hasAuthority(at: at(22) - .nanoseconds(1)))
    #expect(!election.hasAuthority(at: at(22)))
    let renewed = lease(spec("me", term: 4), version: 8)
    #expect(election.stored(renewed, sentAt: at(12), now: at(16)) == nil)
    #expect(election.hasAuthority(at: at(24) - .nanoseconds(1)))
    #expect(!election.hasAuthority(at: at(24)))
  }

  @Test("a leader whose write failed reads, and recognises its own write whose answer was lost")
  func lostAnswer() {
    var election = leader(at: at(0))
    #expect(election.begin(calendar: calendar) == .write(spec("me", term: 4), version: 7))
    election.writeFailed()
    #expect(election.begin(calendar: calendar) == .read)
    #expect(
      election.found(lease(spec("me", term: 4), version: 8), at: at(2), calendar: calendar)
        == .write(spec("me", term: 4), version: 8))
  }

  @Test("a leader that finds another holder has lost; a blind writer overwrites it (C-01)")
  func otherHolder() {
    let other = lease(spec("other", term: 5), version: 9)
    var election = leader(at: at(0))
    #expect(election.found(other, at: at(2), calendar: calendar) == .lost)
    var mutant = leader(at: at(0)) { $0.leaseWrites = .lastWriterWins }
    #expect(mutant.found(other, at: at(2), calendar: calendar) == .write(spec("me", term: 4), version: 9))
  }

  @Test("a lease that vanished is made again with a higher term")
  func vanished() {
    var election = leader(at: at(0))
    #expect(election.found(nil, at: at(1), calendar: calendar) == .lost)
    election.end()
    #expect(election.found(nil, at: at(2), calendar: calendar) == .create(spec("me", term: 5)))
  }

  @Test("a release empties the holder for 1 s and keeps the term")
  func release() {
    let election = leader(at: at(0))
    guard case .write(let spec, 7)? = election.released(calendar: calendar) else {
      Issue.record("nothing to release")
      return
    }
    #expect(spec.holder.isEmpty)
    #expect(spec.durationSeconds == 1)
    #expect(spec.transitions == 4)
  }

  @Test("the term is raised above the one the control plane knows, with certain authority only")
  func raise() {
    let election = leader(at: at(0))
    #expect(election.raised(above: 9, at: at(1), calendar: calendar) == .write(spec("me", term: 10), version: 7))
    #expect(election.raised(above: 9, at: at(12), calendar: calendar) == nil)
  }
}
