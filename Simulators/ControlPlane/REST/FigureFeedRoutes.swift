import OrderedCollections
import SimulationRuntime
import StreamSpaceProtocol

/// `GET /api/v1/ws/cluster`: every 5 s the figures of the caller's organisation, to every operator that listens
/// (spec/02 §5.9; C16: of others they tell nothing).
final class FigureFeedRoutes {
  static let period = TimeSpan.seconds(5)
  private static let tick = EventLabel("controlplane.feed.figures")

  private struct Listener {
    let socket: Socket
    let organisation: String
  }

  private unowned let replica: Replica
  private let authenticator: Authenticator
  private let policies: UserPolicies
  private var listeners: OrderedDictionary<Int, Listener> = [:]
  private var count = 0
  private var ticker: Ticker?

  init(_ replica: Replica, _ authenticator: Authenticator) {
    self.replica = replica
    self.authenticator = authenticator
    policies = replica.configuration.behaviour.sessions.users
  }

  func install() {
    replica.router.on(.get, "/api/v1/ws/cluster") { [unowned self] exchange in
      authenticator.authenticate(exchange, role: .operator) { [self] user in
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
    listeners[number] = Listener(socket: socket, organisation: user.organisation)
    socket.onClose = { [unowned self] _ in
      listeners[number] = nil
      guard listeners.isEmpty else { return }
      ticker?.stop()
      ticker = nil
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

  /// Listeners of one organisation get the same message, read once.
  private func publish() {
    var groups: OrderedDictionary<String, [Int]> = [:]
    for (number, listener) in listeners { groups[subject(of: listener), default: []].append(number) }
    replica.database.execute(SessionStatements.catalogueFigures) { [unowned self] catalogue in
      guard let catalogue = try? catalogue.get().singleRow() else { return }
      for (organisation, members) in groups { publish(organisation, catalogue, to: members) }
    }
  }

  /// Empty: every organisation.
  private func subject(of listener: Listener) -> String {
    switch policies.feed {
    case .visible: listener.organisation
    case .defaultOrganisation: StoredSession.defaultOrganisation
    case .everything: ""
    }
  }

  private func publish(_ organisation: String, _ catalogue: SQLRow, to members: [Int]) {
    let parameter: SQLValue = organisation.isEmpty ? .null : .text(organisation)
    replica.database.execute(SessionStatements.figures, [parameter]) { [unowned self] result in
      guard let row = try? result.get().singleRow(), let figures = try? Figures(row, catalogue) else { return }
      let message = WebSocketMessage.document(figures)
      for number in members {
        listeners[number]?.socket.send(Frame(message, byteCount: message.byteCount))
      }
    }
  }
}

/// One message of the feed of figures.
private struct Figures: WireEncodable {
  private let running: Int64
  private let hibernated: Int64
  private let total: Int64
  private let viewers: Int64
  private let repositories: Int64
  private let templates: Int64

  init(_ row: SQLRow, _ catalogue: SQLRow) throws(SQLRowError) {
    running = try row.integer("running")
    hibernated = try row.integer("hibernated")
    total = try row.integer("total")
    viewers = try row.integer("viewers")
    repositories = try catalogue.integer("repositories")
    templates = try catalogue.integer("templates")
  }

  var json: JSONValue {
    var sessions = JSONObject(reserving: 3)
    sessions.add("hibernated", Int(hibernated))
    sessions.add("running", Int(running))
    sessions.add("total", Int(total))
    var metrics = JSONObject(reserving: 4)
    metrics.add("activeConnections", Int(viewers))
    metrics.add("repositories", Int(repositories))
    metrics.add("sessions", JSONValue.object(sessions))
    metrics.add("templates", Int(templates))
    var object = JSONObject(reserving: 2)
    object.add("metrics", JSONValue.object(metrics))
    object.add("type", "metrics_update")
    return .object(object)
  }
}
