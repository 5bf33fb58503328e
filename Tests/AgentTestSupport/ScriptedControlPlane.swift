import SimulationRuntime
import StreamSpaceProtocol

/// A control plane that says what a test of an agent tells it to, on the simulated network.
package final class ScriptedControlPlane: Program {
  package static let endpoint = Endpoint(host: "api", port: 8000)

  /// What a registration is answered.
  package enum Registration {
    case registered
    case pending
    case approved(key: String?)
    case rejected
    case refused(HTTPStatus, ErrorBody)
    /// Nothing at all.
    case silent
  }

  package let incarnation: Incarnation
  private static let pinging = EventLabel("test.control-plane.ping")
  /// Shared by all lives.
  package let record: Record

  /// What happened, over all lives of the control plane.
  package final class Record {
    package init() {}

    package var registration = Registration.registered
    /// What the answer to a registration names; nil for a shipped control plane.
    package var protocolVersion: String? = "2.1"
    /// Whether commands are acknowledged by a pong to each ping.
    package var answersPings = true
    /// Whether a connection over which an attachment was asked for is pinged every 5 s (C24).
    package var keepsAlive = true
    fileprivate var carriesAttachments = false
    package var registrations: [(request: AgentRegistrationRequest, key: String?, time: Instant)] = []
    package var connects: [(query: HTTPQuery, key: String?, time: Instant)] = []
    package var messages: [(message: AgentMessage, time: Instant)] = []
    /// Every message as it came, control frames left out.
    package var frames: [AgentSocketFrame] = []
    package var pings: [Instant] = []
    package var closes: [WebSocketCloseCode] = []
    package var sockets: [Socket] = []
    package var ends = 0
  }

  package init(_ incarnation: Incarnation, _ record: Record) {
    self.incarnation = incarnation
    self.record = record
  }

  package func start() {
    incarnation.simulation.network.listen(incarnation, port: Self.endpoint.port) { [weak self] call in
      self?.receive(call)
    }
  }

  package func terminate() { incarnation.exit("terminated") }

  private func receive(_ call: IncomingCall) {
    guard let request = (call.hello as? Frame<HTTPRequest>)?.value else { return call.drop() }
    let key = request.headers[HTTPHeaderName.agentAPIKey]
    let now = incarnation.simulation.now
    if request.path == "/api/v1/agents/register" {
      guard let body: AgentRegistrationRequest = try? request.body.decode() else { return call.drop() }
      record.registrations.append((body, key, now))
      answer(call, body)
    } else if request.isWebSocketUpgrade, let socket = call.accept() {
      record.connects.append((request.query, key, now))
      record.sockets.append(socket)
      record.carriesAttachments = false
      incarnation.every(.seconds(5), Self.pinging) { [weak self] in
        guard let self, self.record.keepsAlive, self.record.carriesAttachments else { return }
        if self.record.socket === socket { self.send(.ping, on: socket) }
      }
      socket.onReceive = { [weak self] payload in self?.receive(payload, on: socket) }
      socket.onClose = { [record] _ in record.ends += 1 }
    }
  }

  private func answer(_ call: IncomingCall, _ request: AgentRegistrationRequest) {
    let time = Timestamp(nanosecondsSince1970: 0)
    let agent = AgentRecord(
      id: "11111111-1111-1111-1111-111111111111", agentID: request.agentID, platform: request.platform,
      status: "offline", createdAt: time, updatedAt: time)
    switch record.registration {
    case .registered:
      reply(call, HTTPResponse(.ok, RegistrationAnswer.registered(agent, protocolVersion: record.protocolVersion)))
    case .pending: enrol(call, agent, .pending, nil)
    case .approved(let key): enrol(call, agent, .approved, key)
    case .rejected: enrol(call, agent, .rejected, nil)
    case .refused(let status, let body): reply(call, HTTPResponse(status, body))
    case .silent: break
    }
  }

  private func enrol(_ call: IncomingCall, _ agent: AgentRecord, _ status: ApprovalStatus, _ key: String?) {
    let enrolment = RegistrationAnswer.Enrolment(
      agent: agent, approvalStatus: status, apiKey: key, protocolVersion: "2.1")
    reply(call, HTTPResponse(enrolment.status, RegistrationAnswer.enrolment(enrolment)))
  }

  private func reply(_ call: IncomingCall, _ response: HTTPResponse) {
    call.reply(Frame(response, byteCount: response.byteCount))
  }

  private func receive(_ payload: any Payload, on socket: Socket) {
    guard let frame = (payload as? Frame<AgentSocketFrame>)?.value else { return }
    switch frame {
    case .fromAgent, .text: record.frames.append(frame)
    default: break
    }
    switch frame {
    case .fromAgent(let envelope): record.messages.append((envelope.message, incarnation.simulation.now))
    case .ping:
      record.pings.append(incarnation.simulation.now)
      if record.answersPings { send(.pong, on: socket) }
    case .close(let code, _): record.closes.append(code)
    default: break
    }
  }

  private func send(_ frame: AgentSocketFrame, on socket: Socket) {
    socket.send(Frame(frame, byteCount: frame.byteCount))
  }
}

extension ScriptedControlPlane.Record {
  /// The newest connection.
  package var socket: Socket? { sockets.last }

  package func send(_ messages: ServerMessage...) {
    for case .vncOpen in messages { carriesAttachments = true }
    let envelopes = messages.map { ServerEnvelope(at: Timestamp(nanosecondsSince1970: 0), $0) }
    let frame = AgentSocketFrame.fromServer(envelopes)
    socket?.send(Frame(frame, byteCount: frame.byteCount))
  }

  package var statuses: [SessionStatusReport] {
    messages.compactMap { if case .status(let report) = $0.message { report } else { nil } }
  }

  package func acks(_ commandID: String) -> Int {
    messages.count { $0.message == .ack(CommandAck(commandID: commandID)) }
  }

  /// Every complete of a command.
  package func completions(_ commandID: String) -> [CommandCompletion] {
    messages.compactMap {
      if case .complete(let done) = $0.message, done.commandID == commandID { done } else { nil }
    }
  }

  package func failures(_ commandID: String) -> [String] {
    messages.compactMap {
      if case .failed(let failure) = $0.message, failure.commandID == commandID { failure.error } else { nil }
    }
  }

  /// When the first answer to a command came.
  package func answered(_ commandID: String) -> Instant? {
    messages.first {
      switch $0.message {
      case .complete(let done): done.commandID == commandID
      case .failed(let failure): failure.commandID == commandID
      default: false
      }
    }?.time
  }
}
