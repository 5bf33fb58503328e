import StreamSpaceProtocol

/// How an attachment ends: what the viewer sees, and what the agent is told.
package struct AttachmentEnd: Sendable, Hashable {
  package var code: WebSocketCloseCode
  package var reason: String
  /// Nil: the agent knows.
  var told: VNCClose.Reason?
  /// Whether bytes that still wait go to the viewer first.
  var isDrained = false

  init(_ code: WebSocketCloseCode, _ reason: String, told: VNCClose.Reason?, isDrained: Bool = false) {
    self.code = code
    self.reason = WebSocketCloseCode.reason(reason)
    self.told = told
    self.isDrained = isDrained
  }

  static let viewerLeft = AttachmentEnd(.normal, "", told: .clientDisconnect)
  static let takenOver = AttachmentEnd(.takenOver, "taken over by a newer viewer", told: .takenOver)
  static let sessionEnded = AttachmentEnd(.sessionEnded, "session is not running", told: .sessionEnded)
  static let stalled = AttachmentEnd(.stalled, "viewer took nothing for 30 s", told: .viewerStalled)
  static let overflowed = AttachmentEnd(.stalled, "buffer full", told: .viewerStalled)
  static let agentLost = AttachmentEnd(.agentLost, "agent lost", told: .agentLost)
  /// The agent has heard nothing from here and ended it.
  static let lostByAgent = AttachmentEnd(.agentLost, "agent lost", told: nil)
  static let ownerLost = AttachmentEnd(.agentLost, "replica of the agent lost", told: .clientDisconnect)
  static let edgeLost = AttachmentEnd(.agentLost, "replica of the viewer lost", told: .clientDisconnect)
  static let noAnswer = AttachmentEnd(.tunnelFailed, "no answer from the agent in 30 s", told: .clientDisconnect)
  static let badFrames = AttachmentEnd(.tunnelFailed, "invalid frames from the agent", told: .clientDisconnect)
  static let revoked = AttachmentEnd(.accessRevoked, "access revoked", told: .clientDisconnect)
  static let desktopClosed = AttachmentEnd(.desktopClosed, "desktop closed", told: nil, isDrained: true)
  static let shutdown = AttachmentEnd(.goingAway, "shutting down", told: .replicaShutdown)

  static func tunnelFailed(_ error: String) -> AttachmentEnd { AttachmentEnd(.tunnelFailed, error, told: nil) }

  /// As the other replica says it over the relay, from the edge.
  static func fromEdge(_ code: WebSocketCloseCode, _ reason: String) -> AttachmentEnd {
    let told: VNCClose.Reason =
      switch code {
      case .stalled: .viewerStalled
      case .goingAway: .replicaShutdown
      default: .clientDisconnect
      }
    return AttachmentEnd(code, reason, told: told)
  }
}

/// Where the viewer is, as the owner sees it: its socket, or the relay to the edge.
protocol AttachmentClient: AnyObject {
  /// The tunnel stands.
  func attachmentReady(vncPort: Int)
  /// Bytes of the desktop; their acceptance comes back as ``Attachment/accepted(_:)``.
  func deliver(_ bytes: [UInt8])
  /// That many bytes of the viewer are on the agent's socket.
  func passedOn(_ bytes: Int)
  /// The attachment has ended. `closed` is called when the viewer has been closed.
  func attachmentEnded(_ end: AttachmentEnd, _ closed: @escaping () -> Void)
  /// The viewer is cut without a word, and what waited for it is given (B-57, C-19).
  func cut() -> [[UInt8]]
}

/// Where the attachment is, as the edge sees it: the attachment itself, or the relay to the owner.
protocol AttachmentUplink: AnyObject {
  /// Bytes of the viewer; ``AttachmentClient/passedOn(_:)`` tells when they have left.
  func send(_ bytes: [UInt8])
  /// The viewer's socket has accepted that many bytes.
  func accepted(_ bytes: Int)
  /// The viewer has ended, for a reason at the edge.
  func viewerEnded(_ end: AttachmentEnd)
}
