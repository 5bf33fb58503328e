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
  private var waits: [Int: any AnyWait] = [:]
  private var waitCount = 0
  private var requests: [(task: Int, sequence: Int, body: () -> Void)] = []
  private var requestCount = 0

  init(simulation: Simulation, thread: ThreadIdentity) {
    self.simulation = simulation
    executor = CaseExecutor(thread: thread)
  }

  /// The executor of case bodies, for task groups that name it.
  public var taskExecutor: any TaskExecutor { executor }

  /// Runs everything that is runnable and lets its requests into the kernel.
  @inline(__always)
  func runReadyJobs() {
    while executor.hasJobs || !requests.isEmpty {
      executor.runJobs()
      guard !requests.isEmpty else { continue }
      let due = requests
      requests.removeAll(keepingCapacity: true)
      if due.count == 1 {
        due[0].body()
      } else {
        for request in due.sorted(by: { ($0.task, $0.sequence) < ($1.task, $1.sequence) }) { request.body() }
      }
    }
  }

  // MARK: Running a body

  /// Runs `body` to its end; throws what it throws, or why the simulation could not go on.
  ///
  /// `limit`: virtual time after which the body is given up.
  public func run<T: Sendable>(
    limit: TimeSpan = .seconds(86_400), _ body: @escaping @Sendable () async throws -> T
  ) throws -> T {
    let outcome = Outcome<T>()
    let deadline = simulation.now + limit
    let task = Task(executorPreference: executor) {
      do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
    }
    while outcome.result == nil {
      outcome.onSet = { [unowned simulation] in simulation.stop() }
      let ended: Simulation.Outcome
      do { ended = try simulation.run(until: deadline) } catch {
        task.cancel()
        cancelAll()
        throw error
      }
      guard outcome.result == nil else { break }
      let waiting = waitingLabels
      task.cancel()
      cancelAll()
      switch ended {
      case .drained where simulation.now < deadline || limit == .seconds(86_400):
        throw SimulationError.deadlock(at: simulation.now, waiting: waiting)
      case .stopped: continue
      case .drained, .timeReached: throw SimulationError.timeLimit(at: simulation.now, waiting: waiting)
      }
    }
    switch outcome.result {
    case .success(let value): return value
    case .failure(let error): throw error
    case nil: throw SimulationError.deadlock(at: simulation.now, waiting: waitingLabels)
    }
  }

  /// What cases wait for now, in the order they began to wait.
  public var waitingLabels: [String] { waits.keys.sorted().compactMap { waits[$0]?.label } }

  /// Ends every wait with ``CaseEnded`` and runs the bodies to their ends.
  func cancelAll() {
    var rounds = 0
    while !waits.isEmpty || executor.hasJobs || !requests.isEmpty {
      requests.removeAll()
      let open = waits.keys.sorted().compactMap { waits[$0] }
      waits.removeAll()
      for wait in open { wait.fail(CaseEnded()) }
      executor.runJobs()
      rounds += 1
      // A body that keeps waiting after its end was told is abandoned, not followed for ever.
      if rounds > 1_000 { break }
    }
  }

  // MARK: For clients of case bodies

  /// Suspends a case body until `start`'s callback is called. `start` runs in the kernel.
  public func wait<T: Sendable>(
    _ label: String, isolation: isolated (any Actor)? = #isolation,
    _ start: @escaping (WaitHandle<T>) -> Void
  ) async throws -> T {
    let number = waitCount
    waitCount += 1
    return try await withUnsafeThrowingContinuation { continuation in
      let handle = WaitHandle<T>(label: label, number: number, layer: self, continuation: continuation)
      waits[number] = handle
      enter { start(handle) }
    }
  }

  private static let wake = EventLabel("case.wake")

  /// Suspends a case body for `span` of virtual time.
  public func sleep(_ span: TimeSpan, isolation: isolated (any Actor)? = #isolation) async throws {
    try await wait("sleep") { (handle: WaitHandle<Void>) in
      handle.layer?.simulation.schedule(after: span, Self.wake) { handle.succeed(()) }
    }
  }

  /// Lets `body` into the kernel at the next quiescence, in canonical order.
  func enter(_ body: @escaping () -> Void) {
    executor.thread.verify()
    requests.append((CaseTask.number, requestCount, body))
    requestCount += 1
  }

  func forget(_ number: Int) { waits[number] = nil }
}

/// A wait was given up because its simulation ended.
public struct CaseEnded: Error, Sendable, CustomStringConvertible {
  public var description: String { "the simulation ended while this case was waiting" }
}

/// The number of the running case task: the canonical order of requests. Set it when spawning.
public enum CaseTask {
  @TaskLocal public static var number = 0
}

protocol AnyWait: AnyObject {
  var label: String { get }
  func fail(_ error: any Error)
}

/// A suspended case body. The first answer counts, later ones do nothing.
public final class WaitHandle<T: Sendable>: AnyWait {
  let label: String
  private let number: Int
  weak var layer: CaseLayer?
  private var continuation: UnsafeContinuation<T, any Error>?

  init(label: String, number: Int, layer: CaseLayer, continuation: UnsafeContinuation<T, any Error>) {
    self.label = label
    self.number = number
    self.layer = layer
    self.continuation = continuation
  }

  /// Whether the body still waits.
  public var isPending: Bool { continuation != nil }

  public func succeed(_ value: T) {
    guard let continuation else { return }
    self.continuation = nil
    layer?.forget(number)
    continuation.resume(returning: value)
  }

  public func fail(_ error: any Error) {
    guard let continuation else { return }
    self.continuation = nil
    layer?.forget(number)
    continuation.resume(throwing: error)
  }
}

/// Where a body's result lands. Unchecked: only the simulation's thread touches it, which the executor enforces.
private final class Outcome<T: Sendable>: @unchecked Sendable {
  private(set) var result: Result<T, any Error>?
  var onSet: (() -> Void)?

  func set(_ result: Result<T, any Error>) {
    self.result = result
    onSet?()
  }
}
