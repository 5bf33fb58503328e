import Dispatch

/// Waits on a thread of one's own for something asynchronous. Never on a thread of Swift's pool: that may be the one that
/// the answer needs.
enum Blocking {
  static func wait<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) -> Value {
    let slot = Slot<Value>()
    Task.detached {
      slot.value = await body()
      slot.isFilled.signal()
    }
    while true {
      slot.isFilled.wait()
      if let value = slot.value { return value }
    }
  }

  /// Unchecked: written before the signal, read after it.
  private final class Slot<Value: Sendable>: @unchecked Sendable {
    let isFilled = DispatchSemaphore(value: 0)
    var value: Value?
  }
}
