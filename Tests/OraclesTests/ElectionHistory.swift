import Oracles
import TestEnvironment

/// The processes of the elected agent of a test.
let first = "agent-k8s-prod-cluster-1"
let second = "agent-k8s-prod-cluster-2"
let third = "agent-k8s-prod-cluster-3"

extension Topology {
  /// ``t3ha`` with another way to elect.
  static func elected(_ election: Agent.Election?) -> Topology {
    t3ha.with {
      $0.agents[0].election = election
      if election != .lease, election != nil { $0.agents[0].platform = .docker }
    }
  }
}

extension History {
  /// Three replicas and three processes run; `first` leads in term 1 and is connected to r1 from second 1 on.
  static func led(
    _ election: Topology.Agent.Election? = .lease, _ change: (inout JudgeContext) -> Void = { _ in }
  ) -> History {
    var history = started(election, change)
    history.win(at: .s(0.1), first, 1)
    history.link(at: .s(1), first, 1)
    return history
  }

  /// As ``led(_:_:)``, before anybody leads.
  static func started(
    _ election: Topology.Agent.Election? = .lease, _ change: (inout JudgeContext) -> Void = { _ in }
  ) -> History {
    var history = History(.elected(election), change)
    for replica in ["r1", "r2", "r3"] {
      history.at(.zero, .processStarted(process: replica), .replicaReady(replica: replica, ready: true))
    }
    for process in [first, second, third] { history.at(.zero, .processStarted(process: process)) }
    return history
  }

  mutating func win(at time: Duration, _ instance: String, _ term: Int64) {
    at(time, .lockChanged(agent: agentID, holder: instance, term: term))
    at(time, .leadership(agent: agentID, instance: instance, term: term, isLeading: true, reason: ""))
  }

  mutating func yield(at time: Duration, _ instance: String, _ term: Int64, releases: Bool = true) {
    at(time, .leadership(agent: agentID, instance: instance, term: term, isLeading: false, reason: "yields"))
    if releases { at(time + .milliseconds(30), .lockChanged(agent: agentID, holder: nil, term: term)) }
  }

  /// A connection of the process, numbered, to a replica.
  mutating func link(at time: Duration, _ instance: String, _ number: Int, to replica: String = "r1") {
    at(
      time, .agentLink(agent: agentID, instance: instance, isConnected: true),
      .agentConnected(
        agent: agentID, replica: replica, connection: number, epoch: Int64(number), instance: instance))
  }

  mutating func unlink(at time: Duration, _ instance: String, _ number: Int, from replica: String = "r1") {
    at(
      time, .agentLink(agent: agentID, instance: instance, isConnected: false),
      .agentDisconnected(agent: agentID, replica: replica, connection: number, reason: "closed"))
  }

  /// An attempt of the process to connect has failed.
  mutating func retry(at time: Duration, _ instance: String, _ attempt: Int, wait: Duration) {
    at(time, .agentRetry(agent: agentID, instance: instance, attempt: attempt, wait: wait))
  }

  mutating func crash(at time: Duration, _ process: String) {
    at(time, .processEnded(process: process, reason: "SIGKILL", injected: true))
  }

  mutating func write(at time: Duration, _ instance: String, _ term: Int64?, _ object: String = "deployment/s1") {
    at(time, .platformWrite(agent: agentID, instance: instance, term: term, object: object))
  }

  mutating func act(at time: Duration, _ instance: String, _ command: String) {
    at(
      time,
      .commandExecuted(
        command: command, agent: agentID, instance: instance, action: "start_session", session: "s-\(command)"))
  }

  /// A fault from `time` to `end`, or to the end of the run.
  mutating func fault(at time: Duration, to end: Duration? = nil, _ fault: Fault) {
    let name = "\(fault)"
    at(time, .faultBegan(name: name, fault: fault))
    if let end { at(end, .faultEnded(name: name)) }
  }
}
