/// The bounds of the invariants. Each is a promise of the contract, not a tuning knob: a case changes one only where
/// the specification gives it another number.
public struct Timing: Sendable, Equatable {
  /// Heartbeat of an agent (spec/05 §1).
  public var heartbeat: Duration = .seconds(30)
  /// The hub drops a connection without a heartbeat for longer than this (spec/05 §1, C6).
  public var staleThreshold: Duration = .seconds(45)
  /// The sweep for stale connections (spec/05 §1).
  public var sweep: Duration = .seconds(10)

  /// A route is right this long after registration, and after a key was lost while the socket lived (I-ROUTE).
  public var routeRepair: Duration = .seconds(35)
  /// A route is right this long after Redis was away (I-ROUTE).
  public var routeAfterReturn: Duration = .seconds(10)
  /// No key names a replica without the agent for longer, once the agent is connected elsewhere (I-ROUTE).
  public var routeStale: Duration = .seconds(60)
  /// Time to live of a route key (C2).
  public var routeLife: Duration = .seconds(300)
  /// A call to Redis or to the database ends within this (C4): so long may two effects of one decision lie apart.
  public var callDeadline: Duration = .seconds(5)
  /// A write to an agent's socket, from either end, fails after this (spec/01 §8.1).
  public var write: Duration = .seconds(10)
  /// The token of a relay between two replicas is good for this (C22).
  public var relayToken: Duration = .seconds(60)

  /// The hub serves a register or unregister within this (I-HUB-LIVE).
  public var hubService: Duration = .seconds(5)
  /// The row of a lost agent is `offline` this long after its last heartbeat: 45 s and one sweep (I-STATUS).
  public var offline: Duration = .seconds(55)
  /// The row of a connected agent is `online` again within this (I-STATUS).
  public var online: Duration = .seconds(35)
  /// An older registration is gone this long after a newer one, or after its last heartbeat: the 55 s of a stale
  /// connection and the 5 s of the hub (I-ONE-CONN).
  public var olderRegistration: Duration = .seconds(60)

  /// Deadline of a start after its ack (C11).
  public var startDeadline: Duration = .seconds(300)
  /// Deadline of any other command after its ack (C11).
  public var commandDeadline: Duration = .seconds(120)
  /// A command for an absent agent waits this long (C12).
  public var absence: Duration = .seconds(300)
  /// What I-CMD-LIVE grants on top of a deadline.
  public var commandMargin: Duration = .seconds(30)

  /// Quiet: no fault and no load for this long (spec/05 §1).
  public var quiet: Duration = .seconds(60)
  /// A session is settled when nothing happened to it for this long: a workload that is gone is reported after 60 s,
  /// agents look every 10 s (C13), and the report needs its way.
  public var settled: Duration = .seconds(90)
  /// The reconciler gives a stuck session up after this (C14).
  public var givenUp: Duration = .seconds(600)
  /// Tick of the reconciler (C14).
  public var reconcilerTick: Duration = .seconds(60)
  /// Objects of an ended session are gone this long after the command completed (spec/06 §0.2, termination).
  public var cleanUp: Duration = .seconds(30)

  /// Every replica shows a mutation after this (C19).
  public var freshness: Duration = .seconds(1)
  /// By then every request that was under way with a refused one has been answered or given up: clients wait 10 s
  /// (C37), a replica waits 10 s for a database connection (C35), with the same again in hand (I-ACCEPT).
  public var requestsSettled: Duration = .seconds(40)

  /// Some process leads and is connected this long after the loss of a leader: 15 s of lease, up to 4.4 s between two
  /// looks at it, twice, and a connect (I-LEADER-LIVE).
  public var leaderLoss: Duration = .seconds(25)
  /// The first leader of a Docker agent: candidates watch an absent record for 15 s (C29).
  public var firstDockerLeader: Duration = .seconds(20)
  /// Who holds the lock without a connection gives it up within this (I-LEADER-WORK, C28).
  public var leaderLink: Duration = .seconds(30)
  /// What the yielding takes that begins then (C28): a write of the lease of 30 ms, sigma 0.7, at most 0.26 s, and two
  /// hops (spec/06 §10.3).
  public var leaderRelease: Duration = .milliseconds(500)
  /// An agent is connected again this long after an outage of the control plane (spec/06 §0.2).
  public var reconnect: Duration = .seconds(30)
  /// After an outage of ``longOutage`` or more: the wait may be 32 s (C26, spec/06 §0.2).
  public var reconnectAfterOutage: Duration = .seconds(35)
  public var longOutage: Duration = .seconds(30)
  /// The longest wait between two attempts to connect (C26).
  public var longestBackOff: Duration = .seconds(32)
  /// What one connect takes where nothing is in its way (C26: 35 s are 32 s and one connect, spec/06 §0.2).
  public var connect: Duration = .seconds(3)
  /// What one attempt may take: registration and dial, each given up by the agent after 10 s (spec/03 §1.2).
  public var attemptLimit: Duration = .seconds(20)
  /// By then the balancer sends nothing more to a replica that does not answer: two failed probes 15 s apart, the
  /// first up to 15 s later, the second given up after 5 s (spec/06 §0.1).
  public var probedOut: Duration = .seconds(35)
  /// An agent that waits for its approval asks every 30 s, and connects then (spec/00, Enrolment).
  public var enrolmentPoll: Duration = .seconds(35)

  /// A session can be viewed this long after it runs (I-VNC-OPEN).
  public var firstPicture: Duration = .seconds(10)
  /// A viewer of a session that runs longer has its picture this long after it asked (I-VNC-OPEN).
  public var reopen: Duration = .seconds(5)
  /// A replica that is ready is known to the balancer after this: a period of its probes and one time-out (spec/06 §0.1).
  public var balancerProbe: Duration = .seconds(20)
  /// When one end goes, the other learns within this (I-VNC-END, C24).
  public var viewerTold: Duration = .seconds(15)
  /// A silent agent connection or relay ends its attachments after this (C24).
  public var attachmentSilence: Duration = .seconds(10)
  /// An idle viewer stays at least so long (I-VNC-IDLE).
  public var idleViewer: Duration = .seconds(300)
  /// What causes the end of a viewer may be seen this much later than the end itself.
  public var causeSeen: Duration = .seconds(2)

  public init() {}

  /// Deadline of a command after its ack (C11).
  func deadline(of action: CommandAction) -> Duration { action == .start ? startDeadline : commandDeadline }
}
