import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// Windows, back-pressure and stalls (C23).
@Suite struct StreamFlowTests {
  @Test(arguments: [1, 2])
  func `a viewer that takes nothing fills one window at each place, and no more`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    viewer.socket?.pauseReading()
    streams.tunnels.send(pattern(1_500_000), on: streams.tunnels.last)
    try streams.run(.seconds(20))
    let attachment = try #require(streams.relay(1).table.attachment(of: StreamCluster.session))
    #expect(attachment.peak <= VNCOpen.standardWindow)
    let sent = 1_500_000 - (streams.tunnels.last?.toSend.count ?? 0)
    #expect(sent <= edge * VNCOpen.standardWindow)
    #expect(sent > (edge - 1) * VNCOpen.standardWindow)
    for socket in streams.relay(edge).openViewers { #expect(socket.outbox.peak <= VNCOpen.standardWindow) }
    // It goes on where it was.
    viewer.socket?.resumeReading()
    try streams.run(.seconds(10))
    expectSame(viewer.received, pattern(1_500_000))
  }

  @Test(arguments: [1, 2])
  func `a desktop that takes nothing holds its viewer back within the windows`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    streams.tunnels.last?.isReading = false
    for _ in 0..<64 { viewer.send(pattern(30_000)) }
    try streams.run(.seconds(20))
    #expect((streams.tunnels.last?.received.count ?? 0) <= VNCOpen.standardWindow)
    #expect((streams.tunnels.last?.received.count ?? 0) > VNCOpen.standardWindow - 65_536)
    let attachment = try #require(streams.relay(1).table.attachment(of: StreamCluster.session))
    #expect(attachment.peak <= VNCOpen.standardWindow)
    for socket in streams.relay(edge).openViewers { #expect(socket.peak <= VNCOpen.standardWindow) }
    #expect(viewer.isOpen)
    let tunnel = try #require(streams.tunnels.last)
    tunnel.isReading = true
    streams.tunnels.settle(tunnel)
    try streams.run(.seconds(5))
    #expect(tunnel.received.count == 64 * 30_000)
  }

  @Test(arguments: [1, 2])
  func `a viewer that takes nothing for 30 s is closed with 4003`(edge: Int) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: edge)
    viewer.socket?.pauseReading()
    streams.tunnels.send(pattern(500_000), on: streams.tunnels.last)
    try streams.run(.milliseconds(29_500))
    #expect(streams.tunnels.last?.closed == nil)
    try streams.run(.milliseconds(1_500))
    #expect(streams.tunnels.last?.closed == "viewer_stalled")
    viewer.socket?.resumeReading()
    try streams.run(.seconds(1))
    #expect(viewer.closeCode == 4003)
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  @Test func `a viewer that reads slowly is only slowed`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    viewer.socket?.pauseReading()
    let bytes = pattern(400_000)
    streams.tunnels.send(bytes, on: streams.tunnels.last)
    for _ in 0..<12 {
      try streams.run(.seconds(25))
      viewer.takeOne()
    }
    #expect(viewer.isOpen)
    viewer.socket?.resumeReading()
    try streams.run(.seconds(2))
    expectSame(viewer.received, bytes)
  }

  @Test func `one stalled viewer holds up neither its sibling nor the commands`() throws {
    let other = "u02-desktop-00000002"
    let streams = try StreamCluster(sessions: [StreamCluster.session, other])
    let first = try streams.attached()
    let firstTunnel = streams.tunnels.last
    let second = try streams.attached(other, as: "u02")
    let secondTunnel = streams.tunnels.last
    first.socket?.pauseReading()
    streams.tunnels.send(pattern(1_000_000, 1), on: firstTunnel)
    streams.tunnels.send(pattern(1_000_000, 2), on: secondTunnel)
    try streams.run(.seconds(5))
    expectSame(second.received, pattern(1_000_000, 2))
    let answer = try streams.cluster.ask(.put, "/api/v1/sessions/\(other)/hibernate", as: "u02")
    #expect(answer.status == 202)
    try streams.run(.seconds(2))
    #expect(streams.agent.received.count == 1)
  }

  @Test func `a command goes before data that wait`() throws {
    let other = "u02-desktop-00000002"
    let streams = try StreamCluster(sessions: [StreamCluster.session, other])
    let first = try streams.attached()
    let second = try streams.attached(other, as: "u02")
    streams.agent.read(false)
    for _ in 0..<9 { first.send(pattern(20_000)) }
    try streams.run(.milliseconds(200))
    for _ in 0..<9 { second.send(pattern(20_000)) }
    try streams.run(.milliseconds(200))
    try streams.cluster.ask(.put, "/api/v1/sessions/\(other)/hibernate", as: "u02")
    try streams.run(.milliseconds(200))
    var framesBeforeCommand = -1
    streams.agent.onCommand = { [unowned streams] in framesBeforeCommand = streams.tunnels.order.count }
    streams.agent.script.answer = .silent
    streams.agent.read(true)
    try streams.run(.seconds(1))
    // What the socket held is ahead of the command, what waited behind it.
    #expect(framesBeforeCommand > 9 && framesBeforeCommand < 16)
    #expect(streams.tunnels.tunnels.allSatisfy { $0.received.count == 180_000 })
  }

  @Test func `data of two attachments take turns`() throws {
    let second = "u02-desktop-00000002"
    let third = "u02-desktop-00000003"
    let streams = try StreamCluster(sessions: [StreamCluster.session, second, third])
    let viewers = [
      try streams.attached(), try streams.attached(second, as: "u02"), try streams.attached(third, as: "u02"),
    ]
    streams.agent.read(false)
    // The third fills the socket; then the others' frames wait, all of the first before any of the second came.
    for viewer in [viewers[2], viewers[0], viewers[1]] {
      for _ in 0..<(viewer === viewers[2] ? 9 : 5) { viewer.send(pattern(30_000)) }
      try streams.run(.milliseconds(200))
    }
    streams.agent.read(true)
    try streams.run(.seconds(1))
    let order = streams.tunnels.order.filter { $0 != third }
    #expect(order.count == 10)
    for (left, right) in zip(order, order.dropFirst()) { #expect(left != right) }
  }

  @Test func `no timer runs while nothing is under way`() throws {
    let streams = try StreamCluster()
    _ = try streams.attached()
    streams.tunnels.send(pattern(1000), on: streams.tunnels.last)
    try streams.run(.seconds(1))
    let before = streams.cluster.simulation.trace.count
    try streams.run(.seconds(3))
    #expect(streams.cluster.simulation.trace.count - before < 60)
  }

  @Test func `an agent that ignores its window ends its attachment alone`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    viewer.socket?.pauseReading()
    let tunnel = try #require(streams.tunnels.last)
    tunnel.window = StreamWindow(size: .max)
    streams.tunnels.send(pattern(600_000), on: tunnel)
    try streams.run(.seconds(1))
    #expect(tunnel.closed == "client_disconnect")
    #expect(streams.ends == [4004])
    #expect(streams.cluster.processes[0].current != nil)
  }

  // MARK: Viewers that are not read

  /// A viewer whose window is full because its desktop takes nothing.
  private func held(_ streams: StreamCluster, at edge: Int) throws -> ScriptedViewer {
    let viewer = try streams.attached(at: edge)
    streams.tunnels.last?.isReading = false
    for _ in 0..<40 { viewer.send(pattern(30_000)) }
    try streams.run(.seconds(2))
    try #require(viewer.socket?.isWritable == false)
    return viewer
  }

  @Test(arguments: [1, 2], [true, false])
  func `a viewer that leaves while its desktop takes nothing is missed within 15 s`(edge: Int, inOrder: Bool) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try held(streams, at: edge)
    if inOrder { viewer.leave() } else { viewer.socket?.reset() }
    try streams.run(.seconds(14))
    #expect(streams.tunnels.last?.closed == "client_disconnect")
    try streams.run(.seconds(1))
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  @Test func `a viewer that is not read stays as long as it takes its pings`() throws {
    let streams = try StreamCluster()
    let viewer = try held(streams, at: 1)
    try streams.run(.seconds(300))
    #expect(viewer.isOpen)
    let tunnel = try #require(streams.tunnels.last)
    tunnel.isReading = true
    streams.tunnels.settle(tunnel)
    try streams.run(.seconds(5))
    #expect(tunnel.received.count == 40 * 30_000)
    // Read again, it is pinged as seldom as before.
    let pings = viewer.pings
    try streams.run(.seconds(108))
    #expect(viewer.pings == pings + 2)
  }

  @Test func `a viewer that is not read, and reads nothing, is gone after 120 s`() throws {
    let streams = try StreamCluster()
    let viewer = try held(streams, at: 1)
    viewer.socket?.pauseReading()
    try streams.run(.seconds(110))
    #expect(streams.tunnels.last?.closed == nil)
    try streams.run(.seconds(15))
    #expect(streams.tunnels.last?.closed == "client_disconnect")
    streams.expectNothingHeld()
  }
}
