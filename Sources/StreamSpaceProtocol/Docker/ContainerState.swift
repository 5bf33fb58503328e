/// `State.Status` of a container (spec/04 §4.5).
package enum ContainerStatus: String, Sendable, Hashable, CaseIterable {
  /// Made, never started.
  case created
  case running
  case paused
  /// Waits for the next attempt of its restart policy.
  case restarting
  case removing
  case exited
  case dead
}

/// `State` of an inspected container.
package struct ContainerState: Sendable, Hashable {
  package var status: ContainerStatus
  /// The kernel killed the last run for its memory limit.
  package var oomKilled: Bool
  /// 0 when nothing runs.
  package var pid: Int
  /// Of the last run; 0 before the first and while one runs.
  package var exitCode: Int
  /// Why the last start failed; empty otherwise.
  package var error: String
  /// Nil (on the wire 0001-01-01): never.
  package var startedAt: Timestamp?
  /// Nil (on the wire 0001-01-01): never.
  package var finishedAt: Timestamp?

  package init(
    status: ContainerStatus = .created, oomKilled: Bool = false, pid: Int = 0, exitCode: Int = 0, error: String = "",
    startedAt: Timestamp? = nil, finishedAt: Timestamp? = nil
  ) {
    self.status = status
    self.oomKilled = oomKilled
    self.pid = pid
    self.exitCode = exitCode
    self.error = error
    self.startedAt = startedAt
    self.finishedAt = finishedAt
  }

  /// `Running`: also true while paused and while waiting for the next attempt (spec/04 §4.5), which is why polling can
  /// take a crashing container for a running one.
  package var isRunning: Bool { status == .running || status == .paused || status == .restarting }
  /// `Paused`.
  package var isPaused: Bool { status == .paused }
  /// `Restarting`.
  package var isRestarting: Bool { status == .restarting }
  /// `Dead`.
  package var isDead: Bool { status == .dead }
}
