import SimulationRuntime
import StreamSpaceProtocol

/// What is said about a command: the frames of the contract, or those of the shipped agent (B-45).
struct CommandReplies {
  let style: DockerAgentBehaviour.Replies

  /// On arrival; nil where the agent has no such frame.
  func acknowledgement(_ commandID: String) -> AgentMessage? {
    style == .contract ? .ack(CommandAck(commandID: commandID)) : nil
  }

  /// The state of a session after a command, told before the answer; nil where the agent has no such frame.
  func status(_ sessionID: String, _ workload: SessionWorkload) -> AgentMessage? {
    guard style == .contract else { return nil }
    switch workload {
    case .running(let container): return Self.running(sessionID, container)
    case .hibernated: return .status(SessionStatusReport(sessionID: sessionID, state: .hibernated))
    case .gone: return .status(SessionStatusReport(sessionID: sessionID, state: .terminated))
    }
  }

  /// The answer to a command that was carried out.
  func completion(_ commandID: String, _ result: CommandResult, _ workload: SessionWorkload) -> AgentMessage {
    guard style == .outsideProtocol else {
      return .complete(CommandCompletion(commandID: commandID, result: result))
    }
    var container: DockerCommandResponse.Container?
    if case .running(let live) = workload { container = .init(id: live.id, ip: live.address) }
    return .commandResponse(
      DockerCommandResponse(
        success: true, sessionID: result.sessionID ?? "", status: result.state, container: container))
  }

  /// The answer to a command that was not.
  func failure(_ commandID: String, _ sessionID: String, _ fault: CommandFault) -> AgentMessage {
    guard style == .outsideProtocol else {
      return .failed(CommandFailure(commandID: commandID, error: fault.text))
    }
    if fault.isRefusal { return .commandError(DockerCommandError(commandID: commandID, error: fault.text)) }
    return .commandResponse(DockerCommandResponse(success: false, sessionID: sessionID, error: fault.text))
  }

  /// A session that runs, with the container as its pod.
  static func running(_ sessionID: String, _ container: LiveContainer) -> AgentMessage {
    .status(
      SessionStatusReport(
        sessionID: sessionID, state: .running, vncReady: true, vncPort: container.vncPort,
        platformMetadata: SessionStatusReport.PlatformMetadata(
          podName: container.name, podIP: container.address.isEmpty ? nil : container.address)))
  }

  /// A session whose container is gone (C13).
  static func lost(_ sessionID: String) -> AgentMessage {
    .status(
      SessionStatusReport(sessionID: sessionID, state: .failed, reason: SessionStatusReport.workloadLost))
  }
}
