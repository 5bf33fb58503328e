import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import KubernetesAgent

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
    #expect(election.begin(at: at(1), calendar: calendar) == .read)
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
    #expect(election.begin(at: at(1), calendar: calendar) == .write(spec("me", term: 4), version: 7))
    election.writeFailed()
    #expect(election.begin(at: at(1), calendar: calendar) == .read)
    #expect(
      election.found(lease(spec("me", term: 4), version: 8), at: at(2), calendar: calendar)
        == .write(spec("me", term: 4), version: 8))
  }

  @Test("a leader that was held up beyond its authority neither renews nor confirms its lease (C28)")
  func heldUp() {
    var election = leader(at: at(0))
    let expired = LeaderElection.Step.lost("the lease could not be renewed in time")
    #expect(election.begin(at: at(12) - .nanoseconds(1), calendar: calendar) != expired)
    #expect(election.begin(at: at(12), calendar: calendar) == expired)
    let own = lease(spec("me", term: 4), version: 7)
    #expect(election.found(own, at: at(12), calendar: calendar) == expired)
  }

  @Test("a leader that finds another holder has lost; a blind writer overwrites it (C-01)")
  func otherHolder() {
    let other = lease(spec("other", term: 5), version: 9)
    var election = leader(at: at(0))
    #expect(election.found(other, at: at(2), calendar: calendar) == .lost("another replica holds the lease"))
    var mutant = leader(at: at(0)) { $0.leaseWrites = .lastWriterWins }
    #expect(mutant.found(other, at: at(2), calendar: calendar) == .write(spec("me", term: 4), version: 9))
  }

  @Test("a lease that vanished is made again with a higher term")
  func vanished() {
    var election = leader(at: at(0))
    #expect(election.found(nil, at: at(1), calendar: calendar) == .lost("another replica holds the lease"))
    election.end()
    #expect(election.found(nil, at: at(2), calendar: calendar) == .create(spec("me", term: 5)))
  }

  @Test("a release empties the holder for 1 s and keeps the term")
  func release() {
    let election = leader(at: at(0))
    guard let release = election.release(calendar: calendar) else {
      Issue.record("nothing to release")
      return
    }
    #expect(release.version == 7)
    #expect(release.spec.holder.isEmpty)
    #expect(release.spec.durationSeconds == 1)
    #expect(release.spec.transitions == 4)
    #expect(release.concerns(spec("me", term: 4)))
    #expect(!release.concerns(spec("me", term: 5)) && !release.concerns(spec("other", term: 4)))
  }

  @Test("a leader that does not know the version reads before it releases; a candidate has nothing to release")
  func releaseUnsure() {
    var election = leader(at: at(0))
    election.writeFailed()
    #expect(election.release(calendar: calendar)?.version == nil)
    #expect(election.release(calendar: calendar)?.term == 4)
    election.end()
    #expect(election.release(calendar: calendar) == nil)
  }

  @Test("a candidate whose write met another waits for the lease; one that overwrites takes it (C-01)")
  func candidateConflict() {
    for policy in [ElectionBehaviour.LeaseWrites.compareAndSet, .lastWriterWins] {
      var behaviour = ElectionBehaviour()
      behaviour.leaseWrites = policy
      var election = LeaderElection(identity: "me", behaviour: behaviour)
      let winner = lease(spec("other", term: 5), version: 9)
      election.writeFailed()
      let step = election.found(winner, at: at(1), calendar: calendar)
      #expect((step == .wait) == (policy == .compareAndSet))
    }
  }

  @Test("the term is raised above the one the control plane knows, with certain authority only")
  func raise() {
    let election = leader(at: at(0))
    #expect(election.raised(above: 9, at: at(1), calendar: calendar) == .write(spec("me", term: 10), version: 7))
    #expect(election.raised(above: 9, at: at(12), calendar: calendar) == nil)
  }
}
