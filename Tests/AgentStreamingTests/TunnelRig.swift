import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import AgentStreaming

/// Tunnels between a scripted owner of attachments and a desktop that does as a test says, with the writer of an agent
/// reduced to what matters: control first, then what ``Tunnels/nextMessage()`` gives.
final class TunnelRig {
  static let port = 5900
  static let session = "u01-rfb-desktop-00000001"

  let simulation: Simulation
  let agent: SimulatedProcess
  let desktop: SimulatedProcess
  private(set) var tunnels: Tunnels?
  private(set) var events: [TunnelEvent] = []
  /// What reached the socket, in order.
  private(set) var sent: [AgentMessage] = []
  /// Control that waits for the socket.
  private(set) var control: [AgentMessage] = []
  /// Whether the socket takes frames.
  var isWritable = true { didSet { drain() } }
  /// Told of each message as it reaches the socket.
  var onSent: ((AgentMessage) -> Void)?
  /// The desktop's ends of all streams, in the order of their opening.
  private(set) var streams: [Socket] = []
  /// What the desktop read, by stream.
  private(set) var received: [Int: [UInt8]] = [:]
  var onDesktopRead: ((Socket, [UInt8]) -> Void)?
  /// What the desktop says to each new stream.
  var greeting: [UInt8] = []
  /// How long the platform takes to find the desktop.
  var dialDelay = TimeSpan.milliseconds(100)
  private(set) var dials = 0
  private var isDraining = false

  private static let dialling = EventLabel("test.dial")

  private final class Agent: Program {
    let begin: () -> Void
    let incarnation: Incarnation
    init(_ incarnation: Incarnation, _ begin: @escaping () -> Void) {
      self.incarnation = incarnation
      self.begin = begin
    }
    func start() { begin() }
    func terminate() { incarnation.exit("terminated") }
  }

  init(seed: UInt64 = 1, _ behaviour: TunnelBehaviour = TunnelBehaviour()) throws {
    let simulation = Simulation(.init(seed: seed))
    self.simulation = simulation
    simulation.network.latencyPolicy = { _, _, _ in .lognormal(median: .milliseconds(2), .s060) }
    var started: ((Incarnation) -> Void)?
    var listening: ((Incarnation) -> Void)?
    agent = try simulation.addProcess("agent", on: simulation.host("agent")) { incarnation in
      Agent(incarnation) { started?(incarnation) }
    }
    desktop = try simulation.addProcess("desktop", on: simulation.host("10.244.0.1")) { incarnation in
      Agent(incarnation) { listening?(incarnation) }
    }
    started = { [unowned self] incarnation in wire(incarnation, behaviour) }
    listening = { [unowned self] incarnation in listen(incarnation) }
    desktop.start()
    agent.start()
    try run(.milliseconds(1))
  }

  deinit { simulation.tearDown() }

  private func wire(_ incarnation: Incarnation, _ behaviour: TunnelBehaviour) {
    let tunnels = Tunnels(incarnation, behaviour)
    self.tunnels = tunnels
    tunnels.observe = { [unowned self] in events.append($0) }
    tunnels.send = { [unowned self] message in
      control.append(message)
      drain()
      return true
    }
    tunnels.dataWaits = { [unowned self] in drain() }
    tunnels.queuedFrames = { [unowned self] in control.count }
    tunnels.withdraw = { [unowned self] id in control.removeAll { Self.attachment(of: $0) == id } }
    tunnels.dial = { [unowned self] attempt in
      dials += 1
      incarnation.after(dialDelay, Self.dialling) { [unowned self] in dial(attempt, incarnation) }
    }
    tunnels.connected(speaksContract: true)
  }

  private func dial(_ attempt: DialAttempt, _ incarnation: Incarnation) {
    simulation.network.open(
      from: incarnation, to: Endpoint(host: "10.244.0.1", port: Self.port), hello: nil, timeout: .seconds(5)
    ) { outcome in
      guard case .connected(let socket) = outcome else { return attempt.finish(.failed("connection refused")) }
      attempt.finish(.connected(socket, port: Self.port, podName: "pod-1"))
    }
  }

  private func listen(_ incarnation: Incarnation) {
    simulation.network.listen(incarnation, port: Self.port) { [unowned self] call in
      guard let socket = call.accept() else { return }
      streams.append(socket)
      received[socket.connection] = []
      socket.onReceive = { [unowned self, unowned socket] payload in
        guard let bytes = (payload as? Bytes)?.bytes else { return }
        received[socket.connection, default: []] += bytes
        onDesktopRead?(socket, bytes)
      }
      if !greeting.isEmpty { socket.send(Bytes(greeting)) }
    }
  }

  private func drain() {
    guard !isDraining else { return }
    isDraining = true
    while isWritable {
      if !control.isEmpty {
        put(control.removeFirst())
      } else if let message = tunnels?.nextMessage() {
        put(message)
      } else if control.isEmpty {
        break
      }
    }
    isDraining = false
  }

  private func put(_ message: AgentMessage) {
    sent.append(message)
    onSent?(message)
  }

  // MARK: What tests do and see

  var now: Instant { simulation.now }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  /// One frame takes the place of the socket's whole room.
  func writeOne() {
    isDraining = true
    if !control.isEmpty {
      put(control.removeFirst())
    } else if let message = tunnels?.nextMessage() {
      put(message)
    }
    isDraining = false
  }

  static func id(_ number: Int) -> String {
    let digits = String(number, radix: 16)
    return "att-" + String(repeating: "0", count: 16 - digits.count) + digits
  }

  func open(_ number: Int = 1, session: String = session, window: Int = VNCOpen.standardWindow) {
    tunnels?.receive(.vncOpen(VNCOpen(sessionID: session, attachmentID: Self.id(number), window: window)))
  }

  func write(_ bytes: [UInt8], _ number: Int = 1) {
    tunnels?.receive(
      .vncData(VNCData(sessionID: Self.session, attachmentID: Self.id(number), data: VNCChunk(bytes: bytes))))
  }

  func credit(_ bytes: Int, _ number: Int = 1) {
    tunnels?.receive(
      .vncCredit(VNCCredit(sessionID: Self.session, attachmentID: Self.id(number), bytes: bytes)))
  }

  func close(_ number: Int = 1, _ reason: VNCClose.Reason = .clientDisconnect) {
    tunnels?.receive(
      .vncClose(VNCClose(sessionID: Self.session, attachmentID: Self.id(number), reason: reason)))
  }

  static func attachment(of message: AgentMessage) -> String? {
    switch message {
    case .vncReady(let payload): payload.attachmentID
    case .vncData(let payload): payload.attachmentID
    case .vncCredit(let payload): payload.attachmentID
    case .vncClose(let payload): payload.attachmentID
    case .vncError(let payload): payload.attachmentID
    default: nil
    }
  }

  /// Every `vnc_data` of an attachment.
  func chunks(_ number: Int = 1) -> [[UInt8]] {
    sent.compactMap {
      guard case .vncData(let data) = $0, data.attachmentID == Self.id(number) else { return nil }
      return data.data.bytes
    }
  }

  func bytes(_ number: Int = 1) -> [UInt8] { Array(chunks(number).joined()) }

  func credits(_ number: Int = 1) -> [Int] {
    sent.compactMap {
      if case .vncCredit(let credit) = $0, credit.attachmentID == Self.id(number) { credit.bytes } else { nil }
    }
  }

  func readies(_ number: Int = 1) -> Int {
    sent.count { if case .vncReady(let ready) = $0 { ready.attachmentID == Self.id(number) } else { false } }
  }

  var closes: [String] { sent.compactMap { if case .vncClose(let close) = $0 { close.reason } else { nil } } }
  var errors: [String] { sent.compactMap { if case .vncError(let error) = $0 { error.error } else { nil } } }

  var opened: Int { events.count { if case .opened = $0 { true } else { false } } }
  var closed: [String] {
    events.compactMap { if case .closed(_, _, _, let reason) = $0 { reason } else { nil } }
  }

  /// Streams of the agent that are open.
  var openStreams: Int { simulation.network.openConnections(on: "agent") }
}
