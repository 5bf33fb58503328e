import TestEnvironment

/// A session as observed: row, commands, objects on the platform.
final class SessionView {
  let id: String
  var user = ""
  var agent: String?
  /// Nil: no row was ever seen.
  var state: String?
  var stateSince: Duration = .zero
  /// Every state with the time from which it held; nil: the row was gone.
  var history: [(since: Duration, state: String?)] = []
  var inserted: TimedObservation?
  var deleted: TimedObservation?
  var milliCPU = 0
  var memoryMiB = 0
  /// Made with persistentHome; nil: not told.
  var hasPersistentHome: Bool?
  /// In the order of their insertion.
  var commands: [CommandView] = []
  /// By object, in the order in which they were made.
  var objects = Table<String, PlatformObject>()
  /// Attachments of viewers, as their owners told.
  var attachments: [Attachment] = []
  /// `sessions.active_connections`; nil: never seen.
  var activeConnections: Int?
  /// When its workload was listed as one of which no row tells; nil: it never was.
  var orphanSince: Duration?
  /// When anything last happened to row, commands or objects.
  var lastChange: Duration = .zero

  init(id: String) { self.id = id }

  static func isFinal(_ state: String?) -> Bool { state == "terminated" || state == "failed" }
  /// A row exists and is not final.
  var isActive: Bool { state != nil && deleted == nil && !Self.isFinal(state) }
  var openCommands: [CommandView] { commands.filter { !$0.isFinal } }

  /// Workloads (deployments, containers) that exist.
  var workloads: [PlatformObject] { objects.values.filter { $0.exists && $0.isWorkload } }
  /// Whatever exists and must go with the session.
  var remains: [PlatformObject] {
    objects.values.filter { object in
      guard object.exists, !object.isExempt else { return false }
      return !object.isVolume || hasPersistentHome == false
    }
  }
}

/// A viewer's stay on a session, at the replica that holds its agent (C21).
struct Attachment {
  let id: String
  let since: Duration
  /// The replica that held the agent then; nil: unknown.
  let owner: String?
}

/// A row of `agent_commands` as observed, and what was done for it.
final class CommandView {
  let id: String
  let agent: String
  let session: String?
  let action: CommandAction
  let inserted: TimedObservation
  /// Position among all commands of the run.
  let number: Int
  var status = "pending"
  var statusEvent: TimedObservation
  /// The first frame that a live connection accepted.
  var sent: TimedObservation?
  var firstExecution: TimedObservation?

  init(id: String, agent: String, session: String?, action: CommandAction, inserted: TimedObservation, number: Int) {
    self.id = id
    self.agent = agent
    self.session = session
    self.action = action
    self.inserted = inserted
    self.number = number
    statusEvent = inserted
  }

  var isFinal: Bool { status == "completed" || status == "failed" }
}
