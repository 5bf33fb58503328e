import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// How a Docker agent behaves. The contract is the default; every defect of the catalogue is a change of one or two
/// fields, and ``shipped`` has all that the branch head has.
package struct DockerAgentBehaviour: Sendable {
  // MARK: Connection

  /// What follows the loss of a connection, and a first attempt that failed.
  package enum Reconnection: Sendable, Hashable {
    /// Attempts for ever (C26).
    case forEver(ReconnectSchedule.Waits)
    /// The reader's exit ends the agent: the process idles, keeps its lock, and panics when it is stopped once more
    /// (B-46).
    case never
  }

  /// What a registration that waits for its approval means.
  package enum PendingApproval: Sendable, Hashable {
    /// Asked again every 30 s.
    case polled
    /// 202 is an error like any other (B-47).
    case isFailure
  }

  /// What becomes of an issued key.
  package enum IssuedKey: Sendable, Hashable {
    /// Stored where the other replicas find it, then used (C7).
    case stored
    /// Not read: the agent goes on with the key it has (A-50, B-47).
    case ignored
  }

  /// The form of the heartbeat.
  package enum HeartbeatShape: Sendable, Hashable {
    case contract
    /// The timestamp is a number of seconds.
    case epochTimestamp
    /// Status, count and capacity at top level, without payload.
    case flat
  }

  /// The keys of the reported capacity.
  package enum CapacityShape: Sendable, Hashable {
    /// `maxSessions`, `cpu`, `memory`.
    case standard
    /// `maxCpu`, `maxMemory`.
    case numbers
  }

  /// How often the connection is pinged.
  package enum PingPeriod: Sendable, Hashable {
    /// 54 s, 10 s while leading (C28).
    case fixed
    /// At the heartbeat interval.
    case heartbeatInterval
  }

  /// A heartbeat interval of nothing.
  package enum ZeroInterval: Sendable, Hashable {
    /// Becomes 10 s.
    case fallsBack
    /// The ticker panics right after the connect.
    case panics
  }

  /// How many tasks write on one socket.
  package enum Writers: Sendable, Hashable {
    case one
    /// Heartbeats and pings write side by side; the library ends the process when they meet.
    case two
  }

  /// Messages that hold several documents joined by newlines (C5, HZ-03).
  package enum JoinedDocuments: Sendable, Hashable {
    case accepted
    case dropped
  }

  package var reconnection = Reconnection.forEver(.jittered)
  package var pendingApproval = PendingApproval.polled
  package var issuedKey = IssuedKey.stored
  package var heartbeatShape = HeartbeatShape.contract
  package var capacityShape = CapacityShape.standard
  package var pingPeriod = PingPeriod.fixed
  package var zeroInterval = ZeroInterval.fallsBack
  package var writers = Writers.one
  package var joinedDocuments = JoinedDocuments.accepted
  /// Which envelope timestamps are read: texts, or numbers only, so that no command can be decoded (B-44).
  package var inboundTimestamps = EnvelopeTimestamp.Rule.dateString
  /// Whether the agent names the protocol of the contract at registration (C33); one that does not is refused.
  package var namesProtocol = true
  /// Whether it tells its sessions at registration (C14).
  package var reportsInventory = true

  // MARK: Commands

  /// The form of the answers to commands.
  package enum Replies: Sendable, Hashable {
    /// ack, status, complete, failed (C26).
    case contract
    /// `command_response` and `command_error`, which the control plane cannot use (B-45).
    case outsideProtocol
  }

  /// Where commands run.
  package enum Handlers: Sendable, Hashable {
    /// Beside the read loop, so many at a time, in order per session (C26).
    case parallel(Int)
    /// Inside the read loop, one at a time: nothing is read meanwhile (HZ-23).
    case inReadLoop
  }

  /// What an agent remembers of the commands it carried out.
  package enum CommandHistory: Sendable, Hashable {
    /// 10 000 ids for 1 h; a repeat gets the first result (C10).
    case kept
    /// Nothing: every delivery is carried out (C-05).
    case none
  }

  package var replies = Replies.contract
  package var handlers = Handlers.parallel(4)
  package var commandHistory = CommandHistory.kept

  // MARK: Platform

  /// Where the limits of a session are read.
  package enum Resources: Sendable, Hashable {
    /// `memory` and `cpu` of the payload, else the template's.
    case flat
    /// `resources.memory` and `resources.cpu`, which no control plane sends: always the template's (B-48).
    case nested
  }

  /// Templates without an object `metadata`.
  package enum TemplateMetadata: Sendable, Hashable {
    /// It is not needed: the same templates start on both platforms (XP-05).
    case optional
    /// Refused, though nothing of it is read (spec/03 §5.1).
    case required
  }

  /// Hibernate and wake.
  package enum Hibernation: Sendable, Hashable {
    /// Stop and start of the container (C29).
    case supported
    /// Refused with the recorded texts (B-49).
    case unsupported
  }

  /// A start that finds the container of its session.
  package enum ExistingContainer: Sendable, Hashable {
    case adopted
    /// One that was made and never ran is in the way for ever (B-50).
    case adoptedIfRunning
    /// The name conflict is a failure (B-21).
    case fails
  }

  /// What a stop does with the volumes of a session.
  package enum StoppedVolumes: Sendable, Hashable {
    /// All but the home go (C27).
    case onlyHomeKept
    /// Nothing goes (B-50).
    case kept
  }

  /// A stop of a session that has no container.
  package enum MissingContainer: Sendable, Hashable {
    case isStopped
    /// `Container not found` (HZ-30).
    case fails
  }

  /// What a new process does with containers it does not remember.
  package enum UnknownContainers: Sendable, Hashable {
    case kept
    /// Removes them (C-26).
    case removed
  }

  package var resources = Resources.flat
  package var templateMetadata = TemplateMetadata.optional
  package var hibernation = Hibernation.supported
  package var existingContainer = ExistingContainer.adopted
  package var stoppedVolumes = StoppedVolumes.onlyHomeKept
  package var missingContainer = MissingContainer.isStopped
  package var unknownContainers = UnknownContainers.kept
  /// Whether the agent looks at its containers every 10 s (C13).
  package var inspectsContainers = true

  // MARK: Streaming

  /// Tunnels to containers.
  package enum Streaming: Sendable, Hashable {
    case supported
    /// Their messages are unknown types, which nobody answers (B-49).
    case unsupported
  }

  package var streaming = Streaming.supported
  package var tunnels = TunnelBehaviour()

  // MARK: Leadership

  package var election = LockElectionBehaviour()

  package init() {}

  /// The agent of the branch head (spec/03): it names no protocol, can decode no command of a real control plane, and
  /// never connects again.
  package static let shipped: DockerAgentBehaviour = {
    var behaviour = DockerAgentBehaviour()
    behaviour.reconnection = .never
    behaviour.pendingApproval = .isFailure
    behaviour.issuedKey = .ignored
    behaviour.capacityShape = .numbers
    behaviour.joinedDocuments = .dropped
    behaviour.inboundTimestamps = .integer
    behaviour.namesProtocol = false
    behaviour.reportsInventory = false
    behaviour.replies = .outsideProtocol
    behaviour.handlers = .inReadLoop
    behaviour.commandHistory = .none
    behaviour.resources = .nested
    behaviour.templateMetadata = .required
    behaviour.hibernation = .unsupported
    behaviour.streaming = .unsupported
    behaviour.existingContainer = .fails
    behaviour.stoppedVolumes = .kept
    behaviour.missingContainer = .fails
    behaviour.inspectsContainers = false
    behaviour.election.renewal = .onceWithoutRetry
    behaviour.election.authority = .untilNextTick
    behaviour.election.recordAge = .remoteTime
    behaviour.election.lostRecord = .isFree
    behaviour.election.fileLocking = .lockOnly
    behaviour.election.versionConflict = .deposes
    behaviour.election.unsharedVolume = .ignored
    behaviour.election.withoutControlPlane = .keepsLock
    behaviour.election.platformWrites = .unfenced
    return behaviour
  }()
}
