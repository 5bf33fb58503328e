import SimulationRuntime
import StreamSpaceProtocol

/// What one replica of a Kubernetes agent is started with: its flags and environment (spec/03 §1.1).
package struct AgentConfiguration: Sendable {
  /// The key an agent begins with (spec/00, Enrolment).
  package enum Key: Sendable, Hashable {
    /// Issued to this agent id and in its hands.
    case issued(String)
    /// Good for enrolment only.
    case bootstrap(String)

    var text: String {
      switch self {
      case .issued(let text), .bootstrap(let text): text
      }
    }
  }

  /// `AGENT_ID`: shared by all replicas of an election.
  package var agentID: String
  /// `POD_NAME`: unique per replica; the identity in the lease.
  package var instanceID: String
  /// Where the control plane is reached, usually one balancer; tried in turn.
  package var controlPlane: [Endpoint]
  package var key: Key
  /// Namespace of the sessions and the lease.
  package var namespace: String
  package var region: String?
  package var capacity: AgentCapacity
  /// `HEALTH_CHECK_INTERVAL`; nothing or less means ``fallbackHeartbeat``.
  package var heartbeatInterval: TimeSpan
  /// `ENABLE_HA`.
  package var hasElection: Bool
  /// Where the API server listens.
  package var kubernetes: Endpoint
  /// `TZ` of the host: the offset of the times that the agent writes.
  package var zone = HostZone.utc

  /// What an interval of nothing or less means (spec/03 §1.1).
  package static let fallbackHeartbeat = TimeSpan.seconds(10)

  package init(
    agentID: String, instanceID: String, controlPlane: [Endpoint], key: Key, namespace: String = "streamspace",
    region: String? = nil,
    capacity: AgentCapacity = AgentCapacity(maxSessions: 100, cpu: "64 cores", memory: "256Gi"),
    heartbeatInterval: TimeSpan = .seconds(30), hasElection: Bool = false,
    kubernetes: Endpoint = Endpoint(host: "kubernetes", port: 6443)
  ) {
    self.agentID = agentID
    self.instanceID = instanceID
    self.controlPlane = controlPlane
    self.key = key
    self.namespace = namespace
    self.region = region
    self.capacity = capacity
    self.heartbeatInterval = heartbeatInterval
    self.hasElection = hasElection
    self.kubernetes = kubernetes
  }

  /// The interval in force.
  var effectiveHeartbeat: TimeSpan { heartbeatInterval > .zero ? heartbeatInterval : Self.fallbackHeartbeat }
}

/// The constants of an agent (spec/03 §8.1, C26, C28).
enum AgentTiming {
  /// Limit of the registration call, and of dial and upgrade.
  static let callLimit = TimeSpan.seconds(10)
  /// Between two polls while the agent waits for its approval.
  static let approvalPoll = TimeSpan.seconds(30)
  static let ping = TimeSpan.seconds(54)
  /// An elected leader pings more often (C28).
  static let leaderPing = TimeSpan.seconds(10)
  /// The read deadline after a pong.
  static let pongWait = TimeSpan.seconds(60)
  /// How long a frame may wait to be written.
  static let writeLimit = TimeSpan.seconds(10)
  /// Limit of one call to the API server.
  static let kubernetesLimit = TimeSpan.seconds(10)
  /// Limit of the inventory before a registration: a slow API server must not keep the agent away.
  static let inventoryLimit = TimeSpan.seconds(2)
  /// Between two looks for a ready pod, the first included.
  static let podPoll = TimeSpan.seconds(2)
  /// How long a start waits for its pod.
  static let podWait = TimeSpan.seconds(120)
  /// How long a wake waits: what the 2 min of C11 leave for the way back.
  static let wakeWait = TimeSpan.seconds(90)
  /// Until the first look whether a deleted workload is gone: one without pods goes within 100 ms (spec/04 §4.4).
  static let firstRemovalLook = TimeSpan.milliseconds(100)
  /// Between two of them; short, because stops share four places with starts: looking each 500 ms an agent gets through
  /// 3.6 commands a second, and PERF-LOAD-04 demands 4.
  static let removalPoll = TimeSpan.milliseconds(200)
  /// How long stop and hibernate go on trying: what the 2 min of C11 allow.
  static let removalWait = TimeSpan.seconds(100)
  /// How long one step of a start is repeated while the API server cannot be reached.
  static let stepPatience = TimeSpan.seconds(30)
  /// How long a failed start goes on removing what it made before it answers.
  static let cleanUpPatience = TimeSpan.seconds(120)
  /// Between two looks at the workloads (C13).
  static let inspection = TimeSpan.seconds(10)
  /// A workload that is not ready for that long is lost (C13).
  static let workloadPatience = TimeSpan.seconds(60)
  /// What a terminating process may take to release its lease.
  static let shutdownLimit = TimeSpan.seconds(2)
}
