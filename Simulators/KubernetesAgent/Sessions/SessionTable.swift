import SimulationRuntime

/// What an agent knows of its sessions: from its own work and from the inventory. Pure.
struct SessionTable {
  /// A session with an instance.
  struct Running: Hashable {
    /// The pod the control plane knows of; empty when none was reported.
    var podName: String
    var restarts: Int
    /// Since when no ready pod was seen; nil while there is one.
    var unreadySince: Instant?
  }

  private var running: [String: Running] = [:]
  private var hibernated: Set<String> = []

  /// Whether there is a session to look at.
  var hasRunning: Bool { !running.isEmpty }
  var runningCount: Int { running.count }

  /// Running sessions in order of their ids.
  var runningIDs: [String] { running.keys.sorted() }

  subscript(sessionID: String) -> Running? { running[sessionID] }

  /// Whether the agent knows the session at all.
  func knows(_ sessionID: String) -> Bool { running[sessionID] != nil || hibernated.contains(sessionID) }

  mutating func set(_ sessionID: String, _ workload: SessionWorkload, restarts: Int = 0) {
    running[sessionID] = nil
    hibernated.remove(sessionID)
    switch workload {
    case .running(let pod): running[sessionID] = Running(podName: pod.name, restarts: restarts)
    case .hibernated: hibernated.insert(sessionID)
    case .gone: break
    }
  }

  mutating func update(_ sessionID: String, _ entry: Running) {
    if running[sessionID] != nil { running[sessionID] = entry }
  }

  /// Forgets everything: another replica may have changed it.
  mutating func clear() {
    running.removeAll()
    hibernated.removeAll()
  }
}
