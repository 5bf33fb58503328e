import SimulationRuntime
import StreamSpaceProtocol

/// What travels inside on a WebSocket of the control plane, by its path: bridges turn it into frames of RFC 6455 and back.
package enum FrameDialect: Sendable {
  /// Between an agent and a replica: `Frame<AgentSocketFrame>`.
  case agent
  /// The feeds of browsers: `Frame<WebSocketMessage>` from the replica; its farewell is an agent's close frame.
  case feed
  /// Viewers, and relays between replicas: `Frame<WebSocketFrame>`.
  case stream

  /// The dialect of a request's path (spec/02 §4).
  package init(path: String) {
    if path.hasPrefix("/api/v1/agents/connect") {
      self = .agent
    } else if path.hasPrefix("/api/v1/ws/") {
      self = .feed
    } else {
      self = .stream
    }
  }

  /// The frame that an inner payload stands for; nil for one that no real peer would see.
  package func frame(of payload: any Payload) -> WebSocketFrame? {
    if let frame = (payload as? Frame<WebSocketFrame>)?.value { return frame }
    if let message = (payload as? Frame<WebSocketMessage>)?.value { return .message(message.asBytes) }
    guard let frame = (payload as? Frame<AgentSocketFrame>)?.value else { return nil }
    switch frame {
    case .fromAgent(let envelope): return .text(String(decoding: envelope.encoded, as: UTF8.self))
    case .fromServer(let envelopes):
      return .text(envelopes.map { String(decoding: $0.encoded, as: UTF8.self) }.joined(separator: "\n"))
    case .text(let bytes): return .text(String(decoding: bytes, as: UTF8.self))
    case .binary(let bytes): return .binary(bytes)
    case .ping: return .ping
    case .pong: return .pong
    case .close(let code, let reason): return .close(code: code, reason: reason)
    }
  }

  /// The payload that carries a frame inside; nil where the dialect has none for it.
  package func payload(of frame: WebSocketFrame) -> (any Payload)? {
    switch self {
    case .stream: return Frame(frame, byteCount: frame.byteCount)
    case .feed:
      if case .message(let message) = frame { return Frame(message, byteCount: message.byteCount) }
      guard case .close(let code, let reason) = frame else { return nil }
      let farewell = AgentSocketFrame.close(code: code, reason: reason)
      return Frame(farewell, byteCount: farewell.byteCount)
    case .agent:
      let inner: AgentSocketFrame =
        switch frame {
        case .message(.binary(let bytes)): .binary(bytes)
        case .message(let text): .text(text.bytes)
        case .ping: .ping
        case .pong: .pong
        case .close(let code, let reason): .close(code: code, reason: reason)
        }
      return Frame(inner, byteCount: inner.byteCount)
    }
  }
}
