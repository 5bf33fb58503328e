import TestEnvironment

/// What the invariants must know of a run before it begins.
public struct JudgeContext: Sendable {
  /// Limits of one user (C15).
  public struct Quota: Sendable, Equatable {
    public var sessions: Int
    public var milliCPU: Int
    public var memoryMiB: Int
    /// Limits of one session.
    public var sessionMilliCPU: Int
    public var sessionMemoryMiB: Int

    /// Without a `user_quotas` row: 5 sessions, 4000m and 8192 MiB in all, 2000m and 4096 MiB each (C15).
    public init(
      sessions: Int = 5, milliCPU: Int = 4_000, memoryMiB: Int = 8_192, sessionMilliCPU: Int = 2_000,
      sessionMemoryMiB: Int = 4_096
    ) {
      self.sessions = sessions
      self.milliCPU = milliCPU
      self.memoryMiB = memoryMiB
      self.sessionMilliCPU = sessionMilliCPU
      self.sessionMemoryMiB = sessionMemoryMiB
    }
  }

  /// Kinds of observations that the environment makes. What it cannot see is not judged, and shows as
  /// *not exercised*.
  public struct Sight: Sendable, Equatable {
    /// Rows of sessions and commands as they are committed.
    public var rows = true
    /// Objects on the platform.
    public var platform = true
    /// Values of the route keys.
    public var routes = true

    public init() {}
  }

  public var topology: Topology
  /// Names of the replicas in the order of the topology, as `Environment.replicas` gives them.
  public var replicas: [String]
  /// Quota of each user who has not the default.
  public var quotas: [String: Quota]
  public var defaultQuota: Quota
  /// `max_sessions` of the licence (C36); nil: no limit.
  public var licensedSessions: Int?
  public var administrators: [String]
  public var timing: Timing
  /// Declared life of cached answers; nil: no cache, or one that writes invalidate (C19).
  public var cacheTTL: Duration?
  public var sight: Sight
  /// Whether every component keeps the contract. With a shipped one only I-CRASH is judged: the other invariants are
  /// promises of the contract (C33, XP-07).
  public var keepsContract: Bool
  /// How many violations of one invariant keep their evidence; all are counted.
  public var keptViolations: Int

  public init(topology: Topology, replicas: [String] = [], quotas: [String: Quota] = [:]) {
    self.topology = topology
    self.replicas = replicas
    self.quotas = quotas
    for account in topology.accounts {
      guard let quota = account.quota else { continue }
      self.quotas[account.user] = Quota(
        sessions: quota.sessions, milliCPU: quota.milliCPU, memoryMiB: quota.memoryMiB,
        sessionMilliCPU: quota.milliCPU, sessionMemoryMiB: quota.memoryMiB)
    }
    defaultQuota = Quota()
    licensedSessions = topology.licensedSessions
    administrators = ["admin"] + topology.accounts.filter(\.isAdministrator).map(\.user)
    timing = Timing()
    cacheTTL = nil
    sight = Sight()
    keepsContract = !topology.hasShippedControlPlane && topology.agents.allSatisfy { $0.version == .contract }
    keptViolations = 20
  }

  func quota(of user: String) -> Quota { quotas[user] ?? defaultQuota }
  func agent(_ id: String) -> Topology.Agent? { topology.agents.first { $0.id == id } }
}
