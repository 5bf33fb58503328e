import AgentStreaming
import SimulationRuntime
import StreamSpaceProtocol

/// How an agent behaves. The contract is the default; every defect of the catalogue is a change of one field.
package struct AgentBehaviour: Sendable {
  // MARK: Connection

  /// Waits before the attempts to connect again (C26).
  package typealias Reconnect = ReconnectSchedule.Waits

  /// Where the waits begin after a success.
  package typealias BackOff = ReconnectSchedule.AfterSuccess

  /// What becomes of the old connection when a new one is made.
  package enum OldSocket: Sendable, Hashable {
    case closed
    /// It stays open behind the new one (C-18).
    case leaked
  }

  /// What a failed write does to the writer.
  package enum Writer: Sendable, Hashable {
    case survivesFailure
    /// The only writer ends with its first failed write; nothing is ever sent again (B-33).
    case diesOnFailure
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
    /// The first is read, the rest is lost.
    case firstOnly
  }

  /// What becomes of a key that the control plane issues (spec/00, Enrolment).
  package enum IssuedKey: Sendable, Hashable {
    /// It is stored where all replicas find it, and used from then on.
    case stored
    /// The bootstrap key stays in use.
    case ignored
  }

  /// How the agent says what it can carry.
  package enum CapacityShape: Sendable, Hashable {
    /// `maxSessions`, `cpu` and `memory` as texts.
    case contract
    /// `maxCpu` and `maxMemory` as numbers, which the control plane does not know.
    case numbers
  }

  /// A heartbeat interval of nothing.
  package enum ZeroInterval: Sendable, Hashable {
    /// Means 10 s (spec/03 §1.1).
    case fallsBack
    /// Ends the process right after the connect, as a ticker of zero does.
    case panics
  }

  package var reconnect = Reconnect.jittered
  package var backOff = BackOff.startsAgain
  package var oldSocket = OldSocket.closed
  package var writer = Writer.survivesFailure
  package var writers = Writers.one
  package var joinedDocuments = JoinedDocuments.accepted
  package var issuedKey = IssuedKey.stored
  package var capacityShape = CapacityShape.contract
  package var zeroInterval = ZeroInterval.fallsBack
  /// Whether the agent names the protocol of the contract at registration (C33).
  package var namesProtocol = true
  /// Whether it tells its sessions at registration (C14).
  package var reportsInventory = true

  // MARK: Commands

  /// Where commands run.
  package enum Handlers: Sendable, Hashable {
    /// Beside the read loop, so many at a time, in order per session (C26).
    case parallel(Int)
    /// Inside the read loop, one at a time: nothing is read meanwhile (B-34).
    case inReadLoop
  }

  /// What a stop does that comes while the start of its session is under way.
  package enum StopDuringStart: Sendable, Hashable {
    /// It waits for the start (C26: in order per session).
    case waits
    /// It begins at once and cancels the wait of the start, which goes on making objects (C-25).
    case cancelsWait
  }

  /// What an agent remembers of the commands it carried out.
  package enum CommandHistory: Sendable, Hashable {
    /// 10 000 ids for 1 h; a repeat gets the first result (C10).
    case kept
    /// Nothing: every delivery is carried out (C-05).
    case none
  }

  /// Which commands tell the state of the session (C26, HZ-10).
  package enum StatusReports: Sendable, Hashable {
    case everyAction
    case startOnly
  }

  package var handlers = Handlers.parallel(4)
  package var stopDuringStart = StopDuringStart.waits
  package var commandHistory = CommandHistory.kept
  package var statusReports = StatusReports.everyAction

  // MARK: Platform

  /// A start that finds the workload of its session.
  package enum ExistingWorkload: Sendable, Hashable {
    case adopted
    /// AlreadyExists is a failure (B-21).
    case fails
  }

  /// What a failed start does with what it made.
  package enum FailedStart: Sendable, Hashable {
    case removesWhatItMade
    /// Nothing is rolled back (B-40).
    case leavesIt
  }

  /// When a start is told as completed.
  package enum StartCompletion: Sendable, Hashable {
    /// When its pod is ready.
    case whenReady
    /// When its objects are made: nobody knows of the pod (C-07).
    case whenCreated
  }

  /// What a stop tells of failed deletions.
  package enum StopErrors: Sendable, Hashable {
    /// The workload is gone before the answer; else `failed`.
    case reported
    /// Always `complete`, at once (B-42).
    case hidden
  }

  /// Which pod of a list counts.
  package enum PodChoice: Sendable, Hashable {
    /// A ready one that is not being deleted.
    case readyAndLasting
    /// The first in the list, terminating or not (B-41).
    case firstInList
  }

  /// What a new process does with workloads it does not remember.
  package enum UnknownWorkloads: Sendable, Hashable {
    case kept
    /// Removes them (C-26).
    case removed
  }

  /// Whether a conflict of a scaling is tried again (HZ-38).
  package enum ScaleConflict: Sendable, Hashable {
    case retried
    case fails
  }

  package var existingWorkload = ExistingWorkload.adopted
  package var failedStart = FailedStart.removesWhatItMade
  package var startCompletion = StartCompletion.whenReady
  package var stopErrors = StopErrors.reported
  package var podChoice = PodChoice.readyAndLasting
  package var unknownWorkloads = UnknownWorkloads.kept
  package var scaleConflict = ScaleConflict.retried
  /// Whether the agent looks at its workloads every 10 s (C13).
  package var inspectsWorkloads = true

  // MARK: Streaming

  /// The port that is told of a session.
  package enum ReportedPort: Sendable, Hashable {
    /// The one its desktop listens on.
    case used
    /// 3000, whatever the template says, as recorded (spec/03 §2.2).
    case always3000
  }

  package var tunnels = TunnelBehaviour()
  package var reportedPort = ReportedPort.used

  // MARK: Leadership

  package var election = ElectionBehaviour()

  package init() {}
}

/// How the election of an agent behaves (C28).
package struct ElectionBehaviour: Sendable {
  /// How the lease is written.
  package enum LeaseWrites: Sendable, Hashable {
    /// Only over the version that was judged.
    case compareAndSet
    /// After a conflict the newest version is read and overwritten (C-01).
    case lastWriterWins
    /// A refused write of an old version counts as done.
    case conflictCountsAsDone
  }

  /// By which clock a candidate judges the lease.
  package enum LeaseExpiry: Sendable, Hashable {
    /// Its own, since it last saw the record change.
    case ownObservation
    /// The renew time in the record against its own calendar (C-02).
    case remoteTime
  }

  /// What a replica does after it lost the leadership.
  package enum AfterLoss: Sendable, Hashable {
    case rejoins
    /// Never competes again (B-35).
    case retires
  }

  /// A leader without the control plane.
  package enum WithoutControlPlane: Sendable, Hashable {
    /// Gives the lease up after 25 s of silence or 30 s without a connection.
    case yields
    /// Goes on renewing (B-36, B-37).
    case keepsLease
  }

  /// A new leader whose first attempt to connect fails.
  package enum FirstConnect: Sendable, Hashable {
    /// It tries again, and yields in time.
    case retried
    /// The failure is logged, and nothing runs on this replica while it leads (B-36).
    case givenUp
  }

  /// Handlers at the loss of leadership.
  package enum HandlersAtLoss: Sendable, Hashable {
    case stopped
    /// They run on (B-39).
    case runOn
    /// They run on, and their writes carry the term that is over: only the platform can refuse them (C-04).
    case runOnWithOldTerm
  }

  /// The order at SIGTERM.
  package enum Release: Sendable, Hashable {
    /// Handlers and connection end first.
    case afterStop
    /// The lease first: the successor may act beside this one (B-38).
    case beforeStop
  }

  /// Whether platform writes carry the term (C-04).
  package enum PlatformWrites: Sendable, Hashable {
    case fenced
    case unfenced
  }

  package var leaseWrites = LeaseWrites.compareAndSet
  package var leaseExpiry = LeaseExpiry.ownObservation
  package var afterLoss = AfterLoss.rejoins
  package var withoutControlPlane = WithoutControlPlane.yields
  package var firstConnect = FirstConnect.retried
  package var handlersAtLoss = HandlersAtLoss.stopped
  package var release = Release.afterStop
  package var platformWrites = PlatformWrites.fenced
  /// Own clock, from the sending of the last acknowledged renewal: 12 s, so that clock rates may differ by a quarter
  /// of 15/12 (C28); 15 s leaves no gap (C-03).
  package var authority = TimeSpan.seconds(12)

  package init() {}
}
