/// The clock and the pending events of a simulation: what everything that makes events holds on to.
///
/// Exclusivity of the hot properties here and beside is not checked at run time: they are plain numbers that one
/// thread reads and writes one at a time, which the check would confirm at the cost of a tenth of the run.
@usableFromInline
final class Timeline {
  /// Present virtual time in nanoseconds.
  @usableFromInline @exclusivity(unchecked) var clock: Int64 = 0
  let queue = EventQueue()
  let thread: ThreadIdentity

  init(thread: ThreadIdentity) { self.thread = thread }

  @inline(__always)
  var now: Instant { Instant(nanoseconds: clock) }

  /// Runs `action` after `delay`, in the life of `owner` if there is one.
  @inline(__always)
  func schedule(
    after delay: TimeSpan, for owner: Incarnation?, _ label: EventLabel, _ action: @escaping () -> Void
  ) -> EventToken {
    thread.verify()
    let (time, overflow) = clock.addingReportingOverflow(max(delay.nanoseconds, 0))
    return queue.schedule(
      at: overflow ? .max : time, owner: owner.map(Unmanaged.passUnretained), label: label, action: action)
  }
}
