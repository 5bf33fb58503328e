import Testing

@testable import SimulationRuntime

@Suite("Silent death and return")
struct SilentDeathTests {
  @Test("a silent death shows nothing to the peer, however much it sends")
  func silence() throws {
    let pair = try Pair()
    pair.server.vanish()
    pair.say("a", "b")
    #expect(try pair.entries(at: 10_000) == [])
    #expect(pair.clientEnd?.isOpen == true)
  }

  @Test("what was on the wire before the death arrives")
  func onTheWire() throws {
    let pair = try Pair()
    pair.answer("last words")
    pair.server.vanish()
    #expect(try pair.entries(at: 20) == ["3 client got last words"])
  }

  @Test("a dial gets no answer while the machine is silent, and is refused when it answers again")
  func dials() throws {
    let pair = try Pair()
    pair.server.vanish()
    let client = try #require(pair.client.current)
    for port in [80, 81] {
      pair.simulation.network.open(
        from: client, to: Endpoint(host: "server", port: port), timeout: .milliseconds(100)
      ) { pair.log.add("\(port) \($0.name)", at: pair.simulation.now) }
    }
    #expect(try pair.entries(at: 200).sorted() == ["102 80 timedOut", "102 81 timedOut"])
    pair.server.start()
    pair.simulation.network.open(from: client, to: Endpoint(host: "server", port: 80)) {
      pair.log.add($0.name, at: pair.simulation.now)
    }
    #expect(try pair.entries(at: 300).last == "202 refused")
  }

  @Test("when the machine answers again, whoever sent meanwhile gets RST at once")
  func returnAfterSending() throws {
    let pair = try Pair()
    pair.server.vanish()
    pair.say("a")
    pair.simulation.at(50) { pair.server.start() }
    #expect(try pair.entries(at: 100) == ["51 client reset"])
  }

  @Test("what was in flight at the moment of death counts as sent")
  func returnAfterFlight() throws {
    let pair = try Pair()
    pair.say("a")
    pair.server.vanish()
    pair.simulation.at(50) { pair.server.start() }
    #expect(try pair.entries(at: 100) == ["51 client reset"])
  }

  @Test("an end that sent nothing gets RST with its first send after the return")
  func returnBeforeSending() throws {
    let pair = try Pair()
    pair.server.vanish()
    pair.simulation.at(50) { pair.server.start() }
    #expect(try pair.entries(at: 100) == [])
    pair.say("a")
    #expect(try pair.entries(at: 200) == ["102 client reset"])
  }

  @Test("another process that runs on the host does not break the silence, nor does its restart")
  func neighbour() throws {
    let pair = try Pair()
    let neighbour = try pair.simulation.launch("neighbour", on: "server")
    pair.server.vanish()
    pair.say("a")
    neighbour.crash()
    #expect(pair.simulation.host("server").isDown)
    // The machine had only lost one process: but now nothing runs on it, and a start is its boot.
    pair.simulation.at(30) { neighbour.start() }
    #expect(try pair.entries(at: 50) == ["31 client reset"])

    let other = try Pair()
    let running = try other.simulation.launch("neighbour", on: "server")
    let third = try other.simulation.launch("third", on: "server")
    other.server.vanish()
    other.say("a")
    third.crash()
    third.start()
    #expect(running.isRunning)
    #expect(try other.entries(at: 50) == [])
    #expect(!other.simulation.host("server").isDown)
  }

  @Test("after a power failure of the host the first process that starts answers for all")
  func powerFailure() throws {
    let pair = try Pair()
    let neighbour = try pair.simulation.launch("neighbour", on: "server")
    pair.server.vanish()
    neighbour.vanish()
    pair.say("a")
    pair.simulation.at(30) { neighbour.start() }
    #expect(try pair.entries(at: 50) == ["31 client reset"])
  }

  @Test("a caller that dies silently tells the server nothing")
  func silentCaller() throws {
    let simulation = Simulation(.init(seed: 1))
    var abandoned = false
    var waiting: IncomingCall?
    try simulation.launch("server") { life in
      life.simulation.network.listen(life, port: 80) { call in
        waiting = call
        call.onAbandoned = { abandoned = true }
      }
    }
    let client = try simulation.launch("client") { life in
      life.simulation.network.open(from: life, to: Endpoint(host: "server", port: 80), hello: text("hi")) { _ in }
    }
    try simulation.run(for: .milliseconds(5))
    client.vanish()
    try simulation.run(for: .seconds(100))
    #expect(!abandoned)
    // It cannot know, so it may accept; what it sends meets silence, then RST.
    let socket = try #require(waiting?.accept())
    var ends: [String] = []
    socket.onClose = { ends.append($0.name) }
    socket.send(text("hello?"))
    try simulation.run(for: .seconds(100))
    #expect(ends.isEmpty && socket.isOpen)
    client.start()
    try simulation.run(for: .seconds(1))
    #expect(ends == ["reset"])
  }

  @Test("a crash, unlike a silent death, is known one hop later")
  func crash() throws {
    let pair = try Pair()
    pair.server.crash()
    #expect(try pair.entries(at: 50) == ["3 client reset"])
  }
}
