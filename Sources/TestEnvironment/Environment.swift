/// What a scenario may see and do. One test body, several back ends (DESIGN §5).
///
/// Times are since the start of the run. Everything that waits is `async`; nothing here touches a clock,
/// a socket or a file.
public protocol Environment: Sendable {
  var seed: UInt64 { get }
  var depth: Depth { get }
  var variant: Variant { get }
  /// What the case writes down.
  var record: CaseRecord { get }

  // MARK: Time and choice

  var now: Duration { get }
  func sleep(for span: Duration) async throws
  /// A number in `0 ..< count` that belongs to the workload, from the seed.
  func choose(_ name: String, _ count: Int) -> Int
  /// Runs the bodies side by side and returns their results in order. Use this and no task groups of your own:
  /// it numbers the tasks, which makes their requests repeatable.
  func concurrently<T: Sendable>(_ bodies: [@Sendable () async throws -> T]) async throws -> [T]

  // MARK: Clients

  /// A client that acts for `user` (`u01`, `admin`); it logs in when it first needs a token.
  func user(_ name: String) -> any SessionClient

  // MARK: Deployment

  /// Names of the replicas, those not started included.
  var replicas: [String] { get }
  /// Ids of the agents.
  var agents: [String] { get }
  func control(_ component: Component, _ action: Action) async throws
  /// Begins a fault and returns at once; it ends by itself after `span`, or by ``end(_:)``.
  func begin(_ fault: Fault, for span: Duration?) async throws -> FaultHandle
  func end(_ fault: FaultHandle) async throws
  /// Lets the balancer send new sockets to one replica only (capability `schedule`); nil: round-robin again.
  func steerSockets(to replica: String?) async throws

  // MARK: Probes: what an engineer would look up

  /// The two route keys in Redis, with the remaining life of each.
  func route(of agent: String) async throws -> Route
  func agentRow(_ agent: String) async throws -> AgentRow?
  func sessionRow(_ session: String) async throws -> SessionRow?
  /// Command rows in creation order, of one session or of all.
  func commandRows(session: String?) async throws -> [CommandRow]
  /// Platform objects of the session: ready workloads.
  func workloads(session: String) async throws -> [Workload]
  /// The replica that holds the agent's current connection, as the replicas themselves see it; nil: none.
  func holder(of agent: String) async throws -> String?
  /// Open agent connections of one id over all replicas: more than one only while a takeover is under way.
  func connectionCount(of agent: String) async throws -> Int
  /// Whether the replica answers `/health` with 200 now.
  func isReady(_ replica: String) async throws -> Bool
  /// The agents as `GET /api/v1/admin/agents` of one replica lists them.
  func agentList(at replica: String) async throws -> [AgentRow]

  // MARK: Put in place

  /// Puts running sessions in place without requests (capability `seed-state`), owned by the users in turn.
  func seedRunningSessions(_ count: Int, user: String, agent: String) async throws -> [String]
  /// Inserts command rows as they would stand after an accepted request (capability `sql-write`).
  func seedCommands(_ rows: [SeededCommand]) async throws
  /// Sends a frame on the agent's socket as the agent would (capability `frames`).
  func sendAsAgent(_ agent: String, _ frame: AgentFrame) async throws

  // MARK: Observing

  /// Tells the invariants that load has stopped (quiet begins) or goes on.
  func setLoad(_ running: Bool)
  /// Everything observed so far.
  var observations: [TimedObservation] { get }
}

/// How much a run does (spec/06 §10.4).
public enum Depth: String, Sendable { case plain, full }

/// A part of the deployment that can be stopped, killed, paused.
public enum Component: Sendable, Equatable, Hashable {
  case replica(String)
  case agent(String)
  case redis
  case database
}

/// What can be done to a component.
public enum Action: Sendable, Equatable {
  case start
  /// SIGTERM; returns when the process has ended.
  case stop
  /// Nothing runs any more, peers see RST.
  case crash
  /// Nothing runs any more, peers see nothing.
  case vanish
  case pause
  case resume
  /// The platform replaces it as it would a deleted pod, with the start time of spec/06 §10.3.
  case restart
}

/// A fault (spec/05 §2).
public enum Fault: Sendable, Equatable {
  case cut(Component, Component)
  case cutOneWay(from: Component, to: Component)
  /// The first end is gone, the second has not noticed.
  case halfOpen(gone: Component, unaware: Component)
  case reset(Component, Component)
  case slow(Component, Component, by: Duration)
  case redisDown
  /// Down for the given time, then back without data.
  case redisRestartEmpty
  case redisEvict(key: String)
  case redisSlow(by: Duration)
  case redisLosePubSub
  case databaseDown
  /// Each statement takes 0 … `by` longer (seeded).
  case databaseSlow(by: Duration)
  /// The statement by which a dispatcher writes `sent` takes 0 … `by` longer (seeded).
  case dispatcherSlow(by: Duration)
  /// The agent's next heartbeat is held back until `gap` after now: begun at a beat, the gap between two is that.
  case delayHeartbeat(agent: String, gap: Duration)
  /// The next ack frame of the agent never reaches the control plane.
  case loseAck(agent: String)
  /// The image takes so long to pull.
  case imagePull(image: String, Duration)
}

/// A fault under way.
public struct FaultHandle: Sendable, Hashable {
  public let number: Int
  public init(number: Int) { self.number = number }
}

/// What an agent could send that its program never would (capability `frames`).
public enum AgentFrame: Sendable, Equatable {
  case acknowledge(command: String)
  case complete(command: String)
  case failed(command: String, error: String)
  case text([UInt8])
}
