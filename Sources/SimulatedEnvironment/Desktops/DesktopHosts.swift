import DockerEngine
import Kubernetes
import RemoteFramebuffer
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment
import VNCServer

/// The desktops of all sessions: where containers run, what they show, and when they end.
///
/// The containers of a cluster are learnt of from its events, those of an engine are looked up when somebody dials: until
/// then a session is an entry in a table.
final class DesktopHosts {
  let comparison: StreamComparison
  private let simulation: Simulation
  /// Docker engines by their hosts.
  private var engines: [String: DockerEngine] = [:]
  /// Containers of the cluster by address, and the address of each session's newest.
  private var containers: [String: DesktopHost.Occupant] = [:]
  private var addresses: [String: String] = [:]
  /// Hosts that somebody has dialled, by name.
  private var hosts: [String: DesktopHost] = [:]
  /// Names of those hosts by pod or container.
  private var places: [String: String] = [:]
  private var wishes: [String: DesktopWishes] = [:]
  /// Port and container of the sessions that are streamed over HTTP, and the processes of those that were asked.
  private var pages: [String: (container: String, port: Int)] = [:]
  private var pageProcesses: [String: SimulatedProcess] = [:]

  private static let standardPort = 5_900
  private static let failed = EventLabel("environment.desktop-failed")

  init(_ comparison: StreamComparison, in simulation: Simulation) {
    self.comparison = comparison
    self.simulation = simulation
  }

  func add(_ engine: DockerEngine) { engines[engine.host] = engine }

  // MARK: Containers

  func note(_ event: KubernetesEvent) {
    switch event {
    case .containerStarted(let workload, let container):
      guard let kind = DesktopKind(image: container.image) else {
        pages[workload.session] = (container.pod, container.vncPort)
        return
      }
      containers[container.address] = DesktopHost.Occupant(
        session: workload.session, container: container.pod, kind: kind, port: container.vncPort)
      addresses[workload.session] = container.address
    case .containerEnded(let workload, let container, _):
      containers[container.address] = nil
      if addresses[workload.session] == container.address { addresses[workload.session] = nil }
      hosts[container.address]?.end()
      if pages[workload.session]?.container == container.pod {
        pages[workload.session] = nil
        pageProcesses[workload.session]?.terminate()
      }
    default: break
    }
  }

  func note(_ event: EngineEvent) {
    switch event {
    case .containerExited(let workload, _, _, _), .containerRemoved(let workload, _): host(of: workload)?.end()
    case .containerPaused(let workload, _): host(of: workload)?.pause()
    case .containerUnpaused(let workload, _): host(of: workload)?.resume()
    default: break
    }
  }

  private func host(of workload: EngineEvent.Workload) -> DesktopHost? { places[workload.id].flatMap { hosts[$0] } }

  // MARK: Connecting

  /// Somebody is about to dial a host: if a container of a session has that address, its desktop listens.
  func prepare(_ name: String) {
    if name.hasSuffix(SessionService.zone) {
      return prepareService(of: String(name.dropLast(SessionService.zone.count)), name)
    }
    guard Self.mayBeContainer(name), let occupant = occupant(of: name) else { return }
    do { try start(name, occupant) } catch { simulation.note(Self.failed, ("host", .text(name))) }
  }

  /// A service leads to the pod of its session; without one nobody listens.
  private func prepareService(of session: String, _ name: String) {
    guard pages[session] != nil, pageProcesses[session]?.current == nil else { return }
    do {
      let process =
        try pageProcesses[session]
        ?? simulation.addProcess("pages-\(session)", on: simulation.host(name)) { [unowned self] in
          WebDesktop($0, session: session, port: pages[session]?.port ?? Self.standardPort)
        }
      pageProcesses[session] = process
      process.start()
    } catch {
      simulation.note(Self.failed, ("host", .text(name)))
    }
  }

  /// Addresses begin with a digit, those on an engine stand behind its name.
  private static func mayBeContainer(_ name: String) -> Bool {
    guard let first = name.utf8.first else { return false }
    return (0x30...0x39).contains(first) || name.utf8.contains(UInt8(ascii: "/"))
  }

  private func occupant(of name: String) -> DesktopHost.Occupant? {
    if let known = containers[name] { return known }
    let parts = name.split(separator: "/", maxSplits: 1)
    guard parts.count == 2, let engine = engines[String(parts[0])] else { return nil }
    return engine.sessionContainers.first { $0.isReady && $0.address == parts[1] }.flatMap(Self.occupant)
  }

  private static func occupant(_ container: ContainerSnapshot) -> DesktopHost.Occupant? {
    guard let kind = DesktopKind(image: container.image) else { return nil }
    let port = container.labels[DockerLabel.vncPort].flatMap { Int($0) } ?? standardPort
    return DesktopHost.Occupant(
      session: container.workload.session, container: container.workload.id, kind: kind, port: port)
  }

  @discardableResult
  private func start(_ name: String, _ occupant: DesktopHost.Occupant) throws -> DesktopHost {
    let host = hosts[name] ?? DesktopHost(name, occupant, comparison)
    hosts[name] = host
    if host.occupant.container != occupant.container { places[host.occupant.container] = nil }
    places[occupant.container] = name
    host.move(in: occupant)
    try host.start(with: wishes[occupant.session] ?? DesktopWishes(), in: simulation)
    return host
  }

  /// The desktop of a session whose container runs, started if it is not.
  private func desktop(of session: String) throws -> DesktopHost? {
    if let address = addresses[session], let occupant = containers[address] { return try start(address, occupant) }
    for host in engines.keys.sorted() {
      guard let container = engines[host]?.containers(ofSession: session).first(where: \.isReady),
        let occupant = Self.occupant(container)
      else { continue }
      return try start("\(host)/\(container.address)", occupant)
    }
    return nil
  }

  // MARK: What cases ask

  /// What the desktop of a session shows now; nil: it has none.
  func picture(of session: String) throws -> Framebuffer? { try desktop(of: session)?.picture }

  func perform(_ command: DesktopCommand, on session: String) throws {
    var wish = wishes[session] ?? DesktopWishes()
    switch command {
    case .video(let perSecond): wish.videoPerSecond = perSecond
    case .shortWrites(let limit): wish.readLimit = limit
    case .greetingDelay(let delay): wish.greetingDelay = TimeSpan(delay)
    case .change: return try running(session).change()
    case .updates(let size, let rate, let span):
      return try running(session).updates(of: size, bytesPerSecond: rate, for: TimeSpan(span))
    case .flood(let rate, let span): return try running(session).flood(bytesPerSecond: rate, for: TimeSpan(span))
    }
    wishes[session] = wish
    try desktop(of: session)?.apply(wish)
  }

  private func running(_ session: String) throws -> DesktopHost {
    guard let desktop = try desktop(of: session) else { throw EnvironmentError("\(session) shows no desktop") }
    return desktop
  }
}
