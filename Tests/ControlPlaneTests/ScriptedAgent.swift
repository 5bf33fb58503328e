import SimulationRuntime
import StreamSpaceProtocol

/// What a scripted agent does; tests change it at any time.
final class AgentScript {
  /// What it does with a command.
  enum Answer {
    /// `ack` at once, `complete` after the time of the work.
    case completes(after: TimeSpan)
    case fails(String)
    case acksOnly
    case silent
  }

  let agentID: String
  var key: String
  /// Host of the replica it goes to.
  var target: String
  var platform = Platform.kubernetes
  var instance: String?
  var term: Int64?
  var inventory: [SessionInventoryItem]?
  var heartbeat: TimeSpan? = .seconds(30)
  var answer = Answer.completes(after: .milliseconds(100))
  var acksFirst = true
  /// Waits before a new try; nil: it stays away once its connection is lost.
  var reconnect: TimeSpan? = .seconds(2)
  var registers = true
  var speaksContract = true

  init(agentID: String, key: String, target: String) {
    self.agentID = agentID
    self.key = key
    self.target = target
  }
}

/// An agent on a host of its own: registers, connects, beats, answers commands by its script, and remembers them.
final class ScriptedAgent {
  let script: AgentScript
  let process: SimulatedProcess
  /// Ids of all commands that came, in order, over all lives.
  fileprivate(set) var received: [String] = []
  /// Messages of the replica that held more than one document.
  fileprivate(set) var joinedMessages = 0
  /// Status codes of refused registrations and connects.
  fileprivate(set) var refusals: [HTTPResponse] = []
  fileprivate(set) var connections = 0
  /// Why connections ended: close codes, 0 for a reset.
  fileprivate(set) var ends: [Int] = []
  fileprivate var socket: Socket?
  var answersPings = true
  /// Told of commands.
  var onCommand: (() -> Void)?
  /// Told of messages that are no commands.
  var onMessage: ((ServerMessage) -> Void)?

  init(_ name: String, _ script: AgentScript, in simulation: Simulation) throws {
    self.script = script
    let box = Box()
    process = try simulation.addProcess(name, on: simulation.host(name)) { incarnation in
      AgentProgram(incarnation, script, box)
    }
    box.agent = self
  }

  final class Box {
    weak var agent: ScriptedAgent?
  }

  func start() { process.start() }

  /// Leaves the connection and makes a new one at once, without closing the old: the replica does not notice.
  func redial(to host: String? = nil) {
    if let host { script.target = host }
    socket = nil
    program?.connect()
  }

  fileprivate weak var program: AgentProgram?

  func send(_ message: AgentMessage) {
    guard let program else { return }
    program.send(message)
  }

  /// Whether its socket takes what comes.
  func read(_ isReading: Bool) {
    if isReading { socket?.resumeReading() } else { socket?.pauseReading() }
  }

  func send(_ frame: AgentSocketFrame) { socket?.send(Frame(frame, byteCount: frame.byteCount)) }
}

final class AgentProgram: Program {
  private let incarnation: Incarnation
  private let script: AgentScript
  private let box: ScriptedAgent.Box
  private var beating: Ticker?
  /// Results by command, so that a repeat has no second effect (C10).
  private var results: [String: AgentMessage] = [:]
  /// Sockets it let go of without closing them.
  private var abandoned: [Socket] = []

  private static let beat = EventLabel("test.agent.heartbeat")
  private static let work = EventLabel("test.agent.work")
  private static let again = EventLabel("test.agent.reconnect")

  init(_ incarnation: Incarnation, _ script: AgentScript, _ box: ScriptedAgent.Box) {
    self.incarnation = incarnation
    self.script = script
    self.box = box
  }

  private var agent: ScriptedAgent? { box.agent }

  func start() {
    agent?.program = self
    connect()
  }

  func terminate() { incarnation.exit("terminated") }

  func connect() { if script.registers { register() } else { dial() } }

  private func request(_ request: HTTPRequest, _ done: @escaping (CallOutcome) -> Void) {
    var request = request
    request.headers[HTTPHeaderName.agentAPIKey] = script.key
    incarnation.simulation.network.open(
      from: incarnation, to: Endpoint(host: script.target, port: 8000),
      hello: Frame(request, byteCount: request.byteCount), timeout: .seconds(10), done)
  }

  private func register() {
    var metadata = AgentMetadata()
    metadata.protocolVersion = script.speaksContract ? AgentMetadata.contractProtocol : nil
    metadata.instanceID = script.instance ?? incarnation.host.name
    metadata.leaderTerm = script.term
    metadata.sessions = script.inventory
    let body = AgentRegistrationRequest(agentID: script.agentID, platform: script.platform, metadata: metadata)
    request(HTTPRequest(.post, "/api/v1/agents/register", body: .typed(body))) { [weak self] outcome in
      guard let self else { return }
      if case .reply(let payload) = outcome, let answer = (payload as? Frame<HTTPResponse>)?.value {
        if answer.status == .ok { return dial() }
        agent?.refusals.append(answer)
      }
      retry()
    }
  }

  private func dial() {
    var query: HTTPQuery = ["agent_id": script.agentID]
    if let term = script.term { query["term"] = String(term) }
    request(HTTPRequest(.get, "/api/v1/agents/connect", query: query, headers: ["Upgrade": "websocket"])) {
      [weak self] outcome in
      guard let self else { return }
      switch outcome {
      // A reset may have overtaken the news of the connection.
      case .connected(let socket): if socket.isOpen { adopt(socket) } else { retry() }
      case .reply(let payload):
        if let answer = (payload as? Frame<HTTPResponse>)?.value { agent?.refusals.append(answer) }
        retry()
      default: retry()
      }
    }
  }

  private func retry() {
    guard let wait = script.reconnect else { return }
    incarnation.after(wait, Self.again) { [weak self] in self?.connect() }
  }

  private func adopt(_ socket: Socket) {
    if let old = agent?.socket { abandoned.append(old) }
    agent?.socket = socket
    agent?.connections += 1
    socket.onReceive = { [unowned self, unowned socket] payload in
      guard let frame = (payload as? Frame<AgentSocketFrame>)?.value else { return }
      receive(frame, on: socket)
    }
    socket.onClose = { [unowned self, unowned socket] end in
      var code = 0
      if case .closed(let farewell) = end, let frame = (farewell as? Frame<AgentSocketFrame>)?.value,
        case .close(let given, _) = frame
      {
        code = Int(given.rawValue)
      }
      agent?.ends.append(code)
      guard agent?.socket === socket else { return }
      agent?.socket = nil
      beating?.stop()
      retry()
    }
    beating?.stop()
    if let period = script.heartbeat {
      beating = incarnation.every(period, Self.beat) { [unowned self] in
        send(.heartbeat(AgentHeartbeat(activeSessions: 0)))
      }
    }
  }

  private func receive(_ frame: AgentSocketFrame, on socket: Socket) {
    switch frame {
    case .ping:
      guard agent?.answersPings == true else { return }
      socket.send(Frame(AgentSocketFrame.pong, byteCount: AgentSocketFrame.pong.byteCount))
    case .fromServer(let envelopes):
      if envelopes.count > 1 {
        // A strict agent loses what it cannot read as one document.
        agent?.joinedMessages += 1
        return
      }
      for envelope in envelopes {
        if case .command(let command) = envelope.message { take(command) } else { agent?.onMessage?(envelope.message) }
      }
    default: break
    }
  }

  private func take(_ command: AgentCommand) {
    agent?.received.append(command.commandID)
    agent?.onCommand?()
    if let result = results[command.commandID] { return send(result) }
    switch script.answer {
    case .silent: return
    case .acksOnly: send(.ack(CommandAck(commandID: command.commandID)))
    case .fails(let error):
      send(.ack(CommandAck(commandID: command.commandID)))
      finish(command, .failed(CommandFailure(commandID: command.commandID, error: error)))
    case .completes(let time):
      if script.acksFirst { send(.ack(CommandAck(commandID: command.commandID))) }
      incarnation.after(time, Self.work) { [weak self] in
        self?.finish(command, .complete(CommandCompletion(commandID: command.commandID)))
      }
    }
  }

  private func finish(_ command: AgentCommand, _ result: AgentMessage) {
    results[command.commandID] = result
    send(result)
  }

  func send(_ message: AgentMessage) {
    let time = Timestamp(nanosecondsSince1970: Epoch.unixSeconds * 1_000_000_000 + incarnation.now.nanoseconds)
    let frame = AgentSocketFrame.fromAgent(AgentEnvelope(at: time, message))
    agent?.socket?.send(Frame(frame, byteCount: frame.byteCount))
  }
}
