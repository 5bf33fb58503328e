import RemoteFramebuffer
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment
import VNCServer

/// The host of one container that shows a desktop, named by the pod's address or by engine and container address.
///
/// Its process exists only from the first attempt to connect: a session that nobody looks at costs nothing.
final class DesktopHost {
  /// The container that has the address now.
  struct Occupant {
    let session: String
    /// Name of the pod, id of the container.
    let container: String
    let kind: DesktopKind
    let port: Int
  }

  let name: String
  private(set) var occupant: Occupant
  private var process: SimulatedProcess?
  private weak var server: VNCServer?
  private weak var raw: RawDesktop?
  private var connections: [Int] = []
  private unowned let comparison: StreamComparison

  init(_ name: String, _ occupant: Occupant, _ comparison: StreamComparison) {
    self.name = name
    self.occupant = occupant
    self.comparison = comparison
  }

  var picture: Framebuffer? { server?.picture }

  // MARK: Life

  /// Starts what the container runs, unless it runs.
  func start(with wishes: DesktopWishes, in simulation: Simulation) throws {
    if process == nil {
      let process = try simulation.addProcess("desktop-\(name)", on: simulation.host(name)) { [unowned self] in
        makeProgram($0)
      }
      process.onEnd = { [unowned self] _, _ in ended() }
      self.process = process
    }
    guard let process, process.current == nil else { return }
    process.start()
    apply(wishes)
  }

  private func makeProgram(_ incarnation: Incarnation) -> any Program {
    let session = occupant.session
    let observer: (VNCServerEvent, Instant) -> Void = { [unowned self] event, _ in happened(event, session) }
    switch occupant.kind {
    case .raw:
      let program = RawDesktop(incarnation, port: occupant.port, seed: seed, observer: observer)
      raw = program
      return program
    case .framebuffer(let width, let height):
      let configuration = VNCServerConfiguration(
        port: occupant.port, name: session, width: width, height: height, seed: seed)
      let program = VNCServer(incarnation, configuration, observer: observer)
      server = program
      return program
    }
  }

  /// Every session looks different: a byte of another one can be told.
  private var seed: UInt64 {
    var hash = TraceHash()
    hash.mix(occupant.session)
    return hash.value
  }

  /// The container has ended: what it ran closes its streams, as the system does for a process that dies.
  func end() { process?.terminate() }
  func pause() { process?.pause() }
  func resume() { process?.resume() }

  /// Another container has the address.
  func move(in occupant: Occupant) {
    guard occupant.container != self.occupant.container else { return }
    process?.crash()
    self.occupant = occupant
  }

  private func happened(_ event: VNCServerEvent, _ session: String) {
    switch event {
    case .opened(let connection): connections.append(connection)
    case .closed(let connection, _): connections.removeAll { $0 == connection }
    default: break
    }
    comparison.note(event, ofDesktop: session)
  }

  private func ended() {
    for connection in connections { comparison.desktopClosed(connection) }
    connections.removeAll()
  }

  // MARK: Workload

  func apply(_ wishes: DesktopWishes) {
    server?.setVideo(perSecond: wishes.videoPerSecond)
    server?.greetingDelay = wishes.greetingDelay
    server?.shortWrites(wishes.readLimit)
    raw?.shortWrites(wishes.readLimit)
  }

  /// One change of the picture now.
  func change() { server?.change() }

  func updates(of size: Int, bytesPerSecond: Int, for span: TimeSpan) {
    raw?.updates(of: size, bytesPerSecond: bytesPerSecond, for: span)
  }

  func flood(bytesPerSecond: Int, for span: TimeSpan) { raw?.flood(bytesPerSecond: bytesPerSecond, for: span) }
}

/// What a case wants of the desktop of a session as long as it lasts, over restarts of its container.
struct DesktopWishes {
  var videoPerSecond = 0
  var greetingDelay = TimeSpan.zero
  /// Most bytes that a read of its socket takes.
  var readLimit: Int?
}
