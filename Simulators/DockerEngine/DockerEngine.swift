import SimulationRuntime
import StreamSpaceProtocol

/// One Docker Engine: its containers, images, networks and volumes. It outlives the daemon's process, as the disk and
/// the containers' processes do.
///
/// ``DockerAPI`` is the daemon: its front on the network. Everything else here is for the environment: faults, seeding,
/// snapshots for oracles.
package final class DockerEngine {
  package unowned let simulation: Simulation
  package let configuration: EngineConfiguration
  package let behaviour: EngineBehaviour
  /// Told of every event, at the instant it happens.
  package var observer: ((EngineEvent, Instant) -> Void)?
  /// The swarm it is a node of; the environment keeps it alive.
  package internal(set) weak var swarm: Swarm?

  let faults: FaultBoard
  let steps: LatencySteps
  let identifiers: DecisionStream
  var fence = TermFence()
  var containers = ContainerTable()
  var images: ImageStore
  var networks: NetworkTable
  var volumes = VolumeTable()
  var ports: PortAllocator
  var streams = EventStreams()
  /// The daemon's process; it may have ended.
  private(set) weak var daemon: Incarnation?
  /// The daemon's front, for as long as its process lives.
  weak var front: DockerAPI?
  /// Counts starts and stops of the daemon: what an earlier one had planned does not happen.
  private(set) var daemonLife = 0
  private var hasBegun = false
  /// Starts that hang, in order, until their fault ends.
  var hangingStarts: [() -> Void] = []

  static let step = EventLabel("docker.engine")
  private static let faultEnd = EventLabel("docker.fault.end")

  package init(
    simulation: Simulation, configuration: EngineConfiguration = EngineConfiguration(),
    behaviour: EngineBehaviour = EngineBehaviour()
  ) {
    self.simulation = simulation
    self.configuration = configuration
    self.behaviour = behaviour
    let host = configuration.host
    faults = FaultBoard(simulation: simulation, host: host)
    steps = LatencySteps(behaviour.latencies, simulation.decisions, host: host)
    identifiers = simulation.decisions.stream("docker.\(host).identifiers")
    images = ImageStore(configuration)
    networks = NetworkTable()
    ports = PortAllocator(configuration.ephemeralPorts, foreign: configuration.foreignPorts)
    networks.addPredefined(hasBridge: configuration.hasDefaultBridge, at: time) { freshID() }
  }

  package var host: String { configuration.host }
  var now: Instant { simulation.now }
  /// The wall clock of the host, for what answers show.
  var time: Timestamp { time(at: now) }

  func time(at instant: Instant) -> Timestamp {
    Timestamp(nanosecondsSince1970: configuration.clockAtStart + instant.nanoseconds)
  }

  func freshID() -> String { simulation.decisions.hex(identifiers, digits: 64) }

  func emit(_ event: @autoclosure () -> EngineEvent) {
    guard let observer else { return }
    observer(event(), now)
  }

  // MARK: The daemon

  /// Whether the daemon works: its process lives, and no fault has stopped it.
  package var isUp: Bool { daemon?.isAlive == true && !faults.holds(.daemonRestart) }

  /// A daemon's process begins to work.
  func daemonStarted(_ incarnation: Incarnation, front: DockerAPI) {
    daemon = incarnation
    self.front = front
    daemonLife += 1
    // What happened to the containers while no daemon was there is looked at now.
    if hasBegun { restoreContainers() }
    hasBegun = true
  }

  /// The daemon stops in order, with its containers.
  func daemonStopped() {
    daemonLife += 1
    streams.cutAll()
    front?.dropCalls()
    hangingStarts = []
    if !configuration.liveRestore { stopContainersWithDaemon() }
  }

  /// Runs `action` after `delay`, unless this daemon has stopped by then.
  @discardableResult
  func later(_ delay: TimeSpan, _ action: @escaping () -> Void) -> EventToken {
    let life = daemonLife
    return simulation.schedule(after: delay, Self.step) { [weak self] in
      guard let self, daemonLife == life, isUp else { return }
      action()
    }
  }

  /// Runs `action` after `delay`, whether there is a daemon or not: a container's process needs none.
  func afterwards(_ delay: TimeSpan, _ action: @escaping () -> Void) {
    simulation.schedule(after: delay, Self.step) { [weak self] in
      if self != nil { action() }
    }
  }

  // MARK: Faults

  /// Begins `fault`; it lasts until ``end(_:)`` or, with `duration`, until that has passed. A momentary one has ended
  /// when this returns.
  @discardableResult
  package func begin(_ fault: DockerFault, lasting duration: TimeSpan? = nil) -> FaultRecord {
    if case .daemonRestart = fault { daemonStopped() }
    let record = faults.begin(fault)
    switch fault {
    case .daemonRestart: record.touch(at: now)
    case .down(.refusing):
      if !streams.isEmpty { record.touch(at: now) }
      streams.cutAll()
      front?.dropCalls()
    case .exit(let session, let code): endProcesses(of: session, code: code, isOutOfMemory: false, record)
    case .outOfMemory(let session): endProcesses(of: session, code: 137, isOutOfMemory: true, record)
    case .eventStreamCut:
      if !streams.isEmpty { record.touch(at: now) }
      streams.cutAll()
    default: break
    }
    if fault.isMomentary {
      end(record)
    } else if let duration {
      simulation.schedule(after: duration, Self.faultEnd) { [weak self] in self?.end(record) }
    }
    return record
  }

  /// Ends a fault; does nothing if it has ended.
  package func end(_ record: FaultRecord) {
    guard let fault = faults.end(record) else { return }
    switch fault {
    case .daemonRestart:
      guard daemon?.isAlive == true, !faults.holds(.daemonRestart) else { return }
      daemonLife += 1
      restoreContainers()
    case .startHangs where !faults.holds(.startHangs):
      let waiting = hangingStarts
      hangingStarts = []
      for start in waiting { start() }
    default: break
    }
  }

  private func endProcesses(of session: String?, code: Int, isOutOfMemory: Bool, _ record: FaultRecord) {
    for container in containers.all
    where container.hasProcess && !container.session.isEmpty && (session == nil || container.session == session) {
      record.touch(at: now)
      processEnded(container, run: container.run, code: code, isOutOfMemory: isOutOfMemory)
    }
  }

  // MARK: The fence

  /// Notes that the lock of an agent id has reached a term: for locks that are not in the engine (file, Redis).
  package func see(term: Int64, of agentID: String) { fence.see(term, of: agentID) }

  func checkFence(_ request: DockerRequest, _ writer: EngineEvent.Writer) throws(DockerFailure) {
    guard let leader = request.leader else { return }
    if behaviour.fencing == .refusesOlderTerms, let newest = fence.objection(to: leader) {
      emit(.writeRefused(request.call, name: request.subject, by: writer, newestTerm: newest))
      throw .staleTerm(leader, newest: newest)
    }
    fence.see(leader.term, of: leader.agentID)
  }
}
