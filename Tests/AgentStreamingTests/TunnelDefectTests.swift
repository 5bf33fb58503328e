import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import AgentStreaming

@Suite("Defects of tunnels, and peers without the contract")
struct TunnelDefectTests {
  private static func behaviour(_ change: (inout TunnelBehaviour) -> Void) -> TunnelBehaviour {
    var behaviour = TunnelBehaviour()
    change(&behaviour)
    return behaviour
  }

  @Test("without the contract the agent opens by itself 2 s after a start, and frames carry the session alone")
  func legacy() throws {
    let rig = try TunnelRig()
    rig.tunnels?.connected(speaksContract: false)
    rig.greeting = [1, 2, 3]
    rig.tunnels?.sessionStarted(TunnelRig.session)
    try rig.run(.milliseconds(1_900))
    #expect(rig.dials == 0)
    try rig.run(.seconds(1))
    #expect(rig.dials == 1)
    #expect(
      rig.sent == [
        .vncReady(VNCReady(sessionID: TunnelRig.session, vncPort: 5900, podName: "pod-1")),
        .vncData(VNCData(sessionID: TunnelRig.session, data: VNCChunk(bytes: [1, 2, 3]))),
      ])
    // No flow control: more than a window passes without credit.
    for _ in 0..<20 {
      rig.streams[0].send(Bytes(Array(repeating: 0, count: 32_768)))
      rig.tunnels?.receive(
        .vncData(VNCData(sessionID: TunnelRig.session, data: VNCChunk(bytes: Array(repeating: 1, count: 32_768)))))
      try rig.run(.milliseconds(100))
    }
    #expect(rig.received[rig.streams[0].connection]?.count == 20 * 32_768)
    #expect(rig.sent.count { if case .vncData = $0 { true } else { false } } == 21)
    #expect(rig.sent.allSatisfy { TunnelRig.attachment(of: $0) == nil })
    // It outlives the connection, and its end is silent.
    rig.tunnels?.disconnected()
    rig.tunnels?.connected(speaksContract: false)
    #expect(rig.openStreams == 1)
    rig.streams[0].close()
    try rig.run(.seconds(1))
    #expect(rig.closes.isEmpty && rig.errors.isEmpty && rig.tunnels?.count == 0)
  }

  @Test("without the contract a viewer's end closes the tunnel for good; a contract peer later ends what is left")
  func legacyClose() throws {
    let rig = try TunnelRig()
    rig.tunnels?.connected(speaksContract: false)
    rig.tunnels?.sessionStarted(TunnelRig.session)
    rig.tunnels?.sessionStarted("other")
    try rig.run(.seconds(3))
    #expect(rig.openStreams == 2)
    rig.tunnels?.receive(
      .vncClose(VNCClose(sessionID: TunnelRig.session, reason: .clientDisconnect)))
    try rig.run(.seconds(40))
    #expect(rig.openStreams == 1 && rig.dials == 2)
    rig.tunnels?.connected(speaksContract: true)
    try rig.run(.seconds(1))
    #expect(rig.openStreams == 0)
  }

  @Test("B-61: a session is viewed once per start, and not at all without one in this life")
  func oneShot() throws {
    let rig = try TunnelRig(Self.behaviour { $0.lifetime = .oneShot })
    rig.open(1)
    try rig.run(.seconds(1))
    #expect(rig.sent.isEmpty)
    rig.tunnels?.sessionStarted(TunnelRig.session)
    rig.open(2)
    try rig.run(.seconds(1))
    #expect(rig.readies(2) == 1)
    rig.close(2)
    rig.open(3)
    try rig.run(.seconds(40))
    #expect(rig.sent.count == 1)
  }

  @Test("B-62: what the desktop says before the viewer comes is lost")
  func banner() throws {
    let rig = try TunnelRig(Self.behaviour { $0.opening = .atStart })
    rig.greeting = Array("RFB 003.008\n".utf8)
    rig.tunnels?.sessionStarted(TunnelRig.session)
    try rig.run(.seconds(5))
    #expect(rig.openStreams == 1 && rig.sent.isEmpty)
    rig.open()
    try rig.run(.seconds(5))
    #expect(rig.readies() == 1 && rig.bytes().isEmpty && rig.dials == 1)
    rig.write([9])
    try rig.run(.seconds(1))
    #expect(rig.received[rig.streams[0].connection] == [9])
    rig.close()
    rig.open(2)
    try rig.run(.seconds(1))
    #expect(rig.bytes(2) == rig.greeting)
    rig.tunnels?.sessionStarted("other")
    try rig.run(.seconds(5))
    #expect(rig.openStreams == 2)
    rig.tunnels?.stop()
    try rig.run(.seconds(1))
    #expect(rig.openStreams == 0)
  }

  @Test("B-66: nobody hears of the desktop's end")
  func silentEnd() throws {
    let rig = try TunnelRig(Self.behaviour { $0.desktopEnd = .silent })
    rig.open()
    try rig.run(.seconds(1))
    rig.streams[0].close()
    try rig.run(.seconds(5))
    #expect(rig.sent.count == 1 && rig.tunnels?.count == 0)
  }

  @Test("C-20: what a full socket does not take is lost, and credited")
  func shortWrites() throws {
    let rig = try TunnelRig(Self.behaviour { $0.shortWrites = .ignored })
    rig.open()
    try rig.run(.seconds(1))
    rig.streams[0].pauseReading()
    for _ in 0..<5 { rig.write(Array(repeating: 3, count: 30_000)) }
    try rig.run(.seconds(1))
    rig.streams[0].resumeReading()
    try rig.run(.seconds(2))
    let arrived = rig.received[rig.streams[0].connection]?.count ?? 0
    #expect(arrived < 150_000)
    #expect(rig.credits().reduce(0, +) == 150_000)
  }

  @Test("C-21: frames whose size is no multiple of three cost the next one")
  func joinedBase64() throws {
    let rig = try TunnelRig(Self.behaviour { $0.decoding = .joined })
    rig.open()
    try rig.run(.seconds(1))
    for bytes: [UInt8] in [[1, 1, 1], [2, 2, 2], [3, 3], [4, 4, 4], [5, 5, 5]] { rig.write(bytes) }
    try rig.run(.seconds(1))
    #expect(rig.received[rig.streams[0].connection] == [1, 1, 1, 2, 2, 2, 3, 3, 5, 5, 5])
  }

  @Test("C-22: two opens both pass the check, and a close meanwhile meets nothing: streams leak")
  func doubleCreate() throws {
    let rig = try TunnelRig(Self.behaviour { $0.insertion = .afterDial })
    rig.open(1)
    rig.open(1)
    try rig.run(.seconds(1))
    #expect(rig.dials == 2 && rig.openStreams == 2)
    rig.close(1)
    try rig.run(.seconds(1))
    #expect(rig.tunnels?.count == 0 && rig.openStreams == 1)
    rig.open(2)
    rig.close(2, .takenOver)
    rig.open(3)
    try rig.run(.seconds(1))
    #expect(rig.openStreams == 3)
  }

  @Test("B-65: data goes into the one queue as it is read, and a heartbeat waits behind it")
  func sharedQueue() throws {
    let rig = try TunnelRig(Self.behaviour { $0.sendQueues = .shared })
    rig.open()
    try rig.run(.seconds(1))
    rig.isWritable = false
    for _ in 0..<400 { rig.streams[0].send(Bytes(Array(repeating: 7, count: 32_768))) }
    try rig.run(.seconds(5))
    // The window is not respected, the length of the queue is.
    #expect(rig.control.count == 256)
    rig.isWritable = true
    try rig.run(.seconds(10))
    #expect(rig.bytes().count == 400 * 32_768)
  }
}
