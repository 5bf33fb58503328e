/// What the database of a deployment holds when its replicas start.
public enum InitialDatabase: Sendable, Equatable {
  /// The newest schema with the fixtures: no replica has anything to migrate.
  case ready
  /// Nothing at all, not even tables.
  case empty
  /// As the contract's migrations leave it at `version`, with so many generated rows besides: history, whose sessions
  /// have ended and whose agents are offline for good. Fewer than 20, 60 and 120 may not be possible.
  case version(Int, users: Int, sessions: Int, commands: Int)
  /// As the shipped program leaves it: its list of statements, no ledger.
  case startUpOnly
  /// The same, with the shipped files applied by hand.
  case startUpAndFiles
}

/// A row of `schema_migrations`.
public struct LedgerRow: Sendable, Hashable {
  public var version: Int
  public var step: Int
  public var name: String
  public var checksum: String
  /// `running`, `done` or `rolled_back`.
  public var state: String
  /// The last key of a back-fill.
  public var position: String?
  /// POD_NAME, or `adopted`.
  public var appliedBy: String?

  public init(
    version: Int, step: Int, name: String, checksum: String, state: String, position: String?, appliedBy: String?
  ) {
    self.version = version
    self.step = step
    self.name = name
    self.checksum = checksum
    self.state = state
    self.position = position
    self.appliedBy = appliedBy
  }
}

/// What befalls one request of a replica to the database.
public enum DatabaseTrouble: Sendable, Hashable {
  /// The replica dies as it has sent it.
  case crash
  /// The database refuses it with this SQLSTATE.
  case error(sqlState: String)
  /// The connection breaks before the answer. `done`: whether the request was carried out; nil: the seed says.
  case answerLost(done: Bool?)
}

/// A workload that an agent has and no row tells of, as an administrator sees it listed.
public struct ListedOrphan: Sendable, Hashable {
  public var session: String
  public var agent: String
  /// When it was first seen, since the start of the run.
  public var found: Duration

  public init(session: String, agent: String, found: Duration) {
    self.session = session
    self.agent = agent
    self.found = found
  }
}

/// What a restore has brought back.
public struct RestoredDatabase: Sendable, Equatable {
  /// The instant of the rows, since the start of the run: nothing that was committed by then is lost.
  public var instant: Duration
  /// Sessions that have no row any more.
  public var lost: [String]
  /// Sessions whose state is an earlier one.
  public var changed: [String]

  public init(instant: Duration, lost: [String], changed: [String]) {
    self.instant = instant
    self.lost = lost
    self.changed = changed
  }
}
