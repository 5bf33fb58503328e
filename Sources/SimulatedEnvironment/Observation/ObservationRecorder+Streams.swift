import StreamSpaceProtocol
import TestEnvironment

/// What replicas and agents tell of viewers' streams. Who dies holds nothing any more, and cannot say so.
extension ObservationRecorder {
  // MARK: Attachments

  /// The owner replica has the tunnel of an attachment.
  func attached(_ attachment: String, _ session: String, at replica: String) {
    guard !attachments.contains(where: { $0.attachment == attachment }) else { return }
    attachments.append((attachment, session, replica))
    add(.viewerAttached(session: session, attachment: attachment))
  }

  func detached(_ attachment: String) {
    guard let index = attachments.firstIndex(where: { $0.attachment == attachment }) else { return }
    let session = attachments.remove(at: index).session
    add(.viewerDetached(session: session, attachment: attachment))
    streams.attachmentEnded(attachment)
  }

  func forgetAttachments(of replica: String) {
    for entry in attachments where entry.replica == replica { detached(entry.attachment) }
  }

  // MARK: Tunnels

  func tunnelOpened(_ connection: Int, _ session: String, _ attachment: String?, by instance: String) {
    tunnels.append((connection, session, instance))
    add(.tunnelOpened(tunnel: connection, session: session, attachment: attachment))
    streams.tunnelOpened(connection, session: session, attachment: attachment)
  }

  func tunnelClosed(_ connection: Int) {
    guard let index = tunnels.firstIndex(where: { $0.connection == connection }) else { return }
    let session = tunnels.remove(at: index).session
    add(.tunnelClosed(tunnel: connection, session: session))
  }

  func forgetTunnels(of instance: String) {
    for entry in tunnels where entry.instance == instance { tunnelClosed(entry.connection) }
  }
}
