/// The route of an agent in Redis (C2).
public struct Route: Sendable, Equatable {
  public var pod: String?
  public var connected: String?
  /// Remaining life of the pod key and of the connected key.
  public var podLife: Duration?
  public var connectedLife: Duration?

  public init(pod: String?, connected: String?, podLife: Duration?, connectedLife: Duration?) {
    self.pod = pod
    self.connected = connected
    self.podLife = podLife
    self.connectedLife = connectedLife
  }

  /// Both keys, naming `replica`.
  public func names(_ replica: String) -> Bool { pod == replica && connected == "true" }
  /// Both keys or none.
  public var isWhole: Bool { (pod == nil) == (connected == nil) }
}

/// A row of table `agents`.
public struct AgentRow: Sendable, Equatable {
  public var agent: String
  public var status: String
  /// Since the start of the run.
  public var lastHeartbeat: Duration?
  public var connectionPod: String?
  /// The capacity as it is stored, a JSON text; nil where the list or the row has none.
  public var capacity: String?

  public init(
    agent: String, status: String, lastHeartbeat: Duration?, connectionPod: String?, capacity: String? = nil
  ) {
    self.agent = agent
    self.status = status
    self.lastHeartbeat = lastHeartbeat
    self.connectionPod = connectionPod
    self.capacity = capacity
  }
}

/// A row of table `sessions`.
public struct SessionRow: Sendable, Equatable {
  public var session: String
  public var user: String
  public var state: String
  public var agent: String?
  public var podName: String?
  public var activeConnections: Int

  public init(session: String, user: String, state: String, agent: String?, podName: String?, activeConnections: Int) {
    self.session = session
    self.user = user
    self.state = state
    self.agent = agent
    self.podName = podName
    self.activeConnections = activeConnections
  }
}

/// A row of table `agent_commands`.
public struct CommandRow: Sendable, Equatable {
  public var command: String
  public var agent: String
  public var session: String?
  public var action: String
  public var status: String
  public var error: String?
  public var times: CommandTimes

  public init(
    command: String, agent: String, session: String?, action: String, status: String, error: String?,
    times: CommandTimes
  ) {
    self.command = command
    self.agent = agent
    self.session = session
    self.action = action
    self.status = status
    self.error = error
    self.times = times
  }

  public var isFinal: Bool { status == "completed" || status == "failed" }
}

/// A command row to put in place, with the state of its session that an accepted request would have left:
/// `pending` for a start (its session row is made too), `terminating` for a stop.
public struct SeededCommand: Sendable, Equatable {
  public var agent: String
  public var session: String
  public var user: String
  public var action: String
  /// Replica whose claim it bears; nil: unclaimed.
  public var claimedBy: String?
  /// The command was completed and its session has ended: history, not backlog.
  public var isFinished = false

  public init(agent: String, session: String, user: String, action: String, claimedBy: String? = nil) {
    self.agent = agent
    self.session = session
    self.user = user
    self.action = action
    self.claimedBy = claimedBy
  }
}

/// A workload of a session on its platform.
public struct Workload: Sendable, Equatable {
  public var session: String
  public var agent: String
  public var pod: String?
  public var isReady: Bool
  /// The command that made it.
  public var command: String?

  public init(session: String, agent: String, pod: String?, isReady: Bool, command: String?) {
    self.session = session
    self.agent = agent
    self.pod = pod
    self.isReady = isReady
    self.command = command
  }
}

/// What the lock of an election says.
public struct LeaderLock: Sendable, Equatable {
  /// A process name; empty: released.
  public var holder: String
  public var term: Int64
  /// How often the record was written so far, renewals included; zero where nobody counts (leases).
  public var writes: Int

  public init(holder: String, term: Int64, writes: Int = 0) {
    self.holder = holder
    self.term = term
    self.writes = writes
  }
}

/// An object on a platform.
public struct PlatformObject: Sendable, Equatable {
  /// `deployment`, `pod`, `service`, `pvc`, `secret`, `session`; `container`, `volume`, `network`.
  public var kind: String
  public var name: String
  public var session: String?
  public var command: String?
  /// `running`, `exited`, …; empty where the kind has none.
  public var state: String
  public var labels: [String: String]

  public init(
    kind: String, name: String, session: String?, command: String?, state: String = "", labels: [String: String] = [:]
  ) {
    self.kind = kind
    self.name = name
    self.session = session
    self.command = command
    self.state = state
    self.labels = labels
  }
}

/// What the platform holds a workload to: limits, image, ports.
public struct WorkloadLimits: Sendable, Equatable {
  public var milliCPU: Int64
  public var memoryBytes: Int64
  public var image: String
  /// Ports of the container that the platform opens, in order.
  public var ports: [Int]

  public init(milliCPU: Int64, memoryBytes: Int64, image: String = "", ports: [Int] = []) {
    self.milliCPU = milliCPU
    self.memoryBytes = memoryBytes
    self.image = image
    self.ports = ports
  }
}
