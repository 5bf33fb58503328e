import SimulationRuntime
import StreamSpaceProtocol

/// One registration of an agent: what tells it from those before and after it.
package struct AgentConnectionIdentity: Sendable, Hashable {
  package var agentID: String
  /// Number of the socket, unique in the run.
  package var connection: Int
  /// (replica start in ms) * 2^20 + counter: grows over connections and over restarts of a replica (spec/00).
  package var epoch: Int64
  /// Pod name of the replica that holds the connection.
  package var replica: String
  /// POD_NAME or host name of the agent's process; nil when its registration did not say.
  package var instanceID: String?

  package init(agentID: String, connection: Int, epoch: Int64, replica: String, instanceID: String?) {
    self.agentID = agentID
    self.connection = connection
    self.epoch = epoch
    self.replica = replica
    self.instanceID = instanceID
  }
}

/// What a replica does that an oracle wants to know and that shows in no row: told to the observer at once, in order.
package enum ControlPlaneEvent: Sendable, Hashable {
  /// Why a connection ended.
  package enum DisconnectReason: String, Sendable, Hashable {
    /// The agent closed it in order.
    case closedByAgent
    /// The socket broke.
    case reset
    /// No heartbeat for longer than the stale threshold.
    case stale
    /// No control frame within the read deadline of 60 s.
    case readDeadline
    /// A write did not finish within 10 s.
    case writeDeadline
    /// A message over 512 KiB.
    case messageTooBig
    /// A newer registration of the same id on this replica.
    case takenOver
    /// The row names another connection.
    case ownershipLost
    /// The unregistration of another connection of the same id (B-01).
    case collateral
    /// The agent was deregistered.
    case deregistered
    /// The replica shuts down.
    case shutdown
  }

  /// What the hub does one after the other.
  package enum HubOperation: String, Sendable, Hashable {
    case register
    case unregister
    case sweep
  }

  /// The steps of a graceful stop, in order (C8).
  package enum ShutdownStep: String, Sendable, Hashable {
    case stoppedAccepting
    case closedAgents
    case deletedRoutes
    case releasedClaims
    case handlersFinished
    case handlersAbandoned
  }

  /// A call by which an agent makes itself known.
  package enum AgentCall: String, Sendable, Hashable { case register, connect }

  /// A step of an agent's enrolment (spec/00, Enrolment).
  package enum EnrolmentStep: String, Sendable, Hashable { case registered, approved, rejected, keyUsed }

  case agentRegistered(AgentConnectionIdentity)
  case agentUnregistered(AgentConnectionIdentity, DisconnectReason)
  /// A stale row was set `offline`, by its owner or by the sweep of any replica.
  case agentMarkedOffline(agentID: String, replica: String)
  case routeWritten(agentID: String, pod: String)
  /// Route keys were deleted; `didExist` is false when they named another replica or were gone.
  case routeDeleted(agentID: String, pod: String, didExist: Bool)
  /// A command was put on an agent's socket. `attempt` counts from 1; `isForwarded`: it came over Redis.
  case commandSent(commandID: String, connection: AgentConnectionIdentity, attempt: Int, isForwarded: Bool)
  /// A command was published for another replica; no receivers means that it was not delivered.
  case commandForwarded(commandID: String, agentID: String, pod: String, receivers: Int)
  /// The agent's send queue was full: the row stays `pending`.
  case sendQueueFull(commandID: String, agentID: String)
  /// An operation waits for the hub; tickets count up from 1 in each life.
  case hubQueued(HubOperation, ticket: Int)
  /// The hub served an operation after it had waited that long (I-HUB-LIVE).
  case hubServed(HubOperation, ticket: Int, wait: TimeSpan)
  /// A call by which an agent makes itself known was answered; 101 for a WebSocket. `key` as it was presented.
  case agentCallAnswered(AgentCall, agentID: String, key: String, status: Int)
  /// A step of an agent's enrolment was committed (spec/00, Enrolment).
  case enrolment(agentID: String, EnrolmentStep)
  /// A key was made for an agent and stored.
  case keyIssued(agentID: String, key: String)
  /// A status report was carried out or refused.
  case reportJudged(agentID: String, sessionID: String, isAccepted: Bool)
  /// An agent has a workload of which no row tells; told once, as it is listed (DBM-16).
  case orphanListed(agentID: String, sessionID: String)
  /// An ack or a result moved the row of a command, or did not.
  case answerJudged(agentID: String, commandID: String, isAccepted: Bool)
  /// A viewer's WebSocket stands at this replica, the edge. `connection`: the number of its socket. Told again
  /// with the next id when an owner did not answer whether it took the one before.
  case viewerAccepted(session: String, attachment: String, connection: Int)
  /// An attachment was opened at this replica, the owner; the viewer is at `edge`.
  case attachmentOpened(session: String, attachment: String, agentID: String, edge: String)
  /// Its tunnel stands.
  case attachmentReady(session: String, attachment: String)
  /// It has ended; the viewer sees this close frame, unless it left by itself (1000).
  case attachmentEnded(session: String, attachment: String, code: WebSocketCloseCode, reason: String)
  case ready
  case notReady(reason: String)
  case shutdownStep(ShutdownStep)
}
