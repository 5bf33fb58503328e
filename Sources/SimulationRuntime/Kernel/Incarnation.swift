/// One life of a process, and all that its program can do. When it has ended it is fenced: its timers never
/// fire, its sends never leave.
public final class Incarnation {
  public enum State: Sendable { case running, paused, ended }

  public unowned let process: SimulatedProcess
  public unowned let host: Host
  let timeline: Timeline
  let time: HostTime
  /// 1 for the first life.
  public let number: Int
  let index: Int
  @exclusivity(unchecked) public internal(set) var state = State.running
  var program: (any Program)?
  /// Sends, dials and listens so far: the crash points of this life.
  @exclusivity(unchecked) public private(set) var effects = 0
  @exclusivity(unchecked) var crashAtEffect: Int
  private var held: [EventQueue.Key] = []
  private var tickers: [Ticker] = []
  /// Open ends of this life (sockets, pending calls, listeners), in the order they were made.
  var attachments = AttachmentList()
  /// It died silently and its machine has not answered since.
  var isSilent = false
  /// Connections whose other ends have not noticed the silent death.
  var stranded: [Flow] = []

  init(process: SimulatedProcess, number: Int, index: Int, crashAtEffect: Int) {
    self.process = process
    host = process.host
    time = process.host.time
    timeline = process.simulation.timeline
    decisions = process.simulation.decisions
    self.number = number
    self.index = index
    self.crashAtEffect = crashAtEffect
  }

  public var simulation: Simulation { process.simulation }
  public var isAlive: Bool { state != .ended }

  // MARK: Time

  /// What the host's clock shows.
  public var now: Instant { time.local }

  /// The host's clock without its steps: what spans are measured with.
  public var monotonicNow: Instant { time.monotonic }

  /// Runs `action` after `delay` on the host's clock, in this life only.
  @discardableResult
  public func after(_ delay: TimeSpan, _ label: EventLabel, _ action: @escaping () -> Void) -> EventToken {
    guard state != .ended else { return .none }
    return timeline.schedule(after: time.clock.trueSpan(forLocal: delay), for: self, label, action)
  }

  /// Forgets a timer.
  @discardableResult
  public func cancel(_ token: EventToken) -> Bool { timeline.queue.cancel(token) }

  /// A timer that fires every `period`, the first time after `first` (default: one period). Ticks that fall
  /// due during a pause collapse into one, as with a ticker nobody reads.
  @discardableResult
  public func every(
    _ period: TimeSpan, first: TimeSpan? = nil, _ label: EventLabel, _ action: @escaping () -> Void
  ) -> Ticker {
    let ticker = Ticker(owner: self, period: period, label: label, action: action)
    tickers.append(ticker)
    ticker.arm(after: first ?? period)
    return ticker
  }

  func forget(_ ticker: Ticker) { tickers.removeAll { $0 === ticker } }

  // MARK: Decisions and notes

  public let decisions: Decisions

  /// Records something a reader wants to see.
  public func note(_ label: EventLabel, _ fields: (String, TraceValue)...) {
    guard state != .ended else { return }
    simulation.trace.note(label, at: simulation.now, by: self, fields)
  }

  // MARK: End

  /// Ends this life in good order: remaining sockets are closed as the kernel does at process exit (reset).
  public func exit(_ why: String) { end(.finished(why)) }

  /// Dies of its own fault, as an uncaught panic does. I-CRASH counts it.
  public func panic(_ why: String) { end(.panicked(why)) }

  func end(_ reason: ExitReason) {
    guard state != .ended else { return }
    state = .ended
    dropHeld()
    tickers.removeAll()
    timeline.queue.readyChanged = true
    isSilent = reason == .vanished
    simulation.network.endpointDied(self, silently: isSilent)
    process.ended(self, reason)
    program = nil
  }

  /// Counts an effect; false if this life must not have it (it has ended, or crashes here).
  func permitEffect() -> Bool {
    guard state != .ended else { return false }
    effects += 1
    if effects == crashAtEffect {
      end(.crashed)
      return false
    }
    return true
  }

  // MARK: Pausing

  func hold(_ key: EventQueue.Key) {
    timeline.queue.mark(key, .held)
    held.append(key)
  }

  func releaseHeld() {
    // One nanosecond apart: the order in which they fell due is kept.
    for (offset, key) in held.enumerated() {
      timeline.queue.requeue(key, at: timeline.clock + Int64(offset))
    }
    held.removeAll()
  }

  private func dropHeld() {
    let keys = held
    held.removeAll()
    for key in keys { _ = timeline.queue.take(key) }
  }

  // MARK: Tear-down

  /// Lets go of the program, so that a finished simulation is freed.
  func discard() {
    state = .ended
    dropHeld()
    tickers.removeAll()
    for attachment in attachments.removeAll() { attachment.discard() }
    for flow in stranded { flow.discard() }
    stranded.removeAll()
    program = nil
  }
}

/// A repeating timer. Re-arming it allocates nothing.
public final class Ticker {
  private unowned let owner: Incarnation
  private let label: EventLabel
  private let action: () -> Void
  private var token = EventToken.none
  /// Time between ticks on the host's clock; a change counts from the next tick.
  public var period: TimeSpan

  init(owner: Incarnation, period: TimeSpan, label: EventLabel, action: @escaping () -> Void) {
    self.owner = owner
    self.period = period
    self.label = label
    self.action = action
  }

  private func fire() {
    arm(after: period)
    action()
  }

  func arm(after delay: TimeSpan) {
    guard owner.isAlive else { return }
    let trueDelay = owner.time.clock.trueSpan(forLocal: delay)
    token = owner.timeline.schedule(after: trueDelay, for: owner, label) { [self] in fire() }
  }

  /// No further tick happens.
  public func stop() {
    owner.cancel(token)
    owner.forget(self)
  }
}
