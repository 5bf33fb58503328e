/// What an agent could send that its program never would (capability `frames`).
public enum AgentFrame: Sendable, Equatable {
  case acknowledge(command: String)
  case complete(command: String)
  case failed(command: String, error: String)
  /// A status report about a session.
  case status(session: String, state: String, pod: String?)
  case text([UInt8])
  case binary([UInt8])
}

/// How an agent presents itself.
public struct AgentIdentity: Sendable, Equatable {
  public var agent: String
  public var platform: String
  public var key: AgentKeyChoice
  /// `metadata.protocol`; nil: an agent that does not know the contract (C33).
  public var protocolVersion: String?
  public var instance: String?
  /// `metadata.leaderTerm` and the term of the connect call; nil: no election.
  public var term: Int64?
  /// The id in the query of the connect call, where it differs from ``agent``.
  public var connectAs: String?

  public init(
    _ agent: String, platform: String = "kubernetes", key: AgentKeyChoice, protocolVersion: String? = "2.1",
    instance: String? = nil, term: Int64? = nil, connectAs: String? = nil
  ) {
    self.agent = agent
    self.platform = platform
    self.key = key
    self.protocolVersion = protocolVersion
    self.instance = instance
    self.term = term
    self.connectAs = connectAs
  }
}

/// Which key an agent presents.
public enum AgentKeyChoice: Sendable, Equatable {
  /// The key issued to that agent id.
  case issued(to: String)
  case bootstrap
  case text(String)
}

/// How a call of an agent was answered.
public struct AgentAnswer: Sendable, Equatable {
  /// Nil: no answer.
  public var status: Int?
  public var error: String?
  public var message: String?
  public var approvalStatus: String?
  public var apiKey: String?

  public init(
    status: Int?, error: String? = nil, message: String? = nil, approvalStatus: String? = nil, apiKey: String? = nil
  ) {
    self.status = status
    self.error = error
    self.message = message
    self.approvalStatus = approvalStatus
    self.apiKey = apiKey
  }

  public var isAccepted: Bool { status.map { (200..<300).contains($0) } ?? false }
}

/// An agent played by the case itself, under an identity of its own (capability `frames`).
public protocol AgentClient: Sendable {
  func register(as identity: AgentIdentity, at replica: String?) async throws -> AgentAnswer
  /// Opens the WebSocket; 101 is reported as status 101. A connection that stands is closed first.
  func connect(as identity: AgentIdentity, at replica: String?) async throws -> AgentAnswer
  func send(_ frame: AgentFrame) async throws
  /// Text messages of the control plane so far, oldest first.
  func received() async throws -> [String]
  /// Whether the WebSocket stands.
  func isConnected() async throws -> Bool
  func close() async throws
}

/// A message between an agent and the control plane, as ``Environment/capturedFrames`` shows it.
public struct CapturedFrame: Sendable, Equatable {
  /// When it was put on the socket.
  public var time: Duration
  public var agent: String
  /// From the agent, or to it.
  public var isFromAgent: Bool
  /// `heartbeat`, `ack`, `command`, …; `text` for what is no envelope.
  public var type: String
  public var command: String?
  public var session: String?
  /// The JSON text.
  public var text: String

  public init(
    time: Duration, agent: String, isFromAgent: Bool, type: String, command: String?, session: String?, text: String
  ) {
    self.time = time
    self.agent = agent
    self.isFromAgent = isFromAgent
    self.type = type
    self.command = command
    self.session = session
    self.text = text
  }
}
