import TestEnvironment

/// What is known of the deployment at the present moment: the one reading of the observations that all invariants
/// share. It is brought up to date before the invariants see an event.
final class Situation {
  struct Process {
    var isRunning = false
    var isPaused = false
    var lastPaused: Duration?
    var lastResumed: Duration?
    var lastEnded: Duration?
    /// It ended without a word the last time: not even a reset tells of it.
    var hasVanished = false
    var lastStarted: Duration?
    /// How often it was started.
    var incarnation = 0
  }

  let context: JudgeContext
  let timing: Timing
  private(set) var now: Duration = .zero
  /// Everything that a causal chain may need. Heartbeats and rows that they only refresh are left out.
  var log: [TimedObservation] = []

  private(set) var processes = Table<String, Process>()
  private(set) var agents = Table<String, AgentView>()
  var sessions = Table<String, SessionView>()
  var commands = Table<String, CommandView>()
  /// Commands there have been.
  private var commandCount = 0
  var streams = Streams()
  private(set) var faults: [FaultSpan] = []
  private var activeFaults = 0
  /// Places of the faults that were not ended.
  private var openPlaces: [Int] = []
  private var readiness = Table<String, Bool>()
  /// The agent of each process that was asked for; nil: it is no agent's.
  private var owners: [String: String?] = [:]
  var byUser: [String: [SessionView]] = [:]
  private(set) var pausedProcesses = 0

  private(set) var isRedisAvailable: Bool
  /// When Redis last came back; nil: it was never away.
  private(set) var redisReturned: Duration?
  private(set) var isDatabaseAvailable = true
  private(set) var databaseChanges: [Duration] = []
  private(set) var loadRuns = true
  /// Since when neither fault nor load has been there, and the deployment can serve.
  private(set) var calmSince: Duration?
  /// Since when some replica is ready and the database answers.
  private(set) var serviceSince: Duration? = .zero
  /// Disturbances of the control plane, of Redis or of an agent so far (I-SESS-SURVIVE).
  private(set) var disturbances: [Duration] = []

  init(context: JudgeContext) {
    self.context = context
    timing = context.timing
    isRedisAvailable = context.topology.hasRedis && !context.topology.startsWithRedisDown
    for agent in context.topology.agents { _ = agents.value(agent.id, or: AgentView(id: agent.id)) }
  }

  // MARK: Reading

  /// Quiet: no fault active and no new load for 60 s (spec/05 §1).
  func isQuiet(at time: Duration) -> Bool { calmSince.map { time - $0 >= timing.quiet } ?? false }

  func agent(_ id: String) -> AgentView { agents.value(id, or: AgentView(id: id)) }
  func session(_ id: String) -> SessionView { sessions.value(id, or: SessionView(id: id)) }

  var hasActiveFault: Bool { activeFaults > 0 }
  /// Faults that were not ended, momentary ones included.
  var openFaults: [FaultSpan] { openPlaces.map { faults[$0] } }
  func isRunning(_ process: String) -> Bool { processes[process]?.isRunning ?? true }
  func isPaused(_ process: String) -> Bool { processes[process]?.isPaused ?? false }

  /// Whether `replica` was paused at some moment since `start`.
  func wasPaused(_ replica: String, since start: Duration) -> Bool {
    guard let process = processes[replica] else { return false }
    return process.isPaused || (process.lastResumed.map { $0 >= start } ?? false)
  }

  /// Ready and able to act. A replica that has told nothing of its readiness counts while it runs.
  func isReady(_ replica: String) -> Bool {
    isRunning(replica) && !isPaused(replica) && (readiness[replica] ?? true)
  }

  /// The agent whose process this is; nil: not an agent's.
  func agentID(ofProcess process: String) -> String? {
    if let known = owners[process] { return known }
    let owner = findOwner(of: process)
    owners[process] = owner
    return owner
  }

  private func findOwner(of process: String) -> String? {
    if agents[process] != nil { return process }
    if isReplica(process) { return nil }
    // Processes may be named after their hosts: `agent-{id}`, with several `agent-{id}-{n}`.
    let name = process.hasPrefix("agent-") ? String(process.dropFirst(6)) : process
    return agents.keys.filter { name == $0 || name.hasPrefix("\($0)-") || name.hasPrefix("\($0)/") }.max {
      $0.count < $1.count
    }
  }

  /// The agents whose processes a fault names.
  private func owners(of fault: Fault?) -> [String] {
    (fault?.components ?? []).compactMap { component in
      if case .instance(let name) = component { return agentID(ofProcess: name) }
      return nil
    }
  }

  func isReplica(_ process: String) -> Bool { context.replicas.contains(process) || readiness[process] != nil }

  /// Whether some process of the agent can act; true if its processes are not observed.
  func isAgentUp(_ agent: String) -> Bool {
    let known = (agents[agent]?.processes ?? []).compactMap { processes[$0] }
    return known.isEmpty || known.contains { $0.isRunning && !$0.isPaused }
  }

  /// The present connection of the session's agent; nil: it has none.
  func link(of session: SessionView) -> AgentView.Connection? { session.agent.flatMap { agents[$0]?.live } }

  /// Sessions of the user, ended ones included.
  func sessions(of user: String) -> [SessionView] { byUser[user] ?? [] }

  /// The agents that an event of this process can concern: all if it is a replica's, its own if it is an agent's.
  func agents(concernedBy process: String) -> [AgentView] {
    if let own = agentID(ofProcess: process) { return [agent(own)] }
    return isReplica(process) ? agents.values : []
  }

  // MARK: Following

  func advance(to time: Duration) { now = max(now, time) }

  func apply(_ event: TimedObservation) {
    advance(to: event.time)
    remember(event)
    switch event.observation {
    case .processStarted, .processEnded, .processPaused, .processResumed: applyProcess(event)
    case .replicaReady(let replica, let ready):
      readiness.update(replica, or: ready) { $0 = ready }
      calm(at: event.time)
    case .redisAvailable(let available):
      if available, !isRedisAvailable { redisReturned = event.time }
      if !available { disturbances.append(event.time) }
      isRedisAvailable = available
      calm(at: event.time)
    case .databaseAvailable(let available):
      isDatabaseAvailable = available
      databaseChanges.append(event.time)
      calm(at: event.time)
    case .faultBegan(let name, let fault):
      let span = FaultSpan(name: name, fault: fault, began: event.time, agents: owners(of: fault))
      openPlaces.append(faults.count)
      faults.append(span)
      if span.isLasting { activeFaults += 1 }
      if !span.isOfPlatform { disturbances.append(event.time) }
      calm(at: event.time)
    case .faultEnded(let name):
      if let index = openPlaces.firstIndex(where: { faults[$0].name == name }) {
        let place = openPlaces.remove(at: index)
        faults[place].ended = event.time
        if faults[place].isLasting { activeFaults -= 1 }
      }
      calm(at: event.time)
    case .databaseRestored:
      databaseChanges.append(event.time)
      // Rows that are lost bind nobody; those that came back are told anew.
      commands = Table()
      for session in sessions.values { session.commands = [] }
      calm(at: event.time)
    case .schemaCompared, .statementPrepared, .migrationRepeated, .migrationInterrupted, .migrationsTogether,
      .contentsCompared:
      break
    case .loadStopped, .loadResumed:
      loadRuns = event.observation == .loadResumed
      calm(at: event.time)
    case .route, .agentConnected, .agentDisconnected, .heartbeat, .agentRow: applyAgent(event)
    case .commandInserted, .commandStatus, .commandSent, .commandReceived, .commandExecuted: applyCommand(event)
    case .sessionInserted, .sessionHome, .sessionState, .sessionDeleted, .activeConnections, .viewerAttached,
      .viewerDetached, .orphanListed,
      .workload:
      applySession(event)
    case .leadership(let id, let instance, _, _, _), .agentLink(let id, let instance, _):
      own(instance, by: id)
      agent(id).election.follow(event)
    case .lockChanged(let id, let holder, _):
      if let holder, !holder.isEmpty { own(holder, by: id) }
      agent(id).election.follow(event)
    case .enrolment(let id, let step): agent(id).enrolment = (step, event.time)
    case .hubQueued, .hubServed, .requestAnswered, .pushed, .platformWrite, .platformWriteRefused, .workStep,
      .agentCall,
      .agentSockets, .agentRetry, .foreignReport, .streamBroken, .streamLeaked, .streamCompared:
      break
    case .viewerAsked(_, let id, _), .viewerAnswered(_, let id, _, _), .viewerPicture(_, let id),
      .viewerEnded(_, let id, _, _), .tunnelOpened(_, let id, _), .tunnelClosed(_, let id):
      streams.follow(event, link: link(of: session(id)))
    }
  }

  private func remember(_ event: TimedObservation) {
    switch event.observation {
    case .heartbeat, .hubQueued, .pushed: return
    // A lock that was merely renewed explains nothing.
    case .lockChanged(let agent, let holder, let term)
    where agents[agent]?.election.lock.map { $0.term == term && $0.holder == holder } == true:
      return
    case .agentRow(let agent, let status, _) where agents[agent]?.status == status: return
    default: log.append(event)
    }
  }

  /// A disturbance, or its end: calm begins anew or is over.
  private func calm(at time: Duration) {
    let serves = isDatabaseAvailable && hasReadyReplica
    if !serves {
      serviceSince = nil
    } else if serviceSince == nil {
      serviceSince = time
    }
    let redis = isRedisAvailable || !context.topology.hasRedis
    let isCalm = serves && redis && !loadRuns && activeFaults == 0 && pausedProcesses == 0
    calmSince = isCalm ? time : nil
  }

  private var hasReadyReplica: Bool {
    if readiness.count > 0 { return readiness.keys.contains { isReady($0) } }
    let replicas = context.replicas.filter { processes[$0] != nil }
    return replicas.isEmpty || replicas.contains { isReady($0) }
  }

  private func applyProcess(_ event: TimedObservation) {
    let time = event.time
    switch event.observation {
    case .processStarted(let name):
      change(name) {
        $0.isRunning = true
        $0.isPaused = false
        $0.lastStarted = time
        $0.incarnation += 1
      }
      if isReplica(name) { readiness.update(name, or: false) { $0 = false } }
    case .processEnded(let name, let reason, _):
      change(name) {
        $0.isRunning = false
        $0.isPaused = false
        $0.lastEnded = time
        $0.hasVanished = reason.contains("vanish")
      }
      disturbances.append(time)
      streams.end(name, silently: reason.contains("vanish"))
      if isReplica(name) {
        readiness.update(name, or: false) { $0 = false }
        loseConnections(heldBy: name, at: time)
        for session in sessions.values { session.attachments.removeAll { $0.owner == name } }
      }
      severConnections(openedBy: name, at: time)
      if let owner = agentID(ofProcess: name) {
        agent(owner).election.end(name, at: time)
        agent(owner).election.links[name] = nil
      }
    case .processPaused(let name):
      change(name) {
        $0.isPaused = true
        $0.lastPaused = time
      }
      disturbances.append(time)
    case .processResumed(let name):
      change(name) {
        $0.isPaused = false
        $0.lastResumed = time
      }
    default: break
    }
    calm(at: time)
  }

  /// A process that was not seen to start was there before the run was watched.
  private func change(_ name: String, _ change: (inout Process) -> Void) {
    let isNew = processes[name] == nil
    let (before, after) = processes.update(name, or: Process(isRunning: true)) { process in
      let before = process.isPaused
      change(&process)
      return (before, process.isPaused)
    }
    pausedProcesses += (after ? 1 : 0) - (before ? 1 : 0)
    if isNew, let owner = agentID(ofProcess: name) { agent(owner).processes.append(name) }
  }

  private func loseConnections(heldBy replica: String, at time: Duration) {
    for agent in agents.values where agent.open.contains(where: { $0.replica == replica }) {
      agent.open.removeAll { $0.replica == replica }
      agent.settleConnection(at: time)
    }
  }

  private func severConnections(openedBy process: String, at time: Duration) {
    guard let id = agentID(ofProcess: process), let agent = agents[id] else { return }
    let isOnly = (context.agent(id)?.replicas ?? 1) == 1
    for place in agent.open.indices where agent.open[place].instance == process || process == id || isOnly {
      agent.open[place].isSevered = true
    }
    agent.settleConnection(at: time)
  }

  private func applyAgent(_ event: TimedObservation) {
    let time = event.time
    switch event.observation {
    case .route(let id, let key, let value):
      let view = agent(id)
      let before = key == .pod ? view.pod : view.connected
      let route = AgentView.RouteValue(text: value, event: event, since: before.text == value ? before.since : time)
      if key == .pod { view.pod = route } else { view.connected = route }
    case .agentConnected(let id, let replica, let connection, _, let instance):
      own(instance, by: id)
      agent(id).open.append(.init(replica: replica, number: connection, instance: instance, event: event))
      agent(id).registrations += 1
      agent(id).settleConnection(at: time)
    case .agentDisconnected(let id, let replica, let connection, _):
      let view = agent(id)
      guard let place = view.open.lastIndex(where: { $0.replica == replica && $0.number == connection }) else {
        view.lastClosed = nil
        return
      }
      view.lastClosed = (view.open[place], place == view.open.count - 1, event)
      view.open.remove(at: place)
      view.settleConnection(at: time)
    case .heartbeat(let id, let replica):
      let view = agent(id)
      view.lastBeat = event
      if let place = view.open.lastIndex(where: { $0.replica == replica }) { view.open[place].lastBeat = time }
    case .agentRow(let id, let status, let beat):
      let view = agent(id)
      if view.status != status {
        view.status = status
        view.statusSince = time
        view.statusEvent = event
      }
      if let beat { view.rowBeat = beat }
    default: break
    }
  }

  /// A connection tells whose process its instance is, also where the name does not.
  private func own(_ instance: String, by id: String) {
    guard owners[instance] != .some(.some(id)) else { return }
    owners[instance] = id
    if !agent(id).processes.contains(instance), processes[instance] != nil { agent(id).processes.append(instance) }
  }

  private func applyCommand(_ event: TimedObservation) {
    switch event.observation {
    case .commandInserted(let id, let agent, let session, let action):
      guard commands[id] == nil else { return }
      let view = CommandView(
        id: id, agent: agent, session: session, action: CommandAction(action), inserted: event, number: commandCount)
      commandCount += 1
      _ = commands.value(id, or: view)
      if let session {
        self.session(session).commands.append(view)
        self.session(session).lastChange = event.time
      }
    case .commandStatus(let id, _, let to, _):
      commands[id]?.status = to
      commands[id]?.statusEvent = event
      if let session = commands[id]?.session { self.session(session).lastChange = event.time }
    case .commandSent(let id, _, _, _, _):
      if let view = commands[id], view.sent == nil { view.sent = event }
    case .commandExecuted(let id, _, _, _, _):
      if let view = commands[id], view.firstExecution == nil { view.firstExecution = event }
    default: break
    }
  }

  private func applySession(_ event: TimedObservation) {
    let time = event.time
    switch event.observation {
    case .sessionInserted(let id, let user, let agent, let state, let milliCPU, let memoryMiB):
      let view = session(id)
      if view.inserted == nil { byUser[user, default: []].append(view) }
      view.user = user
      view.agent = agent
      view.inserted = event
      view.deleted = nil
      view.milliCPU = milliCPU
      view.memoryMiB = memoryMiB
      move(view, to: state, at: time)
    case .sessionState(let id, _, let to, let agent):
      if let agent { session(id).agent = agent }
      move(session(id), to: to, at: time)
    case .sessionHome(let id, let isPersistent): session(id).hasPersistentHome = isPersistent
    case .sessionDeleted(let id):
      session(id).deleted = event
      move(session(id), to: nil, at: time)
    case .orphanListed(let id, _): session(id).orphanSince = time
    case .activeConnections(let id, let count): session(id).activeConnections = count
    case .viewerAttached(let id, let attachment):
      let link = link(of: session(id))
      session(id).attachments.append(Attachment(id: attachment, since: time, owner: link?.replica))
      streams.follow(event, link: link)
    case .viewerDetached(let id, let attachment): session(id).attachments.removeAll { $0.id == attachment }
    case .workload(let id, let agent, let object, let what, let command):
      let view = session(id)
      view.lastChange = time
      let initial = PlatformObject(name: object, agent: agent, lastEvent: event)
      view.objects.update(object, or: initial) { $0.follow(what, command: command, agent: agent, event: event) }
    default: break
    }
  }

  private func move(_ view: SessionView, to state: String?, at time: Duration) {
    view.state = state
    view.stateSince = time
    view.history.append((time, state))
    view.lastChange = time
  }
}
