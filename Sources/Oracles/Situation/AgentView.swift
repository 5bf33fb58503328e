import TestEnvironment

/// An agent as observed: connections, row and route.
final class AgentView {
  /// A registration at the hub of a replica.
  struct Connection: Equatable {
    let replica: String
    let number: Int
    let instance: String
    let event: TimedObservation
    var lastBeat: Duration?
    /// The process that opened it has ended: the hub has not noticed yet.
    var isSevered = false

    var since: Duration { event.time }
    /// The last time anything told that the other end lives.
    var lastSign: Duration { lastBeat ?? since }
  }

  /// A value in Redis and the event that set it.
  struct RouteValue {
    var text: String?
    var event: TimedObservation?
    /// Since when it has been that, however often it was written again.
    var since: Duration?
  }

  let id: String
  /// Its processes, by name.
  var processes: [String] = []
  /// Registrations that the hubs hold, oldest first.
  var open: [Connection] = []
  /// The connection closed last, and whether it was the newest then.
  var lastClosed: (connection: Connection, wasNewest: Bool, event: TimedObservation)?

  /// `agents.status`; nil: never seen.
  var status: String?
  var statusSince: Duration = .zero
  var statusEvent: TimedObservation?
  /// `agents.last_heartbeat`.
  var rowBeat: Duration?
  /// The last heartbeat that a replica received.
  var lastBeat: TimedObservation?

  var pod = RouteValue()
  var connected = RouteValue()

  /// Since when it has had a live connection without a break; nil: it has none.
  var connectedSince: Duration?
  /// When the last live connection went.
  var absentSince: Duration?
  /// Who leads, if its processes elect.
  var election = ElectionView()
  /// The last step of its enrolment that was seen.
  var enrolment: (step: EnrolmentStep, time: Duration)?
  /// Registrations so far.
  var registrations = 0

  init(id: String) { self.id = id }

  /// The newest registration whose other end lives.
  var live: Connection? { open.last { !$0.isSevered } }

  /// Keeps ``connectedSince`` and ``absentSince`` in step with the connections.
  func settleConnection(at time: Duration) {
    if live != nil {
      if connectedSince == nil { connectedSince = time }
    } else if connectedSince != nil {
      connectedSince = nil
      absentSince = time
    }
  }
}
