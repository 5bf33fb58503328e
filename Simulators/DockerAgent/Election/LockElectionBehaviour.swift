import SimulationRuntime

/// How the election of a Docker agent behaves (C28, C29). The contract is the default; every defect of the catalogue is a
/// change of one or two fields.
package struct LockElectionBehaviour: Sendable {
  /// When a leader renews and what a failure means.
  package enum Renewal: Sendable, Hashable {
    /// Every 2 s; a failure is tried again as long as authority lasts.
    case patient
    /// Once per 10 s, a failure ends the leadership at once; the first try happens after one tick, and after the first
    /// win the tick stays at 10 s (B-51).
    case onceWithoutRetry
  }

  /// How long a leader may act without a renewal.
  package enum Authority: Sendable, Hashable {
    /// So long on its own clock after the sending of the last acknowledged renewal: 12 s under the contract, 15 s leaves
    /// no gap (C-03).
    case limited(TimeSpan)
    /// Until its next tick tells it otherwise (B-53, B-54 and all of the shipped agent).
    case untilNextTick
  }

  /// How the record is written.
  package enum RecordWrites: Sendable, Hashable {
    /// Only over the record that was judged.
    case compareAndSet
    /// Over whatever is there (C-01).
    case lastWriterWins
  }

  /// By which clock a candidate judges the age of a record.
  package enum RecordAge: Sendable, Hashable {
    /// Its own, since it last saw the record change.
    case ownObservation
    /// The time in the record against its own calendar (C-02; B-54 with the swarm back end).
    case remoteTime
  }

  /// What a missing record means.
  package enum LostRecord: Sendable, Hashable {
    /// Nothing: somebody may still act on it, so it is watched for 15 s.
    case isWatched
    /// The lock is free (B-53).
    case isFree
  }

  /// What the lock of a file is.
  package enum FileLocking: Sendable, Hashable {
    /// A lock for the life of the process and a record that ages.
    case leased
    /// Only the lock: renewing rewrites the open file and looks at nothing, a hung process keeps it for ever (B-52).
    case lockOnly
  }

  /// What an update of the service by somebody else does to a swarm renewal.
  package enum VersionConflict: Sendable, Hashable {
    /// The service is read and written again; only the labels decide.
    case retried
    /// It counts as a failed renewal and deposes (B-54).
    case deposes
  }

  /// Where the swarm back end finds its task.
  package enum SwarmIdentity: Sendable, Hashable {
    /// In the labels of its own container.
    case labels
    /// It takes the host name for the task id, which the swarm does not know.
    case hostName
  }

  /// What a holder does when it learns that another holds the lock too.
  package enum UnsharedVolume: Sendable, Hashable {
    /// It gives up for good: its volume is not the one the others use (C29).
    case refused
    /// It goes on.
    case ignored
  }

  /// What a replica does after it lost the leadership.
  package enum AfterLoss: Sendable, Hashable {
    case rejoins
    /// Never competes again (B-35).
    case retires
  }

  /// A leader without the control plane.
  package enum WithoutControlPlane: Sendable, Hashable {
    /// Gives the lock up after 25 s of silence or 30 s without a connection (C28).
    case yields
    /// Goes on renewing (B-46).
    case keepsLock
  }

  /// Handlers at the loss of leadership.
  package enum HandlersAtLoss: Sendable, Hashable {
    case stopped
    /// They run on, without a term (B-39).
    case runOn
  }

  /// Whether platform writes carry the term (C-04).
  package enum PlatformWrites: Sendable, Hashable {
    case fenced
    case unfenced
  }

  /// The order at SIGTERM.
  package enum Release: Sendable, Hashable {
    /// Handlers and connection end first.
    case afterStop
    /// The lock first: the successor may act beside this one (B-38).
    case beforeStop
  }

  package var renewal = Renewal.patient
  package var authority = Authority.limited(.seconds(12))
  package var recordWrites = RecordWrites.compareAndSet
  package var recordAge = RecordAge.ownObservation
  package var lostRecord = LostRecord.isWatched
  package var fileLocking = FileLocking.leased
  package var versionConflict = VersionConflict.retried
  package var swarmIdentity = SwarmIdentity.labels
  package var unsharedVolume = UnsharedVolume.refused
  package var afterLoss = AfterLoss.rejoins
  package var withoutControlPlane = WithoutControlPlane.yields
  package var handlersAtLoss = HandlersAtLoss.stopped
  package var platformWrites = PlatformWrites.fenced
  package var release = Release.afterStop

  package init() {}
}
