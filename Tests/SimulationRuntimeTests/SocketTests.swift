import Testing

@testable import SimulationRuntime

@Suite("Sockets")
struct SocketTests {
  @Test("payloads arrive once, in order, whatever the latency draws", arguments: 0..<20 as Range<UInt64>)
  func inOrder(seed: UInt64) throws {
    let pair = try Pair(seed: seed)
    pair.clientEnd?.setLatency(.uniform(.microseconds(10), .milliseconds(9)))
    var random = RandomStream(seed: seed, name: "test")
    for number in 0..<50 {
      pair.simulation.schedule(after: .microseconds(Int64(random.next(below: 200)) + Int64(number) * 200), testStep) {
        pair.say("\(number)")
      }
    }
    let got = try pair.entries(at: 100).compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
    #expect(got == Array(0..<50))
  }

  @Test("a payload travels one latency and its transmission time")
  func timing() throws {
    let pair = try Pair()
    pair.simulation.network.bytesPerSecond = 1_000
    var arrived: Instant?
    pair.serverEnd?.onReceive = { _ in arrived = pair.simulation.now }
    pair.clientEnd?.send(Frame("x", byteCount: 500))
    try pair.simulation.run()
    #expect(arrived == Instant(nanoseconds: 2_000_000) + .milliseconds(501))
  }

  @Test("the line carries one payload after the other")
  func line() throws {
    let pair = try Pair()
    pair.simulation.network.bytesPerSecond = 1_000
    pair.clientEnd?.send(Frame("a", byteCount: 500))
    pair.clientEnd?.send(Frame("b", byteCount: 500))
    #expect(try pair.entries(at: 3_000) == ["503 server got a", "1003 server got b"])
  }

  @Test("a close arrives after what was sent, with the farewell")
  func close() throws {
    let pair = try Pair()
    pair.say("a", "b")
    pair.clientEnd?.close(farewell: text("bye"))
    pair.say("too late")
    let entries = try pair.entries(at: 20)
    #expect(entries == ["3 server got a", "3 server got b", "3 server closed(bye)"])
    #expect(pair.clientEnd?.isOpen == false && pair.serverEnd?.isOpen == false)
  }

  @Test("a reset arrives after what was sent, and the one who resets is not told")
  func reset() throws {
    let pair = try Pair()
    pair.say("a")
    pair.clientEnd?.reset()
    #expect(try pair.entries(at: 20) == ["3 server got a", "3 server reset"])
  }

  @Test("who sends to a closed end gets RST, behind the close")
  func sendToClosed() throws {
    let pair = try Pair()
    pair.serverEnd?.close()
    pair.say("a")
    #expect(try pair.entries(at: 20) == ["3 client closed"])
  }

  @Test("both ends may close at once, and let go of the connection while its last words travel")
  func simultaneousClose() throws {
    let pair = try Pair()
    weak let ends = pair.clientEnd
    pair.clientEnd?.close(farewell: text("a"))
    pair.serverEnd?.close(farewell: text("b"))
    pair.clientEnd = nil
    pair.serverEnd = nil
    #expect(try pair.entries(at: 20) == [])
    #expect(ends == nil)
  }

  @Test("a crash sends RST behind what was on the wire", arguments: 0..<10 as Range<UInt64>)
  func crash(seed: UInt64) throws {
    let pair = try Pair(seed: seed)
    pair.say("last words")
    pair.client.crash()
    #expect(try pair.entries(at: 20) == ["3 server got last words", "3 server reset"])
  }

  @Test("the end of a life in good order resets what it left open")
  func exit() throws {
    let pair = try Pair()
    pair.server.terminate()
    #expect(try pair.entries(at: 20) == ["3 client reset"])
  }

  @Test("a program that resets a connection in its receive callback gets nothing more")
  func resetInCallback() throws {
    let pair = try Pair()
    var got: [String] = []
    pair.serverEnd?.onReceive = { payload in
      got.append(read(payload))
      pair.serverEnd?.reset()
    }
    pair.say("a", "b", "c")
    #expect(try pair.entries(at: 20) == ["4 client reset"])
    #expect(got == ["a"])
  }

  @Test("payloads pass the transcoder once each, farewells and answers too")
  func transcode() throws {
    let pair = try Pair()
    var count = 0
    pair.simulation.network.transcode = { payload in
      count += 1
      return text(read(payload).uppercased())
    }
    pair.say("a")
    pair.clientEnd?.close(farewell: text("bye"))
    #expect(try pair.entries(at: 20) == ["3 server got A", "3 server closed(BYE)"])
    #expect(count == 2)
  }

  @Test("a paused receiver gets everything after its resumption, in order and before the close")
  func pausedReceiver() throws {
    let pair = try Pair()
    pair.server.pause()
    pair.say("a", "b")
    pair.simulation.at(5) {
      pair.say("c")
      pair.clientEnd?.close()
    }
    pair.simulation.at(50) { pair.server.resume() }
    #expect(try pair.entries(at: 40) == [])
    let entries = try pair.entries(at: 60)
    #expect(entries == ["50 server got a", "50 server got b", "50 server got c", "50 server closed"])
  }

  @Test("the number of open connections counts ends on the host")
  func openConnections() throws {
    let pair = try Pair()
    #expect(pair.simulation.network.openConnections(on: "server") == 1)
    pair.serverEnd?.close()
    #expect(pair.simulation.network.openConnections(on: "server") == 0)
    #expect(pair.simulation.network.openConnections(on: "client") == 1)
    try pair.simulation.run()
    #expect(pair.simulation.network.openConnections(on: "client") == 0)
  }
}
