import Testing

@testable import SimulationRuntime

/// A log that case bodies may write: they all run on the simulation's thread.
final class CaseLog: @unchecked Sendable {
  private(set) var entries: [String] = []

  func add(_ entry: String) { entries.append(entry) }
}

@Suite("Case layer")
struct CaseLayerTests {
  private struct Broken: Error, Equatable {}

  private let simulation = Simulation(.init(seed: 1))
  private var cases: CaseLayer { simulation.cases }

  @Test("a body returns its value, in virtual time")
  func value() throws {
    let cases = cases
    let result = try cases.run {
      try await cases.sleep(.seconds(3_600))
      return 42
    }
    #expect(result == 42)
    #expect(simulation.now == Instant(nanoseconds: 3_600_000_000_000))
  }

  @Test("a body throws what it throws, and the next body runs")
  func error() throws {
    let cases = cases
    #expect(throws: Broken()) { try cases.run { throw Broken() } }
    #expect(try cases.run { 1 } == 1)
  }

  @Test("tasks of a group run beside each other")
  func group() throws {
    let cases = cases
    let log = CaseLog()
    try cases.run {
      await withTaskGroup(of: Void.self) { group in
        for number in [3, 1, 2] as [Int64] {
          group.addTask {
            try? await cases.sleep(.milliseconds(number))
            log.add("\(number)")
          }
        }
      }
    }
    #expect(log.entries == ["1", "2", "3"])
    #expect(simulation.now == Instant(nanoseconds: 3_000_000))
  }

  @Test("async let, streams and actors stay on the simulation's thread")
  func controlledConstructs() throws {
    actor Counter {
      var value = 0
      func add() -> Int {
        value += 1
        return value
      }
    }
    let cases = cases
    let counter = Counter()
    let result = try cases.run {
      async let first = counter.add()
      async let second: Void = cases.sleep(.seconds(1))
      let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
      continuation.yield(await first)
      continuation.finish()
      try await second
      var sum = 0
      for await value in stream { sum += value }
      await Task.yield()
      return await counter.add() + sum
    }
    #expect(result == 3)
  }

  @Test("the first answer ends a wait, later ones do nothing")
  func firstAnswer() throws {
    let cases = cases
    let result = try cases.run {
      try await cases.wait("answer") { (handle: WaitHandle<Int>) in
        let simulation = handle.simulation
        simulation.schedule(after: .milliseconds(2), testStep) { handle.succeed(2) }
        simulation.schedule(after: .milliseconds(1), testStep) { handle.succeed(1) }
        simulation.schedule(after: .milliseconds(3), testStep) { handle.fail(Broken()) }
        #expect(handle.isPending)
      }
    }
    #expect(result == 1)
    try simulation.run()
  }

  @Test("a wait may be answered before it has begun to wait")
  func immediateAnswer() throws {
    let cases = cases
    #expect(try cases.run { try await cases.wait("now") { $0.succeed("at once") } } == "at once")
    #expect(throws: Broken()) {
      try cases.run { try await cases.wait("now") { (handle: WaitHandle<Void>) in handle.fail(Broken()) } }
    }
  }

  @Test("a body does things in the kernel, and gets what they return or throw")
  func perform() throws {
    let cases = cases
    let names = try cases.run {
      try await cases.perform { try $0.launch("p").name }
    }
    #expect(names == "p")
    #expect(throws: SimulationError.duplicateProcess("p")) {
      try cases.run { try await cases.perform { _ = try $0.launch("p") } }
    }
  }

  @Test("a body that takes longer than its limit is given up, and told so")
  func limit() throws {
    let cases = cases
    let log = CaseLog()
    let error = try #require(throws: SimulationError.self) {
      try cases.run(limit: .seconds(10)) {
        do { try await cases.sleep(.seconds(11)) } catch { log.add("\(error)") }
        log.add(Task.isCancelled ? "cancelled" : "not cancelled")
      }
    }
    #expect(error == .timeLimit(at: Instant(nanoseconds: 10_000_000_000), waiting: ["sleep"]))
    #expect(log.entries == ["the simulation ended while this case was waiting", "not cancelled"])
    #expect(
      try cases.run(limit: .seconds(10)) { try await cases.sleep(.seconds(10)) } == (), "the limit itself is allowed")
  }

  @Test("a body that waits for ever and ignores its end is abandoned")
  func stubborn() throws {
    let cases = cases
    #expect(throws: SimulationError.self) {
      try cases.run(limit: .seconds(1)) { while true { try? await cases.sleep(.seconds(2)) } }
    }
    #expect(try cases.run { 7 } == 7)
  }

  @Test("an event that stops the run does not end a case")
  func stop() throws {
    let cases = cases
    let simulation = simulation
    simulation.at(5) { simulation.stop() }
    try cases.run { try await cases.sleep(.milliseconds(10)) }
    #expect(simulation.now == Instant(nanoseconds: 10_000_000))
  }

  @Test("a case cannot run a case")
  func noNesting() throws {
    let cases = cases
    #expect(throws: SimulationError.alreadyRunning) { try cases.run { try cases.run { 1 } } }
  }

  @Test("what cases wait for is listed in the order in which they began")
  func waitingLabels() throws {
    let cases = cases
    let labels = try cases.run {
      for number in 1...3 {
        cases.spawn("waiter") { try await cases.wait("wait \(number)") { (_: WaitHandle<Void>) in } }
      }
      try await cases.sleep(.milliseconds(1))
      return cases.waitingLabels
    }
    #expect(labels == ["wait 1", "wait 2", "wait 3"])
  }

  // MARK: Canonical order

  @Test("requests of one instant enter the kernel by task number, then in the order of asking")
  func canonicalOrder() throws {
    let cases = cases
    let log = CaseLog()
    try cases.run {
      await withTaskGroup(of: Void.self) { group in
        for (number, hops) in [(3, 0), (1, 7), (2, 3), (1, 7)] {
          group.addTask {
            await CaseTask.$number.withValue(number) {
              // A different number of executor hops before the request.
              for _ in 0..<hops { await Task.yield() }
              try? await cases.wait("turn") { (handle: WaitHandle<Void>) in
                log.add("task \(number)")
                handle.succeed(())
              }
            }
          }
        }
      }
    }
    #expect(log.entries == ["task 1", "task 1", "task 2", "task 3"])
  }

  @Test("spawned bodies are numbered in canonical order, whatever the hops of those who spawn them", arguments: 0..<8)
  func spawnOrder(hops: Int) throws {
    let simulation = Simulation(.init(seed: 1, retention: .notes))
    let cases = simulation.cases
    let log = CaseLog()
    try cases.run {
      let parents = (0..<2).map { parent in
        cases.spawn("parent \(parent)") {
          for _ in 0..<(parent == 0 ? hops : 7 - hops) { await Task.yield() }
          let child = cases.spawn("child") {
            log.add("child of \(parent) is \(CaseTask.number)")
            return CaseTask.number
          }
          return try await child.join()
        }
      }
      for parent in parents { _ = try await parent.join() }
    }
    #expect(log.entries == ["child of 0 is 3", "child of 1 is 4"])
    simulation.tearDown()
  }

  @Test("a spawned body can be joined before and after its end, by several, and hands on its error")
  func join() throws {
    let cases = cases
    let sums = try cases.run {
      let worker = cases.spawn("worker") {
        try await cases.sleep(.seconds(1))
        return 5
      }
      let other = cases.spawn("other") { try await worker.join() * 2 }
      #expect(!worker.hasEnded && worker.name == "worker")
      let first = try await worker.join()
      #expect(worker.hasEnded)
      return try await first + worker.join() + other.join()
    }
    #expect(sums == 20)
    #expect(throws: Broken()) { try cases.run { try await cases.spawn("failing") { throw Broken() }.join() } }
  }

  // MARK: Cancellation

  @Test("cancelling a task ends its wait at once, and the kernel forgets the timer")
  func cancelSleep() throws {
    let cases = cases
    let log = CaseLog()
    try cases.run {
      let sleeper = cases.spawn("sleeper") {
        do { try await cases.sleep(.seconds(100)) } catch { log.add("\(type(of: error))") }
      }
      try await cases.sleep(.seconds(1))
      sleeper.cancel()
      try await sleeper.join()
    }
    #expect(log.entries == ["CancellationError"])
    #expect(try simulation.run() == .drained)
    #expect(simulation.now == Instant(nanoseconds: 1_000_000_000))
  }

  @Test("a race with a timeout works as everywhere")
  func race() throws {
    let cases = cases
    let winner = try cases.run {
      try await withThrowingTaskGroup(of: String.self) { group in
        group.addTask {
          try await cases.sleep(.seconds(100))
          return "slow"
        }
        group.addTask {
          try await cases.sleep(.seconds(1))
          return "timeout"
        }
        let first = try await group.next()
        group.cancelAll()
        return first
      }
    }
    #expect(winner == "timeout")
    #expect(simulation.now == Instant(nanoseconds: 1_000_000_000))
  }

  @Test("a cancelled wait tells whoever answers it, in the kernel")
  func onCancel() throws {
    let cases = cases
    let log = CaseLog()
    try cases.run {
      let waiter = cases.spawn("waiter") {
        try await cases.wait("answer") { (handle: WaitHandle<Void>) in handle.onCancel = { log.add("call given up") } }
      }
      try await cases.sleep(.milliseconds(1))
      waiter.cancel()
      waiter.cancel()
      do { try await waiter.join() } catch { log.add("\(type(of: error))") }
    }
    #expect(log.entries.sorted() == ["CancellationError", "call given up"])
  }

  @Test("a wait of a cancelled task throws, without asking the kernel")
  func cancelledBefore() throws {
    let cases = cases
    let log = CaseLog()
    try cases.run {
      let waiter = cases.spawn("waiter") {
        try await cases.wait("answer") { (_: WaitHandle<Void>) in log.add("asked") }
      }
      waiter.cancel()
      do { try await waiter.join() } catch { log.add("\(type(of: error))") }
    }
    #expect(log.entries == ["CancellationError"])
  }

  @Test("a cancelled body that goes on waiting is a livelock, not a hang")
  func cancelledLoop() throws {
    let simulation = Simulation(.init(seed: 1, livelockLimit: 2_000))
    let cases = simulation.cases
    let error = try #require(throws: SimulationError.self) {
      try cases.run {
        let waiter = cases.spawn("waiter") { while true { try? await cases.sleep(.seconds(1)) } }
        waiter.cancel()
        try await cases.sleep(.seconds(5))
      }
    }
    guard case .livelock = error else { return #expect(Bool(false), "\(error)") }
    simulation.tearDown()
  }

  @Test("the same bodies, run twice, give one fingerprint", arguments: [1, 2, 3] as [UInt64])
  func fingerprint(seed: UInt64) throws {
    func run() throws -> String {
      let simulation = Simulation(.init(seed: seed))
      let cases = simulation.cases
      let stream = simulation.decisions.stream("think")
      let spans = (0..<50).map { _ in simulation.decisions.draw(stream, from: .zero, to: .milliseconds(3)) }
      try cases.run {
        try await withThrowingTaskGroup(of: Void.self) { group in
          for number in 0..<10 {
            group.addTask { for step in 0..<5 { try await cases.sleep(spans[number * 5 + step]) } }
          }
          try await group.waitForAll()
        }
      }
      simulation.tearDown()
      return simulation.trace.fingerprint
    }
    #expect(try run() == run())
  }
}
