#if Live
  import Foundation
  import SimulationRuntime
  import SocketTestSupport
  import StreamSpaceProtocol
  import Testing

  @testable import SocketBridges

  @Suite("HTTP over real sockets", .serialized)
  struct HTTPGatewayTests {
    private static let later = EventLabel("test.later")

    @Test("a request reaches the service as sent, and its answer the client")
    func exchange() throws {
      let bench = try HTTPBench(HTTPBench.echo)
      defer { bench.stop() }
      let client = try bench.client()
      let answer = client.ask("POST", "/a/b%20c?d=e", body: "hello")
      #expect(answer.status == 200)
      #expect(answer.text == "hello")
      #expect(answer.header("x-method") == "POST")
      #expect(answer.header("x-target") == "/a/b%20c?d=e")
      #expect(answer.header("x-peer")?.hasPrefix("127.0.0.1:") == true)
      #expect(answer.header("content-length") == "5")
    }

    @Test("one connection serves many requests, of any method")
    func keepAlive() throws {
      let bench = try HTTPBench(HTTPBench.echo)
      defer { bench.stop() }
      let client = try bench.client()
      for (number, method) in ["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "GET"].enumerated() {
        let answer = client.ask(method, "/\(number)", body: String(repeating: "x", count: number))
        #expect(answer.header("x-method") == method)
        #expect(answer.body.count == number)
      }
    }

    @Test("requests sent at once are answered in their order, whoever is done first")
    func pipelining() throws {
      let bench = try HTTPBench { exchange, simulation, _ in
        // The first ones take longest.
        let number = Int64(exchange.request.target.dropFirst()) ?? 0
        simulation.schedule(after: .milliseconds(30 - number * 3), Self.later) {
          exchange.respond(200, [:], Array("answer \(number)".utf8))
        }
      }
      defer { bench.stop() }
      let client = try bench.client()
      client.send((0..<10).map { "GET /\($0) HTTP/1.1\r\nHost: x\r\n\r\n" }.joined())
      #expect((0..<10).map { _ in client.answer().text } == (0..<10).map { "answer \($0)" })
    }

    @Test("a request may come byte by byte")
    func slowly() throws {
      let bench = try HTTPBench(HTTPBench.echo)
      defer { bench.stop() }
      let client = try bench.client()
      for byte in Array(
        "POST /slow HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n".utf8)
      {
        client.send([byte])
        usleep(200)
      }
      #expect(client.answer().text == "abc")
    }

    @Test("HEAD, 204 and 304 have no body, and the connection goes on")
    func withoutBody() throws {
      let bench = try HTTPBench { exchange, _, _ in
        exchange.respond(Int(exchange.request.target.dropFirst()) ?? 200, [:], Array("body".utf8))
      }
      defer { bench.stop() }
      let client = try bench.client()
      let head = client.ask("HEAD", "/200")
      #expect(head.status == 200)
      #expect(head.header("content-length") == "4")
      #expect(client.ask("GET", "/204").header("content-length") == nil)
      #expect(client.ask("GET", "/304").status == 304)
      #expect(client.ask("GET", "/200").text == "body")
    }

    @Test("a chunked answer of HEAD is only its head")
    func headOfStream() throws {
      let bench = try HTTPBench { exchange, _, _ in
        let sink = exchange.stream(200, [:])
        sink.send(Array("abc".utf8))
        sink.finish()
      }
      defer { bench.stop() }
      let client = try bench.client()
      #expect(client.ask("HEAD", "/").header("transfer-encoding") == "chunked")
      #expect(client.ask("GET", "/").text == "abc")
    }

    @Test("an answer of unknown length comes as its parts are made")
    func stream() throws {
      let bench = try HTTPBench { exchange, simulation, _ in
        let sink = exchange.stream(200, ["Content-Type": "application/json"])
        sink.send(Array("one".utf8))
        simulation.schedule(after: .milliseconds(20), Self.later) {
          sink.send(Array("two".utf8))
          sink.finish()
        }
      }
      defer { bench.stop() }
      let client = try bench.client()
      let answer = client.ask("GET", "/watch")
      #expect(answer.text == "onetwo")
      #expect(answer.header("transfer-encoding") == "chunked")
      #expect(client.ask("GET", "/watch").text == "onetwo")
    }

    @Test("HTTP/1.0 gets neither chunks nor a connection it did not ask to keep")
    func oldClient() throws {
      let bench = try HTTPBench { exchange, _, _ in
        guard exchange.request.target == "/stream" else { return exchange.respond(200, [:], Array("whole".utf8)) }
        let sink = exchange.stream(200, [:])
        sink.send(Array("abc".utf8))
        sink.finish()
      }
      defer { bench.stop() }
      for (target, body) in [("/", "whole"), ("/stream", "abc")] {
        let client = try bench.client()
        client.send("GET \(target) HTTP/1.0\r\n\r\n")
        let text = String(decoding: client.takeAll(), as: UTF8.self)
        #expect(text.hasPrefix("HTTP/1.0 200"))
        #expect(text.hasSuffix("\r\n\r\n" + body))
        #expect(client.end == .orderly)
      }
      let client = try bench.client()
      for _ in 0..<2 {
        client.send("GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n")
        #expect(client.answer().text == "whole")
      }
    }

    @Test("`Connection: close` ends the connection after the answer, in order, whatever else was sent")
    func close() throws {
      let bench = try HTTPBench(HTTPBench.echo)
      defer { bench.stop() }
      let client = try bench.client()
      client.send("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\nGET /second HTTP/1.1\r\nHost: x\r\n\r\n")
      let text = String(decoding: client.takeAll(), as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 200"))
      #expect(!text.contains("/second"))
      #expect(client.end == .orderly)
    }

    @Test("a body that is held back is asked for with 100")
    func expectation() throws {
      let bench = try HTTPBench(HTTPBench.echo)
      defer { bench.stop() }
      let client = try bench.client()
      client.send("POST /first HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
      client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
      #expect(client.answer().status == 200)
      #expect(client.answer().status == 100)
      client.send("hello")
      #expect(client.answer().text == "hello")
      #expect(client.ask("GET", "/", "Expect: miracles\r\n").status == 417)
    }

    @Test("a service hears once of a client that leaves before its answer")
    func abandoned() throws {
      let bench = try HTTPBench { exchange, _, journal in
        exchange.onAbandoned = { journal.add("abandoned, pending: \(exchange.isPending)") }
        journal.add("asked")
      }
      defer { bench.stop() }
      let client = try bench.client()
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(soon { bench.journal.count("asked") == 1 })
      client.close()
      #expect(soon { bench.journal.all == ["asked", "abandoned, pending: false"] })
    }

    @Test("the second answer to a request does nothing")
    func once() throws {
      let bench = try HTTPBench { exchange, _, journal in
        exchange.onAbandoned = { journal.add("abandoned") }
        exchange.respond(200, [:], [])
        exchange.respond(500, [:], [])
        exchange.drop()
        let sink = exchange.stream(200, [:])
        journal.add("\(exchange.isPending) \(sink.isWritable) \(exchange.upgrade([:]).isWritable)")
      }
      defer { bench.stop() }
      let client = try bench.client()
      #expect(client.ask("GET", "/").status == 200)
      #expect(client.ask("GET", "/").status == 200)
      #expect(bench.journal.all == Array(repeating: "false false false", count: 2))
    }

    @Test("a dropped request is a connection reset")
    func drop() throws {
      let bench = try HTTPBench { exchange, _, _ in exchange.drop() }
      defer { bench.stop() }
      let client = try bench.client()
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(client.waitForEnd() == .reset)
    }

    @Test("a stream that is broken off is a connection reset, and one whose client leaves is told")
    func brokenStreams() throws {
      let bench = try HTTPBench { exchange, simulation, journal in
        let sink = exchange.stream(200, [:])
        sink.onClose = { journal.add("closed, writable: \(sink.isWritable)") }
        sink.send(Array("x".utf8))
        if exchange.request.target == "/abort" {
          simulation.schedule(after: .milliseconds(20), Self.later) { sink.abort() }
        }
      }
      defer { bench.stop() }
      let client = try bench.client()
      client.send("GET /abort HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(client.take(through: "x\r\n").hasSuffix("1\r\nx\r\n"))
      #expect(client.waitForEnd() == .reset)
      #expect(bench.journal.all == [])
      let other = try bench.client()
      other.send("GET /watch HTTP/1.1\r\nHost: x\r\n\r\n")
      _ = other.take(through: "x\r\n")
      other.close()
      #expect(soon { bench.journal.all == ["closed, writable: false"] })
    }

    @Test("after 101 bytes run both ways, those sent with the request first")
    func upgrade() throws {
      let bench = try HTTPBench { exchange, _, journal in
        let stream = exchange.upgrade(["Upgrade": "tcp"])
        stream.onReceive = { stream.send($0) }
        stream.onEndOfInput = {
          stream.send(Array("bye".utf8))
          stream.finish()
        }
        stream.onClose = { journal.add("closed") }
      }
      defer { bench.stop() }
      let client = try bench.client()
      client.send(
        "POST /exec HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\nContent-Length: 2\r\n\r\n{}early ")
      let answer = client.answer()
      #expect(answer.status == 101)
      #expect(answer.header("upgrade") == "tcp")
      #expect(answer.header("connection") == "Upgrade")
      #expect(client.take(6) == Array("early ".utf8))
      let bytes = (0..<2_000_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
      let writer = Thread { client.send(bytes) }
      writer.start()
      #expect(client.take(bytes.count) == bytes)
      client.finishSending()
      #expect(client.takeAll() == Array("bye".utf8))
      #expect(bench.journal.all == [])
    }

    @Test("a peer of plain bytes that leaves is told once, also without interest in half-closed connections")
    func upgradedLeaves() throws {
      let bench = try HTTPBench { exchange, _, journal in
        let stream = exchange.upgrade([:])
        stream.onClose = { journal.add("closed") }
        stream.onReceive = { _ in }
      }
      defer { bench.stop() }
      let client = try bench.client()
      client.send("POST / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
      #expect(client.answer().status == 101)
      client.close()
      #expect(soon { bench.journal.all == ["closed"] })
      #expect(soon { bench.gateway.connectionCount == 0 })
    }

    @Test("a refused upgrade is an ordinary answer, and the connection ends")
    func refusedUpgrade() throws {
      let bench = try HTTPBench { exchange, _, _ in exchange.respond(401, [:], Array("no".utf8)) }
      defer { bench.stop() }
      let client = try bench.client()
      let answer = client.upgrade()
      #expect(answer.status == 401)
      #expect(answer.text == "no")
      #expect(answer.header("connection") == "close")
      #expect(client.waitForEnd() == .orderly)
    }

    @Test(
      "what is no HTTP is refused in a word",
      arguments: [
        "HELLO\r\n\r\n", "GET / HTTP/1.1\r\n\r\n", "GET / HTTP/3.0\r\nHost: x\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nHost: y\r\n\r\n", "GET / HTTP/1.1\r\nHost: x\r\nBad Header: y\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        "\u{16}\u{03}\u{01}\u{02}\u{00}",
      ])
    func malformed(request: String) throws {
      let bench = try HTTPBench(HTTPBench.echo)
      defer { bench.stop() }
      let client = try bench.client()
      client.send(request)
      let answer = client.answer()
      #expect(answer.status == 400, "\(answer.head)")
      #expect(client.waitForEnd() == .orderly)
      #expect(try bench.client().ask("GET", "/").status == 200)
    }

    @Test("a header of a service cannot begin another")
    func injection() throws {
      let bench = try HTTPBench { exchange, _, _ in
        exchange.respond(200, ["X-A": "b\r\nX-Evil: c", "Content-Length": "99"], Array("ok".utf8))
      }
      defer { bench.stop() }
      let answer = try bench.client().ask("GET", "/")
      #expect(answer.header("x-evil") == nil)
      #expect(answer.text == "ok")
    }

    @Test("each life of the process gets a service of its own, and none answers while it is down")
    func lives() throws {
      let driver = WallClockDriver()
      try driver.start(seed: 1) { _ in }
      let journal = Journal()
      let gateway = try HTTPGateway.open(on: .tcp(), in: driver, as: "daemon") { simulation, _ in
        journal.add("made")
        return ScriptedService(simulation) { exchange, _ in exchange.respond(204, [:], []) }
      }
      defer {
        gateway.close()
        driver.stop()
      }
      #expect(journal.all == ["made"])
      #expect(try SocketClient(port: gateway.port).ask("GET", "/").status == 204)
      _ = driver.ask { $0.process("daemon")?.crash() != nil }
      let client = try SocketClient(port: gateway.port)
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(client.waitForEnd() == .reset)
      _ = driver.ask { $0.process("daemon")?.start() != nil }
      #expect(try SocketClient(port: gateway.port).ask("GET", "/").status == 204)
      #expect(journal.all == ["made", "made"])
    }

    @Test("an error while the service is made reaches the caller, and nothing listens")
    func noService() throws {
      struct Wrong: Error {}
      let driver = WallClockDriver()
      try driver.start(seed: 1) { _ in }
      defer { driver.stop() }
      #expect(throws: Wrong.self) { _ = try HTTPGateway.open(on: .tcp(), in: driver) { _, _ in throw Wrong() } }
    }

    @Test(
      "curl understands it", .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/curl"), "needs curl"))
    func curl() throws {
      let bench = try HTTPBench(HTTPBench.echo)
      defer { bench.stop() }
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/curl")
      let url = "http://127.0.0.1:\(bench.gateway.port)/x"
      process.arguments = ["-sS", "-d", String(repeating: "y", count: 3_000), "-H", "Expect: 100-continue", url, url]
      let pipe = Pipe()
      process.standardOutput = pipe
      try process.run()
      let output = pipe.fileHandleForReading.readDataToEndOfFile()
      process.waitUntilExit()
      #expect(process.terminationStatus == 0)
      #expect(String(decoding: output, as: UTF8.self) == String(repeating: "y", count: 6_000))
    }
  }
#endif
