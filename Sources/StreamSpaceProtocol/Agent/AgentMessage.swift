/// What an agent says to the control plane (spec/01 §1.4, spec/03 §1.6 and the frames of the contract).
package enum AgentMessage: Sendable, Hashable {
  case heartbeat(AgentHeartbeat)
  case ack(CommandAck)
  case complete(CommandCompletion)
  case failed(CommandFailure)
  case status(SessionStatusReport)
  case vncReady(VNCReady)
  case vncData(VNCData)
  case vncCredit(VNCCredit)
  case vncClose(VNCClose)
  case vncError(VNCError)
  /// Answer to `ping`; the Docker agent names itself, the Kubernetes agent does not. No payload.
  case pong(agentID: String?)
  /// Docker agent, profile `shipped`: flat, ignored by the control plane.
  case commandResponse(DockerCommandResponse)
  /// Docker agent, profile `shipped`: flat, ignored by the control plane.
  case commandError(DockerCommandError)
  /// Docker agent, profile `shipped`: flat, ignored by the control plane.
  case shutdownAck(agentID: String)
  /// Any other type, kept whole; logged and ignored by the control plane.
  case unknown(type: String, document: JSONObject)

  /// The `type` of the envelope.
  package var type: String {
    switch self {
    case .heartbeat: "heartbeat"
    case .ack: "ack"
    case .complete: "complete"
    case .failed: "failed"
    case .status: "status"
    case .vncReady: "vnc_ready"
    case .vncData: "vnc_data"
    case .vncCredit: "vnc_credit"
    case .vncClose: "vnc_close"
    case .vncError: "vnc_error"
    case .pong: "pong"
    case .commandResponse: "command_response"
    case .commandError: "command_error"
    case .shutdownAck: "shutdown_ack"
    case .unknown(let type, _): type
    }
  }

  /// Whether the message goes before data in the agent's send queue: all but `vnc_data` (spec/00, Streaming, rule 4).
  package var isControl: Bool {
    if case .vncData = self { false } else { true }
  }

  /// The payload, nil for the flat types.
  package var payload: (any WireEncodable)? {
    switch self {
    case .heartbeat(let payload): payload
    case .ack(let payload): payload
    case .complete(let payload): payload
    case .failed(let payload): payload
    case .status(let payload): payload
    case .vncReady(let payload): payload
    case .vncData(let payload): payload
    case .vncCredit(let payload): payload
    case .vncClose(let payload): payload
    case .vncError(let payload): payload
    case .pong, .commandResponse, .commandError, .shutdownAck, .unknown: nil
    }
  }
}
