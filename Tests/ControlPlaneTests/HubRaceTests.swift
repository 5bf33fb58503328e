import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

/// Two connects of one agent id at the same moment and the same replica (C1). They come by a route without key check and
/// without a second look at the row, so that the row alone can tell who is locked out.
@Suite struct HubRaceTests {
  private static let path = "/test/connect"

  /// Lets a replica take connects at once.
  private static func openDoor(_ replica: Replica?) {
    replica?.router.on(.get, path) { [unowned replica] exchange in
      guard let replica, let socket = exchange.accept() else { return }
      let identity = AgentConnectionIdentity(
        agentID: "k8s-1", connection: socket.connection, epoch: replica.hub.nextEpoch(), replica: replica.podName,
        instanceID: exchange.request.query["instance"])
      replica.hub.register(
        AgentConnection(
          hub: replica.hub, incarnation: replica.incarnation, socket: socket, identity: identity, term: nil,
          speaksContract: true, inventory: nil, writing: replica.behaviour.hub.frameWriting,
          queue: replica.behaviour.streaming.agentQueue))
    }
  }

  /// Connects as an instance and keeps the socket.
  private final class Caller {
    private(set) var socket: Socket?
    private var hasLeft = false

    init(_ simulation: Simulation, _ client: Incarnation, as instance: String) {
      let request = HTTPRequest(.get, path, query: ["agent_id": "k8s-1", "instance": instance])
      simulation.network.open(
        from: client, to: Endpoint(host: "api-1", port: 8000), hello: Frame(request, byteCount: request.byteCount),
        timeout: .seconds(10)
      ) { [weak self] outcome in
        guard case .connected(let socket) = outcome else { return }
        self?.socket = socket
        if self?.hasLeft == true { socket.reset() }
      }
    }

    var isOpen: Bool { socket?.isOpen == true }

    func leave() {
      hasLeft = true
      socket?.reset()
    }
  }

  private struct Race {
    let cluster: HubCluster
    let client: Incarnation

    init(seed: UInt64 = 1) throws {
      cluster = try HubCluster(replicas: 1, redis: false, seed: seed)
      try cluster.start()
      HubRaceTests.openDoor(cluster.replica(1))
      let process = try cluster.simulation.addProcess("racer", on: cluster.simulation.host("racer")) { _ in
        HubRequester()
      }
      process.start()
      client = try #require(process.current)
    }

    func caller(_ instance: String) -> Caller { Caller(cluster.simulation, client, as: instance) }

    /// Writes the record of takeovers into the row.
    func write(_ record: TakeoverRecord) throws {
      _ = try cluster.rows("UPDATE agents SET websocket_id = $2 WHERE agent_id = $1", ["k8s-1", .text(record.text)])
    }

    var now: Int64 { Epoch.unixSeconds * 1_000_000 + cluster.simulation.now.nanoseconds / 1_000 }

    /// Instances whose connections ended at the replica so far, in order.
    var ended: [String?] {
      cluster.told { _ in true }.compactMap { told -> String?? in
        if case .agentUnregistered(let identity, _) = told.event { .some(identity.instanceID) } else { nil }
      }
    }

    var holder: String? { cluster.replica(1)?.hub.connection(of: "k8s-1")?.identity.instanceID }

    func record() throws -> TakeoverRecord {
      TakeoverRecord(try cluster.rows("SELECT websocket_id FROM agents").first?.text("websocket_id"))
    }
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `a locked-out instance that slips in does not evict the holder`(seed: UInt64) throws {
    let race = try Race(seed: seed)
    let first = race.caller("first")
    try race.cluster.run(1)
    var record = TakeoverRecord(holder: "first")
    record.lockedUntil = race.now + 60_000_000
    try race.write(record)
    let second = race.caller("second")
    try race.cluster.run(1)
    #expect(race.ended == ["second"])
    #expect(first.isOpen && !second.isOpen)
    #expect(race.holder == "first")
    #expect(try race.cluster.agentStatus("k8s-1") == "online")
    #expect(race.cluster.registrations("k8s-1") == 1)
  }

  @Test(arguments: Array(0...10 as ClosedRange<Int64>))
  func `of two connects within 10 ms the one that the third takeover locks out goes`(gap: Int64) throws {
    let race = try Race(seed: UInt64(gap) + 1)
    let before = race.caller("before")
    try race.cluster.run(1)
    var record = TakeoverRecord(holder: "before")
    record.takeovers = [race.now - 2_000_000, race.now - 1_000_000]
    try race.write(record)
    let rivals = try ["a", "b"].map { instance in
      let caller = race.caller(instance)
      try race.cluster.run(milliseconds: gap)
      return (instance, caller)
    }
    try race.cluster.run(1)
    let holder = try #require(try race.record().holder)
    #expect(race.holder == holder)
    #expect(rivals.map(\.1.isOpen) == rivals.map { $0.0 == holder })
    #expect(!before.isOpen)
    #expect(!race.ended.contains(holder))
    #expect(race.ended.count == 2)
    #expect(try race.cluster.agentStatus("k8s-1") == "online")
  }

  @Test func `a rival that may have the id takes it, and is told of before the older one goes`() throws {
    let race = try Race()
    let first = race.caller("first")
    try race.cluster.run(1)
    let second = race.caller("second")
    try race.cluster.run(1)
    #expect(race.holder == "second" && second.isOpen && !first.isOpen)
    #expect(race.cluster.registrations("k8s-1") == 2)
    #expect(try race.record().takeovers.count == 1)
  }

  @Test(arguments: Array(0...12 as ClosedRange<Int64>))
  func `a rival that leaves at once leaves no connection without its row`(wait: Int64) throws {
    let race = try Race(seed: 3)
    let first = race.caller("first")
    try race.cluster.run(1)
    let second = race.caller("second")
    try race.cluster.run(milliseconds: wait)
    second.leave()
    try race.cluster.run(1)
    let isHeld = race.holder == "first" && first.isOpen
    #expect(try race.cluster.agentStatus("k8s-1") == (isHeld ? "online" : "offline"))
    if !isHeld { #expect(race.holder == nil && !first.isOpen) }
  }

  @Test func `a rival that waits for its row is closed when the replica stops`() throws {
    let race = try Race()
    _ = race.caller("first")
    try race.cluster.run(1)
    let second = race.caller("second")
    for _ in 0..<200 where race.cluster.replica(1)?.hub.hasPending == false {
      try race.cluster.simulation.run(for: .microseconds(100))
    }
    #expect(race.cluster.replica(1)?.hub.hasPending == true)
    race.cluster.replicas.first?.terminate()
    try race.cluster.run(2)
    #expect(!second.isOpen)
    let isClosedInOrder = race.cluster.told { told in
      if case .agentUnregistered(let identity, .shutdown) = told { identity.instanceID == "second" } else { false }
    }
    #expect(isClosedInOrder.count == 1)
    #expect(race.cluster.replicas.first?.isRunning == false)
    #expect(try race.cluster.agentStatus("k8s-1") == "offline")
  }

  @Test func `what is attached to the holder outlives the try of a locked-out instance`() throws {
    let streams = try StreamCluster()
    let viewer = try streams.attached()
    let simulation = streams.cluster.simulation
    Self.openDoor(streams.cluster.replicas.first)
    var record = TakeoverRecord(holder: "k8s-1")
    record.lockedUntil = Epoch.unixSeconds * 1_000_000 + simulation.now.nanoseconds / 1_000 + 60_000_000
    _ = try streams.cluster.query("UPDATE agents SET websocket_id = $1", [.text(record.text)])
    let rival = Caller(simulation, try #require(streams.cluster.client), as: "rival")
    try streams.run(.milliseconds(5))
    streams.tunnels.send(pattern(200_000, 1), on: streams.tunnels.last)
    try streams.run(.seconds(2))
    #expect(rival.socket != nil && !rival.isOpen)
    #expect(viewer.isOpen)
    #expect(streams.ends.isEmpty)
    #expect(streams.agent.ends.isEmpty)
    #expect(streams.tunnels.log == ["open"])
    expectSame(viewer.received, pattern(200_000, 1))
    #expect(try streams.count() == 1)
  }
}
