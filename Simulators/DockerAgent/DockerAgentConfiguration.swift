import SimulationRuntime
import StreamSpaceProtocol

/// What one replica of a Docker agent is started with: its flags and environment (spec/03 §1.1).
package struct DockerAgentConfiguration: Sendable {
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
  /// Host name of the replica; its identity in the lock.
  package var instanceID: String
  /// Where the control plane is reached, usually one balancer; tried in turn.
  package var controlPlane: [Endpoint]
  package var key: Key
  package var region: String?
  package var capacity: AgentCapacity
  /// `HEALTH_CHECK_INTERVAL`; nothing or less means ``fallbackHeartbeat``.
  package var heartbeatInterval: TimeSpan
  /// `DOCKER_HOST`: where the daemon listens.
  package var docker: Endpoint
  /// `NETWORK_NAME`: the network of the sessions' containers.
  package var network: String
  /// `VOLUME_DRIVER`: reported, never applied (spec/03 §1.1).
  package var volumeDriver: String

  /// The zone in which the host writes its times, in minutes east of UTC (XP-13).
  package var zoneMinutes = 0

  /// What an interval of nothing or less means (spec/03 §1.1).
  package static let fallbackHeartbeat = TimeSpan.seconds(10)
  /// `--max-cpu 100 --max-memory 128 --max-sessions 100` as a control plane can read it (spec/03 §1.1, A-49).
  package static let defaultCapacity = AgentCapacity(maxSessions: 100, cpu: "100 cores", memory: "128Gi")

  package init(
    agentID: String, instanceID: String, controlPlane: [Endpoint], key: Key, region: String? = nil,
    capacity: AgentCapacity = DockerAgentConfiguration.defaultCapacity, heartbeatInterval: TimeSpan = .seconds(30),
    docker: Endpoint, network: String = DockerName.defaultNetwork, volumeDriver: String = "local"
  ) {
    self.agentID = agentID
    self.instanceID = instanceID
    self.controlPlane = controlPlane
    self.key = key
    self.region = region
    self.capacity = capacity
    self.heartbeatInterval = heartbeatInterval
    self.docker = docker
    self.network = network
    self.volumeDriver = volumeDriver
  }

  /// The interval in force.
  var effectiveHeartbeat: TimeSpan { heartbeatInterval > .zero ? heartbeatInterval : Self.fallbackHeartbeat }
}

/// The constants of the agent (spec/03 §5, §8.1; C13, C26, C28).
enum DockerAgentTiming {
  // MARK: Connection

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

  // MARK: Daemon

  /// Limit of one call to the daemon that has nothing to wait for.
  static let daemonLimit = TimeSpan.seconds(10)
  /// How long a daemon is asked again that answers 429 or 5xx: a full disk does not go away by itself.
  static let refusalPatience = TimeSpan.seconds(30)
  /// Limit of the inventory before a registration: a slow daemon must not keep the agent away.
  static let inventoryLimit = TimeSpan.seconds(2)
  /// What a container may take to end by itself (`t=10`).
  static let stopGraceSeconds = 10
  /// Limit of a call that stops a container: the grace and as much again.
  static let stopLimit = TimeSpan.seconds(20)
  /// Of the 5 min of a start (spec/03 §5.2), what leaves time to remove what it made.
  static let startPatience = TimeSpan.seconds(240)
  /// Between two looks whether a started container runs, the first at once.
  static let runPoll = TimeSpan.seconds(1)
  /// How long a started container may take to run.
  static let runWait = TimeSpan.seconds(60)
  /// What a failed start goes on removing what it made before it answers.
  static let cleanUpPatience = TimeSpan.seconds(50)
  /// Of the 2 min of a stop, hibernate or wake, what is left for the way back (C11).
  static let stopPatience = TimeSpan.seconds(100)
  /// Between two tries to make a container whose name is being freed.
  static let conflictPoll = TimeSpan.seconds(1)

  // MARK: Watch

  /// Between two looks at the containers (C13).
  static let inspection = TimeSpan.seconds(10)
  /// A container that does not run for that long is lost (C13).
  static let workloadPatience = TimeSpan.seconds(60)
}
