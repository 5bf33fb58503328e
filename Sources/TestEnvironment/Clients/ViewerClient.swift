/// How a viewer asks for a session's desktop.
public struct ViewerRequest: Sendable, Equatable {
  public var session: String
  public var token: ViewerToken
  public var tokenPlace: ViewerTokenPlace
  /// Offers subprotocol `binary`; else frames are base64 text (C25).
  public var isBinary: Bool
  public var program: ViewerProgram
  /// The alias `/api/v1/sessions/:id/vnc` instead of `/api/v1/vnc/:id`.
  public var usesAlias: Bool

  public init(
    _ session: String, token: ViewerToken = .own, tokenPlace: ViewerTokenPlace = .query, isBinary: Bool = true,
    program: ViewerProgram = .desktop, usesAlias: Bool = false
  ) {
    self.session = session
    self.token = token
    self.tokenPlace = tokenPlace
    self.isBinary = isBinary
    self.program = program
    self.usesAlias = usesAlias
  }
}

/// Whose token a viewer shows.
public enum ViewerToken: Sendable, Equatable {
  /// The user's own, fetched by a login.
  case own
  case none
  case malformed
  /// The user's own, 25 h after its time.
  case expired
  /// The user's own, with a signature that holds `--`.
  case withDashes
}

/// Where it shows the token.
public enum ViewerTokenPlace: Sendable, Equatable { case query, cookie, header }

/// What a viewer does with the stream.
public enum ViewerProgram: Sendable, Equatable {
  /// RFB 3.8: keeps a framebuffer and asks again after each update (spec/06 §4).
  case desktop
  /// The same with continuous updates: for rates beyond one update a round trip.
  case continuous
  /// RFB on the marker's 8x8 pixels only: the probe viewer of spec/06 §10.4.
  case probe
  /// Bytes as they come, for a desktop that echoes them (capability `vnc-raw`).
  case raw
}

/// A user's viewers.
public protocol ViewerClient: Sendable {
  var user: String { get }
  /// Asks for the WebSocket and returns when it is answered. A refusal is a viewer that is closed, with its status.
  func open(_ request: ViewerRequest, at replica: String?) async throws -> any Viewer
}

/// One viewer, from its request to its end. Times are since the start of the run.
public protocol Viewer: Sendable {
  var session: String { get }
  /// Status of the answer: 101 when the WebSocket stands; nil: no answer.
  var status: Int? { get }
  /// The replica that holds the WebSocket (the edge).
  var edge: String? { get }
  /// What happened so far.
  var facts: ViewerFacts { get }

  /// Waits until a full picture was decoded; false when the viewer ended or `limit` passed first.
  func waitForPicture(within limit: Duration) async throws -> Bool
  /// Waits until the viewer has ended (close frame, reset); false when `limit` passed first.
  func waitForEnd(within limit: Duration) async throws -> Bool
  /// Sends a pointer event; returns its number among this viewer's input events, from 1.
  func point(x: Int, y: Int, buttons: Int) async throws -> Int
  /// Presses and releases a key; returns the number of the press.
  func type(keysym: Int) async throws -> Int
  /// Waits until the input event `number` has shown as the marker; nil when `limit` passed first.
  func inputLatency(of number: Int, within limit: Duration) async throws -> Duration?
  /// Sends bytes (program `raw`), as messages of the sizes given in turn.
  func send(count: Int, seed: UInt64, split: StreamSplit) async throws
  /// Waits until `count` bytes came back (program `raw`); false when `limit` passed first.
  func waitForBytes(_ count: Int, within limit: Duration) async throws -> Bool
  /// From now on takes at most so many bytes a second off its socket; 0: none; nil: as they come. Who reads nothing is told
  /// of nothing, of its own end neither, until it reads again.
  func limitReading(to bytesPerSecond: Int?) async throws
  /// Stops asking for updates; false: asks again.
  func pauseRequests(_ isPaused: Bool) async throws
  /// Compares its picture with the desktop's, when nothing is under way.
  func compare() async throws -> PictureComparison
  /// The picture as PNG, for the report.
  func screenshot() async throws -> [UInt8]
  /// Leaves: with a close frame (1000), or by dropping the connection.
  func close(abruptly: Bool) async throws
}

/// How a stream of bytes is cut into messages (VNC-K-02).
public enum StreamSplit: Sendable, Hashable {
  case fixed(Int)
  /// Sizes drawn from `1 ... most`.
  case uniform(most: Int)
  /// Fixed pieces whose size leaves `remainder` when divided by 3.
  case modulo3(remainder: Int)
  /// One byte at a time for the first so many, then fixed pieces.
  case singles(first: Int, then: Int)
}

/// What a viewer has seen.
public struct ViewerFacts: Sendable, Equatable {
  public var opened: Duration
  /// When each step of the handshake was done, in order: `upgrade`, `version`, `security`, `initialisation`,
  /// `first update`, `picture`.
  public var steps: [ViewerStep] = []
  /// First full picture.
  public var picture: Duration?
  public var ended: Duration?
  /// Close code; nil while it lives, and after a reset without one.
  public var closeCode: Int?
  public var closeReason: String?
  /// `error` of a refusal.
  public var error: String?
  public var bytesReceived = 0
  public var bytesSent = 0
  public var updates = 0
  /// When updates that carried video were decoded.
  public var videoFrames: [Duration] = []
  /// From the desktop's write of an update to its decoding here.
  public var updateLatencies: [Duration] = []
  /// From the write of an input event to the decoding of its marker.
  public var inputLatencies: [Duration] = []
  /// From the write of a key event to its receipt at the desktop.
  public var keyLatencies: [Duration] = []
  /// SHA-256 of all bytes received and sent, in hexadecimal (program `raw`).
  public var receivedDigest: String?
  public var sentDigest: String?

  public init(opened: Duration) { self.opened = opened }

  public var isOpen: Bool { ended == nil }
}

/// A step of a viewer's handshake.
public struct ViewerStep: Sendable, Equatable {
  public var name: String
  public var time: Duration

  public init(_ name: String, at time: Duration) {
    self.name = name
    self.time = time
  }
}

/// A viewer's picture beside its desktop's.
public struct PictureComparison: Sendable, Equatable {
  public var viewerDigest: String
  public var desktopDigest: String
  /// First differing rectangle as `WxH+X+Y`; nil: none.
  public var difference: String?

  public init(viewerDigest: String, desktopDigest: String, difference: String?) {
    self.viewerDigest = viewerDigest
    self.desktopDigest = desktopDigest
    self.difference = difference
  }

  public var isEqual: Bool { viewerDigest == desktopDigest && difference == nil }
}

/// What a case asks of a session's desktop (workload of the case, simulated and served desktops alike).
public enum DesktopCommand: Sendable, Equatable {
  /// The 64x64 video region changes so often a second; 0: it stands still.
  case video(perSecond: Int)
  /// One change of a 64x64 region now.
  case change
  /// The raw desktop offers so many bytes a second for that long.
  case flood(bytesPerSecond: Int, for: Duration)
  /// The raw desktop offers updates of that size, so many bytes a second, for that long.
  case updates(size: Int, bytesPerSecond: Int, for: Duration)
  /// Its socket takes at most so many bytes at a time, nil: as many as come (VNC-K-02, C-20).
  case shortWrites(Int?)
  /// It sends its greeting only after that time (VNC-K-01: before and after the viewer attaches).
  case greetingDelay(Duration)
}
