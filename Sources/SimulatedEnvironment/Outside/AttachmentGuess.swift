/// Joins viewers and attachments where nobody outside tells which belong together: one viewer and one tunnel of a session
/// that wait for each other are a pair. Where there are more of them, nothing is known of that session any more.
struct AttachmentGuess {
  struct Pair: Equatable {
    var viewer: Int
    var attachment: String
  }

  private struct Waiting {
    var viewers: [Int] = []
    var attachments: [String] = []
    var isUnknown = false
  }

  private var sessions: [String: Waiting] = [:]

  mutating func viewerOpened(_ viewer: Int, session: String) -> Pair? {
    sessions[session, default: Waiting()].viewers.append(viewer)
    return pair(of: session)
  }

  mutating func tunnelOpened(_ attachment: String, session: String) -> Pair? {
    sessions[session, default: Waiting()].attachments.append(attachment)
    return pair(of: session)
  }

  /// It waits for no viewer any more.
  mutating func tunnelClosed(_ attachment: String, session: String) {
    sessions[session]?.attachments.removeAll { $0 == attachment }
  }

  private mutating func pair(of session: String) -> Pair? {
    guard let waiting = sessions[session], !waiting.isUnknown else { return nil }
    if waiting.viewers.count > 1 || waiting.attachments.count > 1 {
      sessions[session]?.isUnknown = true
      return nil
    }
    guard let viewer = waiting.viewers.first, let attachment = waiting.attachments.first else { return nil }
    sessions[session] = nil
    return Pair(viewer: viewer, attachment: attachment)
  }
}
