import OrderedCollections
import SimulationRuntime
import StreamSpaceProtocol

/// `GET /api/v1/ws/sessions`: within 3 s of a change the sessions that the caller may see (spec/02 §5.9), to every
/// browser that listens. One ticker serves them all, and none runs while nobody listens.
final class SessionFeedRoutes {
  /// Between two messages: the 3 s of spec/02 §1.3 less what reading and sending take, so that a change is told within
  /// 3 s (XP-09).
  static let period = TimeSpan.milliseconds(2_900)
  private static let tick = EventLabel("controlplane.feed")

  private struct Listener {
    let socket: Socket
    let user: AuthenticatedUser
  }

  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let policies: UserPolicies
  private let stateNames: SessionPolicies.StateNames
  private var listeners: OrderedDictionary<Int, Listener> = [:]
  private var count = 0
  private var ticker: Ticker?

  init(_ replica: Replica, _ authenticator: Authenticator) {
    self.replica = replica
    self.authenticator = authenticator
    policies = replica.configuration.behaviour.sessions.users
    stateNames = replica.configuration.behaviour.sessions.stateNames
  }

  func install() {
    replica.router.on(.get, "/api/v1/ws/sessions") { [unowned self] exchange in
      authenticator.authenticate(exchange, role: nil) { [self] user in
        guard exchange.request.isWebSocketUpgrade else {
          return exchange.answer(.badRequest, ErrorBody("websocket upgrade required"))
        }
        if let socket = exchange.accept() { add(socket, user) }
      }
    }
  }

  private func add(_ socket: Socket, _ user: AuthenticatedUser) {
    count += 1
    let number = count
    listeners[number] = Listener(socket: socket, user: user)
    socket.onClose = { [unowned self] _ in
      listeners[number] = nil
      if listeners.isEmpty {
        ticker?.stop()
        ticker = nil
      }
    }
    if ticker == nil {
      ticker = replica.incarnation.every(Self.period, Self.tick) { [unowned self] in publish() }
    }
  }

  /// The replica goes away: 1001 to everyone.
  func close() {
    let farewell = AgentSocketFrame.close(code: .goingAway, reason: "")
    for listener in listeners.values {
      listener.socket.close(farewell: Frame(farewell, byteCount: farewell.byteCount))
    }
  }

  // MARK: One message

  /// Who sees the same gets the same message, read once.
  private func publish() {
    var groups: OrderedDictionary<String, (statement: SQLStatement, subject: String, members: [Int])> = [:]
    for (number, listener) in listeners {
      let (statement, subject) = source(for: listener.user)
      let key = "\(statement.name) \(subject)"
      groups[key, default: (statement, subject, [])].members.append(number)
    }
    for group in groups.values {
      replica.database.execute(group.statement, [.text(group.subject)]) { [unowned self] result in
        guard let rows = try? result.get().rows.map({ try StoredSession($0) }) else { return }
        send(rows.filter { $0.sessionState != .terminated }, to: group.members)
      }
    }
  }

  /// What is read for a listener, and whose it is.
  private func source(for user: AuthenticatedUser) -> (SQLStatement, String) {
    switch policies.feed {
    case .visible where !user.isAdministrator: (SessionStatements.listOwned, user.id)
    case .visible: (SessionStatements.listOfOrganisation, user.organisation)
    case .defaultOrganisation: (SessionStatements.listOfOrganisation, StoredSession.defaultOrganisation)
    case .everything: (SessionStatements.listEverything, "")
    }
  }

  private func send(_ sessions: [StoredSession], to members: [Int]) {
    let now = replica.clock.now
    let items = sessions.map {
      SessionFeed.Item(stateNames.applied(to: $0.session), agentID: $0.agentID, idle: $0.idle(at: now))
    }
    for number in members {
      guard let listener = listeners[number] else { continue }
      let organisation =
        policies.feed == .defaultOrganisation ? StoredSession.defaultOrganisation : listener.user.organisation
      let feed = SessionFeed(organisationID: organisation, sessions: items, timestamp: now.inSeconds)
      let message = WebSocketMessage.document(feed)
      listener.socket.send(Frame(message, byteCount: message.byteCount))
    }
  }
}

extension StoredSession {
  /// What the feed tells of idleness; nil without time-out or activity [rec 03m].
  func idle(at now: Timestamp) -> SessionFeed.Item.Idle? {
    guard let timeout = IdleTimeout(idleTimeout), let lastActivity else { return nil }
    let threshold = Int(timeout.microseconds / 1_000_000)
    let duration = max(0, Int(now.secondsSince1970 - lastActivity.secondsSince1970))
    return SessionFeed.Item.Idle(
      duration: duration, threshold: threshold, isIdle: duration >= threshold, isActive: duration < threshold)
  }
}
