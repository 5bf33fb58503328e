import RemoteFramebuffer
import SimulationRuntime

/// One client of a desktop: its stream, its session, and what it has to be sent.
final class VNCConnection {
  /// What goes along with an update beside pixels.
  struct Announcements {
    /// A size, and why; the client does not know it before it is written.
    var layouts: [(reason: ResizeReason, status: ResizeStatus)] = []
    /// The desktop has another size than the client knows.
    var isResized = false
    var cursor = false
    var name = false
    var extendedKey = false
    var extendedMouseButtons = false

    var isEmpty: Bool {
      layouts.isEmpty && !isResized && !cursor && !name && !extendedKey && !extendedMouseButtons
    }
  }

  let stream: DesktopStream
  /// Nil before the greeting.
  private(set) var session: ServerSession?
  var tracker = UpdateTracker(bounds: .empty)
  var announcements = Announcements()
  /// Serial that the client's marker shows.
  var shownSerial = 0
  /// Keys held down, each once: keysym, or keycode where that is unknown.
  private var keysDown: [UInt64] = []
  /// The end of the handshake's time, or of the delay before a failure is told.
  var deadline = EventToken.none
  /// It failed: nothing more is taken, and the answer waits.
  var isFailing = false
  /// More keys than anybody has fingers for: the oldest counts as released.
  private static let mostKeys = 32
  /// Answers to wishes for a size that may wait for a request.
  private static let mostLayouts = 16
  private var offeredExtendedKey = false
  private var offeredMouseButtons = false

  init(_ stream: DesktopStream) { self.stream = stream }

  var connection: Int { stream.connection }
  /// In the state NORMAL.
  var isReady: Bool { session?.isReady == true && !isFailing }

  func greet(_ configuration: ServerConfiguration) { session = ServerSession(configuration) }

  /// The size that a client is told which is not through the handshake.
  func offerSize(width: Int, height: Int) {
    guard let session, !session.isReady else { return }
    session.configuration.width = width
    session.configuration.height = height
  }

  func lists(_ encoding: Encoding) -> Bool { session?.lists(encoding) == true }

  /// Whether it can be told of another size.
  var takesResize: Bool { lists(.extendedDesktopSize) || lists(.desktopSize) }

  /// Whether an update can and should be written now.
  var isDue: Bool {
    guard isReady, stream.isWritable, stream.unsent < RFBLimits.unsentBytes, tracker.isOpen else { return false }
    return !announcements.isEmpty || (tracker.isDue && !announcements.isResized)
  }

  /// Whether a key event counts: a release needs its press, and a key needs a name.
  func takesKey(isDown: Bool, keysym: UInt32, keycode: UInt32?) -> Bool {
    let key = keysym != 0 ? UInt64(keysym) : UInt64(keycode ?? 0) << 32
    guard key != 0 else { return false }
    if isDown {
      if !keysDown.contains(key) { keysDown.append(key) }
      if keysDown.count > Self.mostKeys { keysDown.removeFirst() }
      return true
    }
    guard let index = keysDown.firstIndex(of: key) else { return false }
    keysDown.remove(at: index)
    return true
  }

  /// The client replaced its list.
  func encodingsChanged() {
    guard let session else { return }
    announcements.cursor = session.lists(.cursor)
    if session.lists(.extendedKey), !offeredExtendedKey {
      offeredExtendedKey = true
      announcements.extendedKey = true
    }
    if session.lists(.extendedMouseButtons), !offeredMouseButtons {
      offeredMouseButtons = true
      announcements.extendedMouseButtons = true
    }
    if !session.lists(.extendedDesktopSize) { announcements.layouts.removeAll() }
    if !session.lists(.desktopName) { announcements.name = false }
  }

  func formatChanged() {
    tracker.invalidate()
    announcements.cursor = lists(.cursor)
  }

  /// Has the client told of a size with the next update it is written.
  func announce(_ reason: ResizeReason, _ status: ResizeStatus) {
    announcements.layouts.append((reason, status))
    if announcements.layouts.count > Self.mostLayouts { announcements.layouts.removeFirst() }
  }

  // MARK: Updates

  /// What an update that was composed holds.
  struct Composed {
    var carriesVideo = false
  }

  /// Composes the next updates from the picture as it is, in their order: news of the size alone, then pixels.
  func compose(_ desktop: Desktop, name: String) -> [Composed] {
    guard let session, let picture = desktop.picture else { return [] }
    let writer = session.writer
    var composed: [Composed] = []
    if !announcements.layouts.isEmpty || announcements.isResized {
      composed += composeSize(desktop, with: writer)
      guard isDue else { return composed }
    }
    writer.beginUpdate()
    if announcements.cursor { writer.cursor(DesktopCursor.arrow) }
    if announcements.name { writer.desktopName(name) }
    if announcements.extendedKey { writer.extendedKey() }
    if announcements.extendedMouseButtons { writer.extendedMouseButtons() }
    announcements = Announcements()
    let (copies, pixels) = tracker.take()
    for copy in copies { writer.copy(to: copy.destination, fromX: copy.source.x, y: copy.source.y) }
    encode(pixels, of: picture, desktop, with: writer, as: session.preferredEncoding)
    guard writer.endUpdate() > 0 else { return composed }
    if !pixels.intersection(desktop.marker).isEmpty { shownSerial = desktop.serial }
    composed.append(Composed(carriesVideo: !pixels.intersection(desktop.video).isEmpty))
    return composed
  }

  private func encode(
    _ pixels: Region, of picture: Framebuffer, _ desktop: Desktop, with writer: UpdateWriter, as encoding: Encoding
  ) {
    let video = desktop.video
    for rectangle in pixels.rectangles {
      let noise = rectangle.intersection(video)
      if noise.isEmpty || encoding == .raw {
        writer.encode(rectangle, of: picture, as: encoding)
        continue
      }
      for part in rectangle.subtracting(video) { writer.encode(part, of: picture, as: encoding) }
      // Noise does not compress (spec/06 §4).
      writer.encode(noise, of: picture, as: .raw)
    }
  }

  /// Updates that hold a size and nothing else; a new size ends what was requested.
  private func composeSize(_ desktop: Desktop, with writer: UpdateWriter) -> [Composed] {
    let bounds = desktop.bounds
    var count = 0
    if lists(.extendedDesktopSize) {
      if announcements.layouts.isEmpty { announcements.layouts = [(.server, .done)] }
      for (reason, status) in announcements.layouts {
        writer.beginUpdate()
        writer.extendedDesktopSize(
          reason: reason, status: status, width: bounds.width, height: bounds.height,
          screens: [Screen(id: 0, area: bounds)])
        writer.endUpdate()
        count += 1
      }
    } else if lists(.desktopSize), tracker.bounds != bounds {
      writer.beginUpdate()
      writer.desktopSize(width: bounds.width, height: bounds.height)
      writer.endUpdate()
      count += 1
    }
    announcements.layouts.removeAll()
    announcements.isResized = false
    if count > 0, tracker.bounds != bounds { tracker.resize(to: bounds) }
    return [Composed](repeating: Composed(), count: count)
  }
}
