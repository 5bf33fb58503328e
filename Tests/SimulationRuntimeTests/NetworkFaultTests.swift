import Testing

@testable import SimulationRuntime

@Suite("Network faults")
struct NetworkFaultTests {
  private func dial(_ pair: Pair, timeout: TimeSpan? = nil) throws {
    let life = try #require(pair.client.current)
    pair.simulation.network.open(from: life, to: Endpoint(host: "server", port: 80), timeout: timeout) {
      [unowned pair] in pair.log.add("dial \($0.name)", at: pair.simulation.now)
    }
  }

  // MARK: Cut

  @Test(
    "a cut holds everything up in both directions, and the heal delivers it in order",
    arguments: 0..<10 as Range<UInt64>)
  func cut(seed: UInt64) throws {
    let pair = try Pair(seed: seed)
    pair.say("before")
    let fault = pair.begin(.cut, lasting: .milliseconds(48))
    pair.say("a", "b")
    pair.answer("x")
    pair.simulation.at(10) { pair.say("c") }
    pair.simulation.at(49) { pair.say("d") }
    #expect(try pair.entries(at: 49) == [])
    let entries = try pair.entries(at: 60)
    #expect(
      entries.filter { $0.contains("server") }.map { $0.split(separator: " ")[3] } == ["before", "a", "b", "c", "d"])
    #expect(entries.contains("50 client got x"))
    #expect(fault.touched == 5)
    #expect(fault.firstEffect.map { ($0 - .start).milliseconds } == 3)
    #expect(fault.end == Instant(nanoseconds: 50_000_000))
  }

  @Test("a cut in one direction lets the other pass")
  func cutOneWay() throws {
    let pair = try Pair()
    let fault = pair.begin(.cutOneWay)
    pair.say("lost for now")
    pair.answer("x")
    #expect(try pair.entries(at: 20) == ["3 client got x"])
    pair.simulation.network.end(fault)
    #expect(try pair.entries(at: 30).last == "20 server got lost for now")
  }

  @Test("overlapping cuts heal with the last of them")
  func overlappingCuts() throws {
    let pair = try Pair()
    let first = pair.begin(.cut)
    let second = pair.begin(.cut)
    pair.say("a")
    pair.simulation.at(10) { pair.simulation.network.end(first) }
    pair.simulation.at(20) { pair.simulation.network.end(second) }
    #expect(try pair.entries(at: 30) == ["20 server got a"])
  }

  @Test("a dial gets no answer while the cut lasts, and goes on after the heal")
  func dialDuringCut() throws {
    let pair = try Pair()
    let fault = pair.begin(.cut)
    try dial(pair, timeout: .milliseconds(10))
    try dial(pair)
    pair.simulation.at(50) { pair.simulation.network.end(fault) }
    #expect(try pair.entries(at: 60) == ["12 dial timedOut", "51 dial connected"])
  }

  @Test("if an end crashed during the cut, the other gets RST after the heal, and nothing that was held up")
  func crashDuringCut() throws {
    let pair = try Pair()
    let fault = pair.begin(.cut)
    pair.answer("held up")
    try pair.simulation.run(for: .milliseconds(5))
    pair.server.crash()
    pair.say("to nobody")
    #expect(try pair.entries(at: 40) == [])
    pair.simulation.network.end(fault)
    #expect(try pair.entries(at: 60) == ["40 client reset"])
  }

  @Test("if an end closed in order during the cut, the heal brings what it sent and the close")
  func closeDuringCut() throws {
    let pair = try Pair()
    let fault = pair.begin(.cut)
    pair.answer("a")
    pair.serverEnd?.close(farewell: text("bye"))
    pair.simulation.at(40) { pair.simulation.network.end(fault) }
    #expect(try pair.entries(at: 60) == ["40 client got a", "40 client closed(bye)"])
  }

  @Test("a cut concerns the named hosts only, in every pair of the two groups")
  func groups() throws {
    let simulation = Simulation(.init(seed: 1))
    for name in ["a", "b", "c", "d"] {
      try simulation.launch(name) { life in
        life.simulation.network.listen(life, port: 1) { $0.reply(text("ok")) }
      }
    }
    let fault = NetworkFault(.cut, between: ["a", "b"], and: ["c"])
    simulation.network.begin(fault)
    #expect(fault.text == "cut(a+b,c)")
    var outcomes: [String: String] = [:]
    for (from, to) in [("a", "c"), ("c", "b"), ("a", "b"), ("a", "d"), ("c", "d")] {
      let life = try #require(simulation.process(from)?.current)
      simulation.network.open(from: life, to: Endpoint(host: to, port: 1), timeout: .seconds(1)) {
        outcomes[from + to] = $0.name
      }
    }
    try simulation.run()
    #expect(outcomes == ["ac": "timedOut", "cb": "timedOut", "ab": "reply(ok)", "ad": "reply(ok)", "cd": "reply(ok)"])
  }

  // MARK: Half-open

  @Test("half-open: one end is gone, the other has not noticed and gets nothing")
  func halfOpen() throws {
    let pair = try Pair()
    pair.say("in flight")
    let fault = pair.begin(.halfOpen)
    #expect(try pair.entries(at: 10) == ["2 client reset"])
    pair.answer("into the void")
    #expect(try pair.entries(at: 100) == ["2 client reset"])
    #expect(pair.serverEnd?.isOpen == true)
    #expect(fault.touched == 2)
  }

  @Test("after a half-open fault the stale sender meets RST", arguments: [true, false])
  func halfOpenEnds(sentBefore: Bool) throws {
    let pair = try Pair()
    let fault = pair.begin(.halfOpen)
    if sentBefore { pair.answer("into the void") }
    pair.simulation.at(50) { pair.simulation.network.end(fault) }
    #expect(try pair.entries(at: 80).count == (sentBefore ? 2 : 1))
    if !sentBefore { pair.answer("late") }
    #expect(try pair.entries(at: 90) == ["2 client reset", sentBefore ? "51 server reset" : "82 server reset"])
  }

  @Test("a new connection can be made beside a half-open one")
  func dialBesideHalfOpen() throws {
    let pair = try Pair()
    _ = pair.begin(.halfOpen)
    try dial(pair)
    #expect(try pair.entries(at: 20).last == "4 dial connected")
  }

  // MARK: Reset

  @Test("a reset reaches both ends at once, and what was on its way is lost")
  func reset() throws {
    let pair = try Pair()
    pair.say("in flight")
    let fault = pair.begin(.reset)
    let entries = try pair.entries(at: 20)
    #expect(entries.sorted() == ["2 client reset", "2 server reset"])
    #expect(fault.touched == 2)
  }

  @Test("dials are refused while a reset lasts, and not after it")
  func dialDuringReset() throws {
    let pair = try Pair()
    let fault = pair.begin(.reset, lasting: .milliseconds(20))
    try dial(pair)
    pair.simulation.at(30) { do { try self.dial(pair) } catch { Issue.record(error) } }
    #expect(try pair.entries(at: 40).filter { $0.contains("dial") } == ["4 dial refused", "32 dial connected"])
    #expect(fault.touched == 3)
  }

  @Test("a reset cuts off requests that wait for their answer, and the server hears of it")
  func resetOfRequest() throws {
    let pair = try Pair()
    let life = try #require(pair.server.current)
    pair.simulation.network.listen(life, port: 81) { call in
      call.onAbandoned = { pair.log.add("abandoned", at: pair.simulation.now) }
      call.owner.after(.seconds(1), testStep) { call.reply(text("late")) }
    }
    let client = try #require(pair.client.current)
    pair.simulation.network.open(from: client, to: Endpoint(host: "server", port: 81), hello: text("hi")) {
      pair.log.add($0.name, at: pair.simulation.now)
    }
    pair.simulation.at(10) { _ = pair.begin(.reset, lasting: .zero) }
    let entries = try pair.entries(at: 2_000)
    #expect(entries.sorted() == ["10 abandoned", "10 client reset", "10 reset", "10 server reset"])
  }

  @Test("a paused program learns of a reset when it runs again")
  func resetOfPaused() throws {
    let pair = try Pair()
    pair.client.pause()
    _ = pair.begin(.reset, lasting: .zero)
    #expect(try pair.entries(at: 20) == ["2 server reset"])
    pair.client.resume()
    #expect(try pair.entries(at: 30).last == "20 client reset")
  }

  @Test("a reset while the acceptance travels ends the call")
  func resetOfAcceptance() throws {
    let pair = try Pair()
    try dial(pair)
    try pair.simulation.run(for: .microseconds(1_500))
    _ = pair.begin(.reset, lasting: .zero)
    #expect(try pair.entries(at: 20).contains("3 dial reset"))
  }

  // MARK: Slow, bandwidth, black hole

  @Test("slow adds its latency to every delivery")
  func slow() throws {
    let pair = try Pair()
    let fault = pair.begin(.slow(.constant(.milliseconds(100))))
    pair.say("a")
    pair.answer("x")
    let entries = try pair.entries(at: 200)
    #expect(entries.sorted() == ["103 client got x", "103 server got a"])
    #expect(fault.touched == 2)
  }

  @Test("the end of slow does not let later payloads overtake")
  func slowEnds() throws {
    let pair = try Pair()
    let fault = pair.begin(.slow(.constant(.milliseconds(100))))
    pair.say("a")
    pair.simulation.network.end(fault)
    pair.say("b")
    #expect(try pair.entries(at: 200) == ["103 server got a", "103 server got b"])
  }

  @Test("bandwidth is a line that everything between two hosts shares")
  func bandwidth() throws {
    let pair = try Pair()
    let fault = pair.begin(.bandwidth(bytesPerSecond: 100))
    pair.say("0123456789", "0123456789")
    pair.answer("x")
    let entries = try pair.entries(at: 400)
    #expect(entries == ["13 client got x", "103 server got 0123456789", "203 server got 0123456789"])
    #expect(fault.touched == 3)
  }

  @Test("a line without any bandwidth is very slow and traps nobody")
  func noBandwidth() throws {
    let pair = try Pair()
    _ = pair.begin(.bandwidth(bytesPerSecond: 0))
    pair.simulation.network.bytesPerSecond = 0
    pair.say("a")
    #expect(try pair.entries(at: 1_000) == [])
    #expect(try pair.entries(at: 10_000) == ["2003 server got a"])
  }

  @Test("a black hole loses everything without a sign, and the connection is dead after it")
  func blackHole() throws {
    let pair = try Pair()
    let fault = pair.begin(.blackHole)
    pair.say("lost")
    try dial(pair, timeout: .milliseconds(10))
    #expect(try pair.entries(at: 50) == ["12 dial timedOut"])
    #expect(fault.touched >= 2)
    pair.simulation.network.end(fault)
    #expect(try pair.entries(at: 60) == ["12 dial timedOut", "51 client reset"], "its TCP still sends again")
    pair.answer("to nobody")
    #expect(try pair.entries(at: 70).last == "62 server reset")
  }

  @Test("a connection that lost nothing survives a black hole")
  func blackHoleUnnoticed() throws {
    let pair = try Pair()
    _ = pair.begin(.blackHole, lasting: .milliseconds(20))
    _ = try pair.entries(at: 30)
    pair.say("a", "b")
    #expect(try pair.entries(at: 40) == ["31 server got a", "31 server got b"])
  }

  // MARK: Ledger

  @Test("a fault without effect is called inert")
  func ledger() throws {
    let pair = try Pair()
    let inert = pair.begin(.cut, lasting: .milliseconds(5))
    let effective = pair.simulation.network.begin(
      NetworkFault(.slow(.constant(.milliseconds(1))), between: ["client"], and: ["server"]))
    try pair.simulation.run(until: Instant(nanoseconds: 10_000_000))
    pair.say("a")
    try pair.simulation.run()
    #expect(pair.simulation.faults.inert.map(\.name) == ["cut(client,server)"])
    #expect(pair.simulation.faults.records.count == 2)
    #expect(inert.touched == 0 && inert.firstEffect == nil)
    #expect(effective.touched == 1 && effective.end == nil)
    pair.simulation.network.end(inert)
    #expect(inert.end == Instant(nanoseconds: 7_000_000), "a second end changes nothing")
  }

  @Test(
    "every kind has a name",
    arguments: [
      (NetworkFault.Kind.cut, "cut(a,b)"), (.cutOneWay, "cut1(a,b)"), (.halfOpen, "halfopen(a,b)"),
      (.reset, "reset(a,b)"),
      (.slow(.constant(.zero)), "slow(a,b)"), (.bandwidth(bytesPerSecond: 1), "bandwidth(a,b)"),
      (.blackHole, "blackhole(a,b)"),
    ])
  func names(kind: NetworkFault.Kind, text: String) {
    #expect(NetworkFault(kind, between: ["a"], and: ["b"]).text == text)
  }
}
