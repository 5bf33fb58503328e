/// REST as one user does it. `replica` nil: through the balancer.
public protocol SessionClient: Sendable {
  var name: String { get }
  func create(_ session: SessionRequest, at replica: String?) async throws -> Answer
  func get(_ session: String, at replica: String?) async throws -> Answer
  func list(at replica: String?) async throws -> Answer
  func stop(_ session: String, at replica: String?) async throws -> Answer
  func hibernate(_ session: String, at replica: String?) async throws -> Answer
  func wake(_ session: String, at replica: String?) async throws -> Answer
  /// `POST /sessions/:id/heartbeat`, with the id of a connection made by ``connect(_:at:)``.
  func heartbeat(_ session: String, connection: String?, at replica: String?) async throws -> Answer
  /// `GET /sessions/:id/connect`.
  func connect(_ session: String, at replica: String?) async throws -> Answer
  /// `PATCH /sessions/:id` with `{"state": state}`.
  func patch(_ session: String, state: String, at replica: String?) async throws -> Answer
  /// Approves or rejects an agent (administrators).
  func decide(agent: String, approve: Bool, at replica: String?) async throws -> Answer
  /// Listens to the feed of sessions, `GET /api/v1/ws/sessions`.
  func listen(at replica: String?) async throws -> any FeedListener
  /// Any request of the API with an optional JSON body, as text.
  func send(_ method: String, _ path: String, body: String?, at replica: String?) async throws -> RawAnswer

  // MARK: Many users

  /// `POST /auth/refresh`: from now on the new token is used. False: it was refused.
  func refresh(at replica: String?) async throws -> Bool
  /// Listens to the feed of figures, `GET /api/v1/ws/cluster` (operators and administrators).
  func listenToFigures(at replica: String?) async throws -> any FeedListener
  /// A request as a browser makes it: the token in the cookie of the proxy paths, no `Authorization`, and what `headers`
  /// and `cookies` add.
  func browse(
    _ method: String, _ path: String, headers: [HeaderField], cookies: [HeaderField], at replica: String?
  ) async throws -> RawAnswer
}

/// A field of a header, or a cookie.
public struct HeaderField: Sendable, Equatable {
  public var name: String
  public var value: String

  public init(_ name: String, _ value: String) {
    self.name = name
    self.value = value
  }
}

/// A browser that listens to the feed of sessions.
public protocol FeedListener: Sendable {
  /// Messages so far, oldest first.
  var messages: [FeedMessage] { get }
  func close() async throws
}

/// A message of the feed.
public struct FeedMessage: Sendable, Equatable {
  public var time: Duration
  public var text: String

  public init(time: Duration, text: String) {
    self.time = time
    self.text = text
  }
}

/// An answer as text.
public struct RawAnswer: Sendable, Equatable {
  /// Nil: no answer.
  public var status: Int?
  public var body: String
  public var headers: [HeaderField]

  public init(status: Int?, body: String, headers: [HeaderField] = []) {
    self.status = status
    self.body = body
    self.headers = headers
  }

  /// The first field of that name, in any case; nil: there is none.
  public subscript(header name: String) -> String? {
    headers.first { $0.name.lowercased() == name.lowercased() }?.value
  }
}

/// A create request. The standard session of spec/06 §0.1 unless changed.
public struct SessionRequest: Sendable, Equatable {
  public var template: String
  public var memory: String
  public var cpu: String
  public var persistentHome: Bool
  /// `docker` or `kubernetes`; nil: the template's, the application's or the default (C17).
  public var platform: String?
  /// Go duration text; nil: not sent.
  public var idleTimeout: String?

  public init(
    template: String = "xterm-vnc", memory: String = "512Mi", cpu: String = "250m", persistentHome: Bool = false,
    platform: String? = nil, idleTimeout: String? = nil
  ) {
    self.template = template
    self.memory = memory
    self.cpu = cpu
    self.persistentHome = persistentHome
    self.platform = platform
    self.idleTimeout = idleTimeout
  }
}

/// How a request ended. A request without an answer has no status: it may have had its effect (lesson L27).
public struct Answer: Sendable, Equatable {
  /// Nil: no answer (refused, reset, time-out).
  public var status: Int?
  /// Name of the session the answer is about.
  public var session: String?
  /// `state` of the answered session.
  public var state: String?
  public var commandID: String?
  public var connectionID: String?
  /// `error` and `message` of a refusal.
  public var error: String?
  public var message: String?
  /// Names in an answered list.
  public var sessions: [String]
  /// The replica that answered.
  public var replica: String?
  public var latency: Duration

  public init(status: Int?, replica: String? = nil, latency: Duration) {
    self.status = status
    self.replica = replica
    self.latency = latency
    sessions = []
  }

  /// 2xx.
  public var isAccepted: Bool { status.map { (200..<300).contains($0) } ?? false }
}
