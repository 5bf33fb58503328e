/// A wait of any result.
protocol AnyWait: AnyObject {
  var label: String { get }
  /// Its place among the open waits; -1 when it is not open.
  var slot: Int { get set }
  /// Waits began in this order.
  var number: Int { get set }
  func fail(_ error: any Error)
}

/// A suspended case body. The first answer counts, later ones do nothing.
///
/// Unchecked: the cancellation of a task reaches it from wherever the task is cancelled; every way in verifies
/// that this is the simulation's thread.
public final class WaitHandle<T: Sendable>: AnyWait, @unchecked Sendable {
  private enum State {
    case new
    /// The task was cancelled before it began to wait.
    case cancelled
    case waiting(UnsafeContinuation<T, any Error>)
    case answered
  }

  let label: String
  var slot = -1
  var number = 0
  private unowned let layer: CaseLayer
  private var state = State.new
  /// Called in the kernel when the waiting task was cancelled: forget the timer, cancel the call.
  public var onCancel: (() -> Void)?

  init(label: String, layer: CaseLayer) {
    self.label = label
    self.layer = layer
  }

  /// The simulation whose case waits: `start` closures schedule and call through it.
  public var simulation: Simulation { layer.simulation }

  /// Whether the body still waits.
  public var isPending: Bool { if case .waiting = state { true } else { false } }

  /// Ends the wait with `value`.
  public func succeed(_ value: T) { answer()?.resume(returning: value) }

  /// Ends the wait with `error`.
  public func fail(_ error: any Error) { answer()?.resume(throwing: error) }

  func begin(_ continuation: UnsafeContinuation<T, any Error>, _ start: @escaping (WaitHandle<T>) -> Void) {
    layer.verifyThread()
    let isCancelled = if case .cancelled = state { true } else { false }
    state = .waiting(continuation)
    layer.insert(self)
    layer.enter { [self] in
      guard isPending else { return }
      // A cancelled task too is suspended once: a loop that ignores its cancellation can be noticed.
      if isCancelled { fail(CancellationError()) } else { start(self) }
    }
  }

  func cancel() {
    layer.verifyThread()
    switch state {
    case .new: state = .cancelled
    case .waiting:
      let callback = onCancel
      fail(CancellationError())
      if let callback { layer.enter(callback) }
    case .cancelled, .answered: break
    }
  }

  private func answer() -> UnsafeContinuation<T, any Error>? {
    guard case .waiting(let continuation) = state else { return nil }
    state = .answered
    onCancel = nil
    layer.forget(self)
    return continuation
  }
}

/// The open waits. Inserting and removing are O(1); the order of beginning is restored when asked for.
struct WaitTable {
  private var slots: [(any AnyWait)?] = []
  private var free: [Int] = []
  private var begun = 0

  var isEmpty: Bool { free.count == slots.count }

  /// In the order in which they began.
  var all: [any AnyWait] { slots.compactMap { $0 }.sorted { $0.number < $1.number } }

  mutating func insert(_ wait: any AnyWait) {
    wait.number = begun
    begun += 1
    if let slot = free.popLast() {
      wait.slot = slot
      slots[slot] = wait
    } else {
      wait.slot = slots.count
      slots.append(wait)
    }
  }

  mutating func remove(_ wait: any AnyWait) {
    guard slots.indices.contains(wait.slot), slots[wait.slot] === wait else { return }
    slots[wait.slot] = nil
    free.append(wait.slot)
    wait.slot = -1
  }

  mutating func removeAll() -> [any AnyWait] {
    let removed = all
    for wait in removed { wait.slot = -1 }
    slots.removeAll()
    free.removeAll()
    return removed
  }
}
