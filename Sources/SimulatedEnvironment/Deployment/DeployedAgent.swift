import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// One agent id of a deployment with its processes, in order.
struct DeployedAgent {
  let topology: Topology.Agent
  /// One, or the election replicas; each is named as its host.
  let processes: [SimulatedProcess]
  /// What each process says of itself, in the same order.
  let roles: [AgentRole]

  var id: String { topology.id }
  var instances: [String] { processes.map(\.name) }
}

/// What an agent's process says of itself while it lives.
final class AgentRole {
  /// Whether it may act: with an election while its lock is valid on its own clock, without one while it is connected.
  var mayAct: () -> Bool = { false }
  /// How often the platform has put another pod in its place.
  var replacements = 0
  /// Tells it of the container of a running session that was put in place.
  var adopt: (_ session: String, _ containerID: String, _ name: String) -> Void = { _, _, _ in }
}

/// Keys of agents in a simulation: 64 hexadecimal digits, derived from the id.
enum AgentKeys {
  static let bootstrap = SHA256.hex("simulated-bootstrap-key")
  static func key(of agent: String) -> String { SHA256.hex("simulated-agent-key-\(agent)") }
}
