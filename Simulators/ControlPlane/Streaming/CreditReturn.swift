import SimulationRuntime
import StreamSpaceProtocol

/// Tells the sender of one direction what was passed on: every 64 KiB, or after 100 ms. No timer runs while nothing is
/// pending.
final class CreditReturn {
  private unowned let incarnation: Incarnation
  private let tell: (Int) -> Void
  private var credit = StreamCredit()
  private var timer = EventToken.none

  private static let tick = EventLabel("controlplane.stream.credit")

  init(_ incarnation: Incarnation, tell: @escaping (Int) -> Void) {
    self.incarnation = incarnation
    self.tell = tell
  }

  /// Notes bytes that were passed on.
  func passed(_ bytes: Int) {
    if let due = credit.passed(bytes) {
      stop()
      return tell(due)
    }
    guard timer == .none, bytes > 0 else { return }
    timer = incarnation.after(.milliseconds(StreamCredit.tickMilliseconds), Self.tick) { [weak self] in
      guard let self else { return }
      timer = .none
      if let due = credit.take() { tell(due) }
    }
  }

  func stop() {
    guard timer != .none else { return }
    incarnation.cancel(timer)
    timer = .none
  }
}
