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
  /// The viewers of `user`.
  func viewers(of user: String) -> any ViewerClient
  /// Asks something of the desktop of a session (capability `vnc`).
  func desktop(of session: String, _ command: DesktopCommand) async throws

  // MARK: Deployment

  /// Names of the replicas, those not started included.
  var replicas: [String] { get }
  /// Ids of the agents.
  var agents: [String] { get }
  /// Names of the processes of an agent: one, or its election replicas in order. Observations call them `instance`.
  func instances(of agent: String) -> [String]
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

  /// The holder and term that the lock of an elected agent names now (lease, file, key or label); nil: none.
  func lock(of agent: String) async throws -> LeaderLock?
  /// The process that may act for the agent now, as the processes themselves see it; empty while nobody may, more than
  /// one never (I-LEADER-ONE).
  func actors(of agent: String) async throws -> [String]
  /// Every platform object that bears the agent's id, ordered by kind and name.
  func inventory(of agent: String) async throws -> [PlatformObject]
  /// The limits that the platform really holds for a session's workload; nil: there is none.
  func limits(session: String) async throws -> WorkloadLimits?
  /// The key that the agent's replicas find stored (spec/00, Enrolment); nil: none.
  func storedKey(of agent: String) async throws -> String?

  // MARK: Database and binaries (scenario 9)

  /// From its next start on the replica runs the binary that knows the schema up to `version`; nil: the newest one.
  func setBinary(_ version: Int?, of replica: String) async throws
  /// What `/health` of a replica gives as reason; nil: it is ready, or down.
  func unreadiness(of replica: String) async throws -> String?
  /// Requests that a replica has sent to the database in its present life, pings excepted.
  func databaseRequests(of replica: String) async throws -> Int
  /// The ledger as committed, in order; empty where there is none.
  func ledger() async throws -> [LedgerRow]
  /// The schema, a line for each fact of the catalogue, ordered: `sessions.tags: text[]`.
  func catalogue() async throws -> [String]
  /// Runs one statement past the network: its rows, each by column, NULL as nil (capability `sql-write`).
  func sql(_ text: String) async throws -> [[String: String?]]
  /// Takes a base backup now, and keeps the log from here on.
  func backUp() async throws
  /// Stops the database, restores it to an instant since ``backUp()``, and starts it again.
  func restoreDatabase(to instant: Duration) async throws -> RestoredDatabase
  /// Workloads without a row, as `GET /api/v1/admin/orphans` of a replica lists them.
  func orphans(at replica: String) async throws -> [ListedOrphan]

  // MARK: Put in place

  /// Puts running sessions in place without requests (capability `seed-state`), owned by the users in turn.
  func seedRunningSessions(_ count: Int, user: String, agent: String) async throws -> [String]
  /// Adds a template to the catalogue with its document as JSON text (capability `templates`).
  func addTemplate(_ name: String, manifest: String) async throws
  /// Inserts command rows as they would stand after an accepted request (capability `sql-write`).
  func seedCommands(_ rows: [SeededCommand]) async throws
  /// Sends a frame on the agent's socket as the agent would (capability `frames`).
  func sendAsAgent(_ agent: String, _ frame: AgentFrame) async throws
  /// Puts a text message on the agent's socket from the control plane's end (capability `frames`).
  func sendToAgent(_ agent: String, text: [UInt8]) async throws
  /// Delivers a command row of the agent once more, as a re-send would (capability `frames`).
  func redeliver(command: String, to agent: String) async throws
  /// An agent that the case plays itself (capability `frames`); the same name gives the same client.
  func agentClient(_ name: String) -> any AgentClient
  /// Keeps the messages of an agent from now on, for ``capturedFrames``.
  func captureFrames(of agent: String) async throws

  // MARK: Observing

  /// Tells the invariants that load has stopped (quiet begins) or goes on.
  func setLoad(_ running: Bool)
  /// Messages kept since ``captureFrames(of:)``, oldest first.
  var capturedFrames: [CapturedFrame] { get }
  /// Everything observed so far, or what ``keepObservations(for:)`` left of it.
  var observations: [TimedObservation] { get }

  // MARK: Chaos (scenario 5)

  /// Deliveries, timers or calls that a fault has affected so far; 0: it has struck nothing yet.
  func effect(of fault: FaultHandle) async throws -> Int
  /// Processes of replicas and agents that run and do no work: hung, not ready, or leading without being heard of.
  func zombies() async throws -> [String]
  /// From now on what is older than `span` is forgotten, so that a long run does not grow; invariants have seen it. Nil:
  /// everything is kept, which is the default.
  func keepObservations(for span: Duration?)
}

/// How much a run does (spec/06 §10.4).
public enum Depth: String, Sendable { case plain, full }
