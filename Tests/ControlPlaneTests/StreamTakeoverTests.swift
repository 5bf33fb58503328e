import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// One session has one viewer, the newest (C24).
@Suite struct StreamTakeoverTests {
  @Test func `the newer viewer gets the session, its own bytes and no others`() throws {
    let streams = try StreamCluster()
    let first = try streams.attached()
    first.socket?.pauseReading()
    let old = streams.tunnels.last
    streams.tunnels.send(pattern(500_000, 1), on: old)
    try streams.run(.milliseconds(500))
    let second = try streams.attached()
    let mine = pattern(1000, 2)
    streams.tunnels.send(mine, on: streams.tunnels.last)
    try streams.run(.seconds(1))
    expectSame(second.received, mine)
    #expect(streams.tunnels.log == ["open", "close taken_over", "open"])
    first.socket?.resumeReading()
    try streams.run(.seconds(1))
    #expect(first.closeCode == 4001)
    #expect(streams.ends == [4001])
    #expect(try streams.count() == 1)
  }

  @Test(arguments: 1...8)
  func `viewers that race on two replicas are settled at the owner`(seed: UInt64) throws {
    let streams = try StreamCluster(replicas: 2, seed: seed)
    let viewers = (0..<6).map { streams.viewer(at: 1 + $0 % 2) }
    try streams.run(.seconds(5))
    let open = viewers.filter(\.isOpen)
    try #require(open.count == 1)
    #expect(viewers.filter { $0.closeCode == 4001 }.count == 5)
    // The tunnel of one is closed before the next is opened.
    var isOpen = false
    for entry in streams.tunnels.log {
      if entry == "open" {
        #expect(!isOpen)
        isOpen = true
      } else {
        isOpen = false
      }
    }
    streams.tunnels.send([42], on: streams.tunnels.last)
    try streams.run(.seconds(1))
    expectSame(open[0].received, [42])
    #expect(try streams.count() == 1)
    open[0].leave()
    try streams.run(.seconds(1))
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  @Test func `an administrator may take over, and leaves a trace`() throws {
    let streams = try StreamCluster()
    let first = try streams.attached()
    _ = try streams.attached(as: "admin")
    #expect(first.closeCode == 4001)
    let rows = try streams.cluster.query("SELECT user_id, action, resource_id FROM audit_log")
    #expect(rows.count == 1)
    #expect(try rows.first?.text("user_id") == "admin")
    #expect(try rows.first?.text("resource_id") == StreamCluster.session)
  }

  @Test func `a stranger sees no session`() throws {
    let streams = try StreamCluster()
    let viewer = streams.viewer(as: "u02")
    try streams.run(.seconds(1))
    #expect(viewer.status == 404)
  }
}

/// What an edge does when an owner does not answer.
@Suite struct StreamHandshakeTests {
  @Test func `an unanswered try gives way to an attachment of its own`() throws {
    let streams = try StreamCluster(replicas: 2)
    let network = streams.cluster.simulation.network
    let cut = network.begin(NetworkFault(.cut, between: ["api-2"], and: ["api-1"]))
    let viewer = streams.viewer(at: 2)
    try streams.run(.seconds(7))
    network.end(cut)
    try streams.run(.seconds(3))
    #expect(viewer.isOpen)
    let names = streams.cluster.events.compactMap { told -> String? in
      if case .viewerAccepted(_, let attachment, _) = told.event { attachment } else { nil }
    }
    #expect(names.count == 2 && Set(names).count == 2)
    streams.tunnels.send([5], on: streams.tunnels.last)
    try streams.run(.seconds(1))
    expectSame(viewer.received, [5])
    viewer.leave()
    try streams.run(.seconds(12))
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }
}
