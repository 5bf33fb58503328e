import ControlPlane
import DockerAgent
import DockerEngine
import Kubernetes
import KubernetesAgent

/// The policies of every component: the contract, unless a defect changes one (DESIGN §4).
struct Behaviours {
  var controlPlane = ControlPlaneBehaviour()
  /// Of every Kubernetes agent.
  var agent = AgentBehaviour()
  var kubernetes = KubernetesBehaviour()
  /// Of every Docker agent.
  var dockerAgent = DockerAgentBehaviour()
  var docker = EngineBehaviour()
  /// What the agents' configuration gives as bootstrap key.
  var bootstrapKey = BootstrapKeyText.asIssued

  /// What the platform asks of a process to call it ready.
  var readinessProbe = ReadinessProbe.Policy.useful

  /// The text of the bootstrap key in the configuration of agents.
  enum BootstrapKeyText {
    /// That of the control plane: 64 hexadecimal digits.
    case asIssued
    /// 64 letters, as a chart once made them.
    case notHexadecimal

    var text: String {
      switch self {
      case .asIssued: AgentKeys.bootstrap
      case .notHexadecimal: String(repeating: "z", count: 64)
      }
    }
  }
}
