import Testing

@testable import SimulationRuntime

@Suite("Back-pressure")
struct BackPressureTests {
  @Test("the socket is writable below the window, and not at it", arguments: [(9, true), (10, false), (11, false)])
  func window(bytes: Int, writable: Bool) throws {
    let pair = try Pair()
    pair.clientEnd?.window = 10
    pair.serverEnd?.pauseReading()
    pair.clientEnd?.send(Frame("x", byteCount: bytes))
    #expect(pair.clientEnd?.isWritable == writable)
    try pair.simulation.run()
    #expect(pair.clientEnd?.isWritable == writable)
    #expect(pair.clientEnd?.unreadByPeer == bytes)
  }

  @Test("room is known one hop after the peer has read")
  func room() throws {
    let pair = try Pair()
    pair.clientEnd?.window = 2
    pair.serverEnd?.pauseReading()
    var writableAt: [Int64] = []
    pair.clientEnd?.onWritable = { writableAt.append((pair.simulation.now - .start).milliseconds) }
    pair.say("a", "b")
    pair.simulation.at(10) { pair.serverEnd?.resumeReading() }
    pair.simulation.at(10) { #expect(pair.clientEnd?.isWritable == false) }
    #expect(try pair.entries(at: 20) == ["10 server got a", "10 server got b"])
    #expect(writableAt == [11])
    #expect(pair.clientEnd?.unreadByPeer == 0)
  }

  @Test("a sender that is paused hears of the room when it is resumed")
  func pausedSender() throws {
    let pair = try Pair()
    pair.clientEnd?.window = 1
    var writableAt: [Int64] = []
    pair.clientEnd?.onWritable = { writableAt.append((pair.simulation.now - .start).milliseconds) }
    pair.say("a")
    pair.client.pause()
    pair.simulation.at(30) { pair.client.resume() }
    _ = try pair.entries(at: 40)
    #expect(writableAt == [30])
  }

  @Test("a cut keeps the news of the room away")
  func cut() throws {
    let pair = try Pair()
    pair.clientEnd?.window = 1
    var writableAt: [Int64] = []
    pair.clientEnd?.onWritable = { writableAt.append((pair.simulation.now - .start).milliseconds) }
    pair.say("a")
    try pair.simulation.run(for: .microseconds(1_500))
    let cut = pair.begin(.cut)
    pair.simulation.at(30) { pair.simulation.network.end(cut) }
    _ = try pair.entries(at: 40)
    #expect(writableAt == [30])
  }

  @Test("a program that pauses and resumes in its callback gets every payload whole and in order")
  func pauseInCallback() throws {
    let pair = try Pair()
    var log: [String] = []
    pair.serverEnd?.onReceive = { payload in
      log.append("begin \(read(payload))")
      pair.serverEnd?.pauseReading()
      pair.serverEnd?.resumeReading()
      log.append("end \(read(payload))")
    }
    pair.serverEnd?.pauseReading()
    pair.say("a", "b", "c")
    pair.simulation.at(10) { pair.serverEnd?.resumeReading() }
    _ = try pair.entries(at: 20)
    #expect(log == ["begin a", "end a", "begin b", "end b", "begin c", "end c"])
  }

  @Test("a reader that takes one at a time leaves the rest unread")
  func oneAtATime() throws {
    let pair = try Pair()
    var got: [String] = []
    pair.serverEnd?.onReceive = { payload in
      got.append(read(payload))
      pair.serverEnd?.pauseReading()
    }
    for number in 0..<5 { pair.say("\(number)") }
    pair.clientEnd?.close()
    try pair.simulation.run()
    #expect(got == ["0"])
    #expect(pair.serverEnd?.isOpen == true, "the close waits behind what is unread")
    for _ in 0..<5 { pair.serverEnd?.resumeReading() }
    #expect(got == ["0", "1", "2", "3", "4"])
    #expect(pair.serverEnd?.isOpen == false)
    #expect(try pair.entries(at: 20) == ["10 server closed"] || pair.log.entries.last?.hasSuffix("closed") == true)
  }

  @Test("a producer that respects the window never has more than it outstanding", arguments: 0..<8 as Range<UInt64>)
  func bounded(seed: UInt64) throws {
    let pair = try Pair(seed: seed)
    let socket = try #require(pair.clientEnd)
    socket.setLatency(.uniform(.microseconds(100), .milliseconds(3)))
    socket.window = 8
    var sent = 0
    var highest = 0
    func produce() {
      while sent < 200, socket.isWritable {
        socket.send(text("x"))
        sent += 1
        highest = max(highest, socket.unreadByPeer)
      }
    }
    socket.onWritable = { produce() }
    produce()
    try pair.simulation.run()
    #expect(sent == 200)
    #expect(highest == 8)
    #expect(pair.log.entries.count == 200)
  }

  @Test("a reset behind payloads that are not read is known to a writer, and read in its place")
  func unreadReset() throws {
    let pair = try Pair()
    pair.serverEnd?.pauseReading()
    pair.say("a", "b")
    pair.simulation.at(5) { pair.clientEnd?.close() }
    pair.simulation.at(10) { #expect(pair.serverEnd?.failsWrites == false) }
    // The client is gone: its machine answers what is sent to it with RST.
    pair.simulation.at(11) { pair.serverEnd?.send(Frame("c", byteCount: 1)) }
    pair.simulation.at(20) { #expect(pair.serverEnd?.failsWrites == true && pair.serverEnd?.isOpen == true) }
    pair.simulation.at(30) { pair.serverEnd?.resumeReading() }
    let entries = try pair.entries(at: 40)
    #expect(entries.prefix(2) == ["30 server got a", "30 server got b"])
    #expect(pair.serverEnd?.failsWrites == false && pair.serverEnd?.isOpen == false)
  }
}
