#if Live
  import Foundation
  import SimulationRuntime
  import SocketTestSupport
  import StreamSpaceProtocol
  import Testing

  @testable import SocketBridges

  @Suite("WebSockets over real sockets", .serialized)
  struct WebSocketGatewayTests {
    private static let limit = 65_536

    /// Sends messages back, answers pings, notes how it ended.
    private func bench(limits: HTTPLimits = HTTPLimits(), maximum: Int = limit) throws -> HTTPBench {
      try HTTPBench(limits: limits) { exchange, _, journal in
        guard
          let socket = exchange.upgradeToWebSocket(
            subprotocol: "binary", headers: ["X-A": "b"], maximumMessage: maximum)
        else { return exchange.respond(400, [:], []) }
        socket.onFrame = { frame in
          switch frame {
          case .message(let message):
            if case .text("leave") = message { return socket.send(.close(code: .takenOver, reason: "taken over")) }
            if case .text("break") = message { return socket.abort() }
            socket.send(frame)
          case .ping: socket.send(.pong)
          case .pong: journal.add("pong")
          case .close(let code, let reason): journal.add("close \(code) \(reason)")
          }
        }
        socket.onReset = { journal.add("reset") }
      }
    }

    private func open(_ bench: HTTPBench) throws -> SocketClient {
      let client = try bench.client()
      #expect(client.upgrade().status == 101)
      return client
    }

    @Test("the handshake is that of RFC 6455")
    func handshake() throws {
      let bench = try bench()
      defer { bench.stop() }
      let answer = try bench.client().upgrade()
      #expect(answer.status == 101)
      // The example of RFC 6455 §1.3.
      #expect(answer.header("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=")
      #expect(answer.header("upgrade") == "websocket")
      #expect(answer.header("connection")?.lowercased() == "upgrade")
      #expect(answer.header("sec-websocket-protocol") == "binary")
      #expect(answer.header("x-a") == "b")
    }

    @Test(
      "a request that lacks a part of the handshake is none",
      arguments: [
        "Sec-WebSocket-Version: 13", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", "Upgrade: websocket",
        "Connection: Upgrade",
      ])
    func incomplete(missing: String) throws {
      let bench = try bench()
      defer { bench.stop() }
      let all = [
        "Host: x", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
      ]
      for replacement in [nil, missing.prefix { $0 != ":" } + ": x"] {
        let client = try bench.client()
        let fields = all.filter { $0 != missing } + (replacement.map { [String($0)] } ?? [])
        client.send("GET / HTTP/1.1\r\n" + fields.joined(separator: "\r\n") + "\r\n\r\n")
        #expect(client.answer().status == 400)
      }
    }

    @Test("text and binary messages come back as sent, whole or in fragments, with what was sent before the answer")
    func messages() throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try bench.client()
      let early = ClientFrame.text("früh").bytes
      client.send(
        "GET / HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
          + "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: \(SocketClient.key)\r\n\r\n")
      client.send(early)
      #expect(client.answer().status == 101)
      #expect(client.frame()?.text == "früh")
      for count in [0, 1, 125, 126, 65_535, 65_536] {
        let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        client.send(.binary(bytes))
        #expect(client.frame() == ServerFrame(opcode: 2, payload: bytes))
      }
      var first = ClientFrame.text("a")
      first.isFinal = false
      var middle = ClientFrame(0, Array("b".utf8))
      middle.isFinal = false
      client.send(first)
      client.send(.ping("now"))
      client.send(middle)
      client.send(ClientFrame(0, Array("c".utf8)))
      #expect(client.frame() == ServerFrame(opcode: 10, payload: Array("now".utf8)))
      #expect(client.frame() == ServerFrame(opcode: 1, payload: Array("abc".utf8)))
    }

    @Test("a character may lie across two fragments")
    func splitCharacter() throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try open(bench)
      var first = ClientFrame(1, [0xc3])
      first.isFinal = false
      client.send(first)
      client.send(ClientFrame(0, [0xa9]))
      #expect(client.frame()?.text == "é")
    }

    @Test("pongs carry what their pings did, in order")
    func pings() throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try open(bench)
      for number in 0..<5 { client.send(.ping("p\(number)")) }
      for number in 0..<5 { #expect(client.frame() == ServerFrame(opcode: 10, payload: Array("p\(number)".utf8))) }
      client.send(ClientFrame(10))
      #expect(soon { bench.journal.all == ["pong"] })
    }

    @Test("a client that closes gets its code back, then the end")
    func clientCloses() throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try open(bench)
      client.send(.close(4_321, "grund"))
      #expect(client.frame()?.closeCode == 4_321)
      #expect(client.waitForEnd() == .orderly)
      #expect(soon { bench.journal.all == ["close 4321 grund"] })
    }

    @Test("a close frame without a code is 1005 inside, and answered without one")
    func clientClosesWithoutCode() throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try open(bench)
      client.send(ClientFrame(8))
      #expect(client.frame() == ServerFrame(opcode: 8, payload: []))
      #expect(soon { bench.journal.all == ["close 1005 "] })
    }

    @Test("a service that closes is read to its last word, and the client's answer ends it")
    func serviceCloses() throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try open(bench)
      client.send(.text("before"))
      client.send(.text("leave"))
      #expect(client.frame()?.text == "before")
      let close = client.frame()
      #expect(close?.closeCode == 4_001)
      #expect(close.map { String(decoding: $0.payload.dropFirst(2), as: UTF8.self) } == "taken over")
      client.send(.text("ignored"))
      client.send(.close(4_001))
      #expect(client.waitForEnd() == .orderly)
      #expect(bench.journal.all == [])
    }

    @Test("a client that does not answer a close frame is ended all the same")
    func unansweredClose() throws {
      var limits = HTTPLimits()
      limits.closeTime = .milliseconds(50)
      let bench = try bench(limits: limits)
      defer { bench.stop() }
      let client = try open(bench)
      client.send(.text("leave"))
      #expect(client.frame()?.closeCode == 4_001)
      #expect(client.waitForEnd() == .orderly)
    }

    @Test("a broken connection is a reset, on either side")
    func resets() throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try open(bench)
      client.send(.text("break"))
      #expect(client.waitForEnd() == .reset)
      #expect(bench.journal.all == [])
      let other = try open(bench)
      other.close()
      #expect(soon { bench.journal.all == ["reset"] })
    }

    @Test(
      "whoever breaks a rule gets its code, and is gone inside",
      arguments: [
        ("unmasked", 1_002), ("reserved bit", 1_002), ("reserved opcode", 1_002), ("reserved control opcode", 1_002),
        ("fragmented ping", 1_002), ("long ping", 1_002), ("continuation of nothing", 1_002),
        ("message within a message", 1_002), ("close of one byte", 1_002), ("close with code 1006", 1_002),
        ("close with code 999", 1_002), ("close with bad text", 1_007), ("bad text", 1_007),
        ("bad text in fragments", 1_007),
        ("surrogate", 1_007), ("giant frame", 1_009), ("largest length", 1_009), ("too many empty fragments", 1_009),
      ])
    func broken(rule: String, code: Int) throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try open(bench)
      var frame = ClientFrame.text("x")
      switch rule {
      case "unmasked": frame.isMasked = false
      case "reserved bit": frame.reserved = 4
      case "reserved opcode": frame.opcode = 3
      case "reserved control opcode": frame.opcode = 11
      case "fragmented ping": (frame.opcode, frame.isFinal) = (9, false)
      case "long ping": frame = ClientFrame(9, Array(repeating: 0, count: 126))
      case "continuation of nothing": frame.opcode = 0
      case "message within a message":
        frame.isFinal = false
        client.send(frame)
      case "close of one byte": frame = ClientFrame(8, [3])
      case "close with code 1006": frame = .close(1_006)
      case "close with code 999": frame = .close(999)
      case "close with bad text": frame = ClientFrame(8, [3, 232, 0xff])
      case "bad text": frame.payload = [0xc3, 0x28]
      case "bad text in fragments":
        frame = ClientFrame(1, [0xc3])
        frame.isFinal = false
        client.send(frame)
        frame = ClientFrame(0, [0x28])
      case "surrogate": frame.payload = [0xed, 0xa0, 0x80]
      case "giant frame": frame.claimedLength = 1 << 40
      case "largest length": frame.claimedLength = .max
      default:
        frame.isFinal = false
        client.send(frame)
        frame = ClientFrame(0)
        frame.isFinal = false
        let bytes = frame.bytes
        client.send((0..<5_000).flatMap { _ in bytes })
      }
      client.send(frame)
      #expect(client.frame()?.closeCode == UInt16(code), "\(rule)")
      client.send(.close(1_000))
      #expect(client.waitForEnd() != .none)
      #expect(soon { bench.journal.all == ["reset"] }, "\(bench.journal.all)")
    }

    @Test(
      "a message of the limit passes, one byte more is 1009, in one frame or several",
      arguments: [
        65_536, 524_288,
      ])
    func messageLimit(limit: Int) throws {
      let bench = try bench(maximum: limit)
      defer { bench.stop() }
      let client = try open(bench)
      let bytes = [UInt8](repeating: 7, count: limit)
      client.send(.binary(bytes))
      #expect(client.frame()?.payload.count == limit)
      var half = ClientFrame.binary(Array(bytes[..<(limit / 2)]))
      half.isFinal = false
      client.send(half)
      client.send(ClientFrame(0, Array(bytes[(limit / 2)...])))
      #expect(client.frame()?.payload.count == limit)
      client.send(half)
      client.send(ClientFrame(0, Array(bytes[(limit / 2)...]) + [1]))
      #expect(client.frame()?.closeCode == 1_009)
      let other = try open(bench)
      other.send(.binary(bytes + [1]))
      #expect(other.frame()?.closeCode == 1_009)
    }

    @Test("frames may come byte by byte")
    func byteByByte() throws {
      let bench = try bench()
      defer { bench.stop() }
      let client = try open(bench)
      for byte in ClientFrame.text("langsam").bytes + ClientFrame.binary(Array(repeating: 1, count: 130)).bytes {
        client.send([byte])
      }
      #expect(client.frame()?.text == "langsam")
      #expect(client.frame()?.payload.count == 130)
    }

    @Test("a service that pauses reads nothing more until it goes on, in order")
    func pausing() throws {
      let bench = try HTTPBench { exchange, simulation, journal in
        guard let socket = exchange.upgradeToWebSocket(subprotocol: nil, headers: [:], maximumMessage: 1_000) else {
          return
        }
        var isPaused = false
        socket.onFrame = { frame in
          guard case .message(.text(let text)) = frame else { return }
          journal.add(isPaused ? "while paused" : text)
          guard !isPaused, text == "2" else { return }
          isPaused = true
          socket.pauseReading()
          simulation.schedule(after: .milliseconds(100), EventLabel("test.resume")) {
            isPaused = false
            socket.resumeReading()
          }
        }
      }
      defer { bench.stop() }
      let client = try bench.client()
      #expect(client.upgrade().status == 101)
      for number in 0..<6 { client.send(.text("\(number)")) }
      #expect(soon { bench.journal.all.count == 6 })
      #expect(bench.journal.all == (0..<6).map { "\($0)" })
    }
  }
#endif
