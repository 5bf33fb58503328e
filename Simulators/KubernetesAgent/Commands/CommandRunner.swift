import SimulationRuntime
import StreamSpaceProtocol

/// Takes commands from arrival to answer: ack, memory, order per session, work, status and result (C10, C26).
final class CommandRunner {
  private enum Work {
    case command(AgentCommand)
    /// What is left of a lost workload (C13).
    case removal(sessionID: String)
  }

  private let context: PlatformContext
  private var memory = CommandMemory()
  private var queue: CommandQueue<Work>
  /// Work under way, by session.
  private var running: [String: PlatformWork] = [:]
  private(set) var sessions = SessionTable()
  /// Counts the ends of leadership, so that what a step boundary held up is known as of an old one.
  private var epoch = 0
  /// Sends a message on the present connection; false when there is none.
  var send: (AgentMessage) -> Bool = { _ in false }
  var term: () -> Int64? = { nil }
  /// Whether this replica may begin work now (C28).
  var mayBegin: () -> Bool = { true }
  /// Reading stops while a handler runs inside the read loop (B-34).
  var pauseReading: () -> Void = {}
  var resumeReading: () -> Void = {}
  /// The sessions changed.
  var sessionsChanged: () -> Void = {}
  /// A start was carried out.
  var started: (String) -> Void = { _ in }
  /// A session is to have no pod, or has lost it.
  var ended: (String) -> Void = { _ in }

  init(_ context: PlatformContext) {
    self.context = context
    switch context.behaviour.handlers {
    case .parallel(let count): queue = CommandQueue(limit: count)
    case .inReadLoop: queue = CommandQueue(limit: 1)
    }
  }

  // MARK: Arrival

  func receive(_ command: AgentCommand) {
    let session = command.payload.sessionID ?? ""
    context.observe(
      .commandReceived(commandID: command.commandID, action: command.actionName, sessionID: session))
    reached(.received, command, session) { [self] in
      guard send(.ack(CommandAck(commandID: command.commandID))) else { return admit(command, session) }
      context.observe(.commandAcknowledged(commandID: command.commandID))
      reached(.acknowledged, command, session) { [self] in admit(command, session) }
    }
  }

  /// A step boundary that is no matter of the platform; what follows is dropped with the leadership.
  private func reached(
    _ step: AgentStep, _ command: AgentCommand, _ session: String, then next: @escaping () -> Void
  ) {
    let begun = epoch
    context.reached(step, command.commandID, session) { [self] in
      if epoch == begun { next() }
    }
  }

  /// Answers a command that is known, queues another.
  private func admit(_ command: AgentCommand, _ session: String) {
    if context.behaviour.commandHistory == .kept {
      switch memory.entry(command.commandID, at: now) {
      case .open:
        return context.observe(.duplicateSuppressed(commandID: command.commandID, isAnswered: false))
      case .answered(let message, _):
        context.observe(.duplicateSuppressed(commandID: command.commandID, isAnswered: true))
        answer(command.commandID, message, isRepeat: true)
        return
      case nil: memory.open(command.commandID)
      }
    }
    queue.add(.command(command), for: lane(of: command))
    if command.action == .stopSession, context.behaviour.stopDuringStart == .cancelsWait {
      (running[session] as? StartSession)?.cancelWait()
    }
    runNext()
  }

  /// Work of one lane is in order: that of a session, unless a stop goes beside its start (C-25).
  private func lane(of command: AgentCommand) -> String {
    let session = command.payload.sessionID ?? ""
    let isBeside = command.action == .stopSession && context.behaviour.stopDuringStart == .cancelsWait
    return isBeside ? "\(session)/stop" : session
  }

  private var now: Int64 { context.incarnation.monotonicNow.nanoseconds }

  private func runNext() {
    while let (_, work) = queue.next() {
      switch work {
      case .command(let command): begin(command, command.payload.sessionID ?? "")
      case .removal(let sessionID): beginRemoval(sessionID)
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
      finish(command, session, .failed(error.text))
    }
  }

  private func work(for command: AgentCommand, _ session: String) throws(CommandFault) -> PlatformWork {
    guard let action = command.action else { throw CommandFault("unknown action: \(command.actionName)") }
    let done: (WorkOutcome) -> Void = { [weak self] outcome in self?.finish(command, session, outcome) }
    switch (action, command.payload) {
    case (.startSession, .start(let payload)):
      let objects = try SessionObjects(
        payload, commandID: command.commandID, agentID: context.configuration.agentID,
        namespace: context.configuration.namespace)
      return StartSession(context, objects, done)
    case (.startSession, _): throw .missingSessionID
    default: break
    }
    guard !session.isEmpty else { throw .missingSessionID }
    if action == .stopSession || action == .hibernateSession { ended(session) }
    switch action {
    case .stopSession:
      var deletesHome = false
      if case .session(let payload) = command.payload { deletesHome = payload.deletePVC ?? false }
      return StopSession(
        context, commandID: command.commandID, sessionID: session, deletesHome: deletesHome, done)
    case .hibernateSession:
      return HibernateSession(context, commandID: command.commandID, sessionID: session, done)
    case .startSession, .wakeSession:
      return WakeSession(context, commandID: command.commandID, sessionID: session, done)
    }
  }

  private func finish(_ command: AgentCommand, _ session: String, _ outcome: WorkOutcome) {
    running[session] = nil
    switch outcome {
    case .abandoned:
      memory.forget(command.commandID)
      context.observe(.commandAbandoned(commandID: command.commandID))
      release(command)
    case .completed(let result, let workload):
      let message = AgentMessage.complete(CommandCompletion(commandID: command.commandID, result: result))
      remember(command, message)
      sessions.set(session, workload)
      context.observe(
        .commandFinished(
          commandID: command.commandID, sessionID: session, outcome: .completed, term: term()))
      if command.action == .startSession { started(session) }
      guard report(session, workload, of: command.action) else { return conclude(command, session, message) }
      reached(.status, command, session) { [self] in conclude(command, session, message) }
    case .failed(let text):
      let message = AgentMessage.failed(CommandFailure(commandID: command.commandID, error: text))
      remember(command, message)
      context.observe(
        .commandFinished(
          commandID: command.commandID, sessionID: session, outcome: .failed(text), term: term()))
      conclude(command, session, message)
    }
  }

  /// Kept before anything is told: a repeat that finds the work ended gets its answer whatever became of this one.
  private func remember(_ command: AgentCommand, _ message: AgentMessage) {
    guard context.behaviour.commandHistory == .kept else { return }
    memory.answer(command.commandID, with: message, at: now)
  }

  /// Tells the result; then the session is free for its next command.
  private func conclude(_ command: AgentCommand, _ session: String, _ message: AgentMessage) {
    guard answer(command.commandID, message, isRepeat: false) else { return release(command) }
    reached(.complete, command, session) { [self] in release(command) }
  }

  private func release(_ command: AgentCommand) {
    sessionsChanged()
    queue.finished(lane(of: command))
    if context.behaviour.handlers == .inReadLoop { resumeReading() }
    runNext()
  }

  @discardableResult
  private func answer(_ commandID: String, _ message: AgentMessage, isRepeat: Bool) -> Bool {
    guard send(message) else { return false }
    context.observe(.commandAnswered(commandID: commandID, isRepeat: isRepeat))
    return true
  }

  // MARK: Reports

  /// The state of a session after a command, told before the answer (spec/03 §2.2).
  /// False when nothing was sent.
  private func report(_ session: String, _ workload: SessionWorkload, of action: AgentAction?) -> Bool {
    guard context.behaviour.statusReports == .everyAction || action == .startSession else { return false }
    return switch workload {
    case .running(let pod): reportRunning(session, pod)
    case .hibernated: send(.status(SessionStatusReport(sessionID: session, state: .hibernated)))
    case .gone: send(.status(SessionStatusReport(sessionID: session, state: .terminated)))
    }
  }

  @discardableResult
  private func reportRunning(_ session: String, _ pod: RunningPod) -> Bool {
    send(
      .status(
        SessionStatusReport(
          sessionID: session, state: .running, vncReady: true, vncPort: pod.vncPort,
          platformMetadata: SessionStatusReport.PlatformMetadata(
            podName: pod.name, podIP: pod.address.isEmpty ? nil : pod.address))))
  }

  // MARK: Inspection

  /// Whether no command of the session waits or runs.
  func isIdle(_ session: String) -> Bool { !queue.concerns(session) }

  func update(_ session: String, _ entry: SessionTable.Running) { sessions.update(session, entry) }

  /// The workload runs in another pod than was reported.
  func workloadMoved(_ session: String, _ pod: Pod) {
    context.observe(.workloadMoved(sessionID: session, podName: pod.metadata.name))
    reportRunning(session, context.told(pod))
  }

  /// The workload is gone or was not ready for too long: tell it, then remove what is left of it. Without a connection
  /// the next look decides again.
  func workloadLost(_ session: String) {
    let report = SessionStatusReport(
      sessionID: session, state: .failed, reason: SessionStatusReport.workloadLost)
    guard send(.status(report)) else { return }
    context.observe(.workloadLost(sessionID: session))
    ended(session)
    sessions.set(session, .gone)
    sessionsChanged()
    queue.add(.removal(sessionID: session), for: session)
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
  func take(_ inventory: Inventory) {
    for item in inventory.items where isIdle(item.sessionID) {
      if context.behaviour.unknownWorkloads == .removed, !sessions.knows(item.sessionID) {
        queue.add(.removal(sessionID: item.sessionID), for: item.sessionID)
        continue
      }
      switch item.state {
      case .hibernated: sessions.set(item.sessionID, .hibernated)
      case .running:
        guard let pod = item.pod else { continue }
        sessions.set(
          item.sessionID, .running(context.told(pod)), restarts: pod.restartCount)
      default:
        // It should run and does not: watched from now on.
        if sessions[item.sessionID] == nil {
          sessions.set(item.sessionID, .running(RunningPod()))
        }
      }
    }
    sessionsChanged()
    runNext()
  }

  // MARK: End

  /// The leadership ended: work stops where it is, without an answer; a repeat of the command begins it again.
  func abandonAll() {
    epoch += 1
    for session in running.keys.sorted() {
      guard let work = running[session] else { continue }
      work.cancel()
      guard !work.commandID.isEmpty else { continue }
      memory.forget(work.commandID)
      context.observe(.commandAbandoned(commandID: work.commandID))
    }
    running.removeAll()
    for case .command(let command) in queue.clear() {
      memory.forget(command.commandID)
      context.observe(.commandAbandoned(commandID: command.commandID))
    }
    sessions.clear()
  }
}
