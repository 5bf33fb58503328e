import Redis
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import DockerAgent

@Suite("Who may act, decided without a clock or a store")
struct LockElectionTests {
  private let stamp = LockElection.Stamp(calendar: Timestamp(nanosecondsSince1970: 0), nonce: 100)

  private func at(_ seconds: Int64) -> Instant { .start + .seconds(seconds) }

  private func reading(_ record: LockRecord?, isHolderGone: Bool = false, life: Int = 0) -> LockReading {
    LockReading(text: record?.text, isHolderGone: isHolderGone, storeLife: life)
  }

  private func record(_ holder: LockRecord.Holder, term: Int64 = 3, counter: Int64 = 1) -> LockRecord {
    LockRecord(holder: holder, term: term, counter: counter, writtenAt: stamp.calendar)
  }

  private func election(keepsWrites: Bool = true) -> LockElection {
    LockElection(identity: "me", behaviour: LockElectionBehaviour(), keepsWrites: keepsWrites)
  }

  /// A leader in term 4 since 100 s.
  private func leader() -> LockElection {
    var election = election()
    let write = LockWrite(record: record(.replica("me"), term: 4), over: .absent)
    _ = election.stored(write, life: 0, sentAt: at(100), now: at(100))
    return election
  }

  @Test("authority counts from the sending, not from the answer; an answer after its end gives none")
  func authority() {
    var election = election()
    let write = LockWrite(record: record(.replica("me")), over: .absent)
    #expect(election.stored(write, life: 0, sentAt: at(100), now: at(103)) == .began(term: 3))
    #expect(election.authorityEnd == at(112))
    #expect(election.hasAuthority(at: at(112) - .nanoseconds(1)))
    #expect(!election.hasAuthority(at: at(112)))
    var late = self.election()
    #expect(late.stored(write, life: 0, sentAt: at(100), now: at(112)) == .tooLate)
    #expect(late.leadership == nil)
  }

  @Test("a record is taken when it has not changed for 15 s, and not a nanosecond earlier")
  func patience() {
    var election = election()
    let other = record(.replica("other"))
    #expect(election.found(reading(other), at: at(10), stamp) == .wait(until: at(25)))
    #expect(election.found(reading(other), at: at(25) - .nanoseconds(1), stamp) == .wait(until: at(25)))
    let mine = LockRecord(holder: .replica("me"), term: 4, counter: 100, writtenAt: stamp.calendar)
    #expect(
      election.found(reading(other), at: at(25), stamp)
        == .write(LockWrite(record: mine, over: .text(other.text), inLife: 0)))
    // Any change starts the watch anew.
    #expect(election.found(reading(record(.replica("other"), counter: 2)), at: at(25), stamp) == .wait(until: at(40)))
  }

  @Test("what was watched in an earlier life of the store counts for nothing")
  func lives() {
    var election = election(keepsWrites: false)
    let other = record(.replica("other"))
    _ = election.found(reading(other, life: 1), at: at(10), stamp)
    #expect(election.found(reading(other, life: 2), at: at(30), stamp) == .wait(until: at(45)))
    // A release is believed when it was seen to happen in this life.
    let released = record(.released, counter: 2)
    #expect(election.found(reading(released, life: 3), at: at(31), stamp) == .wait(until: at(46)))
    _ = election.found(reading(other, life: 3), at: at(32), stamp)
    guard case .write = election.found(reading(released, life: 3), at: at(33), stamp) else {
      Issue.record("a release that was seen is not taken")
      return
    }
  }

  @Test("without a record a candidate writes one in nobody's name and waits; a dead holder is followed at once")
  func lostAndDead() {
    var election = election()
    #expect(
      election.found(reading(nil), at: at(10), stamp)
        == .write(LockWrite(record: record(.unknown, term: 0, counter: 100), over: .absent, inLife: 0)))
    guard case .wait = election.found(reading(record(.unknown), isHolderGone: true), at: at(11), stamp) else {
      Issue.record("a free lock on a record in nobody's name says nothing")
      return
    }
    guard case .write = election.found(reading(record(.replica("other")), isHolderGone: true), at: at(12), stamp) else {
      Issue.record("the lock of a dead holder is not taken")
      return
    }
  }

  @Test("a leader puts its record in the place of a lost or older one, and gives way to any other")
  func confirmation() {
    func step(_ found: LockRecord?, at time: Instant) -> LockElection.Step {
      var leader = leader()
      _ = leader.writeFailed(isConflict: true)
      return leader.found(reading(found), at: time, stamp)
    }
    for found in [nil, record(.unknown, term: 4), record(.replica("other"), term: 3), record(.released, term: 3)] {
      guard case .write(let write) = step(found, at: at(105)) else {
        Issue.record("\(String(describing: found)) ends the leadership")
        continue
      }
      #expect(write.record.term == 4 && write.record.holder == .replica("me"))
      #expect(write.over == found.map { .text($0.text) } ?? .absent)
      // Without authority nothing is written.
      #expect(step(found, at: at(112)) == .lost(LockElection.expired))
    }
    for found in [record(.replica("other"), term: 4), record(.unknown, term: 5), record(.released, term: 4)] {
      #expect(step(found, at: at(105)) == .lost("another replica holds the lock"))
    }
  }

  @Test("a leader whose authority has ended does not renew")
  func expired() {
    #expect(leader().begin(at: at(112), stamp) == .lost(LockElection.expired))
    #expect(leader().raised(above: 9, at: at(112), stamp) == nil)
    #expect(leader().raised(above: 9, at: at(111), stamp)?.record.term == 10)
  }

  @Test(
    "a record is read back as it was written; what is none is none",
    arguments: ["", "a 1 2", "a x 2 t", "a -1 2 2026-01-01T00:00:00Z"])
  func text(garbage: String) {
    for holder in [LockRecord.Holder.replica("me"), .released, .unknown] {
      #expect(LockRecord(text: record(holder).text) == record(holder))
    }
    #expect(LockRecord(text: garbage) == nil)
  }

  @Test("a write that rests on what an earlier connection showed is not made")
  func otherLife() throws {
    let rig = try ElectionRig(.redis, replicas: 1)
    rig.replicas[0].start()
    try rig.run(.milliseconds(100))
    let before = try #require(rig.record)
    let life = try #require(rig.replicas[0].current)
    let connection = RedisConnection(life, endpoint: rig.redis.endpoint, database: 1)
    let lock = RedisLock(connection, agentID: ElectionRig.agentID)
    var seen: LockReadOutcome?
    var written: LockWriteOutcome?
    lock.read { seen = $0 }
    try rig.run(.milliseconds(100))
    guard case .found(let reading)? = seen else {
      Issue.record("nothing was read")
      return
    }
    rig.redis.begin(.restartWithData, lasting: .milliseconds(10))
    try rig.run(.milliseconds(100))
    // A new connection, by a call that may be made in any life.
    lock.read { seen = $0 }
    try rig.run(.milliseconds(100))
    let mine = record(.replica("other"))
    lock.write(LockWrite(record: mine, over: .text(before.text), inLife: reading.storeLife)) { outcome, _ in
      written = outcome
    }
    try rig.run(.milliseconds(100))
    #expect(written == .conflict)
    #expect(rig.record == before)
    lock.write(LockWrite(record: mine, over: .text(before.text), inLife: connection.life)) { outcome, _ in
      written = outcome
    }
    try rig.run(.milliseconds(100))
    #expect(written == .stored)
  }
}
