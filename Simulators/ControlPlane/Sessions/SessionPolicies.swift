import StreamSpaceProtocol

/// How sessions are created, moved and reported, and who may do it (spec/00 C9, C13 to C20, C36).
package struct SessionPolicies: Sendable, Equatable {
  /// Which sessions a quota counts.
  package enum QuotaCount: Sendable, Equatable {
    /// All that are not final (C15).
    case everyLive
    /// Running, hibernated and waking ones: a burst of creates passes any limit (B-69, R-03).
    case settledOnly
    /// Those that have a pod in the cluster of the API: no pending one, and none on Docker.
    case podsOnly
    /// A stored number: a create raises it, a stop lowers it, and so does the end of the session (C-28).
    case storedNumber
  }

  /// Where the limits of a user come from.
  package enum QuotaSource: Sendable, Equatable {
    /// The row of `user_quotas`, without one the built-in limits (C15).
    case storedRow
    /// The built-in limits.
    case builtIn
  }

  /// What a failing usage query means.
  package enum UnknownUsage: Sendable, Equatable {
    /// The create is refused.
    case refuses
    /// Nothing is used (B-70).
    case countsAsNone
  }

  /// When quota, capacity and choice of agent are settled.
  package enum Admission: Sendable, Equatable {
    /// In the transaction that inserts the session (C15).
    case withInsert
    /// Before it: concurrent creates all pass (B-70).
    case beforeInsert
  }

  /// Which agents a replica may choose.
  package enum Reach: Sendable, Equatable {
    /// All that the database knows to be there.
    case wholeFleet
    /// Those connected to this replica.
    case ownConnections
  }

  /// How an agent is chosen.
  package enum Placement: Sendable, Equatable {
    /// Fewest sessions among those with room; recently lost ones when none is online (C15).
    case leastLoadedWithinCapacity
    /// Fewest sessions among those online, whatever they say they can carry (B-71).
    case leastLoaded
  }

  /// How session row, command row and change of state become durable.
  package enum Commit: Sendable, Equatable {
    /// In one transaction (C9).
    case together
    /// One statement after the other (B-25).
    case separately
  }

  /// What moves the row of a session.
  package enum Progress: Sendable, Equatable {
    /// Results of commands and legal status reports (C13).
    case resultsAndReports
    /// Status reports alone (B-26, B-27, B-28).
    case reportsOnly
    /// As under contract, but failed commands move nothing (B-26).
    case exceptFailures
    /// As under contract, but neither hibernate nor wake moves the session (B-28).
    case exceptHibernation
    /// As under contract, but a stop that is done ends nothing (B-27).
    case exceptStops
  }

  /// Which status reports are believed.
  package enum Reports: Sendable, Equatable {
    /// Legal ones of the owning agent (C13).
    case legalFromOwner
    /// All, word for word (B-31).
    case verbatim
    /// None: they are logged.
    case ignored
  }

  /// Who looks after sessions that are stuck.
  package enum Reconciliation: Sendable, Equatable {
    /// One replica at a time, within bounds (C14).
    case oneAtATime
    /// Every replica for itself, and stops alone, again and again (B-27, B-32).
    case everyReplicaUnbounded
    /// One replica at a time, but nobody looks at hibernating and waking sessions (B-28).
    case exceptHibernation
    /// Nobody.
    case off
  }

  /// Which rows of agents may be chosen at all.
  package enum Eligibility: Sendable, Equatable {
    /// Approved ones (C15).
    case approved
    /// Whatever looks alive, also what waits for its approval or was rejected (B-78).
    case anyAlive
  }

  /// In which form the template goes to the agent.
  package enum Manifest: Sendable, Equatable {
    /// As the catalogue holds it.
    case asStored
    /// With the field names of the program instead of those of the document: `Spec`, `BaseImage`.
    case fieldNames
    /// Not at all: the agent is to read the Template resource, which it may not.
    case omitted
  }

  /// How answers and pushes write the state of a session.
  package enum StateNames: Sendable, Equatable {
    /// `state` in lower case, `status.phase` capitalised (spec/02 §6.1).
    case contract
    /// The other way round.
    case swapped
  }

  /// What PATCH state does.
  package enum PatchState: Sendable, Equatable {
    /// The same as the verb (C13).
    case actsLikeVerb
    /// It answers 202 (B-29).
    case nothing
  }

  /// When a create is accepted.
  package enum Acceptance: Sendable, Equatable {
    /// When it is committed (C9).
    case whenCommitted
    /// When its agent can be reached as well: a 500 after the commit makes users try again.
    case whenReachable
  }

  /// What a COMMIT without answer means.
  package enum UnknownCommit: Sendable, Equatable {
    /// It is looked up.
    case lookedUp
    /// It failed (C-13).
    case countsAsFailure
  }

  /// Whether a verb writes its command.
  package enum VerbCommand: Sendable, Equatable {
    case written
    /// DELETE answers 202 and writes nothing at all.
    case forgottenByStop
    /// A create writes the session alone.
    case forgottenByStart
  }

  /// How a verb's command is given to the database.
  package enum CommandPayloadForm: Sendable, Equatable {
    /// As JSON text.
    case json
    /// As a value of the program, which the driver cannot convert: the INSERT fails.
    case programValue
  }

  /// What keeps two wakes of one session apart.
  package enum WakeGuard: Sendable, Equatable {
    /// The state in the UPDATE itself (C13).
    case testedInUpdate
    /// The state as it was read before: both go through (C-23).
    case trustsFirstLook
  }

  /// What a success means that comes after its command or session was given up.
  package enum LateResults: Sendable, Equatable {
    /// What now stands is put right (C11).
    case corrected
    /// Nothing (C-27).
    case ignored
  }

  /// What the idle sweep trusts.
  package enum IdleGuard: Sendable, Equatable {
    /// The count of viewers at the moment of the change (C18).
    case testedInUpdate
    /// The count it read before (C-24).
    case trustsFirstLook
  }

  /// How batches work.
  package enum Batch: Sendable, Equatable {
    /// As single calls, with an answer for each item (C20).
    case asSingleCalls
    /// On the rows alone (B-30).
    case rowsOnly
  }

  /// Where the connections that `connect` makes live.
  package enum Connections: Sendable, Equatable {
    /// In the table: any replica serves them (spec/00 Streaming item 6).
    case sharedRows
    /// In the memory of the replica that made them (B-75).
    case perReplica
  }

  /// Whether a `connect` counts as a viewer.
  package enum ConnectCount: Sendable, Equatable {
    /// It does not: viewers are counted by the owner of the agent.
    case addsNothing
    /// It does, and nothing takes it back (spec/07 §2).
    case addsViewer
  }

  /// What becomes of a workload that an agent has and no row tells of (DBM-16).
  package enum Orphans: Sendable, Equatable {
    /// It is listed and left alone for 24 h, or until an administrator acts.
    case leftAlone
    /// It is stopped: after a restore that ends every session younger than the backup.
    case stoppedAtOnce
  }

  package var orphans = Orphans.leftAlone
  package var quotaCount = QuotaCount.everyLive
  package var quotaSource = QuotaSource.storedRow
  package var unknownUsage = UnknownUsage.refuses
  package var admission = Admission.withInsert
  package var reach = Reach.wholeFleet
  package var placement = Placement.leastLoadedWithinCapacity
  package var commit = Commit.together
  package var progress = Progress.resultsAndReports
  package var reports = Reports.legalFromOwner
  package var reconciliation = Reconciliation.oneAtATime
  package var patchState = PatchState.actsLikeVerb
  package var acceptance = Acceptance.whenCommitted
  package var unknownCommit = UnknownCommit.lookedUp
  package var verbCommand = VerbCommand.written
  package var payloadForm = CommandPayloadForm.json
  package var wakeGuard = WakeGuard.testedInUpdate
  package var lateResults = LateResults.corrected
  package var idleGuard = IdleGuard.testedInUpdate
  package var batch = Batch.asSingleCalls
  package var connections = Connections.sharedRows
  package var connectCount = ConnectCount.addsNothing
  package var eligibility = Eligibility.approved
  package var manifest = Manifest.asStored
  package var stateNames = StateNames.contract
  package var users = UserPolicies()
  package var schema = SchemaPolicies()
  /// Whether the licence bounds the sessions of all users (C36).
  package var enforcesLicence = true
  /// Whether idle sessions hibernate, and a connect wakes them (C18).
  package var hibernatesIdleSessions = true
  /// Whether the inventory of a returning agent is compared with the rows (C14).
  package var comparesInventory = true
  /// Whether the platform follows the template and the application, and not the replica alone (C17, B-77).
  package var choosesPlatformPerRequest = true

  /// How many different suffixes names are drawn from: the 8 hexadecimal digits allow 2^32. Cases about collisions (C38,
  /// MU-13) take fewer.
  package var suffixValues: UInt64 = 1 << 32

  package init() {}

  /// What the shipped program does (branch head, spec/02, spec/07).
  package static let shipped: SessionPolicies = {
    var policies = SessionPolicies()
    policies.quotaCount = .settledOnly
    policies.quotaSource = .builtIn
    policies.unknownUsage = .countsAsNone
    policies.admission = .beforeInsert
    policies.placement = .leastLoaded
    policies.commit = .separately
    policies.progress = .reportsOnly
    policies.reports = .verbatim
    policies.reconciliation = .everyReplicaUnbounded
    policies.patchState = .nothing
    policies.unknownCommit = .countsAsFailure
    policies.lateResults = .ignored
    policies.batch = .rowsOnly
    policies.connections = .perReplica
    policies.connectCount = .addsViewer
    policies.users = .shipped
    policies.schema.templateScan = .rejectsNull
    policies.enforcesLicence = false
    policies.hibernatesIdleSessions = false
    policies.comparesInventory = false
    policies.choosesPlatformPerRequest = false
    policies.eligibility = .anyAlive
    return policies
  }()

  /// The guard of the state column that the admission of a create counts by.
  var countedStates: [SessionState] {
    switch quotaCount {
    case .everyLive, .storedNumber: SessionState.allCases.filter(\.countsAgainstQuota)
    case .settledOnly, .podsOnly: SessionState.allCases.filter(\.countsAgainstShippedQuota)
    }
  }
}
