/// Something that happened in the deployment, as the invariants see it. Times travel beside it
/// (``TimedObservation``). An environment reports what it can see; a live one sees less.
public enum Observation: Sendable, Equatable {
  // Processes. A replica goes by its name, an agent's process by the `instance` of its connections (or the
  // agent's id where it has one process only). What a case does to a component is told here, not as a fault.
  case processStarted(process: String)
  /// `injected`: by a fault or a stop that the case asked for. Anything else is what I-CRASH forbids.
  case processEnded(process: String, reason: String, injected: Bool)
  case processPaused(process: String)
  case processResumed(process: String)
  case replicaReady(replica: String, ready: Bool)
  /// A register or unregister entered the queue of the hub of `replica`, at that instant. One ``hubServed`` follows,
  /// unless the replica ends or its hub is stuck (I-HUB-LIVE: B-06 never serves again).
  case hubQueued(replica: String)
  /// A register or unregister that the hub of `replica` served after waiting `wait` (I-HUB-LIVE).
  case hubServed(replica: String, wait: Duration)

  // Routes in Redis (C2)
  /// The value of `agent:{id}:pod` or `agent:{id}:connected` changed; nil: absent. An expired key changes at the
  /// moment its time to live ends, whether or not anybody looks.
  case route(agent: String, key: RouteKey, value: String?)
  case redisAvailable(Bool)
  case databaseAvailable(Bool)

  // Agent connections (C1, C6)
  case agentConnected(agent: String, replica: String, connection: Int, epoch: Int64, instance: String)
  case agentDisconnected(agent: String, replica: String, connection: Int, reason: String)
  /// The replica holding the connection received a heartbeat.
  case heartbeat(agent: String, replica: String)
  /// A row of table `agents` as committed.
  case agentRow(agent: String, status: String, lastHeartbeat: Duration?)

  // Commands (C9-C12)
  case commandInserted(command: String, agent: String, session: String?, action: String)
  case commandStatus(command: String, from: String, to: String, times: CommandTimes)
  /// A live agent connection accepted the bytes of the command.
  case commandSent(command: String, agent: String, replica: String, connection: Int, attempt: Int)
  /// An agent process received the frame.
  case commandReceived(command: String, agent: String, instance: String)
  /// The agent began to carry out the command on the platform (never for a suppressed repeat).
  case commandExecuted(command: String, agent: String, instance: String, action: String, session: String)

  // Sessions (C13-C16)
  /// A new row. Rows put in place without a request (`seedRunningSessions`) are told too, with their state, and their
  /// workloads as `created` and `ready`.
  case sessionInserted(session: String, user: String, agent: String?, state: String, milliCPU: Int, memoryMiB: Int)
  /// Whether a session was made with `persistentHome`: only then may its volume outlive it. Told with its row.
  case sessionHome(session: String, isPersistent: Bool)
  case sessionState(session: String, from: String, to: String, agent: String?)
  case sessionDeleted(session: String)
  /// The rows are those of an earlier instant from here on (DBM-16). What differs is told next: sessions without a row
  /// as deleted, those of an earlier state as inserted anew, open commands too.
  case databaseRestored(to: Duration)
  /// A workload of which no row tells was listed as an orphan: it stays until an administrator acts or 24 h have passed.
  case orphanListed(session: String, agent: String)
  case activeConnections(session: String, count: Int)

  /// A viewer's attachment was opened (`vnc_ready`) or has ended, as the owner replica sees it (I-COUNT).
  case viewerAttached(session: String, attachment: String)
  case viewerDetached(session: String, attachment: String)

  // Viewers (I-VNC-OPEN, I-VNC-BYTES, I-VNC-ISO, I-VNC-IDLE, I-VNC-END). `viewer` numbers the viewers of a run from 1.
  /// A viewer asked for the desktop of a session.
  case viewerAsked(viewer: Int, session: String, user: String)
  /// Its request was answered; 101: the WebSocket stands.
  case viewerAnswered(viewer: Int, session: String, status: Int?, edge: String?)
  /// It has decoded its first full picture (program `raw`: its first byte).
  case viewerPicture(viewer: Int, session: String)
  /// It has ended. `code`: nil after a reset; `byItself`: the viewer left of its own accord.
  case viewerEnded(viewer: Int, session: String, code: Int?, byItself: Bool)
  /// The agent's stream to the desktop began or ended: `tunnel` numbers the streams of a run; `attachment`: nil for a
  /// tunnel that belongs to no viewer (B-61).
  case tunnelOpened(tunnel: Int, session: String, attachment: String?)
  case tunnelClosed(tunnel: Int, session: String)
  /// A byte that was delivered at one end is not the next that was sent at the other: the place in the stream
  /// (I-VNC-BYTES). `toViewer`: the direction. Told once a viewer and direction.
  case streamBroken(viewer: Int, session: String, toViewer: Bool, offset: Int)
  /// A byte that the desktop of `origin` sent has reached the viewer of another session (I-VNC-ISO).
  case streamLeaked(viewer: Int, session: String, origin: String)
  /// Bytes delivered in order so far, told when the viewer has ended (I-VNC-BYTES).
  case streamCompared(viewer: Int, session: String, toViewer: Int, toDesktop: Int)

  // Schema and migrations (I-SCHEMA, I-MIG-*), of one engine. Lists of problems are empty where all is well.
  /// Two schemas that must be equal were compared; a line for each difference that nobody declared.
  case schemaCompared(engine: DatabaseEngineName, what: String, with: String, differences: [String])
  /// A statement of the control plane was prepared against a schema version.
  case statementPrepared(engine: DatabaseEngineName, statement: String, version: Int, problem: String?)
  /// Migrations that had run ran again; what that changed.
  case migrationRepeated(engine: DatabaseEngineName, what: String, times: Int, changes: [String])
  /// A run was broken off at `point` and started again.
  case migrationInterrupted(engine: DatabaseEngineName, point: String, problems: [String])
  /// Several runners started together.
  case migrationsTogether(engine: DatabaseEngineName, what: String, runners: Int, problems: [String])
  /// The rows of a table before and after; losses and changes that nobody declared.
  case contentsCompared(engine: DatabaseEngineName, what: String, table: String, rows: Int, undeclared: [String])

  // Platform (I-SESS-TRUTH, I-NO-ORPHAN)
  /// `object` is `kind/name` in lower case: `deployment/…`, `service/…`, `pvc/…`, `container/…`, `volume/…`. The
  /// workload itself (deployment, container) is what becomes ready or not and is scaled; pods are not told apart.
  /// `command`: the one whose handling made the change, or nil where the platform did it by itself.
  case workload(session: String, agent: String, object: String, event: WorkloadEvent, command: String?)

  // Leadership (C28, C29): I-LEADER-ONE, I-LEADER-LIVE, I-LEADER-WORK
  /// The lock of an elected agent changed: its holder (a process; nil: released or gone) or term.
  case lockChanged(agent: String, holder: String?, term: Int64)
  /// A process of the agent began or ceased to lead. It may act only while it leads.
  case leadership(agent: String, instance: String, term: Int64, isLeading: Bool, reason: String)
  /// A write of an agent's process took effect on the platform. `term`: nil where it carried none.
  case platformWrite(agent: String, instance: String, term: Int64?, object: String)
  /// The platform refused a write that carried an older term: it does not count as an act (C28).
  case platformWriteRefused(agent: String, instance: String, term: Int64, object: String)
  /// A process of the agent reached a boundary of its work on a command.
  case workStep(agent: String, instance: String, command: String, session: String, step: WorkStep)
  /// A process of the agent made contact with the control plane: its WebSocket stands (`isConnected`) or is gone, as
  /// the agent sees it.
  case agentLink(agent: String, instance: String, isConnected: Bool)
  /// A process of the agent has several sockets to the control plane open at its own end (C-18), or has one or none
  /// again; until it is told for the first time a process has one at most.
  case agentSockets(agent: String, instance: String, held: Int)
  /// An attempt of the process to reach the control plane failed; the next one follows after `wait` (C26). `attempt`
  /// counts from 1 after each success.
  case agentRetry(agent: String, instance: String, attempt: Int, wait: Duration)

  // Identity (I-AUTHN)
  /// A registration or connect call of an agent was answered. `keyOwner`: the id the key presented was issued to; nil:
  /// the bootstrap key or an unknown one.
  case agentCall(
    agent: String, replica: String, call: AgentCall, keyOwner: String?, isBootstrapKey: Bool, status: Int)
  /// An agent's approval was decided or its issued key used for the first time.
  case enrolment(agent: String, EnrolmentStep)
  /// A status report or an answer of an agent about a session that is not its own: refused or carried out.
  case foreignReport(agent: String, session: String, isAccepted: Bool)

  // Clients
  /// `indirect` keeps the other cases small: observations are copied often.
  indirect case requestAnswered(request: RequestRecord)
  /// A browser of `user` was pushed these sessions (I-TENANT).
  case pushed(user: String, sessions: [String])

  // Faults
  /// `fault` tells the invariants what it touches; without it they go by the words of `name`. ``faultEnded`` bears
  /// the same name; a fault of an instant (an eviction) ends at once.
  case faultBegan(name: String, fault: Fault? = nil)
  case faultEnded(name: String)
  /// The case says: no fault is active and no load runs from now on (until ``loadResumed``).
  case loadStopped
  case loadResumed
}

/// Which of the two route keys.
public enum RouteKey: String, Sendable, Equatable { case pod, connected }

/// A call by which an agent makes itself known.
public enum AgentCall: String, Sendable, Equatable { case register, connect }

/// A step of an agent's enrolment (spec/00, Enrolment).
public enum EnrolmentStep: String, Sendable, Equatable { case registered, approved, rejected, keyUsed }

/// What happened to a platform object of a session.
public enum WorkloadEvent: String, Sendable, Equatable {
  case created, ready, notReady, scaledToZero, scaledUp, deleted, failed
}

/// The time stamps of a command row, since the start of the run; nil where the column is NULL.
public struct CommandTimes: Sendable, Equatable {
  public var created: Duration?
  public var sent: Duration?
  public var acknowledged: Duration?
  public var completed: Duration?

  public init(
    created: Duration? = nil, sent: Duration? = nil, acknowledged: Duration? = nil, completed: Duration? = nil
  ) {
    self.created = created
    self.sent = sent
    self.acknowledged = acknowledged
    self.completed = completed
  }
}

/// A request of a client and how it was answered.
public struct RequestRecord: Sendable, Equatable {
  public var method: String
  public var path: String
  public var user: String
  /// Replica that answered, if known.
  public var replica: String?
  /// Nil: no answer (time-out, connection lost).
  public var status: Int?
  /// The session the request was about or made, if any.
  public var session: String?
  /// `state` of the session in the answer of a `GET /sessions/:id` (I-FRESH).
  public var state: String?
  /// Names in the answer of a `GET /sessions` (I-FRESH, I-TENANT).
  public var listed: [String]?
  /// `error` of a refusal (I-ACCEPT).
  public var error: String?
  public var started: Duration
  public var ended: Duration

  public init(
    method: String, path: String, user: String, replica: String?, status: Int?, session: String?,
    state: String? = nil, listed: [String]? = nil, error: String? = nil, started: Duration, ended: Duration
  ) {
    self.method = method
    self.path = path
    self.user = user
    self.replica = replica
    self.status = status
    self.session = session
    self.state = state
    self.listed = listed
    self.error = error
    self.started = started
    self.ended = ended
  }
}

/// An observation with its place in time and order.
public struct TimedObservation: Sendable, Equatable {
  /// Since the start of the run.
  public var time: Duration
  /// Position among all observations of the run, from 0.
  public var sequence: Int
  public var observation: Observation

  public init(time: Duration, sequence: Int, observation: Observation) {
    self.time = time
    self.sequence = sequence
    self.observation = observation
  }
}
