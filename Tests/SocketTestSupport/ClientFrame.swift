import Foundation

/// WebSocket frames as a client, also an ill-behaved one, puts them on the wire.
package struct ClientFrame {
  package var opcode: UInt8
  package var payload: [UInt8]
  package var isFinal = true
  package var isMasked = true
  /// The three reserved bits.
  package var reserved: UInt8 = 0
  /// A length that is not the payload's.
  package var claimedLength: UInt64?

  package init(_ opcode: UInt8, _ payload: [UInt8] = []) {
    self.opcode = opcode
    self.payload = payload
  }

  package static func text(_ text: String) -> ClientFrame { ClientFrame(1, Array(text.utf8)) }
  package static func binary(_ bytes: [UInt8]) -> ClientFrame { ClientFrame(2, bytes) }
  package static func ping(_ text: String) -> ClientFrame { ClientFrame(9, Array(text.utf8)) }
  package static func close(_ code: UInt16, _ reason: String = "") -> ClientFrame {
    ClientFrame(8, [UInt8(code >> 8), UInt8(code & 0xff)] + Array(reason.utf8))
  }

  package var bytes: [UInt8] {
    var bytes = [(isFinal ? 0x80 : 0) | reserved << 4 | opcode]
    let length = claimedLength ?? UInt64(payload.count)
    let mask: UInt8 = isMasked ? 0x80 : 0
    if length < 126 {
      bytes.append(mask | UInt8(length))
    } else if length < 65_536 {
      bytes += [mask | 126, UInt8(length >> 8), UInt8(length & 0xff)]
    } else {
      bytes.append(mask | 127)
      bytes += stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: length >> UInt64($0)) }
    }
    guard isMasked else { return bytes + payload }
    let key: [UInt8] = [0x12, 0x34, 0x56, 0x78]
    return bytes + key + payload.enumerated().map { $1 ^ key[$0 % 4] }
  }
}

/// A frame of a server.
package struct ServerFrame: Equatable {
  package let opcode: UInt8
  package let payload: [UInt8]

  package init(opcode: UInt8, payload: [UInt8]) {
    self.opcode = opcode
    self.payload = payload
  }

  package var text: String { String(decoding: payload, as: UTF8.self) }
  package var closeCode: UInt16? {
    opcode == 8 && payload.count >= 2 ? UInt16(payload[0]) << 8 | UInt16(payload[1]) : nil
  }
}

extension SocketClient {
  package static let key = "dGhlIHNhbXBsZSBub25jZQ=="

  /// The opening handshake; the answer is 101 if it succeeded.
  package func upgrade(_ target: String = "/socket", _ fields: String = "") -> SocketAnswer {
    send(
      "GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(Self.key)\r\n\(fields)\r\n")
    return answer()
  }

  @discardableResult
  package func send(_ frame: ClientFrame) -> Bool { send(frame.bytes) }

  /// The next frame; nil at the end.
  package func frame() -> ServerFrame? {
    let head = take(2)
    guard head.count == 2 else { return nil }
    var length = Int(head[1] & 0x7f)
    if length >= 126 { length = take(length == 126 ? 2 : 8).reduce(0) { $0 << 8 | Int($1) } }
    let payload = take(length)
    return payload.count == length ? ServerFrame(opcode: head[0] & 0x0f, payload: payload) : nil
  }
}
