/// How viewers are attached, relayed and let go (spec/00 Streaming, C21 to C25).
package struct StreamingPolicies: Sendable, Equatable {
  /// What keeps the connection of a quiet viewer.
  package enum KeepAlive: Sendable, Equatable {
    /// A ping every 54 s; a viewer that says nothing for 120 s is gone (spec/01 §6.4).
    case pings
    /// Nothing, and what was quiet for 60 s is cut.
    case idleReaper
  }

  /// Whether the VNC route finds the user that the token check has put down.
  package enum UserLookup: Sendable, Equatable {
    case found
    /// It looks under another name: every connect is 401.
    case wrongKey
  }

  /// Where a viewer's token may stand.
  package enum TokenPlaces: Sendable, Equatable {
    /// Query, cookie or header (spec/00, Tokens).
    case all
    /// The header alone, which a browser cannot set on a WebSocket.
    case headerOnly
  }

  /// Which replicas serve the pages of sessions over HTTP.
  package enum Pages: Sendable, Equatable {
    /// All: the agent has no part in it.
    case served
    /// The one that the session's agent is connected to.
    case whereTheAgentIs
  }

  /// Whether an attached viewer counts as activity.
  package enum Activity: Sendable, Equatable {
    /// `last_activity` moves every 30 s while attached.
    case written
    /// Never.
    case neverWritten
  }

  /// Who gets the data frames of an agent.
  package enum Reception: Sendable, Equatable {
    /// The attachment that they name.
    case byAttachment
    /// Whichever viewer of the agent takes them off the one queue, which discards those of others (B-55).
    case oneQueuePerAgent
  }

  /// Which viewers a replica can serve.
  package enum Reach: Sendable, Equatable {
    /// All: agents of other replicas over the relay (C22).
    case wholeCluster
    /// Those whose agent it holds; others are upgraded and cut at once (B-56).
    case ownAgents
  }

  /// What the end of a viewer that was taken over ends.
  package enum Takeover: Sendable, Equatable {
    /// Its own attachment.
    case byIdentity
    /// Whatever is attached to the session by then (B-57).
    case bySession
  }

  /// What a `vnc_error` ends.
  package enum TunnelError: Sendable, Equatable {
    /// The attachment (C21).
    case endsAttachment
    /// The replica: a send on a closed channel (B-58).
    case panics
  }

  /// Who hears that a viewer has left.
  package enum ViewerEnd: Sendable, Equatable {
    /// Its attachment.
    case noticed
    /// Pinger, beat or relay, as it happens; only the last does anything about it (B-59).
    case takenByTicker
  }

  /// Who writes on a viewer's socket.
  package enum ViewerWriters: Sendable, Equatable {
    /// One.
    case one
    /// Pings and data beside each other: an overlap ends the process (B-60).
    case two
  }

  /// How bytes of a viewer get into frames.
  package enum Payload: Sendable, Equatable {
    /// As they are, in the encoding that was negotiated (C25).
    case bytes
    /// As the text that the message would be, and back as base64 text (B-63).
    case messageText
  }

  /// What the loss of an agent's connection does to its viewers.
  package enum AgentLoss: Sendable, Equatable {
    /// They are closed with 4005 (C24).
    case closesViewers
    /// Nothing (B-64).
    case unnoticed
  }

  /// How messages for one agent wait.
  package enum AgentQueue: Sendable, Equatable {
    /// Control before data, data of the attachments in turn, within their windows (Streaming, rules 3 and 4).
    case controlFirst
    /// All in one queue of 256, data as fast as viewers send it (B-65).
    case oneForAll
  }

  /// What happens to bytes that a viewer does not take.
  package enum Overflow: Sendable, Equatable {
    /// Nobody sends them until it does (C23).
    case backPressure
    /// Frames beyond 256 are dropped, and those after them delivered (B-67).
    case dropsFrames
  }

  /// What `active_connections` is.
  package enum Count: Sendable, Equatable {
    /// Whether an attachment is live (Streaming, rule 6).
    case liveAttachment
    /// What opened before less what ended: a replica's death leaves it as it is (B-68).
    case incremented
  }

  /// What becomes of bytes that wait for a viewer that is taken over.
  package enum Leftovers: Sendable, Equatable {
    case discarded
    /// The newer viewer gets them after its own first bytes (C-19).
    case givenToSuccessor
  }

  package var pages = Pages.served
  package var keepAlive = KeepAlive.pings
  package var userLookup = UserLookup.found
  package var tokenPlaces = TokenPlaces.all
  package var activity = Activity.written
  package var reception = Reception.byAttachment
  package var reach = Reach.wholeCluster
  package var takeover = Takeover.byIdentity
  package var tunnelError = TunnelError.endsAttachment
  package var viewerEnd = ViewerEnd.noticed
  package var viewerWriters = ViewerWriters.one
  package var payload = Payload.bytes
  package var agentLoss = AgentLoss.closesViewers
  package var agentQueue = AgentQueue.controlFirst
  package var overflow = Overflow.backPressure
  package var count = Count.liveAttachment
  package var leftovers = Leftovers.discarded

  package init() {}

  /// What the shipped program does (spec/01 §6, spec/07).
  package static let shipped: StreamingPolicies = {
    var policies = StreamingPolicies()
    policies.reception = .oneQueuePerAgent
    policies.reach = .ownAgents
    policies.takeover = .bySession
    policies.tunnelError = .panics
    policies.viewerEnd = .takenByTicker
    policies.viewerWriters = .two
    policies.payload = .messageText
    policies.agentLoss = .unnoticed
    policies.agentQueue = .oneForAll
    policies.overflow = .dropsFrames
    policies.count = .incremented
    return policies
  }()
}
