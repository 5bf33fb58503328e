import DockerEngine
import SimulationRuntime
import StreamSpaceProtocol

/// Engines with their daemons and one caller on the simulated network.
final class EngineRig {
  let simulation: Simulation
  let engines: [DockerEngine]
  let daemons: [SimulatedProcess]
  private(set) var events: [(event: EngineEvent, time: Instant)] = []
  private let program: Caller
  /// Sockets of event streams, kept open.
  private var streams: [Socket] = []

  var engine: DockerEngine { engines[0] }
  var daemon: SimulatedProcess { daemons[0] }

  init(
    seed: UInt64 = 1, configurations: [EngineConfiguration] = [EngineConfiguration()],
    behaviour: EngineBehaviour = EngineBehaviour()
  ) throws {
    let simulation = Simulation(.init(seed: seed))
    self.simulation = simulation
    engines = configurations.map {
      DockerEngine(simulation: simulation, configuration: $0, behaviour: behaviour)
    }
    daemons = try engines.map { engine in
      try simulation.addProcess("dockerd-\(engine.host)", on: simulation.host(engine.host)) {
        DockerAPI($0, engine: engine)
      }
    }
    let program = Caller()
    self.program = program
    let caller = try simulation.addProcess("caller", on: simulation.host("caller")) { incarnation in
      program.incarnation = incarnation
      return program
    }
    for daemon in daemons { daemon.start() }
    caller.start()
    for engine in engines {
      engine.observer = { [unowned self] event, time in events.append((event, time)) }
    }
  }

  deinit { simulation.tearDown() }

  /// Sends a request; the outcome comes to `completion`.
  func send(
    _ request: DockerRequest, to index: Int = 0, timeout: TimeSpan = .seconds(120),
    _ completion: @escaping (CallOutcome) -> Void
  ) {
    guard let incarnation = program.incarnation else { return }
    simulation.network.open(
      from: incarnation, to: Endpoint(host: engines[index].host, port: DockerAPI.port),
      hello: Frame(request, byteCount: request.estimatedByteCount), timeout: timeout, completion)
  }

  /// Sends a request and runs until it has an outcome.
  func outcome(of request: DockerRequest, to index: Int = 0) throws -> CallOutcome? {
    var outcome: CallOutcome?
    send(request, to: index) { outcome = $0 }
    let deadline = simulation.now + .seconds(130)
    while outcome == nil, simulation.now < deadline { try simulation.run(for: .milliseconds(1)) }
    return outcome
  }

  /// Sends a request and runs until it is answered; nil when there was no answer.
  func ask(
    _ operation: DockerRequest.Operation, leader: LeaderTerm? = nil, to index: Int = 0
  ) throws -> DockerResponse? {
    let request = DockerRequest(operation, caller: "caller", leader: leader)
    guard case .reply(let payload)? = try outcome(of: request, to: index) else { return nil }
    return (payload as? Frame<DockerResponse>)?.value
  }

  /// The status of the answer; nil when there was none.
  func code(
    _ operation: DockerRequest.Operation, leader: LeaderTerm? = nil, to index: Int = 0
  ) throws -> Int? {
    try ask(operation, leader: leader, to: index)?.code
  }

  /// The same, for an answer that must be a failure.
  func failure(
    _ operation: DockerRequest.Operation, leader: LeaderTerm? = nil, to index: Int = 0
  ) throws -> DockerFailure? {
    guard case .failure(let failure)? = try ask(operation, leader: leader, to: index) else { return nil }
    return failure
  }

  func inspect(_ name: String, on index: Int = 0) throws -> ContainerInspection? {
    guard case .container(let container)? = try ask(.inspectContainer(name), to: index) else { return nil }
    return container
  }

  /// Opens an event stream; what it carries comes to `receive`, its end to `ended`.
  func openStream(
    _ filters: DockerFilters = .none, ended: @escaping () -> Void = {},
    receive: @escaping (DockerEvent) -> Void
  ) throws {
    var isOpen = false
    send(DockerRequest(.events(filters), caller: "caller")) { [unowned self] outcome in
      guard case .connected(let socket) = outcome else { return }
      isOpen = true
      streams.append(socket)
      socket.onReceive = { payload in
        if let event = (payload as? Frame<DockerEvent>)?.value { receive(event) }
      }
      socket.onClose = { _ in ended() }
    }
    while !isOpen, simulation.now < .start + .seconds(600) { try simulation.run(for: .milliseconds(1)) }
  }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  private final class Caller: Program {
    var incarnation: Incarnation?
    func start() {}
    func terminate() {}
  }
}

/// Objects as the agent writes them.
enum Fixture {
  static let session = "u01-xterm-vnc-00000001"
  static let image = "streamspace/xterm-vnc:1"
  static let network = DockerName.defaultNetwork

  static func container(
    _ session: String = session, agent: String = "docker-1", image: String = image,
    policy: RestartPolicy = .unlessStopped, networks: [String] = [], hasHome: Bool = false
  ) -> ContainerSpecification {
    ContainerSpecification(
      image: image, environment: ["DISPLAY=:1"],
      labels: DockerLabel.ofSession(session, agent: agent, command: "cmd-1"), exposedPorts: ["5900/tcp"],
      host: HostConfig(
        memory: 536_870_912, nanoCPUs: 250_000_000, restartPolicy: policy,
        portBindings: [.anyHostPort("5900/tcp")],
        mounts: hasHome
          ? [HostConfig.Mount(volume: DockerName.homeVolume(session: session), target: DockerName.homePath)] : []),
      networks: networks)
  }

  static let name = DockerName.container(session: session)
}
