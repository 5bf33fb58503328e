import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

extension AgentFrame {
  /// The frame as it travels, with the time of true clocks.
  func onWire(at now: Instant) -> AgentSocketFrame {
    func envelope(_ message: AgentMessage) -> AgentSocketFrame {
      .fromAgent(AgentEnvelope(at: Timestamp(trueTime: now), message))
    }
    switch self {
    case .acknowledge(let command): return envelope(.ack(CommandAck(commandID: command)))
    case .complete(let command): return envelope(.complete(CommandCompletion(commandID: command)))
    case .failed(let command, let error):
      return envelope(.failed(CommandFailure(commandID: command, error: error)))
    case .status(let session, let state, let pod):
      return envelope(
        .status(
          SessionStatusReport(
            sessionID: session, state: state, vncReady: pod == nil ? nil : true, vncPort: pod == nil ? nil : 5_900,
            platformMetadata: pod.map { .init(podName: $0) })))
    case .text(let bytes): return .text(bytes)
    case .binary(let bytes): return .binary(bytes)
    }
  }
}

extension Timestamp {
  /// The calendar time of an instant of true time.
  init(trueTime instant: Instant) {
    self.init(nanosecondsSince1970: Epoch.unixSeconds * 1_000_000_000 + instant.nanoseconds)
  }
}
