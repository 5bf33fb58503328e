import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// How attachments end, and who is told (C24; Streaming, rule 7).
@Suite struct StreamEndTests {
  @Test(arguments: [1, 2])
  func `the loss of the agent closes its viewers at once`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    streams.agent.script.reconnect = nil
    streams.agent.process.crash()
    try streams.run(.milliseconds(200))
    #expect(viewer.closeCode == 4005)
    try streams.run(.seconds(1))
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  @Test func `a silent agent loses its attachments within 15 s, and not its registration`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    streams.agent.answersPings = false
    streams.agent.script.heartbeat = nil
    try streams.run(.seconds(16))
    #expect(viewer.closeCode == 4005)
    #expect(streams.agent.connections == 1)
    #expect(streams.agent.ends.isEmpty)
    #expect(streams.tunnels.last?.closed == "agent_lost")
    streams.expectNothingHeld()
  }

  @Test(arguments: [1, 2])
  func `an agent that hears nothing any more ends its attachments at once, whatever the database does`(edge: Int) throws
  {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    let network = streams.cluster.simulation.network
    let cut = network.begin(NetworkFault(.cut, between: ["api-1"], and: [streams.cluster.database.endpoint.host]))
    streams.tunnels.close(streams.tunnels.last, .agentLost)
    try streams.run(.milliseconds(200))
    #expect(viewer.closeCode == 4005)
    // The agent knows.
    #expect(streams.tunnels.log == ["open"])
    #expect(streams.agent.ends.isEmpty)
    network.end(cut)
    try streams.run(.seconds(15))
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  @Test func `an error of the tunnel is told with its text, cut to fit`() throws {
    let streams = try StreamCluster()
    streams.tunnels.answers = false
    let viewer = try streams.attached()
    streams.tunnels.fail(streams.tunnels.last, String(repeating: "ö", count: 100))
    try streams.run(.seconds(1))
    #expect(viewer.closeCode == 4004)
    #expect(viewer.closeReason?.utf8.count == 122)
    #expect(streams.tunnels.log == ["open"])
    #expect(streams.cluster.processes[0].current != nil)
    streams.expectNothingHeld()
  }

  @Test func `an agent that does not answer within 30 s is told to close`() throws {
    let streams = try StreamCluster()
    streams.tunnels.answers = false
    let viewer = try streams.attached()
    try streams.run(.seconds(29))
    #expect(viewer.isOpen)
    try streams.run(.seconds(2))
    #expect(viewer.closeCode == 4004)
    #expect(streams.tunnels.log == ["open", "close client_disconnect"])
    #expect(try streams.count() == 0)
  }

  @Test(arguments: [1, 2])
  func `when the desktop closes, its last bytes come first`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    let bytes = pattern(250_000)
    streams.tunnels.send(bytes, on: streams.tunnels.last)
    streams.tunnels.close(streams.tunnels.last)
    try streams.run(.seconds(3))
    expectSame(viewer.received, bytes)
    #expect(viewer.closeCode == 4007)
    #expect(streams.tunnels.log == ["open"])
    streams.expectNothingHeld()
  }

  @Test(arguments: ["hibernating", "hibernated", "terminating", "terminated", "failed"], [1, 2])
  func `a session that leaves running closes its viewer within 15 s`(state: String, edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    try streams.setState(state)
    try streams.run(.seconds(15))
    #expect(viewer.closeCode == 4002)
    #expect(streams.tunnels.last?.closed == "session_ended")
    streams.expectNothingHeld()
  }

  @Test func `a hibernate by the user reaches the viewer with its result`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    let answer = try streams.cluster.ask(.put, "/api/v1/sessions/\(StreamCluster.session)/hibernate")
    #expect(answer.status == 202)
    try streams.run(.seconds(1))
    #expect(viewer.closeCode == 4002)
  }

  @Test(arguments: [false, true])
  func `a desktop that goes because its session is stopped is neither closed nor failed`(isError: Bool) throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    try streams.setState("terminating")
    let tunnel = streams.tunnels.last
    if isError { streams.tunnels.fail(tunnel, "connection reset by peer") } else { streams.tunnels.close(tunnel) }
    try streams.run(.milliseconds(500))
    #expect(viewer.closeCode == 4002)
    // The agent knows.
    #expect(streams.tunnels.log == ["open"])
  }

  @Test(arguments: [1, 2])
  func `a viewer that reads late still gets the desktop's last bytes`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    viewer.socket?.pauseReading()
    // A window at the edge, and the rest at the owner.
    let bytes = pattern(250_000 * edge)
    streams.tunnels.send(bytes, on: streams.tunnels.last)
    try streams.run(.seconds(2))
    #expect(streams.tunnels.last?.toSend.isEmpty == true)
    streams.tunnels.close(streams.tunnels.last)
    try streams.run(.seconds(20))
    #expect(viewer.isOpen)
    viewer.socket?.resumeReading()
    try streams.run(.seconds(2))
    expectSame(viewer.received, bytes)
    #expect(viewer.closeCode == 4007)
    streams.expectNothingHeld()
  }

  @Test(arguments: [1, 2])
  func `a graceful stop says 1001 to viewers and why to the agent`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    streams.cluster.processes[0].terminate()
    try streams.run(.milliseconds(500))
    #expect(viewer.closeCode == 1001)
    #expect(streams.tunnels.last?.closed == "replica_shutdown")
    #expect(try streams.count() == 0)
    try streams.run(.seconds(10))
    streams.expectNothingHeld()
  }

  @Test func `a graceful stop waits for the counts of its viewers to be written`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    streams.cluster.database.begin(
      .slow(.constant(.seconds(2)), scope: .init(clients: ["api-1"], statements: ["sessionDetached"])))
    streams.cluster.processes[0].terminate()
    try streams.run(.seconds(1))
    #expect(viewer.closeCode == 1001)
    #expect(streams.cluster.processes[0].current != nil)
    try streams.run(.seconds(2))
    #expect(streams.cluster.processes[0].current == nil)
    #expect(try streams.count() == 0)
  }

  @Test func `an edge that stops says 1001 to its viewers`() throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: 2)
    streams.cluster.processes[1].terminate()
    try streams.run(.seconds(1))
    #expect(viewer.closeCode == 1001)
    #expect(streams.tunnels.last?.closed == "replica_shutdown")
    #expect(try streams.count() == 0)
  }

  @Test(arguments: [1, 2])
  func `a disabled user is let go by the next beat`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    _ = try streams.cluster.query("UPDATE users SET active = $1 WHERE id = 'u01'", [.boolean(false)])
    try streams.run(.seconds(31))
    #expect(viewer.closeCode == 4006)
    #expect(streams.tunnels.last?.closed == "client_disconnect")
    streams.expectNothingHeld()
  }

  @Test(arguments: [1, 2], [true, false])
  func `a user who logs out is let go by the next beat, and nobody else`(edge: Int, isRevoked: Bool) throws {
    let streams = try StreamCluster(replicas: 2, isCacheEnabled: true)
    let answer = try streams.cluster.ask(
      .post, "/api/v1/auth/login", ["username": "u01", "password": "password-of-u01"], as: nil)
    let token = try #require(answer["token"]?.text)
    let viewer = streams.viewer(at: edge, token: token)
    try streams.run(.milliseconds(300))
    try #require(viewer.isOpen)
    if isRevoked {
      let headers: HTTPHeaders = ["Authorization": "Bearer \(token)"]
      #expect(try streams.cluster.ask(.post, "/api/v1/auth/logout", [:], as: nil, headers: headers).status == 200)
    }
    try streams.run(.seconds(31))
    #expect(viewer.closeCode == (isRevoked ? 4006 : nil))
    #expect(streams.tunnels.last?.closed == (isRevoked ? "client_disconnect" : nil))
    #expect(viewer.isOpen == !isRevoked)
  }

  @Test func `a token that nobody can look up does not end its viewer`() throws {
    let streams = try StreamCluster(isCacheEnabled: true)
    let answer = try streams.cluster.ask(
      .post, "/api/v1/auth/login", ["username": "u01", "password": "password-of-u01"], as: nil)
    let viewer = streams.viewer(token: try #require(answer["token"]?.text))
    try streams.run(.milliseconds(300))
    streams.cluster.redis?.begin(.down)
    try streams.run(.seconds(61))
    #expect(viewer.isOpen)
  }

  @Test func `frames of no attachment are dropped without an answer`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    let session = StreamCluster.session
    let strange = "att-ffffffffffffffff"
    streams.agent.send(.vncData(VNCData(sessionID: session, attachmentID: strange, data: VNCChunk(bytes: [1]))))
    streams.agent.send(.vncData(VNCData(sessionID: session, attachmentID: nil, data: VNCChunk(bytes: [2]))))
    streams.agent.send(.vncClose(VNCClose(sessionID: session, attachmentID: strange, reason: .desktopClosed)))
    streams.agent.send(.vncError(VNCError(sessionID: "none", attachmentID: strange, error: "x")))
    streams.agent.send(.vncCredit(VNCCredit(sessionID: session, attachmentID: strange, bytes: -5)))
    streams.agent.send(
      .vncReady(
        VNCReady(sessionID: session, attachmentID: streams.tunnels.last?.attachment, vncPort: 5900)))
    try streams.run(.seconds(1))
    #expect(viewer.isOpen)
    #expect(viewer.received.isEmpty)
    #expect(streams.tunnels.log == ["open"])
  }

  @Test(arguments: 1...4)
  func `viewers that come and go leave nothing behind`(seed: UInt64) throws {
    let streams = try StreamCluster(replicas: 2, seed: seed)
    for round in 0..<12 {
      let viewer = streams.viewer(at: 1 + round % 2)
      try streams.run(.milliseconds(Int64(20 * round)))
      streams.tunnels.send(pattern(10_000), on: streams.tunnels.last)
      switch round % 3 {
      case 0: viewer.leave()
      case 1: viewer.socket?.reset()
      default: break
      }
    }
    try streams.run(.seconds(1))
    for viewer in streams.relay(1).openViewers + streams.relay(2).openViewers { viewer.endFromEdge(.viewerLeft) }
    try streams.run(.seconds(3))
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }
}
