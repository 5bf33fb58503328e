import SimulationRuntime

/// The order in which a hub serves registrations, unregistrations and its sweep, and what they hold up.
///
/// Under contract an operation is served at once and its input and output go on beside the hub (C4). Under B-05 each
/// holds the hub's lock until its input and output are done, and look-ups wait for it.
final class HubLoop {
  private struct Operation {
    let kind: ControlPlaneEvent.HubOperation
    let ticket: Int
    let queuedAt: Instant
    let body: (_ done: @escaping () -> Void) -> Void
  }

  private unowned let incarnation: Incarnation
  private let policy: HubPolicies.InputOutput
  private let tell: (ControlPlaneEvent) -> Void
  private var queue: [Operation] = []
  private var readers: [() -> Void] = []
  private var isLocked = false
  private var isBlocked = false
  private var tickets = 0

  init(_ incarnation: Incarnation, _ policy: HubPolicies.InputOutput, tell: @escaping (ControlPlaneEvent) -> Void) {
    self.incarnation = incarnation
    self.policy = policy
    self.tell = tell
  }

  /// Serves an operation; `body` calls its argument when its input and output are done.
  func submit(_ kind: ControlPlaneEvent.HubOperation, _ body: @escaping (_ done: @escaping () -> Void) -> Void) {
    tickets += 1
    tell(.hubQueued(kind, ticket: tickets))
    queue.append(Operation(kind: kind, ticket: tickets, queuedAt: incarnation.monotonicNow, body: body))
    serve()
  }

  /// Runs `body` when no operation holds the lock: at once under contract.
  func read(_ body: @escaping () -> Void) {
    if isLocked || isBlocked { readers.append(body) } else { body() }
  }

  /// The loop waits for itself, for ever (B-06).
  func deadlock() { isBlocked = true }

  private func serve() {
    while !isBlocked, !isLocked, !queue.isEmpty {
      let operation = queue.removeFirst()
      tell(.hubServed(operation.kind, ticket: operation.ticket, wait: incarnation.monotonicNow - operation.queuedAt))
      switch policy {
      case .outsideLock: operation.body {}
      case .underLock:
        isLocked = true
        operation.body { [weak self] in self?.unlock() }
      }
    }
  }

  private func unlock() {
    isLocked = false
    let waiting = readers
    readers.removeAll()
    for reader in waiting { reader() }
    serve()
  }
}
