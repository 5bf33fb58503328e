import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// Each streaming policy that is a defect, shown by what it breaks.
@Suite struct StreamDefectTests {
  private func cluster(
    replicas: Int = 1, seed: UInt64 = 1, sessions: [String] = [StreamCluster.session],
    _ change: @escaping (inout StreamingPolicies) -> Void
  ) throws -> StreamCluster {
    try StreamCluster(replicas: replicas, seed: seed, sessions: sessions) { change(&$0.behaviour.streaming) }
  }

  @Test func `A-22: without pings a quiet viewer is cut after a minute`() throws {
    let streams = try cluster { $0.keepAlive = .idleReaper }
    let viewer = try streams.attached()
    try streams.run(.seconds(58))
    #expect(viewer.isOpen)
    try streams.run(.seconds(4))
    #expect(!viewer.isOpen && viewer.pings == 0)
  }

  @Test func `A-25: no viewer gets in at all`() throws {
    let streams = try cluster { $0.userLookup = .wrongKey }
    let viewer = streams.viewer()
    try streams.run(.seconds(1))
    #expect(viewer.status == 401)
  }

  @Test func `A-26: a token in the query is not seen`() throws {
    let streams = try cluster { $0.tokenPlaces = .headerOnly }
    let viewer = streams.viewer()
    try streams.run(.seconds(1))
    #expect(viewer.status == 401)
  }

  @Test func `A-59: activity does not move while a viewer is attached`() throws {
    let streams = try cluster { $0.activity = .neverWritten }
    _ = try streams.attached()
    try streams.run(.seconds(70))
    let row = try streams.cluster.query(
      "SELECT last_activity FROM sessions WHERE id = $1", [.text(StreamCluster.session)])
    #expect(try row.first?.optionalMicroseconds("last_activity") == .some(nil))
  }

  @Test func `B-55: two viewers of one agent lose each other's frames`() throws {
    let other = "u02-desktop-00000002"
    let streams = try cluster(sessions: [StreamCluster.session, other]) { $0.reception = .oneQueuePerAgent }
    let first = try streams.attached()
    let second = try streams.attached(other, as: "u02")
    for _ in 0..<20 { for tunnel in streams.tunnels.tunnels { streams.tunnels.send(pattern(100), on: tunnel) } }
    try streams.run(.seconds(1))
    #expect(first.received.count < 2000)
    #expect(second.received.count < 2000)
    #expect(first.received.count + second.received.count > 0)
  }

  @Test func `B-56: a viewer at another replica is upgraded and cut`() throws {
    let streams = try cluster(replicas: 2) { $0.reach = .ownAgents }
    let viewer = streams.viewer(at: 2)
    try streams.run(.seconds(1))
    #expect(viewer.status == 101 && viewer.wasReset && viewer.closeCode == nil)
    streams.expectNothingHeld()
  }

  @Test func `B-57: the clean-up of the older viewer tears the newer one's tunnel down`() throws {
    let streams = try cluster { $0.takeover = .bySession }
    let first = try streams.attached()
    let second = try streams.attached()
    streams.tunnels.send(pattern(100), on: streams.tunnels.last)
    try streams.run(.seconds(1))
    #expect(first.wasReset)
    #expect(second.isOpen && second.received.isEmpty)
    #expect(streams.tunnels.last?.closed == "client_disconnect")
    #expect(try streams.count() == 0)
  }

  @Test func `B-58: an error of the tunnel kills the replica`() throws {
    let streams = try cluster { $0.tunnelError = .panics }
    _ = try streams.attached()
    streams.tunnels.fail(streams.tunnels.last, "timeout waiting for port-forward")
    try streams.run(.milliseconds(200))
    #expect(streams.cluster.processes[0].current == nil)
  }

  @Test func `B-59: the end of a viewer is often not noticed`() throws {
    var leaks = 0
    for seed in 1...6 as ClosedRange<UInt64> {
      let streams = try cluster(seed: seed) { $0.viewerEnd = .takenByTicker }
      let viewer = try streams.attached()
      streams.tunnels.send(pattern(10), on: streams.tunnels.last)
      try streams.run(.seconds(1))
      viewer.leave()
      try streams.run(.seconds(5))
      if try streams.count() == 1, streams.tunnels.last?.closed == nil { leaks += 1 }
    }
    #expect(leaks > 0)
  }

  @Test func `B-59: without a message before, the end is clean`() throws {
    let streams = try cluster { $0.viewerEnd = .takenByTicker }
    let viewer = try streams.attached()
    viewer.leave()
    try streams.run(.seconds(1))
    #expect(try streams.count() == 0)
  }

  @Test func `B-60: a ping that meets data kills the replica`() throws {
    let streams = try cluster { $0.viewerWriters = .two }
    let viewer = try streams.attached()
    try streams.run(.seconds(40))
    viewer.socket?.pauseReading()
    streams.tunnels.send(pattern(100_000), on: streams.tunnels.last)
    try streams.run(.seconds(20))
    #expect(streams.cluster.processes[0].current == nil)
  }

  @Test func `B-63: raw bytes are mangled on the way up and come back as text`() throws {
    let streams = try cluster { $0.payload = .messageText }
    let viewer = try streams.attached()
    viewer.send([0x80, 0xff, 1])
    viewer.send(.text(Base64.encode([1, 2, 3])))
    streams.tunnels.send([7, 8], on: streams.tunnels.last)
    try streams.run(.seconds(1))
    expectSame(streams.tunnels.last?.received, [1, 2, 3])
    #expect(streams.tunnels.log.contains("data dropped"))
    #expect(viewer.texts == 1)
  }

  @Test func `B-64: nobody tells the viewer that its agent is gone`() throws {
    let streams = try cluster { $0.agentLoss = .unnoticed }
    let viewer = try streams.attached()
    streams.agent.script.reconnect = nil
    streams.agent.process.crash()
    try streams.run(.seconds(50))
    #expect(viewer.isOpen)
  }

  @Test func `B-65: a flood of input leaves no room for commands`() throws {
    for queue in [StreamingPolicies.AgentQueue.controlFirst, .oneForAll] {
      let streams = try cluster { $0.agentQueue = queue }
      let viewer = try streams.attached()
      streams.agent.read(false)
      for _ in 0..<9 { viewer.send(pattern(30_000)) }
      for _ in 0..<200 { viewer.send(pattern(10)) }
      try streams.run(.milliseconds(500))
      for _ in 0..<200 { viewer.send(pattern(10)) }
      try streams.run(.milliseconds(500))
      try streams.cluster.ask(.put, "/api/v1/sessions/\(StreamCluster.session)/hibernate")
      try streams.run(.milliseconds(500))
      let isFull = streams.cluster.events.contains { if case .sendQueueFull = $0.event { true } else { false } }
      #expect(isFull == (queue == .oneForAll))
    }
  }

  @Test func `B-67: a slow viewer gets a stream with holes`() throws {
    let streams = try cluster { $0.overflow = .dropsFrames }
    let viewer = try streams.attached()
    viewer.socket?.pauseReading()
    // The window does not hold this desktop back: its credit comes at once.
    streams.tunnels.send(pattern(12_000_000), on: streams.tunnels.last)
    try streams.run(.seconds(20))
    viewer.socket?.resumeReading()
    try streams.run(.seconds(20))
    #expect(viewer.received.count < 12_000_000)
    #expect(viewer.received.count > 8_000_000)
  }

  @Test func `B-68: the count survives the replica and is added to twice`() throws {
    let streams = try StreamCluster { configuration in
      configuration.behaviour.streaming.count = .incremented
      configuration.behaviour.hub.attachmentCount = .leftAlone
      configuration.behaviour.sessions.connectCount = .addsViewer
    }
    _ = try streams.cluster.ask(.get, "/api/v1/sessions/\(StreamCluster.session)/connect?user=u01")
    _ = try streams.attached()
    #expect(try streams.count() == 2)
    streams.cluster.processes[0].crash()
    streams.cluster.processes[0].start()
    try streams.run(.seconds(10))
    #expect(streams.agent.connections == 2)
    #expect(try streams.count() == 2)
  }

  @Test func `C-19: the newer viewer gets what waited for the older`() throws {
    let streams = try cluster { $0.leftovers = .givenToSuccessor }
    let first = try streams.attached()
    first.socket?.pauseReading()
    streams.tunnels.send(pattern(200_000, 1), on: streams.tunnels.last)
    try streams.run(.milliseconds(500))
    let second = try streams.attached()
    streams.tunnels.send(pattern(12, 2), on: streams.tunnels.last)
    try streams.run(.seconds(2))
    #expect(second.received.count > 12)
    #expect(Array(second.received.prefix(12)) == pattern(12, 2))
  }
}
