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
}
