import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// Pings, counts and activity of attached sessions (C24; Streaming, rule 6).
@Suite struct StreamKeepAliveTests {
  @Test func `a quiet viewer that answers pings stays`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    try streams.run(.seconds(400))
    #expect(viewer.isOpen)
    #expect(viewer.pings == 7)
    #expect(try streams.count() == 1)
  }

  @Test func `a viewer that says nothing for 120 s is gone`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    viewer.answersPings = false
    try streams.run(.seconds(119))
    #expect(viewer.isOpen)
    try streams.run(.seconds(3))
    #expect(!viewer.isOpen)
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  private func activity(_ streams: StreamCluster) throws -> Int64 {
    try streams.cluster.query(
      "SELECT last_activity FROM sessions WHERE id = $1", [.text(StreamCluster.session)])[0]
      .microseconds("last_activity")
  }

  @Test func `activity moves every 30 s while a viewer is attached`() throws {
    let streams = try StreamCluster()
    _ = try streams.attached()
    var last = try activity(streams)
    for _ in 0..<4 {
      try streams.run(.seconds(31))
      let now = try activity(streams)
      #expect(now - last >= 29_000_000)
      last = now
    }
  }

  @Test func `a new registration of the agent zeroes its counts, and an old owner writes no more`() throws {
    let streams = try StreamCluster(replicas: 2)
    _ = try streams.attached()
    #expect(try streams.count() == 1)
    // The agent goes to the other replica while the first still believes in its connection.
    streams.agent.redial(to: "api-2")
    try streams.run(.seconds(3))
    #expect(try streams.count() == 0)
    let viewer = try streams.attached(at: 2)
    #expect(try streams.count() == 1)
    try streams.run(.seconds(60))
    #expect(try streams.count() == 1)
    #expect(viewer.isOpen)
    #expect(streams.relay(1).holdsNothing)
  }

  @Test func `an old owner that reaches the database late does not count the viewer of the new one away`() throws {
    let streams = try StreamCluster(replicas: 2)
    let first = try streams.attached()
    let network = streams.cluster.simulation.network
    let cut = network.begin(NetworkFault(.cut, between: ["api-1"], and: [streams.cluster.database.endpoint.host]))
    first.leave()
    try streams.run(.seconds(1))
    #expect(try streams.count() == 1)
    streams.agent.redial(to: "api-2")
    try streams.run(.seconds(3))
    let second = try streams.attached(at: 2)
    #expect(try streams.count() == 1)
    network.end(cut)
    try streams.run(.seconds(15))
    #expect(second.isOpen)
    #expect(try streams.count() == 1)
    #expect(streams.relay(1).holdsNothing)
  }

  @Test func `only the owner of the agent's newest connection writes the count`() throws {
    let streams = try StreamCluster()
    let agent = try #require(
      try streams.cluster.query("SELECT connection_pod, connection_epoch FROM agents WHERE agent_id = 'k8s-1'").first)
    let pod = try agent.text("connection_pod")
    let epoch = try agent.integer("connection_epoch")
    func write(_ statement: SQLStatement, _ pod: String, _ epoch: Int64) throws -> Int64? {
      let keys: [SQLValue] = [.text(StreamCluster.session), .text(pod), .integer(epoch)]
      _ = try streams.cluster.database.query(statement, keys)
      return try streams.count()
    }
    for attached in [StreamingStatements.attached, StreamingStatements.attachedQuietly] {
      #expect(try write(attached, "api-2", epoch) == 0)
      #expect(try write(attached, pod, epoch - 1) == 0)
      #expect(try write(attached, pod, epoch) == 1)
      #expect(try write(StreamingStatements.detached, "api-2", epoch) == 1)
      #expect(try write(StreamingStatements.detached, pod, epoch - 1) == 1)
      #expect(try write(StreamingStatements.detached, pod, epoch) == 0)
    }
  }

  @Test func `a count that the database does not take is written when it is back`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    streams.cluster.database.process.crash()
    viewer.leave()
    try streams.run(.seconds(5))
    streams.cluster.database.process.start()
    try streams.run(.seconds(15))
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  @Test func `connect adds nothing to the count`() throws {
    let streams = try StreamCluster()
    _ = try streams.cluster.ask(.get, "/api/v1/sessions/\(StreamCluster.session)/connect?user=u01")
    #expect(try streams.count() == 0)
  }

  // MARK: Agents without the contract's frames

  @Test func `a legacy agent is served by session alone, its banner kept for the first viewer`() throws {
    let streams = try StreamCluster(speaksContract: false)
    let tunnel = streams.tunnels.openLegacy(StreamCluster.session)
    streams.tunnels.send(pattern(12), on: tunnel)
    try streams.run(.seconds(1))
    let viewer = try streams.attached()
    streams.tunnels.send(pattern(300_000, 2), on: tunnel)
    viewer.send([9, 9])
    try streams.run(.seconds(2))
    expectSame(viewer.received, pattern(12) + pattern(300_000, 2))
    expectSame(tunnel.received, [9, 9])
    #expect(streams.tunnels.log.isEmpty)
    #expect(try streams.count() == 1)
  }

  @Test(arguments: [1, 2])
  func `the full buffer of a legacy agent closes the viewer and makes no hole`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2, speaksContract: false)
    let tunnel = streams.tunnels.openLegacy(StreamCluster.session)
    let viewer = try streams.attached(at: edge)
    viewer.socket?.pauseReading()
    let bytes = pattern(2_000_000)
    streams.tunnels.send(bytes, on: tunnel)
    try streams.run(.seconds(2))
    viewer.socket?.resumeReading()
    try streams.run(.seconds(1))
    #expect(viewer.closeCode == 4003)
    expectSame(viewer.received, Array(bytes.prefix(viewer.received.count)))
    #expect(streams.tunnels.log.contains("close viewer_stalled"))
    streams.expectNothingHeld()
  }
}
