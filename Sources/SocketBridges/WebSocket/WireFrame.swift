#if Live
  import NIOCore
  import NIOWebSocket
  import StreamSpaceProtocol

  /// A frame of RFC 6455 as SwiftNIO has it.
  typealias WireFrame = NIOWebSocket.WebSocketFrame

  extension WireFrame {
    /// The wire's form of an inner frame; a client's frames carry a mask.
    init(_ frame: StreamSpaceProtocol.WebSocketFrame, masked: Bool, pong: ByteBuffer? = nil) {
      let opcode: WebSocketOpcode
      let data: ByteBuffer
      switch frame {
      case .message(.binary(let bytes)):
        opcode = .binary
        data = ByteBuffer(bytes: bytes)
      case .message(let message):
        opcode = .text
        data = ByteBuffer(bytes: message.bytes)
      case .ping:
        opcode = .ping
        data = ByteBuffer()
      case .pong:
        opcode = .pong
        data = pong ?? ByteBuffer()
      case .close(let code, let reason):
        opcode = .connectionClose
        var content = ByteBuffer()
        // What stands for the absence of a code is never sent.
        if code != .noStatus, code != .abnormal {
          content.writeInteger(code.rawValue)
          content.writeString(WebSocketCloseCode.reason(reason))
        }
        data = content
      }
      self.init(fin: true, opcode: opcode, maskKey: masked ? .random() : nil, data: data)
    }

    /// What a frame says inside; nil: it breaks the protocol (a text that is not UTF-8, a close frame of one byte).
    var inner: StreamSpaceProtocol.WebSocketFrame? {
      var content = unmaskedData
      switch opcode {
      case .text:
        guard let text = String(validating: content.readableBytesView, as: UTF8.self) else { return nil }
        return .text(text)
      case .binary: return .binary(Array(content.readableBytesView))
      case .ping: return .ping
      case .pong: return .pong
      case .connectionClose:
        guard content.readableBytes > 0 else { return .close(code: .noStatus, reason: "") }
        guard let code = content.readInteger(as: UInt16.self),
          let reason = String(validating: content.readableBytesView, as: UTF8.self)
        else { return nil }
        return .close(code: WebSocketCloseCode(rawValue: code), reason: reason)
      default: return nil
      }
    }
  }
#endif
