/// One WebSocket frame on the connection of a viewer or of a relay between two replicas, typed as long as it stays in
/// one process. It travels as `Frame<WebSocketFrame>`; ``byteCount`` is the length to give that frame.
package enum WebSocketFrame: Sendable {
  /// A data message.
  case message(WebSocketMessage)
  /// The control frame, without data.
  case ping
  /// The control frame that answers ``ping``.
  case pong
  /// The close frame, sent as the farewell of the socket; code 1005 stands for a frame without a code.
  case close(code: WebSocketCloseCode, reason: String)

  /// A binary message.
  package static func binary(_ bytes: [UInt8]) -> WebSocketFrame { .message(.binary(bytes)) }

  /// A text message.
  package static func text(_ text: String) -> WebSocketFrame { .message(.text(text)) }

  /// Bytes on the wire: payload and frame header (RFC 6455 §5.2), without the mask of a client.
  package var byteCount: Int {
    let payload: Int =
      switch self {
      case .message(let message): message.byteCount
      case .ping, .pong: 0
      case .close(_, let reason): 2 + reason.utf8.count
      }
    return payload + (payload < 126 ? 2 : payload < 65_536 ? 4 : 10)
  }
}
