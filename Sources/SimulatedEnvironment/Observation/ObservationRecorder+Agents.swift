import KubernetesAgent
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// What the processes of agents tell.
extension ObservationRecorder {
  func note(_ event: AgentEvent, of agent: String, instance: String) {
    switch event {
    case .commandReceived(let command, let action, let session):
      commandReceived(command, action, session, of: agent, instance)
    case .commandBegun(let command, let session, _): commandBegun(command, session, of: agent, instance)
    case .step(let command, let session, let step): stepReached(step, command, session, of: agent, instance)
    case .connected: linkChanged(true, of: agent, instance)
    case .disconnected: linkChanged(false, of: agent, instance)
    case .socketsHeld(let count): socketsHeld(count, of: agent, instance)
    case .attemptFailed(let number, _, let wait): attemptFailed(number, wait, of: agent, instance)
    case .leading(let term): leadershipBegan(term, of: agent, instance)
    case .leadershipEnded(_, let reason): leadershipEnded(of: agent, instance, reason)
    case .tunnelOpened(let session, let attachment, let connection):
      tunnelOpened(connection, session, attachment, by: instance)
    case .tunnelClosed(_, _, let connection, _): tunnelClosed(connection)
    default: break
    }
  }

  // MARK: Commands

  func commandReceived(
    _ command: String, _ action: String, _ session: String, of agent: String, _ instance: String
  ) {
    received[command] = (action, session)
    onReceipt?(command, agent, instance)
    add(.commandReceived(command: command, agent: agent, instance: instance))
  }

  func commandBegun(_ command: String, _ session: String, of agent: String, _ instance: String) {
    working[session, default: []].removeAll { $0.instance == instance }
    working[session, default: []].append((instance, command))
    add(
      .commandExecuted(
        command: command, agent: agent, instance: instance, action: received[command]?.action ?? "", session: session))
  }

  func stepReached(
    _ step: AgentStep, _ command: String, _ session: String, of agent: String, _ instance: String
  ) {
    guard let told = WorkStep(rawValue: step.rawValue) else { return }
    add(.workStep(agent: agent, instance: instance, command: command, session: session, step: told))
    onStep?(agent, instance, received[command]?.action ?? "", told)
  }

  /// The command on whose behalf an object of a session changes: that of the writer, else the one begun last.
  func command(for session: String, by instance: String?, label: String) -> String? {
    let candidates = working[session] ?? []
    let own = instance.flatMap { instance in candidates.first { $0.instance == instance } }
    return (own ?? candidates.last)?.command ?? (label.isEmpty ? nil : label)
  }

  // MARK: Connections

  func linkChanged(_ isConnected: Bool, of agent: String, _ instance: String) {
    guard isConnected ? linked.insert(instance).inserted : linked.remove(instance) != nil else { return }
    add(.agentLink(agent: agent, instance: instance, isConnected: isConnected))
  }

  /// More than one is worth a word, and that it is no more so.
  private func socketsHeld(_ count: Int, of agent: String, _ instance: String) {
    if count > 1 { manySockets.insert(instance) } else if manySockets.remove(instance) == nil { return }
    add(.agentSockets(agent: agent, instance: instance, held: count))
  }

  /// `number` counts from 0 after each success.
  func attemptFailed(_ number: Int, _ wait: TimeSpan, of agent: String, _ instance: String) {
    add(.agentRetry(agent: agent, instance: instance, attempt: number + 1, wait: Duration(wait)))
  }

  // MARK: Leadership

  func leadershipBegan(_ term: Int64, of agent: String, _ instance: String) {
    // A process that is frozen, or waits for its lock to be freed, cannot tell that its time is over: its clock can.
    for other in leading where other.instance != instance {
      guard let known = instances[other.instance], known.agent == agent, !known.mayAct() else { continue }
      leadershipEnded(of: agent, other.instance, "its authority has ended")
    }
    leading.removeAll { $0.instance == instance }
    leading.append((instance, term))
    add(.leadership(agent: agent, instance: instance, term: term, isLeading: true, reason: ""))
  }

  func leadershipEnded(of agent: String, _ instance: String, _ reason: String) {
    guard let index = leading.firstIndex(where: { $0.instance == instance }) else { return }
    let term = leading.remove(at: index).term
    add(.leadership(agent: agent, instance: instance, term: term, isLeading: false, reason: reason))
  }

  /// A dead process neither leads nor holds a connection.
  func instanceEnded(_ process: String) {
    guard let known = instances[process] else { return }
    forgetTunnels(of: process)
    linkChanged(false, of: known.agent, process)
    leadershipEnded(of: known.agent, process, "process ended")
  }
}
