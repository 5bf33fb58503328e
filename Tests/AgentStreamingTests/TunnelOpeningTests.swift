import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import AgentStreaming

@Suite("Opening and ending tunnels")
struct TunnelOpeningTests {
  @Test("an attachment gets a stream of its own and is told the port; a repeat is answered again and opens nothing")
  func ready() throws {
    let rig = try TunnelRig()
    rig.open()
    rig.open()
    try rig.run(.seconds(1))
    #expect(
      rig.sent == [
        .vncReady(
          VNCReady(sessionID: TunnelRig.session, attachmentID: TunnelRig.id(1), vncPort: 5900, podName: "pod-1"))
      ])
    rig.open()
    #expect(rig.readies() == 2)
    #expect(rig.dials == 1 && rig.streams.count == 1 && rig.openStreams == 1)
    rig.open(2)
    try rig.run(.seconds(1))
    #expect(rig.dials == 2 && rig.openStreams == 2 && rig.readies(2) == 1)
  }

  @Test("what the desktop says first belongs to the attachment, after it was told that the tunnel stands")
  func greeting() throws {
    let rig = try TunnelRig()
    rig.greeting = Array("RFB 003.008\n".utf8)
    rig.open()
    try rig.run(.seconds(1))
    #expect(rig.bytes() == rig.greeting)
    guard case .vncReady? = rig.sent.first else { return #expect(Bool(false), "ready comes first") }
  }

  @Test("frames with an id that is not known, or has ended, are dropped without an answer")
  func unknown() throws {
    let rig = try TunnelRig()
    rig.write([1, 2, 3])
    rig.credit(10)
    rig.close()
    try rig.run(.seconds(1))
    #expect(rig.sent.isEmpty)
    rig.open()
    try rig.run(.seconds(1))
    rig.close()
    let before = rig.sent.count
    rig.write([1])
    rig.credit(1)
    rig.close()
    rig.open()
    try rig.run(.seconds(40))
    #expect(rig.sent.count == before && rig.dials == 1)
  }

  @Test("after a close nothing more is said for the attachment, and its stream is closed", arguments: 1...5)
  func close(seed: UInt64) throws {
    let rig = try TunnelRig(seed: seed)
    rig.open()
    rig.open(2)
    try rig.run(.seconds(1))
    rig.isWritable = false
    for stream in rig.streams { stream.send(Bytes(Array(repeating: 7, count: 50_000))) }
    rig.write([1, 2, 3])
    try rig.run(.seconds(1))
    rig.close(1, .takenOver)
    rig.isWritable = true
    try rig.run(.seconds(1))
    #expect(rig.chunks(1).isEmpty && rig.credits(1).isEmpty)
    #expect(rig.bytes(2).count == 50_000)
    #expect(rig.openStreams == 1 && rig.tunnels?.count == 1)
    #expect(rig.closed == ["taken_over"])
    // What the viewer said before still reached the desktop.
    #expect(rig.streams.map { rig.received[$0.connection] ?? [] }.filter { !$0.isEmpty } == [[1, 2, 3]])
  }

  @Test("a close while the tunnel is being opened ends it: no answer, no stream")
  func closeWhileOpening() throws {
    let rig = try TunnelRig()
    rig.open()
    try rig.run(.milliseconds(50))
    rig.close()
    try rig.run(.seconds(40))
    #expect(rig.sent.isEmpty && rig.openStreams == 0 && rig.opened == 0)
    #expect(rig.simulation.network.openConnections(on: "10.244.0.1") == 0)
  }

  @Test("a close while the tunnel is being opened lets no error of the dial be told either")
  func closeBeforeFailure() throws {
    let rig = try TunnelRig()
    rig.desktop.crash()
    rig.open()
    try rig.run(.milliseconds(50))
    rig.close()
    try rig.run(.seconds(40))
    #expect(rig.sent.isEmpty && rig.dials == 1)
  }

  @Test("what the viewer said before a close reaches the desktop whole, however much of it waits")
  func closeWhileWriting() throws {
    let rig = try TunnelRig()
    rig.open()
    try rig.run(.seconds(1))
    rig.streams[0].pauseReading()
    let pieces = (0..<7).map { Array(repeating: UInt8($0), count: 32_768) }
    for piece in pieces { rig.write(piece) }
    try rig.run(.seconds(1))
    rig.close()
    try rig.run(.seconds(1))
    rig.streams[0].resumeReading()
    try rig.run(.seconds(1))
    let isWhole = rig.received[rig.streams[0].connection] == Array(pieces.joined())
    #expect(isWhole && rig.openStreams == 0)
  }

  @Test(
    "a failed attachment and one whose session ends take back what waits to be said for them", arguments: [false, true])
  func withdrawal(isFailure: Bool) throws {
    let rig = try TunnelRig()
    rig.open()
    try rig.run(.seconds(1))
    rig.isWritable = false
    rig.write([1, 2, 3])
    try rig.run(.seconds(1))
    #expect(rig.control.count == 1)
    if isFailure {
      rig.tunnels?.receive(
        .vncData(VNCData(sessionID: TunnelRig.session, attachmentID: TunnelRig.id(1), data: VNCChunk(text: "!"))))
    } else {
      rig.tunnels?.sessionEnded(TunnelRig.session)
    }
    rig.isWritable = true
    #expect(rig.credits().isEmpty)
    #expect(rig.errors.count == (isFailure ? 1 : 0) && rig.closes == (isFailure ? [] : ["session_ended"]))
  }

  @Test("the desktop's end is told after all that it said", arguments: [false, true])
  func end(isReset: Bool) throws {
    let rig = try TunnelRig()
    rig.open(window: 1_000)
    try rig.run(.seconds(1))
    let stream = try #require(rig.streams.first)
    stream.send(Bytes(Array(repeating: 1, count: 1_500)))
    try rig.run(.seconds(1))
    if isReset { stream.reset() } else { stream.close() }
    // The end lies behind what was not read for want of credit.
    try rig.run(.seconds(1))
    rig.credit(1_000)
    try rig.run(.seconds(1))
    #expect(rig.bytes().count == 1_500)
    #expect(rig.closes == (isReset ? [] : ["desktop_closed"]))
    #expect(rig.errors == (isReset ? ["read: connection reset by peer"] : []))
    #expect(TunnelRig.attachment(of: try #require(rig.sent.last)) == TunnelRig.id(1))
    switch rig.sent.last {
    case .vncClose?, .vncError?: break
    default: #expect(Bool(false), "the end comes last")
    }
    #expect(rig.openStreams == 0 && rig.tunnels?.count == 0 && rig.closed.count == 1)
  }

  @Test("an open is answered within 30 s in any case")
  func deadline() throws {
    let rig = try TunnelRig()
    rig.dialDelay = .seconds(100)
    rig.open()
    try rig.run(.seconds(30))
    #expect(rig.errors == ["timeout waiting for port-forward"])
    try rig.run(.seconds(100))
    #expect(rig.sent.count == 1 && rig.openStreams == 0 && rig.tunnels?.count == 0)
    rig.desktop.crash()
    rig.dialDelay = .zero
    rig.open(2)
    try rig.run(.seconds(1))
    #expect(rig.errors.last == "connection refused")
  }

  @Test("the end of a session ends its tunnels and says so; those of others stay")
  func sessionEnded() throws {
    let rig = try TunnelRig()
    rig.open(1)
    rig.open(2, session: "other")
    rig.open(3)
    try rig.run(.seconds(1))
    rig.tunnels?.sessionEnded(TunnelRig.session)
    #expect(rig.closes == ["session_ended", "session_ended"])
    #expect(rig.closed == ["session_ended", "session_ended"])
    #expect(rig.openStreams == 1 && rig.tunnels?.count == 1)
  }

  @Test("tunnels end with the connection, without a word; the ids of a new one are new", arguments: [false, true])
  func disconnected(byStop: Bool) throws {
    let rig = try TunnelRig()
    rig.open(1)
    try rig.run(.seconds(1))
    rig.open(2)
    if byStop { rig.tunnels?.stop() } else { rig.tunnels?.disconnected() }
    try rig.run(.seconds(1))
    #expect(rig.sent.count == 1)
    #expect(rig.closed == ["agent_lost"] && rig.tunnels?.count == 0 && rig.openStreams == 0)
    rig.tunnels?.connected(speaksContract: true)
    rig.open(1)
    try rig.run(.seconds(1))
    #expect(rig.readies(1) == 2)
  }

  @Test("a frame that is not base64 ends its attachment: a byte stream has no holes")
  func notBase64() throws {
    let rig = try TunnelRig()
    rig.open()
    try rig.run(.seconds(1))
    rig.tunnels?.receive(
      .vncData(
        VNCData(sessionID: TunnelRig.session, attachmentID: TunnelRig.id(1), data: VNCChunk(text: "not base64!"))))
    #expect(rig.errors == ["failed to decode base64"] && rig.openStreams == 0)
  }
}
