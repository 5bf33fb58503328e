#if Live
  import Foundation
  import Glibc
  import NIOCore
  import NIOPosix
  import SimulationRuntime
  import SocketTestSupport
  import Testing

  @testable import SocketBridges

  /// A simulated server that sends back what it gets, greeting first.
  private final class Echo: Program {
    let incarnation: Incarnation
    var sockets: [Socket] = []

    init(_ incarnation: Incarnation) { self.incarnation = incarnation }

    func start() {
      _ = incarnation.simulation.network.listen(incarnation, port: 7) { [unowned self] call in
        guard let socket = call.accept() else { return }
        sockets.append(socket)
        socket.onReceive = { payload in
          guard let bytes = payload as? Bytes else { return }
          socket.send(bytes)
          if !socket.isWritable { socket.pauseReading() }
          // `q` ends the conversation.
          if bytes.bytes.last == 0x71 { socket.close() }
        }
        socket.onWritable = { [unowned socket] in socket.resumeReading() }
        socket.send(Bytes(Array("hello\n".utf8)))
      }
    }

    func terminate() {}
  }

  @Suite("Real sockets", .serialized)
  struct StreamGatewayTests {
    private func serve(port: Int = 0) throws -> (WallClockDriver, StreamGateway) {
      let driver = WallClockDriver()
      try driver.start(seed: 1) { simulation in
        let process = try simulation.addProcess("echo", on: simulation.host("echo")) { Echo($0) }
        process.start()
      }
      let gateway = try StreamGateway.open(port: port, to: Endpoint(host: "echo", port: 7), in: driver)
      return (driver, gateway)
    }

    /// A plain client: sends everything, reads until the other side closes.
    private func converse(_ port: Int, _ bytes: [UInt8]) throws -> [UInt8] {
      let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
      defer { Glibc.close(descriptor) }
      var address = sockaddr_in()
      address.sin_family = sa_family_t(AF_INET)
      address.sin_port = in_port_t(UInt16(port)).bigEndian
      address.sin_addr.s_addr = inet_addr("127.0.0.1")
      let outcome = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
        }
      }
      try #require(outcome == 0)
      let writer = Thread {
        var sent = 0
        while sent < bytes.count {
          let count = bytes[sent...].withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
          if count <= 0 { return }
          sent += count
        }
      }
      writer.start()
      var received: [UInt8] = []
      var buffer = [UInt8](repeating: 0, count: 65_536)
      while true {
        let count = Glibc.recv(descriptor, &buffer, buffer.count, 0)
        if count <= 0 { return received }
        received += buffer[..<count]
      }
    }

    @Test("bytes run both ways between a real client and a simulated server", arguments: [1, 1_000, 3_000_000])
    func bothWays(count: Int) throws {
      let (driver, gateway) = try serve()
      defer {
        gateway.close()
        driver.stop()
      }
      var bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 % 97) }
      bytes = bytes.map { $0 == 0x71 ? 0 : $0 } + [0x71]
      #expect(try converse(gateway.port, bytes) == Array("hello\n".utf8) + bytes)
    }

    @Test("a client of an endpoint where nobody listens is closed")
    func nobody() throws {
      let driver = WallClockDriver()
      try driver.start(seed: 1) { _ in }
      let gateway = try StreamGateway.open(port: 0, to: Endpoint(host: "nowhere", port: 7), in: driver)
      defer {
        gateway.close()
        driver.stop()
      }
      #expect(try converse(gateway.port, []) == [])
    }

    @Test("a client that ends its half gets the answers to what it sent before")
    func halfClosed() throws {
      let (driver, gateway) = try serve()
      defer {
        gateway.close()
        driver.stop()
      }
      let client = try SocketClient(port: gateway.port)
      client.send("abc")
      client.finishSending()
      #expect(String(decoding: client.takeAll(), as: UTF8.self) == "hello\nabc")
    }

    @Test("a server that crashes is a connection reset")
    func crash() throws {
      let (driver, gateway) = try serve()
      defer {
        gateway.close()
        driver.stop()
      }
      let client = try SocketClient(port: gateway.port)
      #expect(client.take(6) == Array("hello\n".utf8))
      _ = driver.ask { $0.process("echo")?.crash() != nil }
      #expect(client.waitForEnd() == .reset)
      #expect(soon { gateway.connectionCount == 0 })
    }

    @Test("a client that sends and never reads is not read on, and others are served")
    func neverReads() throws {
      let (driver, gateway) = try serve()
      defer {
        gateway.close()
        driver.stop()
      }
      let client = try SocketClient(port: gateway.port, receiveBuffer: 16_384)
      client.setTimeout(seconds: 0.5)
      let chunk = [UInt8](repeating: 0x61, count: 1 << 20)
      var taken = 0
      while taken < 100, client.send(chunk) { taken += 1 }
      // Two socket buffers, the write queue and the window inside.
      #expect(taken < 40, "\(taken) MiB")
      #expect(try converse(gateway.port, [0x71]) == Array("hello\nq".utf8))
    }

    @Test("a unix socket serves the same")
    func unix() throws {
      let driver = WallClockDriver()
      try driver.start(seed: 1) { simulation in
        try simulation.addProcess("echo", on: simulation.host("echo")) { Echo($0) }.start()
      }
      defer { driver.stop() }
      let path = FileManager.default.temporaryDirectory.appendingPathComponent("s-\(UUID().uuidString.prefix(8))").path
      let gateway = try StreamGateway.open(on: .unix(path: path), to: Endpoint(host: "echo", port: 7), in: driver)
      let client = try SocketClient(path: path)
      client.send("q")
      #expect(client.takeAll() == Array("hello\nq".utf8))
      gateway.close()
      #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a taken port is an error")
    func taken() throws {
      let (driver, gateway) = try serve()
      defer {
        gateway.close()
        driver.stop()
      }
      #expect(throws: (any Error).self) {
        try StreamGateway.open(port: gateway.port, to: Endpoint(host: "echo", port: 7), in: driver)
      }
    }
  }
#endif
