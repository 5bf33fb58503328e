import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// Viewers at a replica that does not hold the agent (C22).
@Suite struct StreamRelayTests {
  @Test(arguments: [true, false])
  func `a viewer at another replica is served as at the owner`(isBinary: Bool) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: 2, isBinary: isBinary)
    let down = pattern(700_000, 1)
    let up = pattern(600_000, 2)
    streams.tunnels.send(down, on: streams.tunnels.last)
    for start in stride(from: 0, to: up.count, by: 30_000) {
      let piece = Array(up[start..<min(start + 30_000, up.count)])
      if isBinary { viewer.send(piece) } else { viewer.send(.text(Base64.encode(piece))) }
    }
    try streams.run(.seconds(5))
    expectSame(viewer.received, down)
    expectSame(streams.tunnels.last?.received, up)
    #expect(try streams.count() == 1)
    #expect(streams.relay(1).relayCount == 1)
    viewer.leave()
    try streams.run(.seconds(1))
    #expect(streams.tunnels.log == ["open", "close client_disconnect"])
    #expect(try streams.count() == 0)
    streams.expectNothingHeld()
  }

  @Test func `the address of a replica stands in Redis, and goes with a graceful stop`() throws {
    let streams = try StreamCluster(replicas: 2)
    let key = RouteKeys.address(pod: "api-2")
    #expect(streams.cluster.redis?.value(of: key, database: 1) == "api-2:8000")
    streams.cluster.processes[1].terminate()
    try streams.run(.seconds(2))
    #expect(streams.cluster.redis?.value(of: key, database: 1) == nil)
    #expect(streams.cluster.redis?.value(of: RouteKeys.address(pod: "api-1"), database: 1) == "api-1:8000")
  }

  private func ask(_ streams: StreamCluster, _ session: String, _ attachment: String, token: String?) throws -> Int? {
    var headers: HTTPHeaders = ["Upgrade": "websocket"]
    if let token { headers["Authorization"] = "Bearer \(token)" }
    let target = "\(RelayMessage.path(session: session))?attachment=\(attachment)"
    return try streams.cluster.ask(.get, target, as: nil, headers: headers).status
  }

  private func token(
    _ streams: StreamCluster, session: String = StreamCluster.session, attachment: String = "att-1",
    secret: String = SessionCluster.secret, age: Int64 = 0
  ) -> String {
    let time = Timestamp(nanosecondsSince1970: streams.cluster.now.nanosecondsSince1970 - age * 1_000_000_000)
    return RelayClaims(
      edgePod: "api-2", sessionID: session, attachmentID: attachment, userID: "u01", now: time
    ).token(secret: secret)
  }

  @Test func `a relay without a token that holds is refused`() throws {
    let streams = try StreamCluster()
    let session = StreamCluster.session
    #expect(try ask(streams, session, "att-1", token: nil) == 401)
    #expect(try ask(streams, session, "att-1", token: "a.b.c") == 401)
    let wrongSecret = token(streams, secret: String(repeating: "x", count: 32))
    #expect(try ask(streams, session, "att-1", token: wrongSecret) == 401)
    #expect(try ask(streams, session, "att-1", token: token(streams, age: 61)) == 401)
    #expect(try ask(streams, session, "att-2", token: token(streams)) == 401)
    #expect(try ask(streams, session, "att-1", token: token(streams, session: "other")) == 401)
    let login = SessionCluster.token("u01", at: streams.cluster.now)
    #expect(try ask(streams, session, "att-1", token: login) == 401)
    #expect(try ask(streams, "other", "att-1", token: token(streams, session: "other")) == 404)
    #expect(streams.tunnels.log.isEmpty)
    streams.expectNothingHeld()
  }

  @Test func `a replica that does not hold the agent says so`() throws {
    let streams = try StreamCluster(replicas: 2, agentAt: 2)
    #expect(try ask(streams, StreamCluster.session, "att-1", token: token(streams)) == 409)
  }

  @Test func `a stale route is read three times, then the viewer is told`() throws {
    let streams = try StreamCluster(replicas: 2)
    streams.agent.script.reconnect = nil
    streams.agent.process.crash()
    try streams.run(.seconds(1))
    // The route as a replica that died without a word leaves it.
    for (key, value) in [(RouteKeys.pod(agent: "k8s-1"), "api-1"), (RouteKeys.connected(agent: "k8s-1"), "true")] {
      streams.relay(2).replica.redis?.call(["SET", key, value]) { _ in }
    }
    try streams.run(.milliseconds(100))
    let viewer = streams.viewer(at: 2)
    try streams.run(.milliseconds(1900))
    #expect(viewer.isOpen)
    try streams.run(.milliseconds(1200))
    #expect(viewer.closeCode == 4005)
    streams.expectNothingHeld()
  }

  @Test func `a viewer finds an agent that comes back meanwhile`() throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = streams.viewer(at: 2)
    streams.agent.redial(to: "api-2")
    try streams.run(.seconds(4))
    #expect(viewer.isOpen || viewer.closeCode == 4005)
    if viewer.isOpen {
      streams.tunnels.send([1, 2, 3], on: streams.tunnels.last)
      try streams.run(.seconds(1))
      expectSame(viewer.received, [1, 2, 3])
    }
  }

  @Test func `a viewer at another replica is taken over by one at the owner, and the other way round`() throws {
    let streams = try StreamCluster(replicas: 2)
    let first = try streams.attached(at: 2)
    let second = try streams.attached(at: 1)
    #expect(first.closeCode == 4001)
    #expect(streams.tunnels.log == ["open", "close taken_over", "open"])
    let third = try streams.attached(at: 2)
    #expect(second.closeCode == 4001)
    streams.tunnels.send([7], on: streams.tunnels.last)
    try streams.run(.seconds(1))
    expectSame(third.received, [7])
    #expect(try streams.count() == 1)
  }

  @Test(arguments: [true, false])
  func `the death of either replica ends the other's part within ten seconds`(isOwner: Bool) throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: 2)
    let start = streams.cluster.simulation.now
    streams.cluster.processes[isOwner ? 0 : 1].vanish()
    try streams.run(.seconds(11))
    if isOwner {
      #expect(viewer.closeCode == 4005)
      #expect((viewer.endedAt ?? .start) - start <= .milliseconds(10_100))
      #expect(streams.relay(2).holdsNothing)
    } else {
      #expect(streams.tunnels.last?.closed == "client_disconnect")
      #expect(streams.relay(1).holdsNothing)
      #expect(try streams.count() == 0)
    }
  }

  @Test func `a quiet relay stays`() throws {
    let streams = try StreamCluster(replicas: 2)
    let viewer = try streams.attached(at: 2)
    try streams.run(.seconds(200))
    #expect(viewer.isOpen)
    #expect(viewer.pings == 3)
  }
}
