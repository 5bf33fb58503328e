import TestEnvironment

/// A fault that began, and ended or not.
struct FaultSpan {
  let name: String
  let fault: Fault?
  let began: Duration
  /// The agents of the processes it names.
  var agents: [String] = []
  var ended: Duration?

  /// Whether it goes on hurting until it is ended. The others do their harm at once or to one thing: a connection that
  /// is half open is found out by the sweep, whether or not anybody declares the fault over.
  var isLasting: Bool {
    switch fault {
    case .halfOpen, .redisEvict, .delayHeartbeat, .loseAck, .imagePull, .workload, .skew, .drift, .unlinkLock,
      .serviceUpdate, .atStep, .databaseRequest, .usageQueryFails:
      false
    default: true
    }
  }

  /// Whether it was there at some moment of `from ... to`.
  func overlaps(from: Duration, to: Duration) -> Bool { began <= to && (ended.map { $0 >= from } ?? true) }

  /// Whether it concerns `component`. Faults that are told by name only are judged by the words of the name.
  func touches(_ component: Component) -> Bool {
    guard let fault else { return words(of: component).contains { name.lowercased().contains($0) } }
    return fault.components.contains { matches($0, component) }
  }

  /// Whether harm to `own`, which the fault names, is harm to `component`: a process is part of its agent, every replica
  /// of the control plane.
  private func matches(_ own: Component, _ component: Component) -> Bool {
    switch (own, component) {
    case (.instance, .agent(let id)): agents.contains(id)
    case (.controlPlane, .replica), (.replica, .controlPlane): true
    default: own == component
    }
  }

  /// Whether a fault of the database is felt at a replica: those that are between it and another are not.
  func isAbout(replica: String) -> Bool {
    guard let fault else { return true }
    return fault.components.allSatisfy { component in
      if case .replica(let own) = component { return own == replica }
      return true
    }
  }

  /// Whether a read that the replica (nil: one of them) sends to the database may fail of it: because the database or the
  /// way to it is gone, because the fault picks a request of this replica, or because its answer may take longer than `deadline`.
  func failsReads(of replica: String?, deadline: Duration) -> Bool {
    guard touches(.database), replica.map({ isAbout(replica: $0) }) ?? true else { return false }
    switch fault {
    case .dispatcherSlow, .usageQueryFails, .databaseCommitUnknown: return false
    // A slow way is slow there and back.
    default: return fault?.delay.map { $0 * 2 >= deadline } ?? true
    }
  }

  /// Keeps the replica from the database, and does not merely slow their link down.
  func partsFromDatabase(_ replica: String) -> Bool { fault?.delay == nil && isBetween(.replica(replica), .database) }

  /// Whether it lies on the way between two components.
  func isBetween(_ a: Component, _ b: Component) -> Bool {
    guard let fault else { return touches(a) && touches(b) }
    return fault.path.map { matches($0, a) && matches($1, b) || matches($0, b) && matches($1, a) } ?? false
  }

  /// Faults of the platform itself stop workloads by intent; those of the control plane, Redis and agents must not.
  var isOfPlatform: Bool {
    if let fault { return fault.components.isEmpty }
    return ["k8s", "kubernetes", "docker", "workload", "pod-evict", "platform", "image", "oom"].contains {
      name.lowercased().contains($0)
    }
  }

  private func words(of component: Component) -> [String] {
    switch component {
    case .replica(let id), .agent(let id): [id.lowercased()]
    case .redis: ["redis"]
    case .database: ["database", "db", "postgres"]
    case .instance(let name): [name.lowercased()]
    case .kubernetes: ["k8s", "kubernetes"]
    case .docker(let host): [host.lowercased()]
    case .controlPlane: ["control-plane"]
    }
  }
}

extension Fault {
  /// The components it touches; none: the platform.
  var components: [Component] {
    switch self {
    case .cut(let a, let b), .reset(let a, let b), .slow(let a, let b, _): [a, b]
    case .cutOneWay(let a, let b), .halfOpen(let a, let b): [a, b]
    case .redisDown, .redisRestartEmpty, .redisFailOver, .redisEvict, .redisSlow, .redisLosePubSub: [.redis]
    case .databaseDown, .databaseSlow, .databaseSlowAtTimes, .databaseCommitUnknown, .dispatcherSlow,
      .usageQueryFails:
      [.database]
    case .databaseRequest(let replica, _, _): [.replica(replica), .database]
    case .redisSplit(let replica): [.replica(replica), .redis]
    case .delayHeartbeat(let agent, _), .loseAck(let agent): [.agent(agent)]
    case .unlinkLock(let agent), .serviceUpdate(let agent), .atStep(let agent, _, _, _): [.agent(agent)]
    case .skew(let component, _), .drift(let component, _): [component]
    case .imagePull, .imagePullFailure, .imageUnknown, .kubernetes, .docker, .workload: []
    }
  }

  /// The two ends of a fault of the network.
  var path: (Component, Component)? {
    switch self {
    case .cut(let a, let b), .reset(let a, let b), .slow(let a, let b, _): (a, b)
    case .cutOneWay(let a, let b), .halfOpen(let a, let b): (a, b)
    case .redisSplit(let replica): (.replica(replica), .redis)
    default: nil
    }
  }

  /// What it adds to each call or frame it touches.
  var delay: Duration? {
    switch self {
    case .slow(_, _, let span), .redisSlow(let span), .databaseSlow(let span), .dispatcherSlow(let span),
      .databaseSlowAtTimes(_, let span):
      span
    default: nil
    }
  }
}
