import Oracles
import TestEnvironment

/// Writes histories of an agent whose processes elect, as the contract allows them at their slowest: releases, crashes,
/// pauses, cuts from the lock and from the control plane, outages, with the leader at work all the while.
struct ElectedHistory {
  private enum Loss: CaseIterable { case release, crash, pause, cutFromLock, cutFromControlPlane, lockAway, linkReset }

  private(set) var history: History
  private var choices: Choices
  private let election: Topology.Agent.Election
  private var leader = first
  private var term: Int64 = 1
  private var connection = 1
  private var commands = 0
  private let end: Duration = .seconds(1_500)
  let close: Duration = .seconds(1_700)

  init(seed: UInt64) {
    choices = Choices(seed: seed &+ 1_000)
    election = [.lease, .redis, .file(shared: true), .swarm][choices.next(4)]
    history = .led(election) { $0.sight.routes = false }
    var time: Duration = .seconds(30)
    while time < end {
      work(from: time, for: .seconds(20))
      time += .seconds(25)
      time = lose(at: time)
    }
    history.at(close - .seconds(150), .loadStopped)
  }

  /// The leader begins commands and writes.
  private mutating func work(from start: Duration, for span: Duration) {
    for number in 0..<4 {
      commands += 1
      let time = start + span / 5 * number + choices.span(0, 2)
      history.act(at: time, leader, "c\(commands)")
      history.write(at: time + choices.span(0.1, 1.2), leader, term, "deployment/s-c\(commands)")
    }
  }

  private mutating func succeed(lockAt taken: Duration, connectedAt connected: Duration) {
    let others = [first, second, third].filter { $0 != leader }
    leader = others[choices.next(others.count)]
    term += Int64(1 + choices.next(2))
    connection += 1
    history.win(at: taken, leader, term)
    // The leader may act before its first connection is old: what it finds undone.
    history.link(at: connected, leader, connection, to: ["r1", "r2", "r3"][choices.next(3)])
  }

  private mutating func lose(at time: Duration) -> Duration {
    let (old, oldTerm, number) = (leader, term, connection)
    let replica = replicaOfConnection
    switch Loss.allCases[choices.next(Loss.allCases.count)] {
    case .release:
      history.yield(at: time, old, oldTerm)
      history.unlink(at: time + .milliseconds(5), old, number, from: replica)
      let lands = choices.chance(50)
      if lands { history.write(at: time + .milliseconds(20), old, oldTerm) }
      let taken = time + choices.span(0.05, 4.4)
      succeed(lockAt: taken, connectedAt: taken + choices.span(0.3, 1))
      return time + .seconds(10)
    case .crash:
      history.crash(at: time, old)
      history.at(
        time + choices.span(0, 50),
        .agentDisconnected(agent: agentID, replica: replica, connection: number, reason: "reset"))
      let taken = time + choices.span(13, 23.8)
      succeed(lockAt: taken, connectedAt: taken + choices.span(0.3, 1.2))
      history.at(time + .seconds(40), .processStarted(process: old))
      return time + .seconds(60)
    case .pause:
      history.at(time, .processPaused(process: old))
      let taken = time + choices.span(13, 23.8)
      succeed(lockAt: taken, connectedAt: taken + choices.span(0.3, 1.2))
      history.at(
        taken + .seconds(1), .agentDisconnected(agent: agentID, replica: replica, connection: number, reason: "newer"))
      work(from: taken + .milliseconds(1_300), for: .seconds(5))
      let woken = time + choices.span(30, 40)
      history.at(woken, .processResumed(process: old))
      if choices.chance(50) {
        history.at(
          woken + .milliseconds(1),
          .platformWriteRefused(agent: agentID, instance: old, term: oldTerm, object: "deployment/late"))
      }
      history.yield(at: woken + choices.span(0, 0.1), old, oldTerm, releases: false)
      return time + .seconds(60)
    case .cutFromLock where lockStore != nil:
      history.fault(at: time, to: time + .seconds(50), .cut(.instance(old), lockStore ?? .kubernetes))
      history.yield(at: time + choices.span(10, 12), old, oldTerm, releases: false)
      history.unlink(at: time + .seconds(12), old, number, from: replica)
      let taken = time + choices.span(13, 23.8)
      succeed(lockAt: taken, connectedAt: taken + choices.span(0.3, 1.2))
      return time + .seconds(60)
    case .lockAway where lockStore == .kubernetes:
      let back = time + choices.span(5, 40)
      history.fault(at: time, to: back, .kubernetes(.down))
      guard back > time + .seconds(12) else { return back + .seconds(5) }
      history.yield(at: time + choices.span(10, 12), old, oldTerm, releases: false)
      history.unlink(at: time + .seconds(12), old, number, from: replica)
      let taken = back + choices.span(2, 23.8)
      succeed(lockAt: taken, connectedAt: taken + choices.span(0.3, 1.2))
      return back + .seconds(40)
    case .cutFromControlPlane:
      history.fault(at: time, to: time + .seconds(60), .cut(.instance(old), .controlPlane))
      let yielded = time + choices.span(24, 29.9)
      history.yield(at: yielded, old, oldTerm)
      history.unlink(at: yielded, old, number, from: replica)
      let taken = yielded + choices.span(0.1, 4.4)
      succeed(lockAt: taken, connectedAt: taken + choices.span(0.3, 1.2))
      return time + .seconds(70)
    case .linkReset, .cutFromLock, .lockAway:
      history.fault(at: time, to: time + .milliseconds(1), .reset(.instance(old), .replica(replica)))
      history.unlink(at: time, old, number, from: replica)
      connection += 1
      history.link(at: time + choices.span(1, 8), old, connection, to: replica)
      return time + .seconds(15)
    }
  }

  /// Where the present connection leads; read from what was written.
  private var replicaOfConnection: String {
    for event in history.events.reversed() {
      if case .agentConnected(_, let replica, connection, _, _) = event.observation { return replica }
    }
    return "r1"
  }

  private var lockStore: Component? {
    switch election {
    case .lease: .kubernetes
    case .redis: .redis
    case .swarm: .docker(host: "docker-1")
    case .file: nil
    }
  }
}
