import SimulationRuntime

/// The policies of the control plane for sessions, users and their requests. The defaults are the contract (spec/00);
/// each other value is a defect of the catalogue (spec/05, DESIGN §4).
package struct SessionBehaviour: Sendable, Hashable {
  /// Which sessions a quota counts (B-69).
  package enum QuotaCount: Sendable, Hashable {
    /// All that are not final.
    case everyLive
    /// Running, hibernated and waking ones.
    case settledOnly
  }

  /// Where the limits of a user come from.
  package enum QuotaSource: Sendable, Hashable {
    case storedRow
    case builtIn
  }

  /// How an agent is chosen (B-71).
  package enum Placement: Sendable, Hashable {
    /// Fewest sessions among those with room; recently lost ones when none is online.
    case leastLoadedWithinCapacity
    /// Fewest sessions among those online, whatever they say they can carry.
    case leastLoaded
  }

  /// What a create writes, and in how many transactions (B-25).
  package enum Commit: Sendable, Hashable {
    case together
    case separately
  }

  /// Who may touch a session (B-72).
  package enum Ownership: Sendable, Hashable {
    case ownerOrAdministrator
    case anyUser
  }

  /// What moves the row of a session (B-26 to B-28).
  package enum Progress: Sendable, Hashable {
    /// Results of commands and legal status reports.
    case resultsAndReports
    /// Status reports alone.
    case reportsOnly
  }

  /// Which status reports are believed (B-31).
  package enum Reports: Sendable, Hashable {
    case legalFromOwner
    case verbatim
  }

  /// Who looks after sessions that are stuck (A-21, B-27, B-32).
  package enum Reconciliation: Sendable, Hashable {
    case oneReplicaBounded
    case off
  }

  /// What PATCH state does (B-29).
  package enum PatchState: Sendable, Hashable {
    case actsLikeVerb
    case nothing
  }

  /// How a write makes cached answers fresh (B-76).
  package enum CacheInvalidation: Sendable, Hashable {
    case byWrite
    case never
  }

  /// What a request does when the cache is on and Redis is down.
  package enum LoginCheckWithoutRedis: Sendable, Hashable {
    case skipped
    case refuses
  }

  /// What a taken name leads to (C38).
  package enum NameCollision: Sendable, Hashable {
    case newSuffix
  }

  /// Which role the role checks see.
  package var quotaCount = QuotaCount.everyLive
  package var quotaSource = QuotaSource.storedRow
  package var placement = Placement.leastLoadedWithinCapacity
  package var commit = Commit.together
  package var ownership = Ownership.ownerOrAdministrator
  package var progress = Progress.resultsAndReports
  package var reports = Reports.legalFromOwner
  package var reconciliation = Reconciliation.oneReplicaBounded
  package var patchState = PatchState.actsLikeVerb
  package var cacheInvalidation = CacheInvalidation.byWrite
  package var loginCheckWithoutRedis = LoginCheckWithoutRedis.skipped
  /// Whether the licence row bounds the sessions of all users (C36).
  package var enforcesLicence = true
  /// Whether idle sessions hibernate and a connect wakes them (C18).
  package var hibernatesIdleSessions = true
  /// Whether logout revokes the token when the cache is on.
  package var logoutRevokes = true
  /// Whether the inventory of a returning agent is compared with the rows (C14).
  package var comparesInventory = true

  package init() {}
}
