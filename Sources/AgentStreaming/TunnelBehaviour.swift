/// How an agent's tunnels behave. The contract is the default; every defect of the catalogue is a change of one field.
package struct TunnelBehaviour: Sendable {
  /// When the stream to the desktop is opened.
  package enum Opening: Sendable, Hashable {
    /// For each attachment, on `vnc_open`.
    case onRequest
    /// 2 s after a start, viewer or not: what the desktop says before the viewer comes is lost (B-62).
    case atStart
  }

  /// How often a session can be viewed.
  package enum Lifetime: Sendable, Hashable {
    case perAttachment
    /// Once per start in this life of the agent; other wishes are only logged (B-61).
    case oneShot
  }

  /// The end of the desktop's stream.
  package enum DesktopEnd: Sendable, Hashable {
    case told
    /// The tunnel closes, and nobody hears of it (B-66).
    case silent
  }

  /// 10 s without a frame of the control plane.
  package enum Silence: Sendable, Hashable {
    /// They end the attachments, and the control plane is told (C24).
    case endsAttachments
    /// They end nothing (B-64).
    case unnoticed
  }

  /// A write that the desktop's socket takes only in part.
  package enum ShortWrites: Sendable, Hashable {
    case continued
    /// The rest counts as written (C-20).
    case ignored
  }

  /// How the base64 of frames is decoded.
  package enum Decoding: Sendable, Hashable {
    case perFrame
    /// Joined first: the decoder stops at the padding of one frame, and the next one is lost (C-21).
    case joined
  }

  /// When a tunnel is entered in the table.
  package enum Insertion: Sendable, Hashable {
    /// In one step with the check for its id.
    case withCheck
    /// When its stream stands: two opens both pass the check, and a close meanwhile meets nothing (C-22).
    case afterDial
  }

  /// The queues of the agent's socket.
  package enum SendQueues: Sendable, Hashable {
    /// Control before data; data of the attachments in turn.
    case controlFirst
    /// One for all, 256 frames of data long, and no credit is waited for (B-65).
    case shared
  }

  package var opening = Opening.onRequest
  package var lifetime = Lifetime.perAttachment
  package var desktopEnd = DesktopEnd.told
  package var silence = Silence.endsAttachments
  package var shortWrites = ShortWrites.continued
  package var decoding = Decoding.perFrame
  package var insertion = Insertion.withCheck
  package var sendQueues = SendQueues.controlFirst
  /// Bytes that may be written to a desktop and not yet be read by it; a write beyond is a short one.
  package var writeBuffer = TunnelTiming.writeBuffer

  package init() {}
}
