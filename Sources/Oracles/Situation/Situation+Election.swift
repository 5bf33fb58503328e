import TestEnvironment

/// What the invariants about leadership ask: who can act, and whose way is free.
extension Situation {
  /// Agents whose processes elect a leader, in order; not those whose lock each process has for itself: they refuse to
  /// work (C29), and nothing but I-LEADER-ONE can be said of them.
  var elected: [AgentView] {
    context.topology.agents.compactMap { agent in
      guard let election = agent.election, election != .file(shared: false) else { return nil }
      return self.agent(agent.id)
    }
  }

  /// Not approved: nobody can connect for it.
  func isEnrolling(_ view: AgentView) -> Bool {
    guard context.agent(view.id)?.isEnrolled == false, view.registrations == 0 else { return false }
    return view.enrolment.map { $0.step == .registered || $0.step == .rejected } ?? true
  }

  /// Runs and is not paused.
  func isAble(_ process: String) -> Bool { isRunning(process) && !isPaused(process) }

  /// The process that may act for the agent now, and can; nil: there is none.
  func leader(of view: AgentView) -> ElectionView.Leader? {
    view.election.leaders.last { isAble($0.instance) }
  }

  /// Whether the process has a connection to the control plane that carries frames both ways.
  func isLinked(_ instance: String, of view: AgentView) -> Bool {
    guard view.election.links[instance] != false,
      let connection = view.open.last(where: { $0.instance == instance && !$0.isSevered }),
      isAble(connection.replica)
    else { return false }
    return !blocks(view.id, instance) { $0 == .controlPlane || $0 == .replica(connection.replica) }
  }

  /// Some process leads, is connected and can act on its lock's word.
  func isServed(_ view: AgentView) -> Bool {
    leader(of: view).map { isLinked($0.instance, of: view) } ?? false
  }

  /// Processes of the agent that run, are not paused and reach the store of the lock and the control plane.
  func candidates(of view: AgentView) -> [String] {
    guard serviceSince != nil, context.replicas.isEmpty || context.replicas.contains(where: serves) else { return [] }
    return view.processes.filter {
      isAble($0) && reachesLock($0, of: view) && reachesControlPlane($0, of: view)
    }
  }

  /// Ready, and no fault lies between it and the database: else it takes no agent.
  private func serves(_ replica: String) -> Bool {
    isReady(replica) && !openFaults.contains { $0.partsFromDatabase(replica) }
  }

  /// Whether, at some moment of `from ... to`, the balancer passed requests to a replica that could take no agent: one
  /// that is cut off from the database answers 500, and its `/health` stays good (C8); a paused one answers nothing until
  /// the probes take it out (spec/06 §0.1).
  func misroutes(from: Duration, to: Duration) -> Bool {
    context.replicas.contains { replica in
      if let process = processes[replica], let paused = process.lastPaused, paused <= to,
        paused + timing.probedOut >= from, process.isPaused || process.lastResumed.map({ $0 >= from }) == true
      {
        return true
      }
      return faults.contains { $0.partsFromDatabase(replica) && $0.overlaps(from: from, to: to) }
    }
  }

  /// No fault lies between the process and any replica.
  func reachesControlPlane(_ instance: String, of view: AgentView) -> Bool {
    !blocks(view.id, instance) { component in
      if case .replica = component { return true }
      return component == .controlPlane
    }
  }

  /// The store of the lock answers the process.
  func reachesLock(_ instance: String, of view: AgentView) -> Bool {
    switch context.agent(view.id)?.election {
    case .lease:
      return !blocks(view.id, instance) { $0 == .kubernetes } && !openFaults.contains { $0.disturbsLeases }
    case .redis:
      return isRedisAvailable && !blocks(view.id, instance) { $0 == .redis }
        && !openFaults.contains { $0.fault?.components == [.redis] && $0.isLasting }
    case .swarm:
      return !blocks(view.id, instance, isDaemon) && !openFaults.contains { $0.disturbsDaemons }
    case .file, nil: return true
    }
  }

  private func isDaemon(_ component: Component) -> Bool {
    if case .docker = component { return true }
    return false
  }

  /// Whether an open fault of the network lies between the process and a component that `isTarget`.
  private func blocks(_ agent: String, _ instance: String, _ isTarget: (Component) -> Bool) -> Bool {
    openFaults.contains { span in
      switch span.fault {
      case .cut(let a, let b), .reset(let a, let b), .cutOneWay(let a, let b):
        func isOwn(_ component: Component) -> Bool { component == .agent(agent) || component == .instance(instance) }
        return isOwn(a) && isTarget(b) || isOwn(b) && isTarget(a)
      default: return false
      }
    }
  }

  /// The largest error of a clock's rate that a process of the agent had, in parts per million.
  func clockError(of agent: String) -> Int64 {
    var error: Int64 = 0
    for span in faults {
      if case .drift(_, let ppm) = span.fault, span.touches(.agent(agent)) { error = max(error, Int64(abs(ppm))) }
    }
    return error
  }

  /// `span` as it may take on the slowest clock of the agent's processes.
  func stretched(_ span: Duration, for agent: String) -> Duration { span + span / 1_000_000 * clockError(of: agent) }
}

extension FaultSpan {
  /// Leases cannot be written, or not reliably.
  fileprivate var disturbsLeases: Bool {
    guard case .kubernetes(let trouble) = fault else { return fault == nil && isOfPlatform }
    switch trouble {
    case .down, .refusing, .throttled, .slow, .answersLost, .brownOut, .staleReads: return true
    case .conflicts(let resource, _), .forbidden(_, let resource): return resource == "leases" || resource == "*"
    case .unschedulable, .nodeNotReady: return false
    }
  }

  fileprivate var disturbsDaemons: Bool {
    if case .docker = fault { return true }
    return fault == nil && isOfPlatform
  }
}
