import Oracles
import TestEnvironment

extension History {
  /// Replicas and an agent that are up, and session `s1` of `u01` that runs from second 1.1 on.
  static func viewed(_ topology: Topology = .t2) -> History {
    var history = History.steady(topology)
    history.run(at: .s(1), "s1")
    history.beats(from: .s(30), to: .s(3_000))
    return history
  }

  mutating func ask(at time: Duration, _ viewer: Int, session: String = "s1", user: String = "u01") {
    at(time, .viewerAsked(viewer: viewer, session: session, user: user))
  }

  mutating func answer(at time: Duration, viewer: Int, _ status: Int?, session: String = "s1", edge: String? = "r2") {
    at(time, .viewerAnswered(viewer: viewer, session: session, status: status, edge: edge))
  }

  mutating func attach(at time: Duration, _ viewer: Int, session: String = "s1") {
    at(
      time, .tunnelOpened(tunnel: viewer, session: session, attachment: "att-\(viewer)"),
      .viewerAttached(session: session, attachment: "att-\(viewer)"),
      .activeConnections(session: session, count: 1))
  }

  /// A viewer that has its picture 1.2 s after it asked.
  mutating func view(
    at time: Duration, _ viewer: Int, session: String = "s1", user: String = "u01", edge: String = "r2"
  ) {
    ask(at: time, viewer, session: session, user: user)
    answer(at: time + .s(0.01), viewer: viewer, 101, session: session, edge: edge)
    attach(at: time + .s(1), viewer, session: session)
    at(time + .s(1.2), .viewerPicture(viewer: viewer, session: session))
  }

  mutating func endViewer(
    at time: Duration, _ viewer: Int, _ code: Int?, byItself: Bool = false, session: String = "s1"
  ) {
    at(time, .viewerEnded(viewer: viewer, session: session, code: code, byItself: byItself))
  }

  /// What a viewer leaves is gone.
  mutating func release(at time: Duration, _ viewer: Int, session: String = "s1") {
    at(
      time, .tunnelClosed(tunnel: viewer, session: session),
      .viewerDetached(session: session, attachment: "att-\(viewer)"), .activeConnections(session: session, count: 0))
  }

  /// A viewer that leaves of its own accord.
  mutating func leave(at time: Duration, _ viewer: Int, session: String = "s1") {
    endViewer(at: time, viewer, 1000, byItself: true, session: session)
    release(at: time + .s(0.02), viewer, session: session)
    at(time + .s(0.03), .streamCompared(viewer: viewer, session: session, toViewer: 9_000, toDesktop: 300))
  }
}
