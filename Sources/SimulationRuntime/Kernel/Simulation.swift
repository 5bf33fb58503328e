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
    /// Events allowed at one instant before the run is called a livelock.
    public var livelockLimit: Int

    public init(
      seed: UInt64, strategy: Strategy = .random, retention: Trace.Retention = .hash, isRecording: Bool = false,
      replay: DecisionLog? = nil, livelockLimit: Int = 1_000_000
    ) {
      self.seed = seed
      self.strategy = strategy
      self.retention = retention
      self.isRecording = isRecording
      self.replay = replay
      self.livelockLimit = livelockLimit
    }
  }

  public let configuration: Configuration
  public let decisions: Decisions
  public let trace: Trace
  public let faults = FaultLedger()
  /// The links between hosts.
  public private(set) lazy var network = Network(simulation: self)
  /// Runs the `async` case bodies.
  public private(set) lazy var cases = CaseLayer(simulation: self, thread: thread)

  /// Present virtual time.
  @inlinable
  public var now: Instant { Instant(nanoseconds: clock) }

  /// Kernel events run so far.
  public private(set) var eventsRun = 0

  @usableFromInline var clock: Int64 = 0
  let queue = EventQueue()
  private(set) var hosts: [Host] = []
  private(set) var processes: [SimulatedProcess] = []
  var incarnations: [Incarnation] = []
  private var hostNames: [String: Int] = [:]
  private var processNames: [String: Int] = [:]
  private var ready: [EventQueue.Key] = []
  private var readyOwners: [Int] = []
  private var eventsAtInstant = 0
  private var isStopping = false
  private let thread: ThreadIdentity

  public init(_ configuration: Configuration) {
    self.configuration = configuration
    decisions = Decisions(
      seed: configuration.seed, strategy: configuration.strategy, recording: configuration.isRecording,
      replaying: configuration.replay)
    trace = Trace(retention: configuration.retention)
    thread = ThreadIdentity()
  }

  // MARK: Hosts and processes

  /// The host called `name`, made at first use.
  public func host(_ name: String) -> Host {
    if let index = hostNames[name] { return hosts[index] }
    let host = Host(name: name, index: hosts.count, simulation: self)
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
    queue.schedule(at: due(after: delay), owner: -1, label: label, action: action)
  }

  /// Runs `action` after `delay` of true time in the life of `owner`: never if that life has ended by then,
  /// and only after the resumption if it is paused.
  @discardableResult
  @inline(__always)
  public func schedule(
    after delay: TimeSpan, for owner: Incarnation, _ label: EventLabel, _ action: @escaping () -> Void
  ) -> EventToken {
    queue.schedule(at: due(after: delay), owner: Int32(owner.index), label: label, action: action)
  }

  /// Forgets a scheduled event; false if it already ran or was cancelled.
  @discardableResult
  public func cancel(_ token: EventToken) -> Bool { queue.cancel(token) }

  @inline(__always)
  private func due(after delay: TimeSpan) -> Int64 {
    let (time, overflow) = clock.addingReportingOverflow(max(delay.nanoseconds, 0))
    return overflow ? .max : time
  }

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

  /// Runs events, earliest first, up to and including `limit`.
  @discardableResult
  public func run(until limit: Instant = .distantFuture) throws(SimulationError) -> Outcome {
    thread.verify()
    isStopping = false
    while true {
      cases.runReadyJobs()
      if isStopping { return .stopped }
      guard let time = queue.earliest else {
        if limit != .distantFuture { clock = max(clock, limit.nanoseconds) }
        return .drained
      }
      if time > limit.nanoseconds {
        clock = max(clock, limit.nanoseconds)
        return .timeReached
      }
      try runEvents(at: time)
    }
  }

  /// Runs for `span` of virtual time.
  @discardableResult
  public func run(for span: TimeSpan) throws(SimulationError) -> Outcome { try run(until: now + span) }

  @inline(__always)
  private func runEvents(at time: Int64) throws(SimulationError) {
    if time > clock {
      clock = time
      eventsAtInstant = 0
    }
    let key = queue.popKey()
    if queue.earliest != time {
      try countEvent(key)
      dispatch(key)
      return
    }
    try chooseAmong(key, at: time)
  }

  @inline(__always)
  private func countEvent(_ key: EventQueue.Key) throws(SimulationError) {
    eventsAtInstant += 1
    guard eventsAtInstant > configuration.livelockLimit else { return }
    throw .livelock(at: now, events: eventsAtInstant, last: queue.take(key).label.name)
  }

  /// Several events are due at one instant: gather them and let the decisions order them, together with
  /// those that they schedule for the same instant.
  private func chooseAmong(_ first: EventQueue.Key, at time: Int64) throws(SimulationError) {
    ready.removeAll(keepingCapacity: true)
    ready.append(first)
    while !ready.isEmpty || queue.earliest == time {
      while queue.earliest == time { ready.append(queue.popKey()) }
      ready.removeAll { key in
        guard queue.isCancelled(key) else { return false }
        _ = queue.take(key)
        return true
      }
      guard !ready.isEmpty else { continue }
      var choice = 0
      if ready.count > 1 {
        readyOwners.removeAll(keepingCapacity: true)
        for key in ready { readyOwners.append(Int(queue.slotOwner(key))) }
        choice = decisions.pickNext(readyOwners)
      }
      let key = ready.remove(at: choice)
      try countEvent(key)
      dispatch(key)
      cases.runReadyJobs()
      if isStopping {
        // What is left of this instant keeps its place for the next run.
        for key in ready { queue.requeue(key, at: key.time) }
        ready.removeAll(keepingCapacity: true)
        return
      }
    }
  }

  @inline(__always)
  private func dispatch(_ key: EventQueue.Key) {
    let owner = queue.slotOwner(key)
    guard owner >= 0 else {
      let (action, label, _) = queue.take(key)
      guard let action else { return }
      eventsRun += 1
      trace.dispatch(clock, owner: nil, ownerIndex: -1, label: label)
      action()
      return
    }
    let incarnation = incarnations[Int(owner)]
    if incarnation.state == .paused, !queue.isCancelled(key) {
      incarnation.hold(key)
      return
    }
    let (action, label, _) = queue.take(key)
    guard let action, incarnation.state == .running else { return }
    eventsRun += 1
    trace.dispatch(clock, owner: incarnation, ownerIndex: owner, label: label)
    action()
  }

  /// Ends everything, so that programs, sockets and closures are freed. The trace and the decisions stay.
  public func tearDown() {
    cases.cancelAll()
    network.discard()
    for incarnation in incarnations { incarnation.discard() }
    for process in processes { process.onEnd = nil }
    trace.observer = nil
  }

  /// Records something a reader wants to see.
  public func note(_ label: EventLabel, by owner: Incarnation? = nil, _ fields: (String, TraceValue)...) {
    trace.note(label, at: now, by: owner, fields)
  }
}

/// Why a simulation could not go on.
public enum SimulationError: Error, Sendable, Equatable {
  case duplicateProcess(String)
  /// Nothing is left to run, yet a case waits.
  case deadlock(at: Instant, waiting: [String])
  /// Too many events without time passing.
  case livelock(at: Instant, events: Int, last: String)
  /// The case did not end within its virtual time.
  case timeLimit(at: Instant, waiting: [String])
}

extension SimulationError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .duplicateProcess(let name): "a process named \(name) exists already"
    case .deadlock(let time, let waiting):
      "deadlock at \(time): nothing is left to run, but these wait: \(waiting.joined(separator: ", "))"
    case .livelock(let time, let events, let last):
      "livelock at \(time): \(events) events without time passing, the last was \(last)"
    case .timeLimit(let time, let waiting):
      "time limit reached at \(time) while waiting for: \(waiting.joined(separator: ", "))"
    }
  }
}
