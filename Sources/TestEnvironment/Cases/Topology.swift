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
  /// Platform of a session whose request, template and application name none (C17).
  public var defaultPlatform: Agent.Platform
  /// Time zones of the replicas and of the database, in minutes east of UTC (XP-13).
  public var replicaZoneMinutes: Int
  public var databaseZoneMinutes: Int
  /// When the hosts of replicas and agents go over to daylight saving time, since the start of the run; the database
  /// keeps its zone. Nil: never (XP-13).
  public var daylightSavingAt: Duration?
  /// The control plane knows nothing of the contract's protocol (XP-07: an old API).
  public var hasShippedControlPlane: Bool
  /// What the database holds at the start. With anything but `.ready` the fixtures (users, quotas, catalogue, agents,
  /// licence) are put in place as soon as the schema bears them, and only then do agents start.
  public var database: InitialDatabase
  /// The newest schema version that the binary of each replica knows, by index from 0; nil or missing: the newest.
  public var binaries: [Int?]
  /// When the secret `ADMIN_PASSWORD` is there, since the start of the run.
  public var adminPasswordArrives: Duration
  /// The processes of all agents share one source address, as behind one gateway (CHAOS-11).
  public var agentsShareAddress: Bool
  /// The platform probes the readiness of replicas and agents every 10 s and replaces what fails three times in a row
  /// (CHAOS-16).
  public var probesReadiness: Bool
  /// How far a standby lies behind the database; nil: there is none.
  public var standbyLag: Duration?
  /// Users who are not like the others of the fixture: another organisation, role or quota.
  public var accounts: [Account]
  /// How many different suffixes names of sessions are drawn from; nil: the 2^32 of eight digits (C38, MU-13).
  public var nameSuffixes: UInt64?

  /// One agent id.
  public struct Agent: Sendable, Equatable {
    public enum Platform: String, Sendable, Equatable { case kubernetes, docker }

    /// How replicas of one id choose who acts.
    public enum Election: Sendable, Equatable {
      /// The coordination lease of Kubernetes.
      case lease
      /// A file lock; unshared: each replica has a volume of its own behind the same path (DOCK-13).
      case file(shared: Bool)
      case redis
      case swarm
    }

    /// Which program runs (XP-07).
    public enum Version: String, Sendable, Equatable {
      case contract
      /// Without the extensions of the contract, as the shipped agent of that platform (C33).
      case shipped
    }

    public var id: String
    public var platform: Platform
    public var maxSessions: Int
    /// Processes that share the id.
    public var replicas: Int
    /// Nil: no election; with several replicas each connects (HA-LE-13).
    public var election: Election?
    /// Approved, with its key in its hands; false: it starts from the bootstrap key alone (spec/00, Enrolment).
    public var isEnrolled: Bool
    /// `HEALTH_CHECK_INTERVAL`; zero means the fall-back of 10 s.
    public var heartbeat: Duration
    /// Host of the Docker daemon that carries its sessions.
    public var engine: String
    public var version: Version
    /// The time zone of its hosts, in minutes east of UTC (XP-13).
    public var zoneMinutes: Int

    public init(
      _ id: String, platform: Platform = .kubernetes, maxSessions: Int = 100, replicas: Int = 1,
      election: Election? = nil
    ) {
      self.id = id
      self.platform = platform
      self.maxSessions = maxSessions
      self.replicas = replicas
      self.election = election
      isEnrolled = true
      heartbeat = .seconds(30)
      engine = "docker-1"
      version = .contract
      zoneMinutes = 0
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
    defaultPlatform = agents.first?.platform ?? .kubernetes
    replicaZoneMinutes = 0
    databaseZoneMinutes = 0
    daylightSavingAt = nil
    hasShippedControlPlane = false
    database = .ready
    binaries = []
    adminPasswordArrives = .zero
    standbyLag = nil
    agentsShareAddress = false
    probesReadiness = false
    accounts = []
    nameSuffixes = nil
  }

  /// 1 replica, no Redis, one agent.
  public static let t1 = Topology("T1", replicas: 1, redis: false, agents: [Agent("k8s-prod-cluster")])
  /// 2 replicas with Redis, one agent.
  public static let t2 = Topology("T2", replicas: 2, redis: true, agents: [Agent("k8s-prod-cluster")])
  /// 3 replicas with Redis, one agent id with one process: what scenario 1 runs on.
  public static let t3 = Topology("T3", replicas: 3, redis: true, agents: [Agent("k8s-prod-cluster")])
  /// T3 of spec/06 §0.1 in full: the agent has three election replicas.
  public static let t3ha = Topology(
    "T3", replicas: 3, redis: true, agents: [Agent("k8s-prod-cluster", replicas: 3, election: .lease)])
  /// 3 replicas with Redis, three agents of 20 sessions each.
  /// The ids of the specification are `a1` … `a3`; a registration refuses ids of fewer than three characters
  /// (spec/02 §7.3), hence the prefix.
  public static let t3m = Topology(
    "T3m", replicas: 3, redis: true, agents: ["k8s-a1", "k8s-a2", "k8s-a3"].map { Agent($0, maxSessions: 20) })

  /// 2 replicas with Redis, one Docker agent.
  public static let td = Topology(
    "TD", replicas: 2, redis: true, agents: [Agent("docker-d1", platform: .docker)])
  /// TD with three election replicas on one host, file back end.
  public static let tdf = elected("TDf", .file(shared: true))
  /// TD with three election replicas on three hosts, Redis back end.
  public static let tdr = elected("TDr", .redis)
  /// TD with three election replicas on three hosts of a swarm.
  public static let tds = elected("TDs", .swarm)
  /// T3m and two Docker agents with a daemon each.
  public static let tx = t3m.with { topology in
    topology.name = "TX"
    topology.agents += [
      Agent("docker-d1", platform: .docker, maxSessions: 20), Agent("docker-d2", platform: .docker, maxSessions: 20),
    ]
    topology.agents[topology.agents.count - 1].engine = "docker-2"
  }

  /// 3 replicas with Redis, five agents of 20 sessions each: the topology of load (spec/06 §0.1). Each replica has 25
  /// connections to the database, as every replica has.
  public static let tl = Topology(
    "TL", replicas: 3, redis: true,
    agents: ["k8s-a1", "k8s-a2", "k8s-a3", "k8s-a4", "k8s-a5"].map { Agent($0, maxSessions: 20) }, users: 40)

  private static func elected(_ name: String, _ election: Agent.Election) -> Topology {
    Topology(
      name, replicas: 2, redis: true,
      agents: [Agent("docker-d1", platform: .docker, replicas: 3, election: election)])
  }

  /// A copy, changed.
  public func with(_ change: (inout Topology) -> Void) -> Topology {
    var copy = self
    change(&copy)
    return copy
  }
}
