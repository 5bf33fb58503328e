import SimulationRuntime
import TestEnvironment

/// How long a hop takes, by the role of its ends (spec/06 §10.3).
enum LatencyProfile {
  /// Viewer to balancer, balancer to API.
  static let lan = LatencyModel.lognormal(median: .milliseconds(1), .s070)
  /// Viewer to API through the balancer: two hops of ``lan``, as one draw. Their sum has mean 2.6 ms and standard deviation
  /// 1.4 ms, as this has to within a tenth.
  static let viewer = LatencyModel.lognormal(median: .microseconds(2_200), .s060)
  /// API to agent, agent to pod.
  static let agentFrame = LatencyModel.lognormal(median: .milliseconds(5), .s060)
  /// Half of a Redis call: the model is of the call, this is its way there; the way back costs the same draw's share.
  static let redisHop = LatencyModel.lognormal(median: .microseconds(250), .s100)
  /// The database and the cluster API draw their own service times; the way is short beside them.
  static let near = LatencyModel.constant(.microseconds(20))

  /// The model of a connection by the names of its hosts.
  static func model(from: String, to: String, port: Int) -> LatencyModel {
    // The way of a port-forward to its pod: the simulator draws what forwarding takes.
    if from == HostName.kubernetes { return near }
    return switch to {
    case HostName.redis: redisHop
    case _ where HostName.isEngine(to): near
    case HostName.database, HostName.kubernetes: near
    case HostName.balancer: lan
    default: HostName.isAgent(from) ? agentFrame : lan
    }
  }
}

/// Names of the hosts of a deployment. A process is named as its host.
enum HostName {
  static let balancer = Balancer.endpoint.host
  static let redis = "redis"
  static let database = "postgres"
  static let kubernetes = "kubernetes"

  static let replicaPrefix = "api-"
  /// Hosts of Docker daemons are called `docker-N` (``Topology/Agent/engine``).
  static func isEngine(_ host: String) -> Bool { host.hasPrefix("docker-") }

  static func agent(_ id: String) -> String { "agent-\(id)" }
  /// The hosts of an agent's processes: one, or one for each of its replicas.
  static func agents(_ agent: Topology.Agent) -> [String] {
    guard agent.replicas > 1 else { return [self.agent(agent.id)] }
    return (1...agent.replicas).map { "\(self.agent(agent.id))-\($0)" }
  }
  static func isAgent(_ host: String) -> Bool { host.hasPrefix("agent-") }
  static func scriptedAgent(_ name: String) -> String { "agent-scripted-\(name)" }
  static func user(_ name: String) -> String { "user-\(name)" }
}
