/// The time limit of calls that are answered in order: one timer, set for the oldest, serves all of a connection.
public final class AnswerDeadline {
  private unowned let incarnation: Incarnation
  private let label: EventLabel
  private let oldestDue: () -> Instant?
  private let passed: () -> Void
  private var timer = EventToken.none
  private var expire: () -> Void = {}

  /// `oldestDue`: when the oldest call without answer must have one, by the monotonic clock; nil if none waits.
  /// `passed`: told when that moment has come; the connection is then to be given up.
  public init(
    _ incarnation: Incarnation, _ label: EventLabel, oldestDue: @escaping () -> Instant?,
    passed: @escaping () -> Void
  ) {
    self.incarnation = incarnation
    self.label = label
    self.oldestDue = oldestDue
    self.passed = passed
    expire = { [weak self] in self?.check() }
  }

  /// A call has begun that must be answered within `limit`.
  public func begin(_ limit: TimeSpan) {
    if timer == .none { timer = incarnation.after(limit, label, expire) }
  }

  /// No call waits any more.
  public func cancel() {
    incarnation.cancel(timer)
    timer = .none
  }

  private func check() {
    timer = .none
    guard let due = oldestDue() else { return }
    let left = due - incarnation.monotonicNow
    if left > .zero { begin(left) } else { passed() }
  }
}
