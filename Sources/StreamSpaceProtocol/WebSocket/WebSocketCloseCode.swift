/// The code of a WebSocket close frame; 4001 to 4007 are the contract's, for viewers (spec/00, Streaming).
package struct WebSocketCloseCode: Sendable, Hashable, RawRepresentable {
  package var rawValue: UInt16

  package init(rawValue: UInt16) { self.rawValue = rawValue }

  /// The peer left.
  package static let normal = WebSocketCloseCode(rawValue: 1000)
  /// The replica goes away (shutdown).
  package static let goingAway = WebSocketCloseCode(rawValue: 1001)
  /// What a reader reports for a frame without code; never sent.
  package static let noStatus = WebSocketCloseCode(rawValue: 1005)
  /// What a reader reports for a connection that broke; never sent.
  package static let abnormal = WebSocketCloseCode(rawValue: 1006)
  /// A text frame that is not what the connection carries, for example not base64.
  package static let invalidPayload = WebSocketCloseCode(rawValue: 1007)
  /// Larger than the read limit (spec/01 §1.6).
  package static let messageTooBig = WebSocketCloseCode(rawValue: 1009)
  /// Taken over by a newer viewer.
  package static let takenOver = WebSocketCloseCode(rawValue: 4001)
  /// The session left `running`.
  package static let sessionEnded = WebSocketCloseCode(rawValue: 4002)
  /// Stalled 30 s, or the buffer of a legacy agent full.
  package static let stalled = WebSocketCloseCode(rawValue: 4003)
  /// The tunnel failed, or no answer in 30 s.
  package static let tunnelFailed = WebSocketCloseCode(rawValue: 4004)
  /// The agent or the owner replica is lost.
  package static let agentLost = WebSocketCloseCode(rawValue: 4005)
  /// The user was disabled or the token revoked.
  package static let accessRevoked = WebSocketCloseCode(rawValue: 4006)
  /// The desktop closed its end.
  package static let desktopClosed = WebSocketCloseCode(rawValue: 4007)

  /// Longest reason that fits a close frame: 125 bytes less the code.
  package static let maximumReasonBytes = 123

  /// The longest prefix of a reason that fits a close frame and does not cut a character.
  package static func reason(_ text: String) -> String {
    guard text.utf8.count > maximumReasonBytes else { return text }
    var reason = ""
    var size = 0
    for character in text {
      size += String(character).utf8.count
      guard size <= maximumReasonBytes else { break }
      reason.append(character)
    }
    return reason
  }
}

extension WebSocketCloseCode: CustomStringConvertible {
  package var description: String { String(rawValue) }
}

/// Names of the WebSocket subprotocols in use.
package enum WebSocketSubprotocol {
  /// Viewers that want raw RFB bytes in binary frames (C25).
  package static let binary = "binary"
  /// The relay between two replicas (C22).
  package static let relay = "streamspace-relay.1"
}
