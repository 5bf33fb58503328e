import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite struct StreamAttachTests {
  @Test(arguments: [true, false])
  func `bytes go both ways unchanged, as binary or as base64 text`(isBinary: Bool) throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached(isBinary: isBinary)
    let down = pattern(100_000, 1)
    let up = pattern(40_000, 2)
    streams.tunnels.send(down, on: streams.tunnels.last)
    if isBinary { viewer.send(up) } else { viewer.send(.text(Base64.encode(up))) }
    try streams.run(.seconds(2))
    expectSame(viewer.received, down)
    #expect(isBinary == (viewer.texts == 0))
    expectSame(streams.tunnels.last?.received, up)
    #expect((streams.tunnels.last?.largestFrame ?? 0) <= 32_768)
    #expect(try streams.count() == 1)
  }

  @Test func `a viewer that leaves ends its tunnel and its count`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    viewer.leave()
    try streams.run(.seconds(1))
    #expect(streams.tunnels.log == ["open", "close client_disconnect"])
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  @Test func `a viewer without upgrade is refused and disturbs nobody`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    let other = streams.viewer(upgrades: false)
    try streams.run(.seconds(1))
    #expect(other.status == 400)
    #expect(viewer.isOpen)
  }

  @Test func `without its agent a session answers 503`() throws {
    let streams = try StreamCluster()
    streams.agent.script.reconnect = nil
    streams.agent.process.crash()
    try streams.run(.seconds(1))
    let viewer = streams.viewer()
    try streams.run(.seconds(1))
    #expect(viewer.status == 503)
  }

  @Test func `empty messages and wrong texts never reach the agent`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached(isBinary: false)
    viewer.send(.text(""))
    viewer.send([1, 2, 3])
    viewer.send(.text("no base64!"))
    try streams.run(.seconds(1))
    expectSame(streams.tunnels.last?.received, [1, 2, 3])
    #expect(viewer.closeCode == 1007)
    #expect(streams.tunnels.log == ["open", "close client_disconnect"])
    streams.expectNothingHeld()
  }

  @Test func `a message over 64 KiB closes its viewer`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    viewer.send(pattern(65_536))
    viewer.send(pattern(65_537))
    try streams.run(.seconds(1))
    #expect(viewer.closeCode == 1009)
    #expect(streams.tunnels.last?.received.count == 65_536)
  }
}
