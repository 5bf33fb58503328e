/// One deterministic run: a virtual clock, a queue of events, the decisions, the network and the trace.
///
/// Everything happens on the thread that made the simulation. Time jumps from event to event; events due at
/// the same instant are ordered by a decision.
public final class Simulation {
  /// What a run is made from.
  public struct Configuration: Sendable {
    public var seed: UInt64
    public var strategy: Strategy
    public var retention: Trace.Retention
    public var isRecording: Bool
    public var replay: DecisionLog?
    /// From an instant on everything is drawn from another seed.
    public var reseed: Reseed?
    /// Events allowed at one instant before the run is called a livelock.
    public var livelockLimit: Int
    /// Events of the whole run after which it is given up, however far time has come.
    public var eventLimit: Int

    /// What was drawn before `at` is not changed; all draws from then on, on streams opened later too, come from `seed`.
    public struct Reseed: Sendable, Equatable {
      public var at: Instant
      public var seed: UInt64

      public init(at: Instant, seed: UInt64) {
        self.at = at
        self.seed = seed
      }
    }

    public init(
      seed: UInt64, strategy: Strategy = .random, retention: Trace.Retention = .hash, isRecording: Bool = false,
      replay: DecisionLog? = nil, reseed: Reseed? = nil, livelockLimit: Int = 1_000_000, eventLimit: Int = .max
    ) {
      self.seed = seed
      self.strategy = strategy
      self.retention = retention
      self.isRecording = isRecording
      self.replay = replay
      self.reseed = reseed
      self.livelockLimit = livelockLimit
      self.eventLimit = eventLimit
    }
  }

  public let configuration: Configuration
  public let decisions: Decisions
  public let trace: Trace
  public let faults = FaultLedger()
  /// The links between hosts.
  public private(set) lazy var network = Network(simulation: self)
  /// Runs the `async` case bodies.
  public private(set) lazy var cases = CaseLayer(simulation: self, executor: caseExecutor)

  /// Present virtual time.
  @inlinable
  public var now: Instant { Instant(nanoseconds: timeline.clock) }

  /// Kernel events run so far.
  @exclusivity(unchecked) public private(set) var eventsRun = 0

  @usableFromInline let timeline: Timeline
  private let queue: EventQueue
  /// All machines, in the order of their naming.
  public private(set) var hosts: [Host] = []
  private(set) var processes: [SimulatedProcess] = []
  var incarnations: [Incarnation] = []
  private var hostNames: [String: Int] = [:]
  private var processNames: [String: Int] = [:]
  private var ready = ReadyEvents()
  @exclusivity(unchecked) private var eventsAtInstant = 0
  private var livelock = LivelockWitness()
  @exclusivity(unchecked) private var isStopping = false
  /// When the decisions are reseeded next, in nanoseconds.
  @exclusivity(unchecked) private var reseedTime = Int64.max
  private(set) var isRunning = false
  private var isOver = false
  private let caseExecutor: CaseExecutor

  public init(_ configuration: Configuration) {
    self.configuration = configuration
    decisions = Decisions(
      seed: configuration.seed, strategy: configuration.strategy, recording: configuration.isRecording,
      replaying: configuration.replay)
    trace = Trace(retention: configuration.retention)
    decisions.trace = trace
    timeline = Timeline(thread: ThreadIdentity())
    queue = timeline.queue
    reseedTime = configuration.reseed?.at.nanoseconds ?? .max
    if trace.keepsEverything { queue.rememberCauses() }
    caseExecutor = CaseExecutor(thread: timeline.thread)
  }

  // MARK: Hosts and processes

  /// The host called `name`, made at first use.
  public func host(_ name: String) -> Host {
    if let index = hostNames[name] { return hosts[index] }
    let host = Host(name: name, index: hosts.count, timeline: timeline)
    hosts.append(host)
    hostNames[name] = host.index
    return host
  }

  /// Adds a process that lives on `host`; it does not run before ``SimulatedProcess/start()``.
  ///
  /// `program` makes the program of each incarnation.
  public func addProcess(
    _ name: String, on host: Host, program: @escaping (Incarnation) -> any Program
  ) throws(SimulationError) -> SimulatedProcess {
    guard processNames[name] == nil else { throw .duplicateProcess(name) }
    let process = SimulatedProcess(
      name: name, index: processes.count, host: host, simulation: self, program: program)
    processes.append(process)
    processNames[name] = process.index
    host.processes.append(process)
    return process
  }

  /// The process called `name`, if there is one.
  public func process(_ name: String) -> SimulatedProcess? { processNames[name].map { processes[$0] } }

  /// All processes in the order they were added.
  public var allProcesses: [SimulatedProcess] { processes }

  // MARK: Events

  /// Runs `action` after `delay` of true time, whatever happens to any process.
  @discardableResult
  public func schedule(
    after delay: TimeSpan, _ label: EventLabel, _ action: @escaping () -> Void
  ) -> EventToken {
    timeline.schedule(after: delay, for: nil, label, action)
  }

  /// Runs `action` after `delay` of true time in the life of `owner`: never if that life has ended by then,
  /// and only after the resumption if it is paused.
  @discardableResult
  @inline(__always)
  public func schedule(
    after delay: TimeSpan, for owner: Incarnation, _ label: EventLabel, _ action: @escaping () -> Void
  ) -> EventToken {
    timeline.schedule(after: delay, for: owner, label, action)
  }

  /// Forgets a scheduled event; false if it already ran or was cancelled.
  @discardableResult
  public func cancel(_ token: EventToken) -> Bool { queue.cancel(token) }

  // MARK: Running

  /// Ends the present ``run(until:)`` after the event that called this.
  public func stop() { isStopping = true }

  /// How a call of ``run(until:)`` ended.
  public enum Outcome: Sendable, Equatable {
    /// ``stop()`` was called.
    case stopped
    /// The time given was reached; later events are still pending.
    case timeReached
    /// No event is left.
    case drained
  }

  /// When the next event is due; nil if none is left. A driver that follows real time sleeps until then.
  public var nextEvent: Instant? { queue.earliest.map(Instant.init(nanoseconds:)) }

  /// Runs events, earliest first, up to and including `limit`. Then the clock shows `limit`, unless
  /// ``stop()`` was called.
  @discardableResult
  public func run(until limit: Instant = .distantFuture) throws(SimulationError) -> Outcome {
    let outcome = try runEvents(until: limit)
    if outcome != .stopped, limit != .distantFuture { advance(to: limit) }
    return outcome
  }

  /// Runs for `span` of virtual time.
  @discardableResult
  public func run(for span: TimeSpan) throws(SimulationError) -> Outcome { try run(until: now + span) }

  /// Moves the clock on to `time`; no event may be due before.
  func advance(to time: Instant) {
    if time.nanoseconds > timeline.clock {
      timeline.clock = time.nanoseconds
      // A driver that moves the clock and acts at the moment it moved to is no livelock.
      eventsAtInstant = 0
    }
    if timeline.clock >= reseedTime { reseed() }
  }

  private func reseed() {
    reseedTime = .max
    if let reseed = configuration.reseed { decisions.reseed(with: reseed.seed) }
  }

  /// As ``run(until:)``, but the clock stays at the last event.
  func runEvents(until limit: Instant) throws(SimulationError) -> Outcome {
    timeline.thread.verify()
    guard !isRunning else { throw .alreadyRunning }
    isRunning = true
    defer {
      isRunning = false
      if isOver { tearDown() }
    }
    isStopping = false
    while true {
      try runCases()
      if isStopping { return .stopped }
      guard let time = queue.earliest else { return .drained }
      if time > limit.nanoseconds { return .timeReached }
      if time > timeline.clock {
        timeline.clock = time
        eventsAtInstant = 0
        if time >= reseedTime { reseed() }
        if eventsRun >= configuration.eventLimit { throw .eventLimit(at: now, events: eventsRun) }
      }
      let key = queue.popKey()
      if queue.hasKey(dueBy: time) {
        try runSimultaneously(key, at: time)
      } else {
        try dispatch(key)
      }
    }
  }

  /// Lets case bodies run until none is runnable.
  @inline(__always)
  private func runCases() throws(SimulationError) {
    if caseExecutor.isRunnable { try runReadyCases() }
  }

  private func runReadyCases() throws(SimulationError) {
    let allowed = max(configuration.livelockLimit - eventsAtInstant, 1)
    let steps = cases.runReadyJobs(atMost: allowed)
    eventsAtInstant += steps
    if caseExecutor.isRunnable, eventsAtInstant >= configuration.livelockLimit {
      throw .livelock(
        at: now, events: eventsAtInstant, busiest: ["case bodies (\(steps) steps)"] + livelock.busiest)
    }
  }

  /// Several events are due at one instant: the decisions order them, together with those that they schedule
  /// for the same instant.
  private func runSimultaneously(_ first: EventQueue.Key, at time: Int64) throws(SimulationError) {
    ready.append(first, queue)
    defer {
      // After a stop or an error what is left of this instant keeps its place for the next run.
      if !ready.isEmpty { ready.restore(to: queue) }
    }
    while true {
      while queue.earliest == time { ready.append(queue.popKey(), queue) }
      if queue.readyChanged { ready.dropDead(queue) }
      guard !ready.isEmpty else { return }
      let choice = ready.count > 1 ? decisions.pickNext(ready.count) { ready.ownerIndex($0, queue) } : 0
      try dispatch(ready.remove(at: choice))
      try runCases()
      if isStopping { return }
    }
  }

  @inline(__always)
  private func dispatch(_ key: EventQueue.Key) throws(SimulationError) {
    eventsAtInstant += 1
    if eventsAtInstant > configuration.livelockLimit - LivelockWitness.window { try witness(key) }
    guard let owner = queue.owner(key) else {
      let label = queue.label(key)
      guard let action = queue.take(key) else { return }
      eventsRun += 1
      if trace.keepsEverything { follow(key) }
      trace.dispatch(timeline.clock, owner: nil, label: label)
      action()
      return
    }
    let incarnation = owner._withUnsafeGuaranteedRef { $0 }
    if incarnation.state == .paused { return incarnation.hold(key) }
    let label = queue.label(key)
    guard let action = queue.take(key) else { return }
    eventsRun += 1
    if trace.keepsEverything { follow(key) }
    trace.dispatch(timeline.clock, owner: incarnation, label: label)
    action()
  }

  /// The event of `key` runs now: what it schedules, sends and notes has it as its cause.
  private func follow(_ key: EventQueue.Key) {
    trace.cause = queue.cause(of: key)
    queue.present = trace.count
  }

  /// Time has not passed for very many events: remember which, and give up at the limit.
  private func witness(_ key: EventQueue.Key) throws(SimulationError) {
    livelock.saw(queue.label(key), of: queue.owner(key)?.takeUnretainedValue(), at: timeline.clock)
    guard eventsAtInstant > configuration.livelockLimit else { return }
    let events = eventsAtInstant
    queue.restore(key)
    eventsAtInstant = 0
    throw .livelock(at: now, events: events, busiest: livelock.busiest)
  }

  /// Ends everything, so that programs, sockets and closures are freed. The trace and the decisions stay;
  /// nothing can be started any more. Called from within a run it stops that, and happens at its end.
  public func tearDown() {
    timeline.thread.verify()
    isOver = true
    guard !isRunning else { return stop() }
    cases.discard()
    for process in processes { process.discard() }
    for incarnation in incarnations { incarnation.discard() }
    network.discard()
    queue.removeAll()
    trace.observer = nil
  }

  /// Records something a reader wants to see.
  public func note(_ label: EventLabel, by owner: Incarnation? = nil, _ fields: (String, TraceValue)...) {
    trace.note(label, at: now, by: owner, fields)
  }
}
