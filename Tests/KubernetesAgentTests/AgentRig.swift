import AgentTestSupport
import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol

@testable import KubernetesAgent

/// The agent between a scripted control plane and the real cluster simulator.
final class AgentRig {
  static let agentID = "k8s-prod-cluster"
  static let bootstrapKey = "bootstrap-key"
  static let issuedKey = "issued-key"

  let simulation: Simulation
  let cluster: KubernetesCluster
  let kubernetes: SimulatedProcess
  let controlPlane: SimulatedProcess
  let record = ScriptedControlPlane.Record()
  private(set) var agents: [SimulatedProcess] = []
  private(set) var events: [(replica: String, event: AgentEvent, time: Instant)] = []
  private(set) var platform: [(event: KubernetesEvent, time: Instant)] = []
  private(set) var ends: [ExitReason] = []
  /// What a test does at the instant of a step: crash, stop or pause the agent there.
  var atStep: ((SimulatedProcess, AgentStep) -> Void)?

  init(
    seed: UInt64 = 1, replicas: Int = 1, hasElection: Bool = false, key: AgentConfiguration.Key = .issued(issuedKey),
    behaviour: AgentBehaviour = AgentBehaviour(), cluster: ClusterConfiguration = ClusterConfiguration(),
    platformBehaviour: KubernetesBehaviour = KubernetesBehaviour(), heartbeat: TimeSpan = .seconds(30)
  ) throws {
    let simulation = Simulation(.init(seed: seed))
    self.simulation = simulation
    simulation.network.latencyPolicy = { _, _, _ in .lognormal(median: .milliseconds(5), .s060) }
    let kubernetesCluster = KubernetesCluster(
      simulation: simulation, configuration: cluster, behaviour: platformBehaviour)
    self.cluster = kubernetesCluster
    kubernetes = try simulation.addProcess("kubernetes-api", on: simulation.host(KubernetesAPI.host)) {
      KubernetesAPI($0, cluster: kubernetesCluster)
    }
    let record = record
    controlPlane = try simulation.addProcess("api-1", on: simulation.host("api")) {
      ScriptedControlPlane($0, record)
    }
    for number in 1...replicas {
      let name = "agent-\(number)"
      let configuration = AgentConfiguration(
        agentID: Self.agentID, instanceID: name, controlPlane: [ScriptedControlPlane.endpoint], key: key,
        heartbeatInterval: heartbeat, hasElection: hasElection)
      let process = try simulation.addProcess(name, on: simulation.host(name)) { [unowned self] incarnation in
        KubernetesAgent(incarnation, configuration: configuration, behaviour: behaviour) { [unowned self] event in
          events.append((name, event, simulation.now))
          atEvent(process: agents.first { $0.name == name }, event)
        }
      }
      process.onEnd = { [unowned self] _, reason in ends.append(reason) }
      agents.append(process)
    }
    kubernetesCluster.observer = { [unowned self] event, time in platform.append((event, time)) }
    kubernetes.start()
    controlPlane.start()
  }

  deinit { simulation.tearDown() }

  private func atEvent(process: SimulatedProcess?, _ event: AgentEvent) {
    if let process, case .step(_, _, let step) = event { atStep?(process, step) }
  }

  var agent: SimulatedProcess { agents[0] }
  var now: Instant { simulation.now }

  /// Starts the agents and lets them connect.
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

  func count(_ matches: (AgentEvent) -> Bool) -> Int { events.count { matches($0.event) } }

  /// How many workloads were made on the platform: the effects of starts.
  var workloadsMade: Int {
    platform.count { if case .workloadCreated = $0.event { true } else { false } }
  }

  /// Names of all objects of a session that exist.
  func belongings(_ session: String) -> [String] {
    KubernetesKind.allCases.flatMap { kind in
      cluster.belongings(kind).filter { $0.1.session == session }.map { "\($0.0.kind.plural)/\($0.0.name)" }
    }
  }
}

/// Commands as the control plane sends them.
enum Command {
  static let session = "u01-xterm-vnc-00000001"
  static let image = "example.invalid/xterm-vnc:1"

  static func start(
    _ id: String = "cmd-start", _ session: String = session, persistentHome: Bool = false,
    manifest: JSONValue = manifest
  ) -> ServerMessage {
    .command(
      AgentCommand(
        commandID: id, action: .startSession,
        payload: .start(
          StartSessionPayload(
            sessionID: session, user: "u01", template: "xterm-vnc", templateManifest: manifest, memory: "512Mi",
            cpu: "250m", persistentHome: persistentHome))))
  }

  static func other(_ action: AgentAction, _ id: String, _ session: String = session) -> ServerMessage {
    .command(
      AgentCommand(
        commandID: id, action: action, payload: .session(SessionCommandPayload(sessionID: session))))
  }

  static let manifest: JSONValue = [
    "apiVersion": "stream.space/v1alpha1", "kind": "Template", "metadata": ["name": "xterm-vnc"],
    "spec": [
      "baseImage": "example.invalid/xterm-vnc:1",
      "ports": [["name": "vnc", "containerPort": 5900, "protocol": "TCP"]],
      "defaultResources": ["memory": "512Mi", "cpu": "250m"],
    ],
  ]
}
