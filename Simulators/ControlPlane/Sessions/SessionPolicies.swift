import StreamSpaceProtocol

/// How sessions are created, moved and reported, and who may do it (spec/00 C9, C13 to C20, C36).
package struct SessionPolicies: Sendable, Equatable {
  /// Which sessions a quota counts.
  package enum QuotaCount: Sendable, Equatable {
    /// All that are not final (C15).
    case everyLive
    /// Running, hibernated and waking ones: a burst of creates passes any limit (B-69, R-03).
    case settledOnly
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

  /// Who may see and touch a session.
  package enum Ownership: Sendable, Equatable {
    /// Its owner, and administrators of its organisation (C16).
    case ownerOrAdministrator
    /// Whoever is logged in (B-72, R-05).
    case anyUser
  }

  /// What moves the row of a session.
  package enum Progress: Sendable, Equatable {
    /// Results of commands and legal status reports (C13).
    case resultsAndReports
    /// Status reports alone (B-26, B-27, B-28).
    case reportsOnly
  }

  /// Which status reports are believed.
  package enum Reports: Sendable, Equatable {
    /// Legal ones of the owning agent (C13).
    case legalFromOwner
    /// All, word for word (B-31).
    case verbatim
  }

  /// Who looks after sessions that are stuck.
  package enum Reconciliation: Sendable, Equatable {
    /// One replica at a time, within bounds (C14).
    case oneAtATime
    /// Every replica for itself, and stops alone, again and again (B-27, B-32).
    case everyReplicaUnbounded
    /// Nobody.
    case off
  }

  /// What PATCH state does.
  package enum PatchState: Sendable, Equatable {
    /// The same as the verb (C13).
    case actsLikeVerb
    /// It answers 202 (B-29).
    case nothing
  }

  /// How the write of a session makes cached answers fresh.
  package enum CacheInvalidation: Sendable, Equatable {
    /// At once (C19).
    case byWrite
    /// Only by their age (B-76).
    case never
  }

  /// What the login check does when Redis does not answer.
  package enum UnreachableLogins: Sendable, Equatable {
    /// Signature and expiry still hold (C19).
    case passes
    /// 401 for everybody.
    case refuses
  }

  package var quotaCount = QuotaCount.everyLive
  package var quotaSource = QuotaSource.storedRow
  package var unknownUsage = UnknownUsage.refuses
  package var admission = Admission.withInsert
  package var reach = Reach.wholeFleet
  package var placement = Placement.leastLoadedWithinCapacity
  package var commit = Commit.together
  package var ownership = Ownership.ownerOrAdministrator
  package var progress = Progress.resultsAndReports
  package var reports = Reports.legalFromOwner
  package var reconciliation = Reconciliation.oneAtATime
  package var patchState = PatchState.actsLikeVerb
  package var cacheInvalidation = CacheInvalidation.byWrite
  package var unreachableLogins = UnreachableLogins.passes
  /// Whether the licence bounds the sessions of all users (C36).
  package var enforcesLicence = true
  /// Whether idle sessions hibernate, and a connect wakes them (C18).
  package var hibernatesIdleSessions = true
  /// Whether logout revokes the token when the cache is on.
  package var logoutRevokes = true
  /// Whether the inventory of a returning agent is compared with the rows (C14).
  package var comparesInventory = true
  /// Whether the platform follows the template and the application, and not the replica alone (C17, B-77).
  package var choosesPlatformPerRequest = true

  /// How many different suffixes names are drawn from: the 8 hexadecimal digits allow 2^32. Cases about collisions (C38,
  /// MU-13) take fewer.
  package var suffixValues: UInt64 = 1 << 32

  package init() {}

  /// The guard of the state column that the admission of a create counts by.
  var countedStates: [SessionState] {
    switch quotaCount {
    case .everyLive: SessionState.allCases.filter(\.countsAgainstQuota)
    case .settledOnly: SessionState.allCases.filter(\.countsAgainstShippedQuota)
    }
  }
}
