import Testing

@testable import SimulationRuntime

@Suite("Calls")
struct CallTests {
  /// A server that treats calls with `handler`, a client, and how its calls ended.
  private final class Bed {
    let simulation: Simulation
    let log = Log()
    let server: SimulatedProcess
    let client: SimulatedProcess

    init(seed: UInt64 = 1, handler: ((IncomingCall) -> Void)?) throws {
      let simulation = Simulation(.init(seed: seed))
      self.simulation = simulation
      server = try simulation.launch("server") { life in
        guard let handler else { return }
        life.simulation.network.listen(life, port: 80, handler)
      }
      client = try simulation.launch("client")
    }

    @discardableResult
    func dial(_ hello: String? = nil, timeout: TimeSpan? = nil, to host: String = "server") throws -> OutgoingCall {
      let life = try #require(client.current)
      return simulation.network.open(
        from: life, to: Endpoint(host: host, port: 80), hello: hello.map(text), timeout: timeout
      ) { [unowned self] in log.add($0.name, at: simulation.now) }
    }
  }

  @Test("a request gets its reply two hops later")
  func reply() throws {
    let bed = try Bed { call in call.reply(text("re: \(call.hello.map(read) ?? "") from \(call.remoteHost)")) }
    try bed.dial("hi")
    try bed.simulation.run()
    #expect(bed.log.entries == ["2 reply(re: hi from client)"])
  }

  @Test("a request is one event, and its reply another")
  func eventsOfACall() throws {
    let bed = try Bed { $0.reply(text("yes")) }
    let before = bed.simulation.eventsRun
    try bed.dial("hi")
    try bed.simulation.run()
    #expect(bed.simulation.eventsRun - before == 2)
    #expect(bed.log.entries == ["2 reply(yes)"])
  }

  @Test("an answer may come later, and only the first counts")
  func laterAnswer() throws {
    let bed = try Bed { call in
      call.owner.after(.milliseconds(5), testStep) {
        #expect(call.isPending)
        call.reply(text("first"))
        #expect(!call.isPending)
        call.reply(text("second"))
        call.drop()
        #expect(call.accept() == nil)
      }
    }
    try bed.dial("hi")
    try bed.simulation.run()
    #expect(bed.log.entries == ["7 reply(first)"])
  }

  @Test("where nobody listens a call is refused")
  func refused() throws {
    let bed = try Bed(handler: nil)
    try bed.dial()
    try bed.dial(to: "a host nobody knows")
    try bed.simulation.run()
    #expect(bed.log.entries == ["2 refused", "2 refused"])
  }

  @Test("a closed listener refuses, and its connections stay")
  func closedListener() throws {
    let pair = try Pair()
    let life = try #require(pair.server.current)
    let listener = pair.simulation.network.listen(life, port: 81) { _ in }
    listener.close()
    var outcome = ""
    let client = try #require(pair.client.current)
    pair.simulation.network.open(from: client, to: Endpoint(host: "server", port: 81)) { outcome = $0.name }
    pair.say("a")
    #expect(try pair.entries(at: 20) == ["3 server got a"])
    #expect(outcome == "refused")
  }

  @Test("a port belongs to the first who listens on it")
  func portTaken() throws {
    let bed = try Bed { $0.reply(text("first")) }
    let thief = try bed.simulation.launch("thief", on: "server")
    let life = try #require(thief.current)
    let listener = bed.simulation.network.listen(life, port: 80) { $0.reply(text("thief")) }
    #expect(!listener.isOpen)
    listener.close()
    try bed.dial("hi")
    try bed.simulation.run()
    #expect(bed.log.entries == ["2 reply(first)"])
    bed.server.crash()
    #expect(bed.simulation.network.listen(life, port: 80) { $0.reply(text("heir")) }.isOpen)
    try bed.dial("hi")
    try bed.simulation.run()
    #expect(bed.log.entries.last == "4 reply(heir)")
  }

  @Test("a dropped call is reset")
  func drop() throws {
    let bed = try Bed { $0.drop() }
    try bed.dial("hi")
    try bed.simulation.run()
    #expect(bed.log.entries == ["2 reset"])
  }

  @Test("without an answer the caller times out, and the server hears that it left")
  func timeout() throws {
    let server = Log()
    let bed = try Bed { call in call.onAbandoned = { server.add("abandoned", at: call.owner.simulation.now) } }
    try bed.dial("hi", timeout: .milliseconds(10))
    try bed.simulation.run()
    #expect(bed.log.entries == ["10 timedOut"])
    #expect(server.entries == ["11 abandoned"])
  }

  @Test("a timeout counts on the caller's clock")
  func timeoutOnLocalClock() throws {
    let bed = try Bed { _ in }
    bed.client.host.setClockRate(ppm: 1_000_000)
    try bed.dial("hi", timeout: .milliseconds(10))
    try bed.simulation.run()
    #expect(bed.log.entries == ["5 timedOut"])
  }

  @Test("a cancelled call calls nobody, and the server hears that the caller left")
  func cancel() throws {
    let server = Log()
    let bed = try Bed { call in call.onAbandoned = { server.add("abandoned", at: call.owner.simulation.now) } }
    let call = try bed.dial("hi")
    bed.simulation.at(5) { call.cancel() }
    try bed.simulation.run()
    #expect(bed.log.entries == [])
    #expect(server.entries == ["6 abandoned"])
  }

  @Test("a call cancelled before it arrives never reaches the program")
  func cancelEarly() throws {
    var calls = 0
    let bed = try Bed { _ in calls += 1 }
    try bed.dial("hi").cancel()
    try bed.simulation.run()
    #expect(calls == 0)
  }

  @Test("a server that crashes at the moment a call arrives resets it", arguments: 0..<20 as Range<UInt64>)
  func crashAtArrival(seed: UInt64) throws {
    let bed = try Bed(seed: seed) { _ in }
    try bed.dial("hi")
    bed.simulation.at(1) { bed.server.crash() }
    try bed.simulation.run()
    #expect(bed.log.entries == ["2 reset"] || bed.log.entries == ["2 refused"])
  }

  @Test("calls that wait for a paused server are reset when it crashes")
  func crashOfPaused() throws {
    let bed = try Bed { $0.reply(text("never")) }
    bed.server.pause()
    try bed.dial("hi")
    bed.simulation.at(10) { bed.server.crash() }
    try bed.simulation.run()
    #expect(bed.log.entries == ["11 reset"])
  }

  @Test("a paused server answers after its resumption")
  func pausedServer() throws {
    let bed = try Bed { $0.reply(text("late")) }
    bed.server.pause()
    try bed.dial("hi")
    bed.simulation.at(10) { bed.server.resume() }
    try bed.simulation.run()
    #expect(bed.log.entries == ["11 reply(late)"])
  }

  @Test("a server whose life ends in the handler resets the call")
  func panicInHandler() throws {
    let bed = try Bed { $0.owner.panic("bad request") }
    try bed.dial("hi")
    try bed.simulation.run()
    #expect(bed.log.entries == ["2 reset"])
  }

  @Test("who accepts a caller that has just left gets RST when the news arrives")
  func acceptAfterLeaving() throws {
    let server = Log()
    let bed = try Bed { call in
      call.owner.after(.microseconds(4_500), testStep) {
        let socket = call.accept()
        #expect(socket != nil, "the server cannot know yet")
        socket?.onClose = { server.add($0.name, at: call.owner.simulation.now) }
      }
    }
    let call = try bed.dial("hi")
    bed.simulation.at(5) { call.cancel() }
    try bed.simulation.run()
    #expect(server.entries == ["6 reset"])
    #expect(bed.log.entries == [])
  }

  @Test("a caller that gives up while the acceptance travels resets the connection")
  func timeoutAfterAccept() throws {
    let server = Log()
    let bed = try Bed { call in
      let socket = call.accept()
      socket?.onClose = { server.add($0.name, at: call.owner.simulation.now) }
    }
    try bed.dial("hi", timeout: .microseconds(1_500))
    try bed.simulation.run()
    #expect(bed.log.entries == ["1 timedOut"])
    #expect(server.entries == ["2 reset"])
  }

  @Test("a caller that crashes while the acceptance travels resets the connection")
  func crashAfterAccept() throws {
    let server = Log()
    let bed = try Bed { call in
      let socket = call.accept()
      socket?.onClose = { server.add($0.name, at: call.owner.simulation.now) }
    }
    try bed.dial("hi")
    bed.simulation.schedule(after: .microseconds(1_500), testStep) { bed.client.crash() }
    try bed.simulation.run()
    #expect(server.entries == ["2 reset"])
  }

  @Test("what the server says at once reaches a caller that was paused", arguments: 0..<10 as Range<UInt64>)
  func handOverToPaused(seed: UInt64) throws {
    let simulation = Simulation(.init(seed: seed))
    // A line so fast that arrivals fall on whole milliseconds, as the resumption does.
    simulation.network.bytesPerSecond = .max
    let log = Log()
    var serverEnd: Socket?
    try simulation.launch("server") { life in
      life.simulation.network.listen(life, port: 80) { call in
        serverEnd = call.accept()
        serverEnd?.send(text("a"))
      }
    }
    let client = try simulation.launch("client") { life in
      life.simulation.network.open(from: life, to: Endpoint(host: "server", port: 80)) { outcome in
        guard case .connected(let socket) = outcome else { return log.add(outcome.name) }
        socket.onReceive = { log.add(read($0)) }
        socket.onClose = { log.add($0.name) }
      }
    }
    client.pause()
    // Arrives at the very moment of the resumption.
    simulation.at(9) {
      serverEnd?.send(text("b"))
      serverEnd?.close()
    }
    simulation.at(10) { client.resume() }
    try simulation.run()
    #expect(log.entries == ["a", "b", "closed"])
  }

  @Test("many calls come and go without work that grows with the open sockets")
  func manyAttachments() throws {
    var list = AttachmentList()
    let simulation = Simulation(.init(seed: 1))
    let life = try #require(try simulation.launch("p").current)
    let listeners = (0..<2_000).map { port in
      Listener(endpoint: Endpoint(host: "p", port: port), owner: life, network: simulation.network) { _ in }
    }
    for listener in listeners { list.append(listener) }
    for (index, listener) in listeners.enumerated() where index % 3 != 0 { list.remove(listener) }
    list.remove(listeners[1])
    #expect(list.count == 667)
    #expect(list.all.map { ($0 as? Listener)?.endpoint.port } == stride(from: 0, to: 2_000, by: 3).map { $0 })
    #expect(list.removeAll().count == 667)
    #expect(list.all.isEmpty)
  }
}
