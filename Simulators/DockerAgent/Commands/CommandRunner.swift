import SimulationRuntime
import StreamSpaceProtocol

/// Takes commands from arrival to answer: ack, memory, order per session, work, status and result (C10, C26).
final class CommandRunner {
  private enum Job {
    case command(AgentCommand)
    /// What is left of a lost or unknown container (C13, C-26).
    case removal
  }

  private let context: DockerAgentContext
  private let replies: CommandReplies
  private var memory = CommandMemory()
  private var queue: CommandQueue<Job>
  /// Work under way, by session.
  private var running: [String: SessionWork] = [:]
  private(set) var sessions = ContainerTable()
  /// Counts the ends of authority, so that what a step boundary held up is known as of an old one.
  private var epoch = 0
  /// Sends a message on the present connection; false when there is none.
  var send: (AgentMessage) -> Bool = { _ in false }
  var term: () -> Int64? = { nil }
  /// Whether this replica may begin work now (C28).
  var mayBegin: () -> Bool = { true }
  /// Reading stops while a handler runs inside the read loop (HZ-23).
  var pauseReading: () -> Void = {}
  var resumeReading: () -> Void = {}
  /// The sessions changed.
  var sessionsChanged: () -> Void = {}
  /// A start was carried out.
  var started: (String) -> Void = { _ in }
  /// A session is to have no container, or has lost it.
  var ended: (String) -> Void = { _ in }

  init(_ context: DockerAgentContext) {
    self.context = context
    replies = CommandReplies(style: context.behaviour.replies)
    switch context.behaviour.handlers {
    case .parallel(let count): queue = CommandQueue(limit: count)
    case .inReadLoop: queue = CommandQueue(limit: 1)
    }
  }

  // MARK: Arrival

  func receive(_ command: AgentCommand) {
    let (id, session) = (command.commandID, command.payload.sessionID ?? "")
    context.observe(.commandReceived(commandID: id, action: command.actionName, sessionID: session))
    reached(.received, command, session) { [self] in
      guard let ack = replies.acknowledgement(id), send(ack) else { return admit(command, session) }
      context.observe(.commandAcknowledged(commandID: id))
      reached(.acknowledged, command, session) { [self] in admit(command, session) }
    }
  }

  /// Tells of a step boundary; what follows is dropped when the authority ended there.
  private func reached(
    _ step: AgentStep, _ command: AgentCommand, _ session: String, then next: @escaping () -> Void
  ) {
    let begun = epoch
    context.reached(step, command.commandID, session) { [self] in
      if epoch == begun { next() }
    }
  }

  private var remembers: Bool { context.behaviour.commandHistory == .kept }

  /// Answers a command that is known, queues another.
  private func admit(_ command: AgentCommand, _ session: String) {
    let id = command.commandID
    if remembers {
      switch memory.entry(id, at: context.now.nanoseconds) {
      case .open: return context.observe(.duplicateSuppressed(commandID: id, isAnswered: false))
      case .answered(let message, _):
        context.observe(.duplicateSuppressed(commandID: id, isAnswered: true))
        _ = answer(id, message, isRepeat: true)
        return
      case nil: memory.open(id)
      }
    }
    queue.add(.command(command), for: session)
    runNext()
  }

  private func runNext() {
    while let (session, job) = queue.next() {
      switch job {
      case .command(let command): begin(command, session)
      case .removal: beginRemoval(session)
      }
    }
  }

  // MARK: Work

  private func begin(_ command: AgentCommand, _ session: String) {
    // A process that was frozen may hold commands of a term that is over: a repeat comes to whoever leads.
    guard mayBegin() else { return finish(command, session, .abandoned) }
    context.observe(.commandBegun(commandID: command.commandID, sessionID: session, term: term()))
    if context.behaviour.handlers == .inReadLoop { pauseReading() }
    do throws(CommandFault) {
      let work = try self.work(for: command, session)
      running[session] = work
      work.begin()
    } catch {
      finish(command, session, .failed(error))
    }
  }

  private func work(for command: AgentCommand, _ session: String) throws(CommandFault) -> SessionWork {
    guard let action = command.action else { throw .unknownAction(command.actionName) }
    let done: (WorkOutcome) -> Void = { [weak self] outcome in self?.finish(command, session, outcome) }
    let id = command.commandID
    switch action {
    case .startSession: return StartSession(context, try plan(command), done)
    case .stopSession:
      guard !session.isEmpty else { throw .noSessionID }
      ended(session)
      var deletesHome = false
      if case .session(let payload) = command.payload { deletesHome = payload.deletePVC ?? false }
      return StopSession(context, commandID: id, sessionID: session, deletesHome: deletesHome, done)
    case .hibernateSession, .wakeSession:
      guard context.behaviour.hibernation == .supported else {
        let what = action == .hibernateSession ? "hibernation" : "wake"
        throw .refused("\(what) not yet implemented for Docker agent")
      }
      guard !session.isEmpty else { throw .noSessionID }
      if action == .hibernateSession { ended(session) }
      return action == .hibernateSession
        ? HibernateSession(context, commandID: id, sessionID: session, done)
        : WakeSession(context, commandID: id, sessionID: session, done)
    }
  }

  private func plan(_ command: AgentCommand) throws(CommandFault) -> ContainerPlan {
    let payload: StartSessionPayload
    switch command.payload {
    case .start(let typed): payload = typed
    case .other(let json):
      do throws(WireError) {
        payload = try StartSessionPayload(json: json)
      } catch {
        throw .refused("failed to parse command payload: \(error)")
      }
    case .session, .none: throw .noSessionID
    }
    let configuration = context.configuration
    return try ContainerPlan(
      payload, commandID: command.commandID, agentID: configuration.agentID, network: configuration.network,
      resources: context.behaviour.resources, metadata: context.behaviour.templateMetadata)
  }

  private func finish(_ command: AgentCommand, _ session: String, _ outcome: WorkOutcome) {
    running[session] = nil
    let id = command.commandID
    switch outcome {
    case .abandoned:
      memory.forget(id)
      context.observe(.commandAbandoned(commandID: id))
      release(session)
    case .completed(let result, let workload):
      let message = replies.completion(id, result, workload)
      remember(id, message)
      sessions.set(session, workload, at: context.now)
      context.observe(.commandFinished(commandID: id, sessionID: session, outcome: .completed, term: term()))
      if command.action == .startSession { started(session) }
      guard let status = replies.status(session, workload), send(status) else {
        return conclude(command, session, message)
      }
      reached(.status, command, session) { [self] in conclude(command, session, message) }
    case .failed(let fault):
      let message = replies.failure(id, session, fault)
      remember(id, message)
      context.observe(
        .commandFinished(commandID: id, sessionID: session, outcome: .failed(fault.text), term: term()))
      conclude(command, session, message)
    }
  }

  /// Kept before anything is told: a repeat that finds the work ended gets its answer whatever became of this one.
  private func remember(_ commandID: String, _ message: AgentMessage) {
    guard remembers else { return }
    memory.answer(commandID, with: message, at: context.now.nanoseconds)
  }

  /// Tells the result; then the session is free for its next command.
  private func conclude(_ command: AgentCommand, _ session: String, _ message: AgentMessage) {
    guard answer(command.commandID, message, isRepeat: false) else { return release(session) }
    reached(.complete, command, session) { [self] in release(session) }
  }

  private func release(_ session: String) {
    sessionsChanged()
    queue.finished(session)
    if context.behaviour.handlers == .inReadLoop { resumeReading() }
    runNext()
  }

  private func answer(_ commandID: String, _ message: AgentMessage, isRepeat: Bool) -> Bool {
    guard send(message) else { return false }
    context.observe(.commandAnswered(commandID: commandID, isRepeat: isRepeat))
    return true
  }

  // MARK: Watch

  /// Whether no command of the session waits or runs.
  func isIdle(_ session: String) -> Bool { !queue.concerns(session) }

  func update(_ session: String, _ entry: ContainerTable.Entry) {
    if sessions[session] != nil { sessions[session] = entry }
  }

  /// The container was restarted or replaced.
  func workloadMoved(_ session: String, _ container: LiveContainer) {
    context.observe(.workloadMoved(sessionID: session, podName: container.name))
    if replies.style == .contract { _ = send(CommandReplies.running(session, container)) }
  }

  /// The container is gone or did not run for too long: tell it, then remove what is left of it. Without a connection
  /// the next look decides again.
  func workloadLost(_ session: String) {
    guard send(CommandReplies.lost(session)) else { return }
    context.observe(.workloadLost(sessionID: session))
    ended(session)
    sessions.set(session, .gone, at: context.now)
    sessionsChanged()
    queue.add(.removal, for: session)
    runNext()
  }

  private func beginRemoval(_ session: String) {
    let work = StopSession(context, commandID: "", sessionID: session, deletesHome: false) { [weak self] _ in
      guard let self else { return }
      self.running[session] = nil
      self.queue.finished(session)
      self.runNext()
    }
    running[session] = work
    work.begin()
  }

  /// What was found on the platform at a registration.
  func take(_ inventory: ContainerInventory) {
    for item in inventory.items where isIdle(item.sessionID) {
      let session = item.sessionID
      if context.behaviour.unknownContainers == .removed, !sessions.knows(session) {
        queue.add(.removal, for: session)
        continue
      }
      switch item.state {
      // One that ran a moment ago may just be coming back: the watch decides.
      case .hibernated where sessions[session] != nil: break
      case .hibernated: sessions.set(session, .hibernated, at: context.now)
      case .running where sessions[session]?.container?.id != item.container.id:
        let container = LiveContainer(id: item.container.id, name: item.container.name)
        sessions.set(session, .running(container), at: context.now)
      case .running: break
      default: sessions.expect(session, at: context.now)
      }
    }
    sessionsChanged()
    runNext()
  }

  /// A running session was put in place: the agent knows it as if it had started it.
  func adopt(_ sessionID: String, _ container: LiveContainer) {
    sessions.set(sessionID, .running(container), at: context.now)
    sessionsChanged()
  }

  // MARK: End

  /// The authority ended: work stops where it is, without an answer; a repeat of the command begins it again.
  func abandonAll() {
    epoch += 1
    for session in running.keys.sorted() {
      guard let work = running[session] else { continue }
      work.cancel()
      abandon(work.commandID)
    }
    running.removeAll()
    for case .command(let command) in queue.clear() { abandon(command.commandID) }
    sessions.clear()
  }

  private func abandon(_ commandID: String) {
    guard !commandID.isEmpty else { return }
    memory.forget(commandID)
    context.observe(.commandAbandoned(commandID: commandID))
  }
}
