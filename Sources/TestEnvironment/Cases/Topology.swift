/// What a case runs on (spec/06 §0.1). A value: start from a named one and change what the case needs.
public struct Topology: Sendable, Equatable {
  /// `T1`, `T2`, …: as printed.
  public var name: String
  public var replicas: Int
  public var hasRedis: Bool
  /// Agents with their ids, in the order they start.
  public var agents: [Agent]
  /// Users `u01` … ; the administrator is always there.
  public var users: Int
  /// `max_sessions` of the licence row; fixtures raise it to 100 000 (C36).
  public var licensedSessions: Int
  /// Replicas that do not start with the rest (the case starts them).
  public var absentReplicas: Int
  /// Agents start with the environment; false: the case starts them.
  public var startsAgents: Bool
  /// Replicas whose POD_NAME is left unset (HA-API-16), by index from 0.
  public var namelessReplicas: [Int]
  /// Redis is down when the replicas start.
  public var startsWithRedisDown: Bool
  /// The cache and the login check on Redis db 0.
  public var cacheEnabled: Bool

  /// One agent.
  public struct Agent: Sendable, Equatable {
    public enum Platform: String, Sendable, Equatable { case kubernetes, docker }

    public var id: String
    public var platform: Platform
    public var maxSessions: Int
    /// Replicas that share the id through an election; 1: no election.
    public var replicas: Int

    public init(_ id: String, platform: Platform = .kubernetes, maxSessions: Int = 100, replicas: Int = 1) {
      self.id = id
      self.platform = platform
      self.maxSessions = maxSessions
      self.replicas = replicas
    }
  }

  public init(_ name: String, replicas: Int, redis: Bool, agents: [Agent], users: Int = 10) {
    self.name = name
    self.replicas = replicas
    hasRedis = redis
    self.agents = agents
    self.users = users
    licensedSessions = 100_000
    absentReplicas = 0
    startsAgents = true
    namelessReplicas = []
    startsWithRedisDown = false
    cacheEnabled = false
  }

  /// 1 replica, no Redis, one agent.
  public static let t1 = Topology("T1", replicas: 1, redis: false, agents: [Agent("k8s-prod-cluster")])
  /// 2 replicas with Redis, one agent.
  public static let t2 = Topology("T2", replicas: 2, redis: true, agents: [Agent("k8s-prod-cluster")])
  /// 3 replicas with Redis, one agent id; with one agent replica until elections exist.
  public static let t3 = Topology("T3", replicas: 3, redis: true, agents: [Agent("k8s-prod-cluster")])
  /// 3 replicas with Redis, three agents of 20 sessions each.
  /// The ids of the specification are `a1` … `a3`; a registration refuses ids of fewer than three characters
  /// (spec/02 §7.3), hence the prefix.
  public static let t3m = Topology(
    "T3m", replicas: 3, redis: true, agents: ["k8s-a1", "k8s-a2", "k8s-a3"].map { Agent($0, maxSessions: 20) })

  /// A copy, changed.
  public func with(_ change: (inout Topology) -> Void) -> Topology {
    var copy = self
    change(&copy)
    return copy
  }
}
