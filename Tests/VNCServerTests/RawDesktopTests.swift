import SimulationRuntime
import Testing

@testable import VNCServer

@Suite("The raw desktop")
struct RawDesktopTests {
  private final class Stage {
    let simulation: Simulation
    var desktop: RawDesktop?
    var events: [VNCServerEvent] = []
    var peak = 0

    init(seed: UInt64 = 1) throws {
      simulation = Simulation(.init(seed: seed))
      let process = try simulation.addProcess("desktop", on: simulation.host("pod")) { [unowned self] incarnation in
        let desktop = RawDesktop(incarnation, seed: 9) { [unowned self] event, _ in events.append(event) }
        self.desktop = desktop
        return desktop
      }
      process.start()
    }

    deinit { simulation.tearDown() }

    func peer(_ name: String = "peer") throws -> BytePeer {
      let peer = try BytePeer(name, to: Endpoint(host: "pod", port: 5_900), in: simulation)
      try simulation.run(for: .milliseconds(30))
      return peer
    }

    var wrote: [UInt8] {
      events.flatMap { event -> [UInt8] in
        if case .wrote(_, let bytes) = event { bytes } else { [] }
      }
    }

    var read: [[UInt8]] {
      events.compactMap { if case .read(_, let bytes) = $0 { bytes } else { nil } }
    }
  }

  @Test("what goes in comes back, in any split, whatever the size of a read", arguments: [nil, 1, 7, 4_096])
  func echo(limit: Int?) throws {
    let stage = try Stage()
    stage.desktop?.shortWrites(limit)
    let peer = try stage.peer()
    var draw = Draws(UInt64(limit ?? 0))
    var sent: [UInt8] = []
    let most = limit == 1 ? 200 : 20_000
    for _ in 0..<20 {
      let bytes = (0..<(1 + draw(most))).map { _ in UInt8(draw(256)) }
      sent += bytes
      peer.send(bytes)
    }
    try stage.simulation.run(for: .seconds(10))
    #expect(peer.received == sent)
    #expect(stage.wrote == sent)
    #expect(stage.read.flatMap { $0 } == sent)
    if let limit { #expect(stage.read.allSatisfy { $0.count <= limit }) }
  }

  @Test("a client that reads nothing stops it reading: both windows fill, and nothing is lost")
  func backPressure() throws {
    let stage = try Stage()
    let peer = try stage.peer()
    let socket = try #require(peer.socket)
    socket.pauseReading()
    var sent: [UInt8] = []
    var piece: UInt8 = 0
    for _ in 0..<200 where sent.count < 2_000_000 {
      while socket.isWritable {
        let bytes = [UInt8](repeating: piece, count: 10_000)
        piece &+= 1
        sent += bytes
        peer.send(bytes)
      }
      try stage.simulation.run(for: .milliseconds(20))
    }
    // Two windows of 256 KiB, and a payload at each of their ends.
    #expect(sent.count <= 2 * (262_144 + 10_000) + 10_000)
    #expect(stage.wrote.count <= 262_144 + 10_000)
    socket.resumeReading()
    try stage.simulation.run(for: .seconds(1))
    let isWhole = peer.received == sent
    #expect(isWhole)
  }

  @Test("a flood offers the bytes of its seed at its rate, and no more than a client takes")
  func flood() throws {
    let stage = try Stage()
    let quick = try stage.peer("quick")
    let slow = try stage.peer("slow")
    slow.socket?.pauseReading()
    stage.desktop?.flood(bytesPerSecond: 1_000_050, for: .seconds(2))
    try stage.simulation.run(for: .seconds(3))
    #expect(quick.received.count == 2_000_100)
    let offered = try #require(stage.desktop?.floodBytes(2_000_100))
    let isWhole = quick.received == offered
    #expect(isWhole)
    #expect(slow.received.isEmpty)
    slow.socket?.resumeReading()
    try stage.simulation.run(for: .seconds(3))
    #expect(slow.received.count > 1_000_000 && slow.received.count <= 2_000_100)
    let isPrefix = slow.received == Array(offered.prefix(slow.received.count))
    #expect(isPrefix)
    #expect(stage.simulation.nextEvent == nil, "nothing goes on when the flood is over")
  }

  @Test("nothing happens while nobody speaks, and the buffers that travel are those that were read")
  func cost() throws {
    let stage = try Stage()
    let peer = try stage.peer()
    #expect(stage.simulation.nextEvent == nil)
    peer.send([UInt8](repeating: 1, count: 30_000))
    try stage.simulation.run(for: .milliseconds(100))
    let buffers = stage.events.compactMap { event -> UnsafeRawPointer? in
      switch event {
      case .read(_, let bytes), .wrote(_, let bytes): bytes.withUnsafeBytes { $0.baseAddress }
      default: nil
      }
    }
    let came = peer.payloads[0].withUnsafeBytes { $0.baseAddress }
    #expect(buffers.count == 2 && buffers.allSatisfy { $0 == came })
  }

  @Test("a client's end is told, and a restart serves again")
  func ends() throws {
    let stage = try Stage()
    let peer = try stage.peer()
    peer.socket?.close()
    try stage.simulation.run(for: .milliseconds(30))
    guard case .opened(let connection) = stage.events.first else {
      Issue.record("no client")
      return
    }
    #expect(
      stage.events == [.opened(connection: connection), .closed(connection: connection, reason: "client closed")])
    let process = try #require(stage.simulation.process("desktop"))
    let other = try stage.peer("other")
    process.crash()
    try stage.simulation.run(for: .milliseconds(30))
    #expect(other.isEnded)
    process.start()
    let third = try stage.peer("third")
    third.send([1, 2, 3])
    try stage.simulation.run(for: .milliseconds(30))
    #expect(third.received == [1, 2, 3])
  }
}
