import Testing

@testable import SimulationRuntime

@Suite("Processes and their lives")
struct ProcessTests {
  @Test("each start is a new life with the next number and a fresh program")
  func incarnations() throws {
    let simulation = Simulation(.init(seed: 1))
    var lives: [Int] = []
    let process = try simulation.launch("p") { lives.append($0.number) }
    process.start()
    #expect(lives == [1])
    process.crash()
    #expect(!process.isRunning && process.current == nil)
    process.start()
    process.start(after: .seconds(1))
    try simulation.run()
    #expect(lives == [1, 2])
    process.crash()
    process.start(after: .seconds(1))
    try simulation.run()
    #expect(lives == [1, 2, 3])
    #expect(process.incarnationCount == 3)
  }

  @Test("nothing of a crashed life happens: no timer, no tick, no send, no note", arguments: [true, false])
  func fencing(silently: Bool) throws {
    let simulation = Simulation(.init(seed: 1, retention: .notes))
    var fired = 0
    let process = try simulation.launch("p") { life in
      life.after(.milliseconds(10), testStep) { fired += 1 }
      life.every(.milliseconds(3), testStep) { fired += 1 }
    }
    let life = try #require(process.current)
    try simulation.run(for: .milliseconds(5))
    #expect(fired == 1)
    if silently { process.vanish() } else { process.crash() }
    let notes = simulation.trace.events.count
    life.note(testStep, ("from", "beyond"))
    #expect(life.after(.zero, testStep) { fired += 1 } == .none)
    life.every(.milliseconds(1), testStep) { fired += 1 }
    #expect(try simulation.run() == .drained)
    #expect(fired == 1)
    #expect(simulation.trace.events.count == notes)
    #expect(simulation.now == Instant(nanoseconds: 5_000_000), "the timers of the dead do not move the clock")
  }

  @Test(
    "an event of a life that ended at the same instant does not run, whatever the order",
    arguments: 0..<10 as Range<UInt64>)
  func fencedAtOneInstant(seed: UInt64) throws {
    let simulation = Simulation(.init(seed: seed))
    var afterDeath = 0
    let process = try simulation.launch("p") { life in
      for _ in 0..<5 {
        life.after(.milliseconds(1), testStep) {
          if !life.isAlive { afterDeath += 1 }
        }
      }
    }
    simulation.at(1) { process.crash() }
    try simulation.run()
    #expect(afterDeath == 0)
  }

  @Test("a paused process gets what fell due after the resumption, in order", arguments: 0..<10 as Range<UInt64>)
  func pause(seed: UInt64) throws {
    let simulation = Simulation(.init(seed: seed))
    let log = Log()
    let process = try simulation.launch("p") { life in
      for time in [10, 20, 30, 60] as [Int64] {
        life.after(.milliseconds(time), testStep) { log.add("timer \(time)", at: simulation.now) }
      }
    }
    simulation.at(15) { process.pause() }
    simulation.at(50) { process.resume() }
    try simulation.run()
    #expect(log.entries == ["10 timer 10", "50 timer 20", "50 timer 30", "60 timer 60"])
  }

  @Test("a timer cancelled while its process is paused does not fire")
  func cancelHeld() throws {
    let simulation = Simulation(.init(seed: 1))
    var fired = false
    var token = EventToken.none
    let process = try simulation.launch("p") { life in
      token = life.after(.milliseconds(10), testStep) { fired = true }
    }
    process.pause()
    try simulation.run(for: .milliseconds(20))
    #expect(simulation.cancel(token))
    process.resume()
    try simulation.run()
    #expect(!fired)
  }

  @Test("a process paused again before it caught up waits again, and loses nothing")
  func pausedAgain() throws {
    let simulation = Simulation(.init(seed: 1))
    let log = Log()
    let process = try simulation.launch("p") { life in
      for number in 0..<4 {
        life.after(.milliseconds(10), testStep) {
          log.add("\(number)", at: simulation.now)
          if log.entries.count == 2 { life.process.pause() }
        }
      }
    }
    process.pause()
    simulation.at(20) { process.resume() }
    simulation.at(40) { process.resume() }
    try simulation.run()
    #expect(log.entries.map { $0.prefix(3) } == ["20 ", "20 ", "40 ", "40 "])
    #expect(Set(log.entries.map { $0.suffix(1) }).count == 4)
  }

  @Test("a paused process can be crashed; what it waited for is gone")
  func crashWhilePaused() throws {
    let simulation = Simulation(.init(seed: 1))
    var fired = false
    let process = try simulation.launch("p") { $0.after(.milliseconds(1), testStep) { fired = true } }
    process.pause()
    #expect(process.isPaused)
    try simulation.run(for: .milliseconds(5))
    process.crash()
    process.resume()
    #expect(try simulation.run() == .drained)
    #expect(!fired)
  }

  @Test("termination reaches the program, after the resumption if it is paused")
  func terminate() throws {
    let simulation = Simulation(.init(seed: 1))
    let process = try simulation.launch("p")
    var ends: [ExitReason] = []
    process.onEnd = { ends.append($1) }
    process.pause()
    process.terminate()
    try simulation.run(for: .seconds(1))
    #expect(ends.isEmpty)
    process.resume()
    try simulation.run()
    #expect(ends == [.finished("told to")])
  }

  @Test("whoever watches a process may restart it at once")
  func restartOnEnd() throws {
    let simulation = Simulation(.init(seed: 1))
    let process = try simulation.launch("p") { life in
      if life.number < 4 { life.after(.milliseconds(1), testStep) { life.panic("again") } }
    }
    process.onEnd = { _, _ in process.start() }
    try simulation.run()
    #expect(process.current?.number == 4)
    process.onEnd = nil
  }

  @Test("a program that ends its life while it is being made is not started")
  func endWhileMaking() throws {
    let simulation = Simulation(.init(seed: 1))
    var started = false
    let process = try simulation.addProcess("p", on: simulation.host("p")) { life in
      life.exit("bad configuration")
      return Script(life, start: { _ in started = true })
    }
    process.start()
    #expect(!started)
    #expect(process.current == nil)
  }

  @Test("a crash point crashes instead of the n-th effect, for every n", arguments: 1...4)
  func crashPoints(point: Int) throws {
    let pair = try Pair()
    var reason: ExitReason?
    pair.client.onEnd = { reason = $1 }
    pair.client.crash(atEffect: point)
    for number in 1...3 { pair.say("\(number)") }
    let got = try pair.entries(at: 20).filter { $0.contains("got") }.map { String($0.suffix(1)) }
    #expect(got == (1...3).filter { $0 < point }.map { "\($0)" })
    #expect(reason == (point <= 3 ? .crashed : nil))
    #expect(pair.client.isRunning == (point > 3))
  }

  @Test("a crash point set for the next life counts from its first effect")
  func crashPointOfNextLife() throws {
    let simulation = Simulation(.init(seed: 1))
    let process = try simulation.addProcess("p", on: simulation.host("p")) { life in
      Script(
        life,
        start: { life in
          for port in 1...3 { life.simulation.network.listen(life, port: port) { $0.drop() } }
        })
    }
    process.crashNextLife(atEffect: 2)
    process.start()
    #expect(process.current == nil)
    process.start()
    #expect(process.current?.effects == 3, "it holds for one life")
  }

  @Test("the effects of a life are counted: sends, dials, listens, answers")
  func effects() throws {
    let pair = try Pair()
    #expect(pair.server.current?.effects == 2, "a listen and an accept")
    #expect(pair.client.current?.effects == 1, "a dial")
    pair.say("a", "b")
    pair.clientEnd?.close()
    #expect(pair.client.current?.effects == 4)
  }
}
