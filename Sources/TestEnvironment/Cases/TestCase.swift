/// The nine scenarios, by the names of the command line (DESIGN §5).
public enum ScenarioName: String, Sendable, CaseIterable {
  case haMultiPodAPI = "ha-multi-pod-api"
  case haKubernetesAgentLeaderElection = "ha-k8s-agent-leader-election"
  case dockerAgentLifecycle = "docker-agent-lifecycle"
  case vncStreaming = "vnc-streaming-e2e"
  case haChaos = "ha-chaos"
  case multiUserConcurrent = "multi-user-concurrent"
  case performanceLoad = "performance-load"
  case crossPlatform = "cross-platform"
  case databaseMigrations = "database-migrations"

  /// File name of its report, without the folder (spec/06, section titles).
  public var reportFile: String {
    switch self {
    case .haMultiPodAPI: "INTEGRATION_TEST_HA_MULTI_POD_API.md"
    case .haKubernetesAgentLeaderElection: "INTEGRATION_TEST_HA_K8S_AGENT_LEADER_ELECTION.md"
    case .dockerAgentLifecycle: "INTEGRATION_TEST_DOCKER_AGENT_LIFECYCLE.md"
    case .vncStreaming: "INTEGRATION_TEST_VNC_STREAMING_E2E.md"
    case .haChaos: "INTEGRATION_TEST_HA_CHAOS_TESTING.md"
    case .multiUserConcurrent: "INTEGRATION_TEST_MULTI_USER_CONCURRENT_SESSIONS.md"
    case .performanceLoad: "INTEGRATION_TEST_PERFORMANCE_LOAD.md"
    case .crossPlatform: "INTEGRATION_TEST_CROSS_PLATFORM.md"
    case .databaseMigrations: "INTEGRATION_TEST_DATABASE_MIGRATIONS.md"
    }
  }
}

/// One way of running a case: its topology and one number that the case scans (an offset, a gap).
public struct Variant: Sendable, Equatable {
  /// Shown beside the case id, for example `T2, offset 350 ms`; empty if the case has one variant only.
  public var name: String
  public var topology: Topology
  public var parameter: Int64

  public init(_ name: String = "", _ topology: Topology, parameter: Int64 = 0) {
    self.name = name
    self.topology = topology
    self.parameter = parameter
  }
}

/// A test case: a value with an `async` body that gets an ``Environment`` (DESIGN §5).
public struct TestCase: Sendable {
  /// Which variants a plain run does; a full run does all.
  public enum PlainVariants: Sendable, Equatable {
    case all
    /// One, chosen by the seed: the variants scan one quantity.
    case oneBySeed
    /// All from a single seed; over a range of seeds one a seed, in turn (spec/06 §10.4: one schedule a case).
    case inTurn
    /// The first so many: the others are sizes of a campaign.
    case leading(Int)
  }

  /// As in spec/06, for example `HA-API-06`.
  public var id: String
  public var scenario: ScenarioName
  public var title: String
  /// Origin tag of spec/06: [P …], [P+ …], [+].
  public var source: String
  /// Marked **L** in spec/06: promised to run live.
  public var isLive: Bool
  public var variants: [Variant]
  public var plainVariants: PlainVariants
  /// Names of spec/08 §2.
  public var capabilities: [String]
  /// Invariants that must have been exercised.
  public var invariants: [String]
  /// Defects that this case must catch (spec/06, "K").
  public var kills: [String]
  /// What stage-limited runs leave out, printed in the report; empty if nothing.
  public var limits: String
  /// Virtual time after which the case is given up.
  public var limit: Duration
  /// The half that needs a database only and runs on both engines, before ``body`` (scenario 9); nil: there is none.
  package var databaseBody: (@Sendable (DatabaseBench) throws -> Void)?
  /// Whether there is a half with a deployment, ``body``; false: the case is its database half.
  public var hasDeployment = true
  public var body: @Sendable (any Environment) async throws -> Void

  public init(
    _ id: String, _ title: String, in scenario: ScenarioName, source: String, live: Bool = false,
    variants: [Variant], plain: PlainVariants = .all, needs capabilities: [String], checks invariants: [String],
    kills: [String], limits: String = "", limit: Duration = .seconds(1_800),
    body: @escaping @Sendable (any Environment) async throws -> Void
  ) {
    self.id = id
    self.title = title
    self.scenario = scenario
    self.source = source
    isLive = live
    self.variants = variants
    plainVariants = plain
    self.capabilities = capabilities
    self.invariants = invariants
    self.kills = kills
    self.limits = limits
    self.limit = limit
    self.body = body
  }

  /// Whether it runs on both database engines.
  public var hasDatabaseHalf: Bool { databaseBody != nil }

  /// A case of scenario 9 that needs a database only: it runs on both engines, without a deployment.
  package static func database(
    _ id: String, _ title: String, source: String, live: Bool = false, needs capabilities: [String],
    checks invariants: [String], kills: [String], limits: String = "",
    body: @escaping @Sendable (DatabaseBench) throws -> Void
  ) -> TestCase {
    var testCase = TestCase(
      id, title, in: .databaseMigrations, source: source, live: live,
      variants: [Variant("", Topology("database only", replicas: 0, redis: false, agents: []))], needs: capabilities,
      checks: invariants, kills: kills, limits: limits
    ) { _ in }
    testCase.hasDeployment = false
    testCase.databaseBody = body
    return testCase
  }
}
