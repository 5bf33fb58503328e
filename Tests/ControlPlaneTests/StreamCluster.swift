import Database
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// Replicas that serve streams, one scripted agent with tunnels to scripted desktops, and viewers.
final class StreamCluster {
  let cluster: SessionCluster
  let agent: ScriptedAgent
  let tunnels: TunnelScript
  private var viewers: [ScriptedViewer] = []
  static let session = "u01-desktop-00000001"

  init(
    replicas: Int = 1, seed: UInt64 = 1, isCacheEnabled: Bool = false, agentAt replica: Int = 1,
    speaksContract: Bool = true, sessions: [String] = [StreamCluster.session],
    configure: @escaping (inout ReplicaConfiguration) -> Void = { _ in }
  ) throws {
    var options = SessionCluster.Options()
    options.seed = seed
    options.replicas = replicas
    options.hasRedis = replicas > 1
    options.isCacheEnabled = isCacheEnabled
    options.hasAgent = false
    options.streams = configure
    let key = SHA256.hex("key of k8s-1")
    options.rows = [
      (
        SQLStatement(
          "agent",
          "INSERT INTO agents (agent_id, platform, status, approval_status, api_key_hash) VALUES ('k8s-1', 'kubernetes', 'offline', 'approved', $1)"
        ), [.text(TaggedHash.ofAgentKey(key))]
      )
    ]
    for session in sessions {
      options.rows.append((Self.insertSession, [.text(session), .text(String(session.prefix(3)))]))
    }
    cluster = try SessionCluster(options)
    let script = AgentScript(agentID: "k8s-1", key: key, target: "api-\(replica)")
    script.speaksContract = speaksContract
    agent = try ScriptedAgent("k8s-1", script, in: cluster.simulation)
    tunnels = TunnelScript(agent, cluster.simulation)
    agent.start()
    try run(.seconds(3))
  }

  private static let insertSession = SQLStatement(
    "session",
    """
    INSERT INTO sessions (id, user_id, org_id, template_name, state, active_connections, url, namespace, platform, \
    agent_id, pod_name, created_at, updated_at, streaming_protocol, streaming_port, streaming_path) \
    VALUES ($1, $2, 'default-org', 'xterm-vnc', 'running', 0, '/x', 'streamspace', 'kubernetes', 'k8s-1', 'pod', NOW(), \
    NOW(), 'vnc', 5900, '')
    """)

  func run(_ span: TimeSpan) throws { try cluster.run(span) }
  func relay(_ number: Int = 1) -> StreamRelay { cluster.relays[number - 1] }

  func viewer(
    _ session: String = StreamCluster.session, as user: String = "u01", at replica: Int = 1, isBinary: Bool = true,
    upgrades: Bool = true, token: String? = nil
  ) -> ScriptedViewer {
    let viewer = ScriptedViewer(
      cluster, session, user: user, replica: replica, isBinary: isBinary, upgrades: upgrades, token: token)
    viewers.append(viewer)
    return viewer
  }

  /// A viewer whose tunnel stands.
  func attached(
    _ session: String = StreamCluster.session, as user: String = "u01", at replica: Int = 1, isBinary: Bool = true
  ) throws -> ScriptedViewer {
    let viewer = viewer(session, as: user, at: replica, isBinary: isBinary)
    try run(.milliseconds(300))
    try #require(viewer.socket != nil)
    return viewer
  }

  func count(_ session: String = StreamCluster.session) throws -> Int64? {
    try cluster.query("SELECT active_connections FROM sessions WHERE id = $1", [.text(session)]).first?
      .integer("active_connections")
  }

  func setState(_ state: String, of session: String = StreamCluster.session) throws {
    _ = try cluster.query("UPDATE sessions SET state = $2 WHERE id = $1", [.text(session), .text(state)])
  }

  /// Ends of attachments so far, by close code.
  var ends: [UInt16] {
    cluster.events.compactMap { if case .attachmentEnded(_, _, let code, _) = $0.event { code.rawValue } else { nil } }
  }

  /// Nothing of any attachment is left anywhere.
  func expectNothingHeld(sourceLocation: SourceLocation = #_sourceLocation) {
    for relay in cluster.relays {
      #expect(relay.viewerCount == 0, sourceLocation: sourceLocation)
      #expect(relay.holdsNothing, sourceLocation: sourceLocation)
    }
  }
}

/// The agent's tunnels: what a test lets its desktops send and take, within the windows of the contract.
final class TunnelScript {
  /// One tunnel as the agent has it.
  final class Tunnel {
    let session: String
    let attachment: String?
    var received: [UInt8] = []
    var window: StreamWindow
    var credit = StreamCredit()
    var toSend: [UInt8] = []
    /// Whether the desktop takes what the viewer sends.
    var isReading = true
    var unread = 0
    var closed: String?
    var largestFrame = 0

    init(_ session: String, _ attachment: String?, window: Int) {
      self.session = session
      self.attachment = attachment
      self.window = StreamWindow(size: window)
    }
  }

  private(set) var tunnels: [Tunnel] = []
  /// Types of all `vnc_*` messages in order, with reason or attachment.
  private(set) var log: [String] = []
  /// The sessions of all data frames in order.
  private(set) var order: [String] = []
  var answers = true
  private unowned let agent: ScriptedAgent
  private unowned let simulation: Simulation

  init(_ agent: ScriptedAgent, _ simulation: Simulation) {
    self.agent = agent
    self.simulation = simulation
    agent.onMessage = { [unowned self] in take($0) }
  }

  var last: Tunnel? { tunnels.last }
  func tunnel(_ attachment: String?) -> Tunnel? { tunnels.last { $0.attachment == attachment } }

  private func take(_ message: ServerMessage) {
    switch message {
    case .vncOpen(let open):
      log.append("open")
      tunnels.append(Tunnel(open.sessionID, open.attachmentID, window: open.window))
      if answers {
        agent.send(.vncReady(VNCReady(sessionID: open.sessionID, attachmentID: open.attachmentID, vncPort: 5900)))
      }
    case .vncData(let data):
      guard let tunnel = find(data.sessionID, data.attachmentID), tunnel.closed == nil, let bytes = data.data.bytes
      else {
        log.append("data dropped")
        return
      }
      order.append(data.sessionID)
      tunnel.largestFrame = max(tunnel.largestFrame, bytes.count)
      tunnel.received += bytes
      tunnel.unread += bytes.count
      settle(tunnel)
    case .vncCredit(let credit):
      guard let tunnel = tunnel(credit.attachmentID) else { return }
      tunnel.window.credited(credit.bytes)
      pump(tunnel)
    case .vncClose(let close):
      log.append("close \(close.reason)")
      find(close.sessionID, close.attachmentID)?.closed = close.reason
    default: break
    }
  }

  private func find(_ session: String, _ attachment: String?) -> Tunnel? {
    if let attachment { return tunnel(attachment) }
    return tunnels.last { $0.session == session }
  }

  /// A tunnel of an agent without the contract's frames.
  func openLegacy(_ session: String) -> Tunnel {
    let tunnel = Tunnel(session, nil, window: .max)
    tunnels.append(tunnel)
    return tunnel
  }

  /// The desktop takes what has come.
  func settle(_ tunnel: Tunnel) {
    guard tunnel.isReading, tunnel.unread > 0, let attachment = tunnel.attachment else { return }
    agent.send(.vncCredit(VNCCredit(sessionID: tunnel.session, attachmentID: attachment, bytes: tunnel.unread)))
    tunnel.unread = 0
  }

  /// The desktop sends.
  func send(_ bytes: [UInt8], on tunnel: Tunnel?) {
    guard let tunnel else { return }
    tunnel.toSend += bytes
    pump(tunnel)
  }

  private func pump(_ tunnel: Tunnel) {
    while tunnel.closed == nil, !tunnel.toSend.isEmpty, tunnel.window.room > 0 {
      let size = min(VNCChunk.maximumBytes, tunnel.window.room, tunnel.toSend.count)
      let bytes = Array(tunnel.toSend.prefix(size))
      tunnel.toSend.removeFirst(size)
      tunnel.window.sent(size)
      let data = VNCData(sessionID: tunnel.session, attachmentID: tunnel.attachment, data: VNCChunk(bytes: bytes))
      agent.send(.vncData(data))
    }
  }

  func close(_ tunnel: Tunnel?, _ reason: VNCClose.Reason = .desktopClosed) {
    guard let tunnel else { return }
    let close = VNCClose(sessionID: tunnel.session, attachmentID: tunnel.attachment, reason: reason)
    agent.send(.vncClose(close))
  }

  func fail(_ tunnel: Tunnel?, _ error: String) {
    guard let tunnel else { return }
    agent.send(.vncError(VNCError(sessionID: tunnel.session, attachmentID: tunnel.attachment, error: error)))
  }
}

/// A viewer's WebSocket.
final class ScriptedViewer {
  private(set) var socket: Socket?
  private(set) var received: [UInt8] = []
  private(set) var texts = 0
  private(set) var status: Int?
  private(set) var closeCode: UInt16?
  private(set) var closeReason: String?
  private(set) var wasReset = false
  private(set) var endedAt: Instant?
  private(set) var pings = 0
  var answersPings = true
  private var isStepping = false
  private let simulation: Simulation

  init(
    _ cluster: SessionCluster, _ session: String, user: String, replica: Int, isBinary: Bool, upgrades: Bool,
    token: String?
  ) {
    simulation = cluster.simulation
    let role: UserRole = user.hasPrefix("admin") ? .admin : .user
    let token = token ?? SessionCluster.token(user, role: role, at: cluster.now)
    var request = HTTPRequest(.get, "/api/v1/vnc/\(session)", query: ["token": token])
    if upgrades { request.headers["Upgrade"] = "websocket" }
    if isBinary { request.headers["Sec-WebSocket-Protocol"] = "binary" }
    guard let client = cluster.client else { return }
    simulation.network.open(
      from: client, to: Endpoint(host: "api-\(replica)", port: 8000),
      hello: Frame(request, byteCount: request.byteCount)
    ) { [unowned self] outcome in
      switch outcome {
      case .reply(let payload): status = (payload as? Frame<HTTPResponse>)?.value.status.rawValue
      case .connected(let socket): adopt(socket)
      default: wasReset = true
      }
    }
  }

  var isOpen: Bool { socket?.isOpen == true }

  private func adopt(_ socket: Socket) {
    self.socket = socket
    status = 101
    socket.onReceive = { [unowned self] payload in
      guard let frame = (payload as? Frame<WebSocketFrame>)?.value else { return }
      if isStepping { self.socket?.pauseReading() }
      switch frame {
      case .message(.binary(let bytes)): received += bytes
      case .message(.text(let text)):
        texts += 1
        received += Base64.decode(text) ?? []
      case .ping:
        pings += 1
        if answersPings { send(.pong) }
      default: break
      }
    }
    socket.onClose = { [unowned self] end in
      endedAt = simulation.now
      switch end {
      case .closed(let farewell):
        if case .close(let code, let reason)? = (farewell as? Frame<WebSocketFrame>)?.value {
          closeCode = code.rawValue
          closeReason = reason
        }
      case .reset: wasReset = true
      }
    }
  }

  func send(_ frame: WebSocketFrame) { socket?.send(Frame(frame, byteCount: frame.byteCount)) }
  func send(_ bytes: [UInt8]) { send(.binary(bytes)) }

  /// Takes one frame and no more.
  func takeOne() {
    isStepping = true
    socket?.resumeReading()
    isStepping = false
  }

  func leave() {
    let frame = WebSocketFrame.close(code: .normal, reason: "")
    socket?.close(farewell: Frame(frame, byteCount: frame.byteCount))
  }
}

/// Bytes that differ by place and seed.
func pattern(_ count: Int, _ seed: UInt8 = 0) -> [UInt8] {
  [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
    var place = 0
    while place < count {
      buffer[place] = UInt8(truncatingIfNeeded: place &* 31 &+ place >> 8 &+ Int(seed) &* 101)
      place += 1
    }
    filled = count
  }
}

/// Expects two streams to be equal, and does not print them.
func expectSame(_ left: [UInt8]?, _ right: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
  let isSame = left == right
  #expect(isSame, "\(left?.count ?? -1) and \(right.count) bytes", sourceLocation: sourceLocation)
}
