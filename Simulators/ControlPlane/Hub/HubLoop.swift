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
  private let selection: HubPolicies.Selection
  private let tell: (ControlPlaneEvent) -> Void
  private var queue: [Operation] = []
  private var readers: [() -> Void] = []
  private var isLocked = false
  private var isBlocked = false
  private var tickets = 0
  private var lastRegister: Instant?

  /// How long no register may come before a loop that prefers them looks at anything else (C-32).
  private static let registerPause = TimeSpan.seconds(2)
  private static let again = EventLabel("controlplane.hub.loop")

  init(_ incarnation: Incarnation, _ policies: HubPolicies, tell: @escaping (ControlPlaneEvent) -> Void) {
    self.incarnation = incarnation
    policy = policies.inputOutput
    selection = policies.selection
    self.tell = tell
  }

  /// Serves an operation; `body` calls its argument when its input and output are done.
  func submit(_ kind: ControlPlaneEvent.HubOperation, _ body: @escaping (_ done: @escaping () -> Void) -> Void) {
    tickets += 1
    tell(.hubQueued(kind, ticket: tickets))
    queue.append(Operation(kind: kind, ticket: tickets, queuedAt: incarnation.now, body: body))
    serve()
  }

  /// Runs `body` when no operation holds the lock: at once under contract.
  func read(_ body: @escaping () -> Void) {
    if isLocked || isBlocked { readers.append(body) } else { body() }
  }

  /// The loop waits for itself, for ever (B-06).
  func deadlock() { isBlocked = true }

  private func serve() {
    while !isBlocked, !isLocked, let operation = next() {
      tell(.hubServed(operation.kind, ticket: operation.ticket, wait: incarnation.now - operation.queuedAt))
      switch policy {
      case .outsideLock: operation.body {}
      case .underLock:
        isLocked = true
        operation.body { [weak self] in self?.unlock() }
      }
    }
  }

  /// Takes the next operation off the queue; nil: there is none, or it must wait.
  private func next() -> Operation? {
    guard selection == .registersFirst else { return queue.isEmpty ? nil : queue.removeFirst() }
    if let index = queue.firstIndex(where: { $0.kind == .register }) {
      lastRegister = incarnation.now
      return queue.remove(at: index)
    }
    guard let last = lastRegister, incarnation.now - last < Self.registerPause, !queue.isEmpty else {
      return queue.isEmpty ? nil : queue.removeFirst()
    }
    incarnation.after(last + Self.registerPause - incarnation.now, Self.again) { [weak self] in self?.serve() }
    return nil
  }

  private func unlock() {
    isLocked = false
    let waiting = readers
    readers.removeAll()
    for reader in waiting { reader() }
    serve()
  }
}
