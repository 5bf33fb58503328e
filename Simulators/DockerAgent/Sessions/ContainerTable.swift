import SimulationRuntime

/// What an agent knows of its sessions: from its own work and from the inventory. Pure.
struct ContainerTable {
  /// A session whose container should run.
  struct Entry: Hashable {
    /// As last reported; nil when none was seen running yet.
    var container: LiveContainer?
    /// Own clock, since when the container is known to run without a break.
    var runningSince: Instant
    /// Own clock, since when it was not seen running; nil while it runs.
    var missingSince: Instant?
  }

  private var entries: [String: Entry] = [:]
  private var hibernated: Set<String> = []

  /// Whether there is a session to look at.
  var isEmpty: Bool { entries.isEmpty }
  var runningCount: Int { entries.count }

  /// Sessions that should run, in order of their ids.
  var sessionIDs: [String] { entries.keys.sorted() }

  subscript(sessionID: String) -> Entry? {
    get { entries[sessionID] }
    set { entries[sessionID] = newValue }
  }

  /// Whether the agent knows the session at all.
  func knows(_ sessionID: String) -> Bool { entries[sessionID] != nil || hibernated.contains(sessionID) }

  mutating func set(_ sessionID: String, _ workload: SessionWorkload, at time: Instant) {
    entries[sessionID] = nil
    hibernated.remove(sessionID)
    switch workload {
    case .running(let container): entries[sessionID] = Entry(container: container, runningSince: time)
    case .hibernated: hibernated.insert(sessionID)
    case .gone: break
    }
  }

  /// A session that should run and has no running container: watched from now on.
  mutating func expect(_ sessionID: String, at time: Instant) {
    guard entries[sessionID] == nil else { return }
    entries[sessionID] = Entry(container: nil, runningSince: time, missingSince: time)
  }

  /// Forgets everything: another replica may have changed it.
  mutating func clear() {
    entries.removeAll()
    hibernated.removeAll()
  }
}
