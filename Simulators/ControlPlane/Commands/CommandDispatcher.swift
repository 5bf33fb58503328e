import SimulationRuntime
import StreamSpaceProtocol

/// Brings committed commands to the agents: claims rows, puts them on the agents' sockets, and gives up on those whose
/// time is over (C3, C9 to C12, C34).
///
/// The table is the only queue. What another replica commits for an agent of this one is found by the 5 s scan, or at
/// once when Redis brings word of it.
package final class CommandDispatcher {
  /// Time between looks for due rows (C10).
  package static let scanPeriod = TimeSpan.seconds(5)
  /// How long a command waits for an absent agent (C12).
  package static let absenceLimit = TimeSpan.minutes(5)

  /// What is known of one agent's rows while they are looked at.
  private struct Work {
    var isRunning = false
    /// Occasions that came meanwhile.
    var next: [(occasion: DispatchPlan.Occasion, isForwarded: Bool)] = []
    var hasBacklog = false
  }

  unowned let replica: Replica
  let policies: DispatchPolicies
  private var work: [String: Work] = [:]
  /// Commands whose frames are on a socket and whose rows do not say so yet.
  private var written: [String] = []
  private var isWritingSent = false
  /// Commands that wait in memory (B-23).
  private var queued: Set<String> = []

  /// How far the workers of B-20 may drift apart: a slow statement (spec/06 §10.3, p99).
  static let longestWorkerDelay = TimeSpan.milliseconds(15)
  private let workers: DecisionStream

  private static let workerLabel = EventLabel("controlplane.dispatch.worker")
  private static let scanLabel = EventLabel("controlplane.dispatch.scan")

  init(_ replica: Replica) {
    self.replica = replica
    policies = replica.behaviour.dispatch
    workers = replica.incarnation.decisions.stream("controlplane.workers")
  }

  /// The replica is ready: periodic work begins.
  func begin() {
    replica.incarnation.every(Self.scanPeriod, Self.scanLabel) { [unowned self] in scan() }
    startUp()
  }

  // MARK: Occasions

  /// Rows were committed for an agent, by a transaction of this replica: deliver them now.
  ///
  /// Prefer ``commandCommitted(_:agentID:)`` when the command is at hand.
  package func commandsChanged(agentID: String) {
    replica.hub.locate(agentID) { [unowned self] presence in
      switch presence {
      case .here(let connection): dispatch(connection, .scan)
      case .elsewhere: forwardPending(agentID)
      case .nowhere: break
      }
    }
  }

  /// This command was committed by a transaction of this replica: deliver it now, here or by the agent's route. Its row
  /// stays `pending` until it is on the agent's socket, whatever happens on the way (C10).
  package func commandCommitted(_ command: AgentCommand, agentID: String) {
    replica.hub.locate(agentID) { [unowned self] presence in
      switch presence {
      case .here(let connection): dispatch(connection, .committed([command.commandID]))
      case .elsewhere(let pod): forward(command, agentID: agentID, to: pod)
      case .nowhere:
        if policies.absentAgent == .failsAtOnce { failAtOnce(command.commandID) }
      }
    }
  }

  /// An agent has a new current connection here: its open rows are sent at once (C10).
  func agentConnected(_ connection: AgentConnection) { dispatch(connection, .connected) }

  /// The subscription stands again: what was published meanwhile is lost (C3).
  func rereadAll() {
    guard policies.search == .periodic else { return }
    for agentID in replica.hub.agentIDs {
      guard let connection = replica.hub.connection(of: agentID), connection.isRegistered else { continue }
      dispatch(connection, .scan)
    }
  }

  // MARK: Sending

  /// Looks at the agent's open rows and sends what is due; one look at a time per agent.
  func dispatch(_ connection: AgentConnection, _ occasion: DispatchPlan.Occasion, isForwarded: Bool = false) {
    enqueue(occasion)
    look(connection, occasion, isForwarded: isForwarded)
  }

  private func look(_ connection: AgentConnection, _ occasion: DispatchPlan.Occasion, isForwarded: Bool) {
    let agentID = connection.agentID
    guard connection.isRegistered else { return }
    var state = work[agentID] ?? Work()
    if state.isRunning {
      // Several scans that wait are one scan.
      if occasion != .scan || !state.next.contains(where: { $0.occasion == .scan }) {
        state.next.append((occasion, isForwarded))
      }
      work[agentID] = state
      return
    }
    state.isRunning = true
    work[agentID] = state
    replica.database.execute(
      CommandStatements.open, [.text(agentID), .integer(Int64(DispatchPlan.horizon))]
    ) { [unowned self] result in
      guard case .success(let result) = result else { return finishLook(agentID) }
      let rows = CommandRow.rows(of: result).filter(isQueued)
      let plan = DispatchPlan(rows, occasion, policies)
      work[agentID]?.hasBacklog = plan.hasBacklog
      guard !plan.rows.isEmpty, isSendable(connection) else { return finishLook(agentID) }
      claim(plan.rows, connection, anew: occasion == .connected, isForwarded: isForwarded)
    }
  }

  /// Takes new commands into the queue, where there is one with room (B-23).
  private func enqueue(_ occasion: DispatchPlan.Occasion) {
    guard case .memory(let capacity) = policies.backlog else { return }
    for command in occasion.commandIDs where queued.count < capacity { queued.insert(command) }
  }

  private func isQueued(_ row: CommandRow) -> Bool {
    policies.backlog == .table || row.isUnderWay || queued.contains(row.commandID)
  }

  private func finishLook(_ agentID: String) {
    guard var state = work[agentID] else { return }
    state.isRunning = false
    let next = state.next.isEmpty ? nil : state.next.removeFirst()
    work[agentID] = state
    guard let connection = replica.hub.connection(of: agentID) else {
      work[agentID] = nil
      return
    }
    if let next { look(connection, next.occasion, isForwarded: next.isForwarded) }
  }

  private func isSendable(_ connection: AgentConnection) -> Bool {
    connection.isOpen || replica.behaviour.hub.closedConnectionSend == .panics
  }

  private func claim(_ rows: [CommandRow], _ connection: AgentConnection, anew: Bool, isForwarded: Bool) {
    replica.database.execute(
      anew ? CommandStatements.claimAnew : CommandStatements.claim,
      [
        .array(rows.map(\.commandID)), .text(replica.podName), .text(connection.agentID),
        .integer(connection.identity.epoch),
      ]
    ) { [unowned self] result in
      if case .success(let result) = result {
        var attempts: [String: Int] = [:]
        for row in result.rows {
          guard let id = try? row.text("command_id") else { continue }
          attempts[id] = (try? row.integer("attempts")).map(Int.init) ?? 1
        }
        for row in rows {
          guard let attempt = attempts[row.commandID] else { continue }
          inTurn { [unowned self] in send(row, connection, attempt: attempt, isForwarded: isForwarded) }
        }
      }
      finishLook(connection.agentID)
    }
  }

  /// Sends at once, or when the worker that took the command gets to it (B-20).
  private func inTurn(_ send: @escaping () -> Void) {
    switch policies.order {
    case .creation: send()
    case .anyWorker:
      let delay = replica.incarnation.decisions.draw(workers, from: .zero, to: Self.longestWorkerDelay)
      replica.incarnation.after(delay, Self.workerLabel, send)
    }
  }

  private func send(_ row: CommandRow, _ connection: AgentConnection, attempt: Int, isForwarded: Bool) {
    if !connection.isOpen, replica.behaviour.hub.closedConnectionSend == .panics {
      return replica.incarnation.panic("send on closed channel")
    }
    if row.sessionID == nil { connection.sessionlessCommands.insert(row.commandID) }
    let isQueued = connection.send(.command(row.command), at: replica.clock.now) { [unowned self] in
      replica.tell(
        .commandSent(
          commandID: row.commandID, connection: connection.identity, attempt: attempt, isForwarded: isForwarded))
      if row.status == .pending || policies.sentUpdate == .unconditional { noteSent(row.commandID) }
    }
    if !isQueued, connection.isOpen {
      replica.tell(.sendQueueFull(commandID: row.commandID, agentID: connection.agentID))
    }
  }

  /// The frame is on the socket: the row may say so. Frames of one moment share a statement.
  func noteSent(_ commandID: String) {
    queued.remove(commandID)
    written.append(commandID)
    guard !isWritingSent else { return }
    isWritingSent = true
    replica.incarnation.after(.zero, Self.scanLabel) { [weak self] in self?.writeSent() }
  }

  private func writeSent() {
    let commands = written
    written.removeAll()
    guard !commands.isEmpty else {
      isWritingSent = false
      return
    }
    let statement = sentStatement
    // A row that stays `pending` after a failure is sent again, and the agent's ack moves it.
    replica.database.execute(statement, [.array(commands)]) { [unowned self] _ in writeSent() }
  }

  private var sentStatement: SQLStatement {
    if policies.transitions == .columnMissing { return CommandStatements.sentWithoutColumn }
    return policies.sentUpdate == .guarded ? CommandStatements.sent : CommandStatements.sentUnconditionally
  }

  /// A command of the agent has ended: one that waits may take its place in the window.
  func windowFreed(_ connection: AgentConnection) {
    guard work[connection.agentID]?.hasBacklog == true || work[connection.agentID]?.isRunning == true else { return }
    dispatch(connection, .scan)
  }

  // MARK: Scanning

  /// One statement finds all that is due; an idle replica does no more.
  private func scan() {
    let agents = replica.hub.agentIDs
    let isSettled = replica.readySince.map { replica.incarnation.monotonicNow - $0 >= Self.absenceLimit } ?? false
    replica.database.execute(
      CommandStatements.due, [.array(agents), .boolean(isSettled && policies.absentAgent == .waits)]
    ) { [unowned self] result in
      guard case .success(let result) = result else { return }
      var agents: [String] = []
      for command in DueCommand.rows(of: result) {
        switch command.verdict {
        case .overdue where policies.unanswered == .left || policies.acknowledgement == .handover: break
        case .overdue: give(up: command.commandID, CommandStatements.failOverdue, CommandFailureReason.overdue)
        case .absent: give(up: command.commandID, CommandStatements.failAbsent, CommandFailureReason.absent)
        case .due:
          guard policies.search == .periodic, let agentID = command.agentID, !agents.contains(agentID) else { break }
          agents.append(agentID)
        }
      }
      for agentID in agents {
        guard let connection = replica.hub.connection(of: agentID) else { continue }
        dispatch(connection, .scan)
      }
    }
  }
}
