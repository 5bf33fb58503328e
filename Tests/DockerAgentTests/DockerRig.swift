import AgentTestSupport
import HostFiles
import Redis
import SimulationRuntime
import StreamSpaceProtocol

@testable import DockerAgent

/// The agent between a scripted control plane and a scripted daemon.
final class DockerRig {
  static let agentID = "docker-prod-host"
  static let bootstrapKey = "bootstrap-key"
  static let issuedKey = "issued-key"

  let simulation: Simulation
  let daemon: SimulatedProcess
  let controlPlane: SimulatedProcess
  private(set) var agents: [SimulatedProcess] = []
  let record = ScriptedControlPlane.Record()
  let platform = ScriptedDaemon.Record()
  /// Shared by all replicas.
  let volume: HostVolume
  let redis: RedisServer
  private(set) var events: [(replica: String, event: DockerAgentEvent, time: Instant)] = []
  private(set) var ends: [ExitReason] = []
  /// What a test does at the instant of a step: crash, stop or pause the agent there.
  var atStep: ((SimulatedProcess, AgentStep) -> Void)?
  /// The same for any event.
  var atEvent: ((SimulatedProcess, DockerAgentEvent) -> Void)?

  /// Where the agents keep their lock.
  enum Lock: CaseIterable {
    case none, file, redis
  }

  init(
    seed: UInt64 = 1, replicas: Int = 1, lock: Lock = .none, key: DockerAgentConfiguration.Key = .issued(issuedKey),
    behaviour: DockerAgentBehaviour = DockerAgentBehaviour(),
    configure: (inout DockerAgentConfiguration) -> Void = { _ in }
  ) throws {
    let simulation = Simulation(.init(seed: seed))
    self.simulation = simulation
    simulation.network.latencyPolicy = { _, _, _ in .lognormal(median: .milliseconds(5), .s060) }
    let (record, platform) = (record, platform)
    daemon = try simulation.addProcess("docker-daemon", on: simulation.host("docker")) {
      ScriptedDaemon($0, platform)
    }
    controlPlane = try simulation.addProcess("api-1", on: simulation.host("api")) {
      ScriptedControlPlane($0, record)
    }
    let volume = HostVolume("locks", of: simulation)
    self.volume = volume
    redis = try RedisServer(on: simulation.host("redis"), of: simulation)
    let redisEndpoint = redis.endpoint
    for number in 1...replicas {
      let name = "agent-\(number)"
      var configuration = DockerAgentConfiguration(
        agentID: Self.agentID, instanceID: name, controlPlane: [ScriptedControlPlane.endpoint], key: key,
        docker: ScriptedDaemon.endpoint)
      configure(&configuration)
      let final = configuration
      let host = simulation.host(name)
      volume.mount(on: host)
      let process = try simulation.addProcess(name, on: host) { [unowned self] incarnation in
        let files = volume.files(for: incarnation)
        let store: LockStore? =
          switch lock {
          case .none: nil
          case .file: .file(files)
          case .redis: .redis(redisEndpoint, database: 0)
          }
        return DockerAgent(
          incarnation, configuration: final, lock: store, keys: lock == .none ? .file(files) : nil,
          behaviour: behaviour
        ) { [unowned self] event in observe(name, event) }
      }
      process.onEnd = { [unowned self] _, reason in ends.append(reason) }
      agents.append(process)
    }
    daemon.start()
    controlPlane.start()
    redis.process.start()
  }

  private func observe(_ name: String, _ event: DockerAgentEvent) {
    events.append((name, event, simulation.now))
    guard let process = agents.first(where: { $0.name == name }) else { return }
    atEvent?(process, event)
    if case .step(_, _, let step) = event { atStep?(process, step) }
  }

  var agent: SimulatedProcess { agents[0] }

  deinit { simulation.tearDown() }

  var now: Instant { simulation.now }

  /// Starts the agent and lets it connect.
  func begin() throws {
    for agent in agents { agent.start() }
    try run(.seconds(1))
  }

  func run(_ span: TimeSpan) throws { try simulation.run(for: span) }

  /// Runs until `condition` holds; false if it does not within `limit`.
  @discardableResult
  func run(until condition: () -> Bool, within limit: TimeSpan = .seconds(120)) throws -> Bool {
    let deadline = now + limit
    while !condition() {
      guard now < deadline else { return false }
      try run(.milliseconds(10))
    }
    return true
  }

  func count(_ matches: (DockerAgentEvent) -> Bool) -> Int { events.count { matches($0.event) } }

  func steps(of command: String) -> [AgentStep] {
    events.compactMap { if case .step(command, _, let step) = $0.event { step } else { nil } }
  }

  /// A container of a session, as after a start.
  func place(
    _ session: String = Command.session, agent: String? = DockerRig.agentID, command: String = "cmd-placed",
    status: ContainerStatus = .running, home: Bool = false
  ) {
    var labels = DockerLabel.ofSession(session, agent: agent ?? "", command: command)
    labels[DockerLabel.agent] = agent
    let id = String(repeating: "b", count: 62) + String(10 + platform.containers.count)
    let name = DockerName.container(session: session)
    platform.containers[name] = ScriptedDaemon.Container(
      id: id, specification: ContainerSpecification(image: Command.image, labels: labels, networks: ["streamspace"]),
      status: status, startedAt: .start)
    if home { platform.volumes[DockerName.homeVolume(session: session)] = labels }
  }
}

/// Commands as the control plane sends them.
enum Command {
  static let session = "u01-xterm-vnc-00000001"
  static let image = "example.invalid/xterm-vnc:1"

  static func start(
    _ id: String = "cmd-start", _ session: String = session, persistentHome: Bool? = false,
    memory: String = "1Gi", cpu: String = "500m", user: String = "u01", manifest: JSONValue = manifest()
  ) -> ServerMessage {
    var payload = StartSessionPayload(
      sessionID: session, user: user, template: "xterm-vnc", templateManifest: manifest, memory: memory, cpu: cpu,
      persistentHome: persistentHome ?? true)
    payload.persistentHome = persistentHome
    return .command(AgentCommand(commandID: id, action: .startSession, payload: .start(payload)))
  }

  static func other(
    _ action: AgentAction, _ id: String, _ session: String = session, deletePVC: Bool? = nil
  ) -> ServerMessage {
    .command(
      AgentCommand(
        commandID: id, action: action,
        payload: .session(SessionCommandPayload(sessionID: session, deletePVC: deletePVC))))
  }

  static func manifest(mounts: JSONValue = []) -> JSONValue {
    [
      "apiVersion": "stream.space/v1alpha1", "kind": "Template", "metadata": ["name": "xterm-vnc"],
      "spec": [
        "baseImage": "example.invalid/xterm-vnc:1",
        "ports": [["name": "vnc", "containerPort": 5900, "protocol": "TCP"]],
        "env": [["name": "B", "value": "2"], ["name": "A", "value": "1"]],
        "volumeMounts": mounts,
        "defaultResources": ["memory": "512Mi", "cpu": "250m"],
      ],
    ]
  }
}
