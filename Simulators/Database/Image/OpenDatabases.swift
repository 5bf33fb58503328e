import StreamSpaceProtocol
import Synchronization

/// Opened copies of one image that no run uses now, with the statements they have prepared: opening a copy and preparing
/// its statements cost more than many a run spends in them.
///
/// Each stands exactly as the image does: what a run writes is inside one transaction, which is rolled back when the
/// copy comes back. So it cannot change a run whether its copy is new. The lock is for runs on several threads.
final class OpenDatabases: Sendable {
  /// Handing an executor on from thread to thread is safe while only one holds it.
  private struct Idle: @unchecked Sendable {
    let executor: StatementExecutor
  }

  private let idle = Mutex<[Idle]>([])

  /// A copy that was given back last, if there is one.
  func take() -> StatementExecutor? { idle.withLock { $0.popLast() }?.executor }

  /// Keeps a copy that its run no longer uses; one that cannot be restored is let go.
  func giveBack(_ executor: StatementExecutor) {
    guard executor.restore() else { return }
    let returned = Idle(executor: executor)
    idle.withLock { $0.append(returned) }
  }
}
