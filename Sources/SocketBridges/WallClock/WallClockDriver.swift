import Foundation
import SimulationRuntime

/// Drives a simulation by the machine's clock: events run when their time has come, and what happens outside is posted
/// to the thread that the simulation lives on.
///
/// Unchecked: the simulation is touched by its own thread only; what other threads touch is guarded by `condition`.
public final class WallClockDriver: @unchecked Sendable {
  /// Something that is to happen inside, at the time when it is posted.
  public typealias Action = @Sendable (Simulation) -> Void

  private let condition = NSCondition()
  private var posted: [Action] = []
  private var isStopping = false
  private var isOver = false
  private var failure: (any Error)?

  /// Longest time without a look at the clock: bounds how late an event runs after the machine has slept.
  private static let longestWait: TimeInterval = 1

  public init() {}

  /// Makes the simulation on a thread of its own, lets `build` furnish it there, and drives it until ``stop()``.
  /// Returns when `build` is done; throws what it threw.
  public func start(
    seed: UInt64, _ build: @escaping @Sendable (Simulation) throws -> Void
  ) throws {
    let built = DispatchSemaphore(value: 0)
    let thread = Thread { [self] in
      // Before it is furnished: what is told of the time meanwhile stays true.
      let begin = DispatchTime.now().uptimeNanoseconds
      let simulation = Simulation(.init(seed: seed))
      do {
        try build(simulation)
      } catch {
        finish(error)
        built.signal()
        return simulation.tearDown()
      }
      built.signal()
      drive(simulation, since: begin)
    }
    thread.name = "simulation"
    thread.stackSize = 8 << 20
    thread.start()
    built.wait()
    if let error = condition.withLock({ failure }) { throw error }
  }

  /// Lets `action` happen inside as soon as the thread is free. Nothing happens after ``stop()``.
  public func post(_ action: @escaping Action) {
    condition.withLock {
      guard !isStopping, !isOver else { return }
      posted.append(action)
      // Who waits for an answer waits on the same condition.
      condition.broadcast()
    }
  }

  /// Runs `question` inside, waits for it, and returns its answer; nil when the run ends before. Never call it on the
  /// simulation's own thread.
  public func ask<Answer: Sendable>(_ question: @escaping @Sendable (Simulation) -> Answer) -> Answer? {
    let slot = Slot<Answer>()
    post { [self] simulation in
      let answer = question(simulation)
      condition.withLock {
        slot.answer = answer
        condition.broadcast()
      }
    }
    return condition.withLock {
      while slot.answer == nil, !isOver { condition.wait() }
      return slot.answer
    }
  }

  /// Runs a case body to its end by the machine's clock; returns what it returned. `make` is called inside and makes the
  /// body. Throws what the body threw, ``SimulationError/timeLimit(at:waiting:)`` when it took longer than `limit`, what
  /// ended the run, or ``RunEnded`` after ``stop()``. Never call it on the simulation's own thread.
  public func runCase<T: Sendable>(
    limit: TimeSpan, _ make: @escaping @Sendable (Simulation) -> @Sendable () async throws -> T
  ) throws -> T {
    let slot = Slot<Result<T, any Error>>()
    post { [self] simulation in
      simulation.cases.start(limit: limit, make(simulation)) { [self] result in
        condition.withLock {
          slot.answer = result
          condition.broadcast()
        }
      }
    }
    let answer = condition.withLock { () -> Result<T, any Error> in
      while slot.answer == nil, !isOver { condition.wait() }
      return slot.answer ?? .failure(failure ?? RunEnded())
    }
    return try answer.get()
  }

  /// Unchecked: read and written under `condition` only.
  private final class Slot<Answer: Sendable>: @unchecked Sendable {
    var answer: Answer?
  }

  /// Ends the run; returns when its thread has ended.
  public func stop() {
    condition.lock()
    isStopping = true
    condition.broadcast()
    while !isOver { condition.wait() }
    condition.unlock()
  }

  /// Returns when the run has ended; throws what ended it, if it was not ``stop()``.
  public func waitForEnd() throws {
    condition.lock()
    while !isOver { condition.wait() }
    let error = failure
    condition.unlock()
    if let error { throw error }
  }

  // MARK: The thread

  private func drive(_ simulation: Simulation, since start: UInt64) {
    let elapsed = { Instant(nanoseconds: Int64(DispatchTime.now().uptimeNanoseconds - start)) }
    do {
      while let actions = next(simulation.nextEvent, elapsed) {
        // What is posted happens now, not at the last event's time.
        try simulation.run(until: elapsed())
        for action in actions { action(simulation) }
        try simulation.run(until: elapsed())
      }
      simulation.tearDown()
      finish(nil)
    } catch {
      simulation.tearDown()
      finish(error)
    }
  }

  /// Waits for the next event or post, whichever is first; nil when the run is to end.
  private func next(_ event: Instant?, _ elapsed: () -> Instant) -> [Action]? {
    condition.lock()
    defer { condition.unlock() }
    while posted.isEmpty, !isStopping {
      let wait = event.map { Double($0.nanoseconds - elapsed().nanoseconds) / 1e9 } ?? Self.longestWait
      if wait <= 0 { break }
      if !condition.wait(until: Date(timeIntervalSinceNow: min(wait, Self.longestWait))), wait <= Self.longestWait {
        break
      }
    }
    if isStopping { return nil }
    defer { posted.removeAll(keepingCapacity: true) }
    return posted
  }

  private func finish(_ error: (any Error)?) {
    condition.withLock {
      failure = error
      isOver = true
      condition.broadcast()
    }
  }
}

/// A case body was under way when its run was stopped.
public struct RunEnded: Error, CustomStringConvertible {
  public init() {}

  public var description: String { "the run was stopped before the case had ended" }
}
