import DockerAgent
import DockerEngine
import StreamSpaceProtocol
import TestEnvironment

/// What Docker agents, engines and the locks of elections tell.
extension ObservationRecorder {
  func note(_ event: DockerAgentEvent, of agent: String, instance: String) {
    switch event {
    case .commandReceived(let command, let action, let session):
      commandReceived(command, action, session, of: agent, instance)
    case .commandBegun(let command, let session, _): commandBegun(command, session, of: agent, instance)
    case .step(let command, let session, let step): stepReached(step, command, session, of: agent, instance)
    case .connected: linkChanged(true, of: agent, instance)
    case .disconnected: linkChanged(false, of: agent, instance)
    case .attemptFailed(let number, _, let wait): attemptFailed(number, wait, of: agent, instance)
    case .leading(let term): leadershipBegan(term, of: agent, instance)
    case .leadershipEnded(_, let reason): leadershipEnded(of: agent, instance, reason)
    case .tunnelOpened(let session, let attachment, let connection):
      tunnelOpened(connection, session, attachment, by: instance)
    case .tunnelClosed(_, _, let connection, _): tunnelClosed(connection)
    default: break
    }
  }

  // MARK: Engines

  func note(_ event: EngineEvent) {
    switch event {
    case .containerCreated(let workload, let writer):
      note(workload, .created, writer)
      noteWrite("container/\(workload.name)", writer)
    case .containerStarted(let workload, let writer):
      if action(on: workload, by: writer) == AgentAction.wakeSession.rawValue { note(workload, .scaledUp, writer) }
      note(workload, .ready, writer)
      noteWrite("container/\(workload.name)", writer)
    case .containerStopping(let workload, let writer):
      if action(on: workload, by: writer) == AgentAction.hibernateSession.rawValue {
        note(workload, .scaledToZero, writer)
      }
      noteWrite("container/\(workload.name)", writer)
    case .processStarted, .processEnded: break
    case .containerExited(let workload, _, _, _): note(workload, .notReady, nil)
    case .containerPaused(let workload, let writer): note(workload, .notReady, writer)
    case .containerUnpaused(let workload, let writer): note(workload, .ready, writer)
    case .containerRemoved(let workload, let writer):
      note(workload, .deleted, writer)
      noteWrite("container/\(workload.name)", writer)
    case .objectCreated(let kind, let workload, let writer):
      note(workload, .created, writer, kind: kind.rawValue)
      noteWrite("\(kind.rawValue)/\(workload.name)", writer)
    case .objectRemoved(let kind, let workload, let writer):
      note(workload, .deleted, writer, kind: kind.rawValue)
      noteWrite("\(kind.rawValue)/\(workload.name)", writer)
    case .leaderLabelChanged(let agent, let holder, let term, _, _): lockChanged(of: agent, holder: holder, term: term)
    case .writeRefused(let call, let name, let writer, _):
      let instance = processName(writer.caller)
      guard let known = instances[instance], let term = writer.term else { return }
      add(
        .platformWriteRefused(
          agent: known.agent, instance: instance, term: term, object: "\(call.rawValue)/\(name)"))
    }
  }

  /// What the writer was asked to do when it changed a workload.
  private func action(on workload: EngineEvent.Workload, by writer: EngineEvent.Writer) -> String? {
    let instance = processName(writer.caller)
    guard instances[instance] != nil else { return nil }
    return command(for: workload.session, by: instance, label: workload.command).flatMap { received[$0]?.action }
  }

  private func noteWrite(_ object: @autoclosure () -> String, _ writer: EngineEvent.Writer) {
    let instance = processName(writer.caller)
    guard let known = instances[instance] else { return }
    add(.platformWrite(agent: known.agent, instance: instance, term: writer.term, object: object()))
  }

  private func note(
    _ workload: EngineEvent.Workload, _ event: WorkloadEvent, _ writer: EngineEvent.Writer?,
    kind: String = "container"
  ) {
    guard !workload.session.isEmpty else { return }
    add(
      .workload(
        session: workload.session, agent: workload.agent, object: "\(kind)/\(workload.name)", event: event,
        command: command(for: workload.session, by: writer.map { processName($0.caller) }, label: workload.command)))
  }

  // MARK: Locks

  /// The text of a lock record: `holder term counter time`, `-` for a released one, `?` for one in nobody's name.
  static func lock(text: String?) -> LeaderLock? {
    guard let words = text?.split(whereSeparator: { $0 == " " || $0 == "\n" }), words.count >= 2,
      let term = Int64(words[1])
    else { return nil }
    let holder = String(words[0])
    return LeaderLock(holder: holder == "-" || holder == "?" ? "" : holder, term: term)
  }

  /// A file or key that holds the lock record of an agent has changed; nil: it is gone.
  func lockRecordChanged(of agent: String, text: String?) {
    let lock = Self.lock(text: text)
    lockChanged(of: agent, holder: lock?.holder ?? "", term: lock?.term ?? locks[agent]?.term ?? 0)
  }

  private func lockChanged(of agent: String, holder: String, term: Int64) {
    lockWrites[agent, default: 0] += 1
    let named = ["-", "?"].contains(holder) ? "" : processName(holder)
    let lock = LeaderLock(holder: named, term: term)
    guard locks[agent] != lock else { return }
    locks[agent] = lock
    onLock?(agent, term)
    add(.lockChanged(agent: agent, holder: named.isEmpty ? nil : named, term: term))
  }
}
