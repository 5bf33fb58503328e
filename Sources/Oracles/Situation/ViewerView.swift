import TestEnvironment

/// A viewer as observed: from its request to its end.
final class ViewerView {
  let number: Int
  let session: String
  let user: String
  let asked: TimedObservation
  /// Nil: not answered yet, or by nothing.
  var status: Int?
  var answered: TimedObservation?
  /// The replica that holds its WebSocket.
  var edge: String?
  /// The agent's connection over which it was attached.
  var link: AgentView.Connection?
  var picture: Duration?
  var ended: TimedObservation?
  var closeCode: Int?
  var leftByItself = false
  /// The process of its edge has ended: nothing answers it any more, whether or not it has noticed.
  var isSevered = false
  /// It ended without a word, so that not even a reset comes.
  var edgeVanished = false

  init(number: Int, session: String, user: String, asked: TimedObservation) {
    self.number = number
    self.session = session
    self.user = user
    self.asked = asked
  }

  /// Its WebSocket stands, as far as the viewer knows.
  var isOpen: Bool { status == 101 && ended == nil }
  /// It has a WebSocket, or may still get one.
  var isPresent: Bool { ended == nil && (answered == nil || status == 101) }
  /// Since when its WebSocket has stood.
  var since: Duration? { status == 101 ? answered?.time : nil }
}

/// An agent's stream to a desktop.
struct TunnelView {
  let number: Int
  let session: String
  /// Nil: it belongs to no viewer (B-61).
  let attachment: String?
  let opened: TimedObservation
  /// The process that opened it, as far as that can be told.
  let process: String?
}

/// All viewers and tunnels of a run.
struct Streams {
  private(set) var viewers = Table<Int, ViewerView>()
  private(set) var bySession: [String: [ViewerView]] = [:]
  /// Tunnels that are open, oldest first.
  private(set) var tunnels: [TunnelView] = []

  /// Viewers of a session in the order in which they asked.
  func viewers(of session: String) -> [ViewerView] { bySession[session] ?? [] }
  func tunnels(of session: String) -> [TunnelView] { tunnels.filter { $0.session == session } }
  /// Viewers whose WebSocket stands and whose edge runs.
  func open(of session: String) -> [ViewerView] { viewers(of: session).filter { $0.isOpen && !$0.isSevered } }

  /// Takes in an observation of a viewer or tunnel; `link`: the present connection of the session's agent.
  mutating func follow(_ event: TimedObservation, link: AgentView.Connection?) {
    switch event.observation {
    case .viewerAsked(let number, let session, let user):
      let view = ViewerView(number: number, session: session, user: user, asked: event)
      _ = viewers.value(number, or: view)
      bySession[session, default: []].append(view)
    case .viewerAnswered(let number, _, let status, let edge):
      guard let view = viewers[number] else { return }
      view.status = status
      view.edge = edge
      view.answered = event
      view.link = link
      if status != 101 { view.ended = event }
    case .viewerPicture(let number, _): viewers[number]?.picture = event.time
    case .viewerEnded(let number, _, let code, let byItself):
      guard let view = viewers[number], view.ended == nil || view.status == 101 else { return }
      view.ended = event
      view.closeCode = code
      view.leftByItself = byItself
    case .viewerAttached(let session, _):
      // Between request and attachment the agent may have moved.
      viewers(of: session).last { $0.isOpen }?.link = link
    case .tunnelOpened(let number, let session, let attachment):
      tunnels.append(
        TunnelView(number: number, session: session, attachment: attachment, opened: event, process: link?.instance))
    case .tunnelClosed(let number, _): tunnels.removeAll { $0.number == number }
    default: break
    }
  }

  /// Forgets the viewers that ended before `time`.
  mutating func forget(before time: Duration) {
    let isDone: (ViewerView) -> Bool = { $0.ended.map { $0.time < time } ?? false }
    viewers.removeAll(where: isDone)
    bySession = bySession.mapValues { $0.filter { !isDone($0) } }.filter { !$0.value.isEmpty }
  }

  /// A process has ended: its sockets and streams are gone with it.
  mutating func end(_ process: String, silently: Bool) {
    tunnels.removeAll { $0.process == process }
    for view in viewers.values where view.isOpen && view.edge == process {
      view.isSevered = true
      view.edgeVanished = silently
    }
  }
}
