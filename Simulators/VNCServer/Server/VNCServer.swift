import RemoteFramebuffer
import SimulationRuntime

/// A desktop with an RFB server: it listens on its port, serves any number of clients one picture, and reacts to what
/// they type and point at.
///
/// Nothing happens on it while nobody is attached: no timer, no pixels. Updates are written at multiples of the frame
/// interval, to a client that asked and whose stream has room.
package final class VNCServer: Program {
  let incarnation: Incarnation
  package let configuration: VNCServerConfiguration
  /// Told of everything that happens, with the time of the run.
  package var observer: ((VNCServerEvent, Instant) -> Void)?
  /// What is shown.
  package internal(set) var desktop: Desktop
  /// The text that was last copied or cut.
  package internal(set) var clipboard = ""
  package private(set) var name: String
  /// In the order in which they came.
  var connections: [VNCConnection] = []
  /// From an accepted connection to the first bytes, for connections to come.
  package var greetingDelay: TimeSpan
  private var readLimit: Int?
  private var readPause = DesktopStream.standardReadPause
  private var throttle = LoginThrottle()
  private var videoPerSecond: Int
  private var video: Ticker?
  private var frame = EventToken.none
  private var clock = EventToken.none
  private var forgetting = EventToken.none
  private var isFramePlanned = false
  private var isClockPlanned = false
  private var lastTrailed: Instant?
  private let started: Instant

  private static let frameLabel = EventLabel("vnc.frame")
  private static let videoLabel = EventLabel("vnc.video")
  private static let clockLabel = EventLabel("vnc.clock")
  private static let forgetLabel = EventLabel("vnc.picture.freed")

  package init(
    _ incarnation: Incarnation, _ configuration: VNCServerConfiguration,
    observer: ((VNCServerEvent, Instant) -> Void)? = nil
  ) {
    self.incarnation = incarnation
    self.configuration = configuration
    self.observer = observer
    desktop = Desktop(
      width: configuration.width, height: configuration.height, seed: configuration.seed,
      content: configuration.content)
    name = configuration.name
    greetingDelay = configuration.greetingDelay
    videoPerSecond = configuration.videoPerSecond
    started = incarnation.monotonicNow
  }

  package func start() {
    incarnation.simulation.network.listen(incarnation, port: configuration.port) { [unowned self] call in
      accept(call)
    }
  }

  package func terminate() {
    for connection in connections { close(connection, "server ends") }
    incarnation.exit("terminated")
  }

  func tell(_ event: VNCServerEvent) { observer?(event, incarnation.simulation.now) }

  // MARK: What the environment asks of it

  /// The picture as it is now.
  package var picture: Framebuffer { desktop.picture ?? desktop.paintedAnew() }

  /// Whether pixels are held in memory.
  package var holdsPicture: Bool { desktop.picture != nil }

  /// No client waits for anything it ever asked for.
  package var isQuiet: Bool {
    connections.allSatisfy { connection in
      !connection.isReady
        || (connection.tracker.isCurrent && !connection.announcements.isResized && connection.stream.unsent == 0)
    }
  }

  /// The video region changes so often a second, 0 ... 1000, while somebody is attached.
  package func setVideo(perSecond: Int) {
    videoPerSecond = min(max(0, perSecond), 1_000)
    video?.stop()
    video = nil
    runVideo()
  }

  /// One change of the video region now.
  package func change() { apply(desktop.advanceVideo()) }

  /// From now on a read of a client's stream takes at most so many bytes, and the next one follows after `pause`; nil: as
  /// many as came.
  package func shortWrites(_ limit: Int?, pause: TimeSpan = .microseconds(100)) {
    readLimit = limit.map { max(1, $0) }
    readPause = max(.nanoseconds(1), pause)
    for connection in connections { limitReads(connection) }
  }

  private func limitReads(_ connection: VNCConnection) {
    connection.stream.readLimit = readLimit
    connection.stream.readPause = readPause
  }

  /// The desktop takes another size, as when its resolution is set.
  package func resize(width: Int, height: Int) { resize(width: width, height: height, for: nil) }

  /// The desktop's own programs copy a text.
  package func copy(_ text: String) { setClipboard(text, from: nil) }

  package func bell() {
    for connection in connections where connection.isReady {
      connection.session?.writer.bell()
      send(connection)
    }
  }

  /// The desktop takes another name.
  package func rename(_ name: String) {
    self.name = name
    for connection in connections {
      connection.session?.configuration.name = name
      connection.announcements.name = connection.lists(.desktopName)
    }
    planFrame()
  }

  // MARK: Clients

  /// Marks a connecting host; false: it is turned away.
  func admits(_ host: String) -> Bool {
    let isThrottling = configuration.throttlesAttempts ?? (configuration.security != .none)
    return !isThrottling || throttle.admits(host, at: incarnation.monotonicNow)
  }

  func add(_ connection: VNCConnection) {
    limitReads(connection)
    connections.append(connection)
  }

  /// The client is in the state NORMAL.
  func becameReady(_ connection: VNCConnection, isShared: Bool) {
    incarnation.cancel(connection.deadline)
    throttle.succeeded(connection.stream.remoteHost)
    if !isShared {
      for other in connections where other !== connection { close(other, "another client wants the desktop alone") }
    }
    incarnation.cancel(forgetting)
    desktop.showPicture()
    connection.tracker = UpdateTracker(bounds: desktop.bounds)
    tell(.ready(connection: connection.connection, isShared: isShared))
    runVideo()
  }

  /// Closes a client from this side.
  func close(_ connection: VNCConnection, _ reason: String) {
    connection.stream.close()
    remove(connection, reason)
  }

  /// A client has gone.
  func remove(_ connection: VNCConnection, _ reason: String) {
    guard let index = connections.firstIndex(where: { $0 === connection }) else { return }
    connections.remove(at: index)
    incarnation.cancel(connection.deadline)
    connection.isFailing = true
    tell(.closed(connection: connection.connection, reason: reason))
    guard !connections.contains(where: \.isReady) else { return }
    video?.stop()
    video = nil
    guard desktop.picture != nil else { return }
    incarnation.cancel(forgetting)
    forgetting = incarnation.after(configuration.pictureLife, Self.forgetLabel) { [unowned self] in
      desktop.hidePicture()
    }
  }

  /// Sends what the session has composed.
  func send(_ connection: VNCConnection) {
    guard let session = connection.session, session.outputCount > 0 else { return }
    connection.stream.write(session.takeOutput())
  }

  // MARK: Changes

  /// Every client has this to see.
  func apply(_ change: PictureChange) {
    for connection in connections where connection.isReady {
      connection.tracker.apply(change, canCopy: connection.lists(.copyRect))
    }
    planFrame()
  }

  /// Whether the pointer's place joins the trail: one place a frame, so that a storm of pointer events does not scatter
  /// changes over the whole screen.
  func samplesTrail() -> Bool {
    let now = incarnation.monotonicNow
    if let lastTrailed, now - lastTrailed < configuration.frameInterval { return false }
    lastTrailed = now
    return true
  }

  private func runVideo() {
    guard video == nil, videoPerSecond > 0, connections.contains(where: \.isReady) else { return }
    let period = TimeSpan.nanoseconds(1_000_000_000 / Int64(videoPerSecond))
    video = incarnation.every(period, Self.videoLabel) { [unowned self] in change() }
  }

  /// Keeps the clock right while somebody watches it.
  func runClock() {
    guard !desktop.clock.isEmpty, !isClockPlanned, isClockWatched else { return }
    apply(desktop.setClock(seconds: secondsOfDay))
    isClockPlanned = true
    let second: Int64 = 1_000_000_000
    let passed = ((incarnation.now.nanoseconds % second) + second) % second
    clock = incarnation.after(.nanoseconds(second - passed), Self.clockLabel) { [unowned self] in
      isClockPlanned = false
      runClock()
    }
  }

  private var isClockWatched: Bool {
    connections.contains { connection in
      connection.isReady
        && (connection.tracker.continuous?.intersects(desktop.clock) == true
          || !connection.tracker.requested.intersection(desktop.clock).isEmpty)
    }
  }

  private var secondsOfDay: Int {
    let nanoseconds = incarnation.now.nanoseconds
    let seconds = nanoseconds / 1_000_000_000 - (nanoseconds % 1_000_000_000 < 0 ? 1 : 0)
    return Int(((Epoch.unixSeconds + seconds) % 86_400 + 86_400) % 86_400)
  }

  // MARK: Frames

  /// Has the next frame written if one is due to anybody.
  func planFrame() {
    guard !isFramePlanned, connections.contains(where: \.isDue) else { return }
    isFramePlanned = true
    let interval = max(1, configuration.frameInterval.nanoseconds)
    let passed = (incarnation.monotonicNow.nanoseconds - started.nanoseconds) % interval
    frame = incarnation.after(.nanoseconds(interval - passed), Self.frameLabel) { [unowned self] in
      isFramePlanned = false
      writeFrame()
    }
  }

  private func writeFrame() {
    for connection in connections where connection.isDue {
      for update in connection.compose(desktop, name: name) {
        tell(
          .updated(
            connection: connection.connection, serial: connection.shownSerial, isVideo: update.carriesVideo))
      }
      send(connection)
    }
  }
}
