import SimulationRuntime

/// How agent connections and their routes are kept (spec/00 C1 to C6).
package struct HubPolicies: Sendable, Equatable {
  /// What the end of a connection removes.
  package enum Unregistration: Sendable, Equatable {
    /// That connection only (C1).
    case byConnection
    /// Whatever is registered under the agent's id, also its successor (B-01, H01).
    case byAgentID
  }

  /// How the route of an agent that left is taken back.
  package enum RouteRemoval: Sendable, Equatable {
    /// Only if the first key still names this replica (C2).
    case compareAndDelete
    /// Both keys, whoever wrote them (B-02, H03).
    case blind
  }

  /// When the end of a connection sets the agent's row `offline`.
  package enum PresenceRemoval: Sendable, Equatable {
    /// Only while the row still holds this connection's epoch (C6).
    case guarded
    /// Always, also when a successor has long taken over: the write that heartbeats had to repair (A-05, B-02).
    case always
  }

  /// What a heartbeat does to the route keys.
  package enum RouteRefresh: Sendable, Equatable {
    /// Writes both again, and at once when Redis or the subscription comes back (C2).
    case rewrite
    /// EXPIRE, which restores nothing that is gone (B-03, H04).
    case expireOnly
    /// EXPIRE too, as soon as Redis has acknowledged the keys: what was acknowledged counts as kept, whatever a fail-over
    /// lost of it (C-11).
    case trustsAcknowledged
  }

  /// How the two route keys are written.
  package enum RouteStorage: Sendable, Equatable {
    /// Together, in one script (C2).
    case atomic
    /// One SET after the other; a failure of one is only logged (B-04, H11).
    case independentSets
  }

  /// Where the hub waits for the database and Redis.
  package enum InputOutput: Sendable, Equatable {
    /// Outside the hub's lock (C4).
    case outsideLock
    /// While it holds the lock: look-ups, sends and heartbeats of all agents wait (B-05, H07).
    case underLock
  }

  /// How the sweep drops stale connections.
  package enum StaleRemoval: Sendable, Equatable {
    /// At once, in the sweep (C4).
    case inline
    /// Through the ten slots of the unregister channel that only the sweeping loop drains: the eleventh blocks it for
    /// ever (B-06, H06).
    case throughOwnChannel
  }

  /// What a heartbeat writes into the agent's row.
  package enum HeartbeatStatus: Sendable, Equatable {
    /// Time and status; `draining` stays (C6).
    case setsOnline
    /// Time and status; `draining` is overwritten (H14).
    case overwritesDraining
    /// The time alone.
    case timestampOnly
  }

  /// Whose freshness a heartbeat proves.
  package enum HeartbeatCredit: Sendable, Equatable {
    /// That of the connection it came over.
    case byConnection
    /// That of whatever is registered under the id (B-13).
    case byAgentID
  }

  /// Which frames of an agent extend the read deadline of 60 s.
  package enum ReadCredit: Sendable, Equatable {
    /// Its pings and its pongs.
    case everyControlFrame
    /// Its pongs alone: an agent that is busy in a handler does not read, so it does not answer.
    case pongsOnly
  }

  /// Whose clock dates a heartbeat.
  package enum HeartbeatClock: Sendable, Equatable {
    /// The database's, which also judges it (C31).
    case database
    /// The replica's, as the wall clock on its host shows it in its time zone, without zone in the column (C-15, H39).
    case replica
  }

  /// Which routes a replica keeps alive.
  package enum RouteKeeping: Sendable, Equatable {
    /// Those of the agents it holds.
    case held
    /// Also those of agents it once held (C-08).
    case everHeld
  }

  /// What tells a replica that a connection it holds is not the agent's any more.
  package enum Ownership: Sendable, Equatable {
    /// The row, and the silence of the connection itself (C1, C6).
    case row
    /// Its own view of Redis: as long as the route there names it, it keeps even a silent connection (C-12).
    case route
  }

  /// Which queued register, unregister or sweep the loop of the hub takes next.
  package enum Selection: Sendable, Equatable {
    /// The one that waits longest.
    case fair
    /// A register, as long as there is one (C-32).
    case registersFirst
  }

  /// Where a replica looks for an agent that is not its own.
  package enum Routing: Sendable, Equatable {
    /// In the shared routes.
    case shared
    /// Nowhere: an agent of another replica counts as absent.
    case localMapOnly
  }

  /// How messages become WebSocket frames.
  package enum FrameWriting: Sendable, Equatable {
    /// One document each (C5).
    case oneDocument
    /// What is queued when a frame starts is appended to it (B-19, H12).
    case coalesced
  }

  /// What a sender does that found a connection which closes before the send.
  package enum ClosedConnectionSend: Sendable, Equatable {
    /// The send fails.
    case fails
    /// Send on a closed channel: the replica dies (B-07, H08).
    case panics
  }

  /// What happens to `active_connections` when an agent registers anew.
  package enum AttachmentCount: Sendable, Equatable {
    /// Set to 0 in the same transaction: no attachment survives a connection (spec/00, Streaming, rule 6).
    case clearedByRegistration
    case leftAlone
  }

  package var unregistration = Unregistration.byConnection
  package var routeRemoval = RouteRemoval.compareAndDelete
  package var presenceRemoval = PresenceRemoval.guarded
  package var routeRefresh = RouteRefresh.rewrite
  package var routeStorage = RouteStorage.atomic
  package var inputOutput = InputOutput.outsideLock
  package var staleRemoval = StaleRemoval.inline
  /// Silence of an agent after which its connection is dropped and its row becomes `offline`: 45 s (spec/01 §1.6),
  /// 30 s under A-04.
  package var staleThreshold = TimeSpan.seconds(45)
  package var heartbeatStatus = HeartbeatStatus.setsOnline
  package var heartbeatCredit = HeartbeatCredit.byConnection
  package var readCredit = ReadCredit.everyControlFrame
  package var heartbeatClock = HeartbeatClock.database
  package var routeKeeping = RouteKeeping.held
  package var ownership = Ownership.row
  package var selection = Selection.fair
  package var routing = Routing.shared
  package var frameWriting = FrameWriting.oneDocument
  package var closedConnectionSend = ClosedConnectionSend.fails
  package var attachmentCount = AttachmentCount.clearedByRegistration

  package init() {}

  /// What the shipped program does (spec/01 §1, §2; spec/05 §4.1).
  package static let shipped: HubPolicies = {
    var policies = HubPolicies()
    policies.unregistration = .byAgentID
    policies.routeRemoval = .blind
    policies.presenceRemoval = .always
    policies.routeRefresh = .expireOnly
    policies.routeStorage = .independentSets
    policies.inputOutput = .underLock
    policies.staleRemoval = .throughOwnChannel
    policies.heartbeatStatus = .overwritesDraining
    policies.heartbeatCredit = .byAgentID
    policies.frameWriting = .coalesced
    policies.closedConnectionSend = .panics
    policies.attachmentCount = .leftAlone
    return policies
  }()
}
