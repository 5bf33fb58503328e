/// One WebSocket frame on the connection between an agent and a replica, typed as long as it stays in one process.
///
/// It travels as `Frame<AgentSocketFrame>`; ``byteCount`` is the length to give that frame.
package enum AgentSocketFrame: Sendable, Hashable {
  /// A text message of an agent.
  case fromAgent(AgentEnvelope)
  /// A text message of a replica: one document under contract (C5); the shipped writer joins several with newlines
  /// (B-19, spec/01 §1.5), and an agent that reads one document per message loses them all.
  case fromServer([ServerEnvelope])
  /// A text message that is none of the protocol, as a hostile or foreign peer sends it.
  case text([UInt8])
  /// A binary message.
  case binary([UInt8])
  /// The control frame, without data. It extends the read deadline of its receiver (spec/01 §1.6).
  case ping
  /// The control frame that answers ``ping``.
  case pong
  /// The close frame; code 1005 stands for a frame without a code. Nothing follows it.
  case close(code: WebSocketCloseCode, reason: String)

  /// A message of a replica that holds one document.
  package static func fromServer(_ envelope: ServerEnvelope) -> AgentSocketFrame { .fromServer([envelope]) }

  /// Whether this is a control frame of RFC 6455: it goes before messages that wait.
  package var isControlFrame: Bool {
    switch self {
    case .ping, .pong, .close: true
    default: false
    }
  }

  /// The attachment that a message of an agent concerns; nil for any other.
  package var attachmentID: String? {
    guard case .fromAgent(let envelope) = self else { return nil }
    return switch envelope.message {
    case .vncReady(let payload): payload.attachmentID
    case .vncData(let payload): payload.attachmentID
    case .vncCredit(let payload): payload.attachmentID
    case .vncClose(let payload): payload.attachmentID
    case .vncError(let payload): payload.attachmentID
    default: nil
    }
  }

  /// Bytes of the payload: exact for text, binary and control frames, the protocol's estimate for typed documents.
  package var payloadByteCount: Int {
    switch self {
    case .fromAgent(let envelope): envelope.estimatedByteCount
    case .fromServer(let envelopes):
      envelopes.reduce(max(0, envelopes.count - 1)) { $0 + $1.estimatedByteCount }
    case .text(let bytes), .binary(let bytes): bytes.count
    case .ping, .pong: 0
    case .close(_, let reason): 2 + reason.utf8.count
    }
  }

  /// Bytes on the wire: payload and frame header (RFC 6455 §5.2); the frames of an agent carry a mask of 4 bytes.
  package var byteCount: Int {
    let payload = payloadByteCount
    let header = payload < 126 ? 2 : payload < 65_536 ? 4 : 10
    if case .fromAgent = self { return header + 4 + payload }
    return header + payload
  }
}
