import RemoteFramebuffer
import SimulationRuntime
import Testing

@testable import VNCServer

/// A desktop of a simulation and its viewers, driven step by step from a test.
final class DesktopRig {
  let simulation: Simulation
  let process: SimulatedProcess
  private(set) var events: [(event: VNCServerEvent, time: Instant)] = []
  private var program: VNCServer?
  private var viewerCount = 0
  private(set) var viewers: [TestViewer] = []

  init(_ configuration: VNCServerConfiguration = DesktopRig.small(), seed: UInt64 = 1) throws {
    let simulation = Simulation(.init(seed: seed))
    self.simulation = simulation
    // The rig is made after the process, which must not keep it.
    final class Box { weak var rig: DesktopRig? }
    let box = Box()
    process = try simulation.addProcess("desktop", on: simulation.host("pod")) { incarnation in
      let server = VNCServer(incarnation, configuration) { event, time in
        box.rig?.events.append((event, time))
      }
      box.rig?.program = server
      return server
    }
    box.rig = self
    process.start()
  }

  deinit { simulation.tearDown() }

  static func small(content: DesktopContent = .standard) -> VNCServerConfiguration {
    VNCServerConfiguration(width: 320, height: 200, seed: 7, content: content)
  }

  var server: VNCServer {
    get throws { try #require(program) }
  }

  var endpoint: Endpoint { Endpoint(host: "pod", port: 5_900) }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  /// A viewer that has been given time for its handshake and its first picture.
  func viewer(
    _ configuration: ViewerConfiguration = ViewerConfiguration(), asksAgain: Bool = true, from host: String? = nil
  ) throws -> TestViewer {
    viewerCount += 1
    let viewer = try TestViewer("viewer-\(viewerCount)", configuration, asksAgain: asksAgain, rig: self)
    viewers.append(viewer)
    try run(.milliseconds(150))
    return viewer
  }

  /// A connection without a viewer behind it.
  func peer() throws -> BytePeer {
    viewerCount += 1
    let peer = try BytePeer("peer-\(viewerCount)", to: endpoint, in: simulation)
    try run(.milliseconds(30))
    return peer
  }

  /// Runs until no client waits for anything and nothing is under way.
  func settle() throws {
    for _ in 0..<200 {
      try run(.milliseconds(50))
      if try server.isQuiet { break }
    }
    try run(.milliseconds(50))
    #expect(try server.isQuiet)
  }

  var closings: [String] {
    events.compactMap { if case .closed(_, let reason) = $0.event { reason } else { nil } }
  }

  /// All that the desktop wrote to one connection.
  func wrote(to connection: Int) -> [UInt8] {
    events.flatMap { entry -> [UInt8] in
      if case .wrote(connection, let bytes) = entry.event { bytes } else { [] }
    }
  }

  func updates(of connection: Int) -> [(serial: Int, isVideo: Bool, time: Instant)] {
    events.compactMap { entry in
      if case .updated(connection, let serial, let isVideo) = entry.event { (serial, isVideo, entry.time) } else { nil }
    }
  }
}

/// A viewer on a simulated host: a session of the viewer's role behind a connection.
final class TestViewer {
  let session: ViewerSession
  let peer: BytePeer
  private(set) var events: [ViewerSession.Event] = []
  /// Colour of the marker after each update.
  private(set) var markers: [UInt32] = []
  var asksAgain: Bool

  init(_ name: String, _ configuration: ViewerConfiguration, asksAgain: Bool, rig: DesktopRig) throws {
    session = ViewerSession(configuration)
    self.asksAgain = asksAgain
    peer = try BytePeer(name, to: rig.endpoint, in: rig.simulation)
    peer.onBytes = { [unowned self] in receive($0) }
  }

  private func receive(_ bytes: [UInt8]) {
    for event in session.receive(bytes) {
      events.append(event)
      switch event {
      case .ready: session.requestUpdate(isIncremental: false)
      case .updated:
        if session.framebuffer.width > 0 { markers.append(session.framebuffer[0, 0]) }
        if asksAgain { session.requestUpdate(isIncremental: true) }
      case .resized: if asksAgain { session.requestUpdate(isIncremental: false) }
      default: break
      }
    }
    flush()
  }

  /// Sends what the session has composed.
  func flush() {
    let bytes = session.takeOutput()
    if !bytes.isEmpty { peer.send(bytes) }
  }

  func point(_ x: Int, _ y: Int, buttons: UInt16 = 0) {
    session.pointer(buttons: buttons, x: x, y: y)
    flush()
  }

  func press(_ keysym: UInt32) {
    session.key(isDown: true, keysym: keysym)
    session.key(isDown: false, keysym: keysym)
    flush()
  }

  var connection: Int { peer.socket?.connection ?? -1 }
}
