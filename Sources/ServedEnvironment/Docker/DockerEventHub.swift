import SimulationRuntime
import StreamSpaceProtocol

/// One reader of the engine's event stream for all clients: it remembers the last events, as the daemon does, and tells
/// everybody who listens. It connects again when the daemon was away.
final class DockerEventHub {
  /// Told of every event until it is removed.
  final class Listener {
    fileprivate var onEvent: ((DockerEvent) -> Void)?
    fileprivate var onCut: (() -> Void)?
  }

  /// The last events, oldest first.
  private(set) var history: [DockerEvent] = []
  /// Told whenever it is connected.
  var onConnect: (() -> Void)?
  /// Told of every event first.
  var observer: ((DockerEvent) -> Void)?

  private let daemon: DaemonLine
  private var stream: Socket?
  private var listeners: [Listener] = []
  private var waiting: [() -> Void] = []

  /// How many events the daemon remembers.
  private static let remembered = 256
  private static let retryDelay = TimeSpan.milliseconds(100)
  private static let retry = EventLabel("docker.gateway.events")

  init(_ daemon: DaemonLine) { self.daemon = daemon }

  func start() { connect() }

  /// Calls `ready` when the stream is open: now or later.
  func whenConnected(_ ready: @escaping () -> Void) {
    if stream == nil { waiting.append(ready) } else { ready() }
  }

  /// `onCut` is called when the daemon has gone.
  func listen(onEvent: @escaping (DockerEvent) -> Void, onCut: @escaping () -> Void) -> Listener {
    let listener = Listener()
    listener.onEvent = onEvent
    listener.onCut = onCut
    listeners.append(listener)
    return listener
  }

  func remove(_ listener: Listener) {
    listeners.removeAll { $0 === listener }
    // They may hold the listener.
    listener.onEvent = nil
    listener.onCut = nil
  }

  /// Calls `ended` once: when the run of a container that `inspection` shows is over, the container is gone, or the
  /// daemon is.
  func awaitEnd(of inspection: ContainerInspection, _ ended: @escaping () -> Void) -> Listener? {
    func isEnd(_ event: DockerEvent) -> Bool {
      event.kind == .container && event.actor == inspection.id && ["die", "destroy"].contains(event.action)
    }
    // It may have ended while the inspection was on its way.
    if let start = inspection.state.startedAt, inspection.state.isRunning,
      history.contains(where: { isEnd($0) && $0.time >= start })
    {
      ended()
      return nil
    }
    var listener: Listener?
    let end = { [weak self] in
      guard let self, let own = listener else { return }
      listener = nil
      remove(own)
      ended()
    }
    listener = listen(onEvent: { if isEnd($0) { end() } }, onCut: end)
    return listener
  }

  private func connect() {
    _ = daemon.connect(DockerRequest(.events(.none), caller: "gateway")) { [weak self] outcome in
      guard let self else { return }
      guard case .connected(let socket) = outcome else { return connectLater() }
      connected(socket)
    }
  }

  private func connectLater() {
    daemon.incarnation.after(Self.retryDelay, Self.retry) { [weak self] in self?.connect() }
  }

  private func connected(_ socket: Socket) {
    stream = socket
    socket.onReceive = { [weak self] payload in
      if let event = (payload as? Frame<DockerEvent>)?.value { self?.receive(event) }
    }
    socket.onClose = { [weak self] _ in self?.cut() }
    let ready = waiting
    waiting = []
    for action in ready { action() }
    onConnect?()
  }

  private func receive(_ event: DockerEvent) {
    if history.count == Self.remembered { history.removeFirst() }
    history.append(event)
    observer?(event)
    for listener in listeners { listener.onEvent?(event) }
  }

  private func cut() {
    stream = nil
    let gone = listeners
    listeners = []
    for listener in gone { listener.onCut?() }
    connectLater()
  }
}
