import TestEnvironment

/// One fault of a plan. Faults are independent of each other: any subset of a plan is a plan, which is what makes
/// shrinking possible.
public struct PlannedFault: Sendable, Hashable {
  /// Since the load began.
  public var at: Duration
  /// How long it holds, or how long a killed process stays away; zero for a fault of an instant.
  public var lasts: Duration
  public var what: ChaosFault
  /// The recipe it belongs to, as reports name it: `isolate the leader`; empty: a single fault.
  public var recipe: String

  public init(at: Duration, lasts: Duration, _ what: ChaosFault, recipe: String = "") {
    self.at = at
    self.lasts = lasts
    self.what = what
    self.recipe = recipe
  }
}

/// What breaks. Roles (``ChaosTarget``) are resolved when the fault begins.
public enum ChaosFault: Sendable, Hashable {
  /// The process ends in that way and is back after the fault's time.
  case kill(ChaosTarget, Death)
  case pause(ChaosTarget)
  case cut(ChaosTarget, ChaosTarget)
  case cutOneWay(from: ChaosTarget, to: ChaosTarget)
  case halfOpen(gone: ChaosTarget, unaware: ChaosTarget)
  case reset(ChaosTarget, ChaosTarget)
  case slow(ChaosTarget, ChaosTarget, by: Duration)
  case redisDown
  case redisRestartEmpty
  /// Both route keys of an agent are evicted.
  case redisEvictRoute(agent: Int)
  case redisSlow(by: Duration)
  case redisLosePubSub
  case databaseDown
  case databaseSlow(by: Duration)
  case dispatcherSlow(by: Duration)
  /// The `number`-th request of a replica to the database from now on meets the trouble.
  case databaseRequest(replica: Int, number: Int, DatabaseTrouble)
  case kubernetes(KubernetesTrouble)
  case docker(agent: Int, DockerTrouble)
  case skew(ChaosTarget, by: Duration)
  case drift(ChaosTarget, ppm: Int)
  case loseAck(agent: Int)
  /// The process that next reaches the step of a start, stop, … is killed there (lesson L15).
  case killAtStep(agent: Int, command: String, WorkStep, Death)

  public enum Death: String, Sendable, Equatable, CaseIterable {
    /// SIGTERM.
    case graceful
    /// Peers see RST.
    case crash
    /// Peers see nothing.
    case silent
  }
}

/// Who a fault befalls: a place in the deployment, or a role that is looked up when the fault begins.
public enum ChaosTarget: Sendable, Hashable {
  /// By index from 0.
  case replica(Int)
  /// The replica that holds the agent's connection.
  case holder(agent: Int)
  /// An agent with all its processes.
  case agent(Int)
  case instance(agent: Int, Int)
  /// The process that leads the agent.
  case leader(agent: Int)
  /// A process that does not lead.
  case standby(agent: Int)
  case redis
  case database
  case kubernetes
  /// The Docker daemon of an agent.
  case docker(agent: Int)
  case controlPlane
}
