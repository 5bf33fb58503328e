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
  let agent: SimulatedProcess
  let record = ScriptedControlPlane.Record()
  let platform = ScriptedDaemon.Record()
  private(set) var events: [(event: DockerAgentEvent, time: Instant)] = []
  private(set) var ends: [ExitReason] = []
  /// What a test does at the instant of a step: crash, stop or pause the agent there.
  var atStep: ((SimulatedProcess, AgentStep) -> Void)?

  init(
    seed: UInt64 = 1, key: DockerAgentConfiguration.Key = .issued(issuedKey),
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
    var configuration = DockerAgentConfiguration(
      agentID: Self.agentID, instanceID: "agent-1", controlPlane: [ScriptedControlPlane.endpoint], key: key,
      docker: ScriptedDaemon.endpoint)
    configure(&configuration)
    let final = configuration
    let relay = Relay()
    agent = try simulation.addProcess("agent-1", on: simulation.host("agent-1")) { incarnation in
      DockerAgent(incarnation, configuration: final, behaviour: behaviour) { relay.observe($0) }
    }
    relay.rig = self
    agent.onEnd = { [unowned self] _, reason in ends.append(reason) }
    daemon.start()
    controlPlane.start()
  }

  /// The observer is made before the rig is.
  private final class Relay {
    weak var rig: DockerRig?
    func observe(_ event: DockerAgentEvent) { rig?.observe(event) }
  }

  private func observe(_ event: DockerAgentEvent) {
    events.append((event, simulation.now))
    if case .step(_, _, let step) = event { atStep?(agent, step) }
  }

  deinit { simulation.tearDown() }

  var now: Instant { simulation.now }

  /// Starts the agent and lets it connect.
  func begin() throws {
    agent.start()
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
