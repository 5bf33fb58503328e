/// Runs `async` case bodies on the simulation's thread, in virtual time.
///
/// Bodies run between kernel events, until none is runnable. What they ask of the kernel at one instant
/// enters it in a canonical order (task number, sequence), so that a different number of executor hops cannot
/// change a run.
///
/// Unchecked: case bodies capture it, yet only the simulation's thread may use it; every way in verifies that.
public final class CaseLayer: @unchecked Sendable {
  unowned let simulation: Simulation
  private let executor: CaseExecutor
  private var waits = WaitTable()
  private var requests: [Request] = []
  @exclusivity(unchecked) private var requestCount = 0
  /// Running tasks started by ``spawn(_:_:)``, by number.
  private var spawned: [Int: Task<Void, Never>] = [:]
  private var spawnCount = 0

  private struct Request {
    let task: Int
    let sequence: Int
    let body: () -> Void
  }

  init(simulation: Simulation, executor: CaseExecutor) {
    self.simulation = simulation
    self.executor = executor
  }

  /// The executor of case bodies, for task groups that name it.
  public var taskExecutor: any TaskExecutor { executor }

  /// Runs everything that is runnable and lets its requests into the kernel, at most `limit` steps; returns
  /// how many there were.
  func runReadyJobs(atMost limit: Int) -> Int {
    var steps = 0
    while steps < limit {
      steps += executor.runJobs(atMost: limit - steps)
      guard !executor.hasJobs else { break }
      guard !requests.isEmpty else {
        executor.isRunnable = false
        break
      }
      enterKernel()
    }
    return steps
  }

  private func enterKernel() {
    if requests.count == 1, let request = requests.popLast() { return request.body() }
    let due = requests.sorted { ($0.task, $0.sequence) < ($1.task, $1.sequence) }
    requests.removeAll(keepingCapacity: true)
    for request in due { request.body() }
  }

  // MARK: Running a body

  /// Runs `body` to its end; throws what it throws, or why the simulation could not go on.
  ///
  /// `limit`: virtual time after which the body is given up. A body that is given up has its waits ended
  /// with ``CaseEnded``.
  public func run<T: Sendable>(
    limit: TimeSpan = .seconds(86_400), _ body: @escaping @Sendable () async throws -> T
  ) throws -> T {
    guard !simulation.isRunning else { throw SimulationError.alreadyRunning }
    let outcome = Outcome<T>()
    outcome.onSet = { [unowned simulation] in simulation.stop() }
    let deadline = simulation.now + limit
    let task = Task(executorPreference: executor) {
      do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
    }
    do {
      while true {
        if let result = outcome.result { return try result.get() }
        switch try simulation.runEvents(until: deadline) {
        case .stopped: continue
        case .drained: throw SimulationError.deadlock(at: simulation.now, waiting: waitingParties)
        case .timeReached:
          simulation.advance(to: deadline)
          throw SimulationError.timeLimit(at: deadline, waiting: waitingParties)
        }
      }
    } catch  where outcome.result == nil {
      endBodies { task.cancel() }
      throw error
    }
  }

  private static let limitReached = EventLabel("case.limit")

  /// Starts `body` and returns at once, for a driver that runs the simulation by itself: ``run(limit:_:)`` without the
  /// running. `ended` is called once, in the kernel, with what `body` returned or threw, or with
  /// ``SimulationError/timeLimit(at:waiting:)`` when it took longer than `limit`; then its waits ended with
  /// ``CaseEnded``. Of an end of the whole run `ended` is not told.
  public func start<T: Sendable>(
    limit: TimeSpan = .seconds(86_400), _ body: @escaping @Sendable () async throws -> T,
    ended: @escaping (Result<T, any Error>) -> Void
  ) {
    executor.thread.verify()
    let outcome = Outcome<T>()
    let task = Task(executorPreference: executor) {
      do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
    }
    let deadline = simulation.now + limit
    let timer = simulation.schedule(after: limit, Self.limitReached) { [unowned self] in
      guard outcome.result == nil else { return }
      outcome.onSet = nil
      let error = SimulationError.timeLimit(at: deadline, waiting: waitingParties)
      endBodies { task.cancel() }
      ended(.failure(error))
    }
    outcome.onSet = { [unowned self, unowned outcome] in
      guard let result = outcome.result else { return }
      enter { [unowned self] in
        simulation.cancel(timer)
        ended(result)
      }
    }
  }

  private static let foreignWait = "a case body, for something that is not the simulation's (another thread?)"

  /// What cases wait for now, in the order they began to wait.
  public var waitingLabels: [String] { waits.all.map(\.label) }

  private var waitingParties: [String] {
    let labels = waitingLabels
    return (labels.isEmpty ? [Self.foreignWait] : labels) + simulation.network.unansweredCalls
  }

  /// Ends every wait with ``CaseEnded`` and runs the bodies to their ends; then calls `cancel` for those that
  /// went on. A body that keeps waiting, or keeps yielding, all the same is abandoned, not followed for ever.
  private func endBodies(_ cancel: () -> Void) {
    for round in 0..<Self.patience {
      requests.removeAll()
      let open = waits.removeAll()
      for wait in open { wait.fail(CaseEnded()) }
      _ = executor.runJobs(atMost: 1_000 + 20 * open.count)
      if waits.isEmpty, !executor.hasJobs, requests.isEmpty { break }
      if round == 0 { cancel() }
    }
    cancel()
    requests.removeAll()
    _ = waits.removeAll()
    executor.abandonJobs()
  }

  /// Rounds in which a body that is told of its end may wait again.
  private static let patience = 100

  /// Ends spawned tasks too: the run is over.
  func discard() {
    endBodies { [self] in
      for number in spawned.keys.sorted() { spawned[number]?.cancel() }
    }
    spawned.removeAll()
  }

  // MARK: For case bodies

  /// Starts `body` beside the case that calls this. Its requests have a place of their own in the canonical
  /// order; tasks of a group share the place of the case that made the group.
  @discardableResult
  public func spawn<T: Sendable>(
    _ name: String, _ body: @escaping @Sendable () async throws -> T
  ) -> SpawnedCase<T> {
    let spawnedCase = SpawnedCase<T>(name: name, layer: self)
    enter { [self] in
      spawnCount += 1
      let number = spawnCount
      let task = Task(executorPreference: executor) {
        await CaseTask.$number.withValue(number) {
          do { spawnedCase.end(.success(try await body())) } catch { spawnedCase.end(.failure(error)) }
          self.spawned[number] = nil
        }
      }
      spawned[number] = task
      spawnedCase.started(task)
    }
    return spawnedCase
  }

  private static let wake = EventLabel("case.wake")

  /// Suspends a case body for `span` of virtual time; throws `CancellationError` when the task is cancelled.
  public func sleep(_ span: TimeSpan, isolation: isolated (any Actor)? = #isolation) async throws {
    try await wait("sleep") { (handle: WaitHandle<Void>) in
      let simulation = handle.simulation
      let token = simulation.schedule(after: span, Self.wake) { handle.succeed(()) }
      handle.onCancel = { simulation.cancel(token) }
    }
  }

  /// Suspends a case body until `start`'s handle is answered. `start` runs in the kernel. When the task is
  /// cancelled, the wait ends with `CancellationError` and the handle's `onCancel` is called in the kernel.
  public func wait<T: Sendable>(
    _ label: String, isolation: isolated (any Actor)? = #isolation,
    _ start: @escaping (WaitHandle<T>) -> Void
  ) async throws -> T {
    let handle = WaitHandle<T>(label: label, layer: self)
    return try await withTaskCancellationHandler {
      try await withUnsafeThrowingContinuation { continuation in handle.begin(continuation, start) }
    } onCancel: {
      handle.cancel()
    }
  }

  /// Does something in the kernel: starts a process, begins a fault, reads a state. Waits for nothing else.
  public func perform<T: Sendable>(
    isolation: isolated (any Actor)? = #isolation, _ body: @escaping (Simulation) throws -> T
  ) async throws -> T {
    try await wait("the kernel") { handle in
      do { handle.succeed(try body(handle.simulation)) } catch { handle.fail(error) }
    }
  }

  /// Lets `body` into the kernel at the next quiescence, in canonical order.
  func enter(_ body: @escaping () -> Void) {
    executor.thread.verify()
    requests.append(Request(task: CaseTask.number, sequence: requestCount, body: body))
    requestCount += 1
    executor.isRunnable = true
  }

  func verifyThread() { executor.thread.verify() }
  func insert(_ wait: any AnyWait) { waits.insert(wait) }
  func forget(_ wait: any AnyWait) { waits.remove(wait) }
}

/// A wait was given up because its simulation ended.
public struct CaseEnded: Error, Sendable, CustomStringConvertible {
  public var description: String { "the simulation ended while this case was waiting" }
}

/// The number of the running case task: the canonical order of requests. ``CaseLayer/spawn(_:_:)`` sets it.
public enum CaseTask {
  @TaskLocal public static var number = 0
}

/// Where a body's result lands. Unchecked: only the simulation's thread touches it, which the executor enforces.
private final class Outcome<T: Sendable>: @unchecked Sendable {
  private(set) var result: Result<T, any Error>?
  var onSet: (() -> Void)?

  func set(_ result: Result<T, any Error>) {
    self.result = result
    onSet?()
    onSet = nil
  }
}
