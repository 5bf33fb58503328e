import RemoteFramebuffer
import SimulationRuntime
import TestEnvironment
import VNCServer

/// RFB 3.8 as a viewer speaks it: one full request, then the next after each update (spec/06 §4), or continuous updates.
final class DesktopProgram: StreamProgram {
  /// What it tells its viewer.
  enum Event {
    case step(String)
    /// The picture is complete.
    case picture
    /// An update was decoded; `marker`: the colour of the marker now.
    case updated(marker: Int, hasVideo: Bool)
    case failed(String)
  }

  private let session: ViewerSession
  private let send: ([UInt8]) -> Void
  private let tell: (Event) -> Void
  /// What of the window was not painted so far.
  private var missing = Region()
  private var hasUpdate = false
  private var hasPicture = false
  /// Where the desktop shows video.
  private var video = Rectangle.empty
  /// A request is under way.
  private var isAsking = false
  private(set) var isPaused = false

  /// Updates come without being asked for.
  private var isContinuous = false

  /// The whole desktop, or as a probe the marker's pixels only.
  init(_ program: ViewerProgram, send: @escaping ([UInt8]) -> Void, tell: @escaping (Event) -> Void) {
    session = ViewerSession(Self.configuration(of: program))
    self.send = send
    self.tell = tell
  }

  /// The 8x8 pixels at the corner (spec/06 §4).
  private static let marker = Rectangle(x: 0, y: 0, width: 8, height: 8)

  private static func configuration(of program: ViewerProgram) -> ViewerConfiguration {
    let encodings: [Encoding] = [.zrle, .copyRect, .raw]
    return switch program {
    case .probe: ViewerConfiguration(encodings: [.raw], window: marker)
    case .continuous: ViewerConfiguration(encodings: encodings + [.fence, .continuousUpdates])
    case .desktop, .raw: ViewerConfiguration(encodings: encodings)
    }
  }

  var framebuffer: Framebuffer { session.framebuffer }

  func receive(_ bytes: [UInt8]) {
    for event in session.receive(bytes) { handle(event) }
    flush()
  }

  private func handle(_ event: ViewerSession.Event) {
    switch event {
    case .version: tell(.step("version"))
    case .security: tell(.step("security"))
    case .ready:
      tell(.step("initialisation"))
      missing = Region(session.window)
      video = Desktop(width: session.screenWidth, height: session.screenHeight, seed: 0).video
      ask(isIncremental: false)
    // The server knows continuous updates: it says so once.
    case .continuousUpdatesEnded where !isContinuous:
      isContinuous = true
      session.enableContinuousUpdates(true)
    case .updated(let rectangles): updated(rectangles)
    case .failed(let error): tell(.failed("\(error)"))
    default: break
    }
  }

  private func updated(_ rectangles: [Rectangle]) {
    isAsking = false
    if !rectangles.isEmpty {
      if !hasUpdate { tell(.step("first update")) }
      hasUpdate = true
    }
    let marker = session.framebuffer.pixels.isEmpty ? 0 : session.framebuffer[0, 0]
    tell(.updated(marker: Int(marker), hasVideo: rectangles.contains { $0.intersects(video) }))
    if !hasPicture {
      for rectangle in rectangles { missing.subtract(rectangle) }
      if missing.isEmpty, hasUpdate {
        hasPicture = true
        tell(.step("picture"))
        tell(.picture)
      }
    }
    if !isPaused { ask(isIncremental: true) }
  }

  func pause(_ isPaused: Bool) {
    self.isPaused = isPaused
    guard !isPaused, !isAsking, session.isReady else { return }
    ask(isIncremental: true)
    flush()
  }

  private func ask(isIncremental: Bool) {
    guard !isContinuous || !isIncremental else { return }
    isAsking = true
    session.requestUpdate(isIncremental: isIncremental)
  }

  // MARK: Input

  func point(x: Int, y: Int, buttons: Int) {
    session.pointer(buttons: UInt16(truncatingIfNeeded: buttons), x: x, y: y)
    flush()
  }

  func type(_ keysym: Int) {
    session.key(isDown: true, keysym: UInt32(truncatingIfNeeded: keysym))
    session.key(isDown: false, keysym: UInt32(truncatingIfNeeded: keysym))
    flush()
  }

  private func flush() {
    let bytes = session.takeOutput()
    if !bytes.isEmpty { send(bytes) }
  }
}
