#if Live
  import Foundation
  import SimulationRuntime
  import SocketTestSupport
  import StreamSpaceProtocol
  import Testing

  @testable import SocketBridges

  @Suite("Hostile clients do not stop the others", .serialized)
  struct HostilePeerTests {
    /// `/flood` answers without end as long as there is room, `/big` with 8 MiB, anything else at once.
    private static func serve(_ exchange: any SocketExchange, _: Simulation, _ journal: Journal) {
      switch exchange.request.target {
      case "/flood":
        let sink = exchange.stream(200, [:])
        let chunk = [UInt8](repeating: 0x78, count: 65_536)
        var sent = 0
        func fill() {
          // Bounded, in case nobody says stop.
          while sink.isWritable, sent < 256 << 20 {
            sink.send(chunk)
            sent += chunk.count
          }
          journal.add("\(sent)")
        }
        sink.onWritable = fill
        fill()
      case "/big": exchange.respond(200, [:], [UInt8](repeating: 0x79, count: 8 << 20))
      default: exchange.respond(200, [:], Array("ok".utf8))
      }
    }

    /// A well-behaved client is answered within seconds, also on a machine that builds meanwhile.
    private func expectService(_ bench: HTTPBench, sourceLocation: SourceLocation = #_sourceLocation) throws {
      let start = Date()
      #expect(try bench.client().ask("GET", "/").text == "ok", sourceLocation: sourceLocation)
      #expect(Date().timeIntervalSince(start) < 5, sourceLocation: sourceLocation)
    }

    @Test("3 000 connections with half a head: others are served, and all end in time")
    func halfOpen() throws {
      var limits = HTTPLimits()
      limits.headTime = .seconds(4)
      let bench = try HTTPBench(limits: limits, Self.serve)
      defer { bench.stop() }
      var clients: [SocketClient] = []
      for number in 0..<3_000 {
        let client = try bench.client()
        client.send(number.isMultiple(of: 3) ? "" : "GET / HTTP/1.1\r\nHost: x\r\nX-Slow")
        clients.append(client)
        if number % 1_000 == 999 { try expectService(bench) }
      }
      #expect(soon { bench.gateway.connectionCount > 1_000 })
      #expect(soon(within: 20) { bench.gateway.connectionCount == 0 }, "\(bench.gateway.connectionCount)")
      try expectService(bench)
    }

    @Test("clients that never read stop their own source after 1 MiB, and nobody else")
    func neverReads() throws {
      let bench = try HTTPBench(Self.serve)
      defer { bench.stop() }
      let clients = try (0..<5).map { _ in
        let client = try SocketClient(port: bench.gateway.port, receiveBuffer: 16_384)
        client.send("GET /flood HTTP/1.1\r\nHost: x\r\n\r\n")
        return client
      }
      #expect(soon { bench.journal.all.count >= 5 })
      try expectService(bench)
      // What the kernel takes is not the gateway's: 4 MiB of send buffer at most by default.
      usleep(300_000)
      let before = bench.journal.all.compactMap { Int($0) }.max() ?? 0
      #expect(before < 24 << 20, "\(before)")
      usleep(200_000)
      #expect(bench.journal.all.compactMap { Int($0) }.max() == before)
      // One that reads again gets more.
      for _ in 0..<400 { clients[0].read() }
      #expect(soon { (bench.journal.all.compactMap { Int($0) }.max() ?? 0) > before })
      try expectService(bench)
    }

    @Test("a flood of requests whose answers nobody reads is not read on")
    func pipelinedFlood() throws {
      let bench = try HTTPBench { exchange, simulation, journal in
        journal.add("asked")
        Self.serve(exchange, simulation, journal)
      }
      defer { bench.stop() }
      let client = try SocketClient(port: bench.gateway.port, receiveBuffer: 16_384)
      client.setTimeout(seconds: 1)
      let requests = Array(String(repeating: "GET /big HTTP/1.1\r\nHost: x\r\n\r\n", count: 1_000).utf8)
      client.send(requests)
      usleep(300_000)
      // One answer waits in the gateway, another may be in the kernel.
      #expect(bench.journal.all.count <= 4, "\(bench.journal.all.count)")
      try expectService(bench)
    }

    @Test("giant frames, bad text and broken connections leave other WebSockets alone")
    func webSockets() throws {
      let bench = try HTTPBench { exchange, _, _ in
        guard let socket = exchange.upgradeToWebSocket(subprotocol: nil, headers: [:], maximumMessage: 65_536) else {
          return exchange.respond(400, [:], [])
        }
        socket.onFrame = { socket.send($0) }
      }
      defer { bench.stop() }
      let good = try bench.client()
      #expect(good.upgrade().status == 101)
      for round in 0..<40 {
        let bad = try bench.client()
        #expect(bad.upgrade().status == 101)
        var frame = ClientFrame.text("x")
        switch round % 4 {
        case 0: frame.claimedLength = .max
        case 1: frame.payload = [0xff, 0xfe]
        case 2: frame.isMasked = false
        default: frame.payload = Array(repeating: 0x61, count: 65_537)
        }
        bad.send(frame)
        if round.isMultiple(of: 2) { bad.close() }
        good.send(.text("still here \(round)"))
        #expect(good.frame()?.text == "still here \(round)")
      }
    }

    @Test("noise is no HTTP, and hurts nobody", arguments: [1, 2, 3] as [UInt64])
    func noise(seed: UInt64) throws {
      let bench = try HTTPBench(Self.serve)
      defer { bench.stop() }
      var state = seed
      func draw(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
      }
      let valid = Array("POST /x HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n".utf8)
      for _ in 0..<150 {
        let client = try bench.client()
        var bytes = valid
        for _ in 0...draw(4) { bytes[draw(bytes.count)] = UInt8(draw(256)) }
        if draw(3) == 0 { bytes = Array(bytes.prefix(draw(bytes.count))) }
        let cut = draw(bytes.count + 1)
        client.send(Array(bytes[..<cut]))
        client.send(Array(bytes[cut...]))
        client.close()
      }
      try expectService(bench)
      #expect(soon { bench.gateway.connectionCount == 0 })
    }
  }
#endif
