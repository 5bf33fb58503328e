#if Live
  import Foundation
  import SimulationRuntime
  import SocketTestSupport
  import StreamSpaceProtocol
  import Testing

  @testable import SocketBridges

  @Suite("The limits of real HTTP clients", .serialized)
  struct HTTPLimitTests {
    @Test("they are those of the specification")
    func values() {
      let limits = HTTPLimits()
      #expect(limits.headBytes == 16_384)
      #expect(limits.headTime == .seconds(10))
      #expect(limits.bodyBytes == 10_485_760)
      #expect(limits.writeQueue == 1_048_576)
      #expect(SocketAllowance.process.limit <= 100_000)
      #expect(StreamGateway.writeQueue == 1_048_576)
    }

    /// A request whose head has `count` bytes.
    private func request(head count: Int) -> String {
      let start = "GET /x HTTP/1.1\r\nHost: x\r\nX-Pad: "
      return start + String(repeating: "p", count: count - start.utf8.count - 4) + "\r\n\r\n"
    }

    @Test("a head of 16 KiB passes, one byte more is 431, also as target, as name, or as many fields")
    func head() throws {
      let bench = try HTTPBench(HTTPBench.echo)
      defer { bench.stop() }
      let client = try bench.client()
      client.send(request(head: 16_384))
      #expect(client.answer().status == 200)
      client.send(request(head: 16_385))
      #expect(client.answer().status == 431)
      #expect(client.waitForEnd() == .orderly)
      let many = (0..<2_000).map { "a\($0): b\r\n" }.joined()
      let few = (0..<1_000).map { "a\($0): b\r\n" }.joined()
      let long = String(repeating: "y", count: 1 << 20)
      for (head, status) in [
        ("GET / HTTP/1.1\r\nHost: x\r\n\(few)\r\n", 200), ("GET / HTTP/1.1\r\nHost: x\r\n\(many)\r\n", 431),
        ("GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n", 431), ("GET / HTTP/1.1\r\nHost: x\r\n\(long): z\r\n\r\n", 431),
      ] {
        let client = try bench.client()
        client.send(head)
        #expect(client.answer().status == status)
      }
    }

    @Test("a head that takes too long is 408, however it trickles; so is none at all")
    func headTime() throws {
      var limits = HTTPLimits()
      limits.headTime = .milliseconds(200)
      let bench = try HTTPBench(limits: limits, HTTPBench.echo)
      defer { bench.stop() }
      let silent = try bench.client()
      let trickling = try bench.client()
      let kept = try bench.client()
      #expect(kept.ask("GET", "/").status == 200)
      kept.send("GET / HT")
      for byte in Array("GET / HTTP/1.1\r\nHo".utf8) where trickling.send([byte]) { usleep(20_000) }
      for client in [silent, trickling, kept] {
        #expect(client.answer().status == 408)
        #expect(client.waitForEnd() != .none)
      }
    }

    @Test("a connection between two requests has more time, but not for ever")
    func idle() throws {
      var limits = HTTPLimits()
      limits.headTime = .milliseconds(100)
      limits.idleTime = .milliseconds(600)
      let bench = try HTTPBench(limits: limits, HTTPBench.echo)
      defer { bench.stop() }
      let client = try bench.client()
      #expect(client.ask("GET", "/").status == 200)
      usleep(300_000)
      #expect(client.ask("GET", "/").status == 200)
      #expect(client.waitForEnd() == .orderly)
    }

    @Test("a body of 10 MiB passes, one byte more is 413: by its length at once, in chunks when it is there")
    func body() throws {
      let bench = try HTTPBench { exchange, _, _ in
        exchange.respond(200, [:], Array("\(exchange.request.body.count)".utf8))
      }
      defer { bench.stop() }
      let limit = 10 << 20
      let bytes = [UInt8](repeating: 0x61, count: limit)
      let client = try bench.client()
      client.send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: \(limit)\r\n\r\n")
      client.send(bytes)
      #expect(client.answer().text == "\(limit)")
      client.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(String(limit, radix: 16))\r\n")
      client.send(bytes)
      client.send("\r\n0\r\n\r\n")
      #expect(client.answer().text == "\(limit)")
      client.send("POST / HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: \(limit + 1)\r\n\r\n")
      #expect(client.answer().status == 413)
      #expect(client.waitForEnd() == .orderly)
      let chunks = try bench.client()
      chunks.send("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n\(String(limit + 1, radix: 16))\r\n")
      chunks.send(bytes + [0x61])
      #expect(chunks.answer().status == 413)
    }

    @Test("what waits to be written stops its source at the limit, and lets it go on at half of it")
    func budget() {
      let budget = WriteBudget(limit: 1_048_576)
      budget.add(1_048_575)
      #expect(budget.isWritable)
      budget.add(1)
      #expect(!budget.isWritable)
      #expect(!budget.remove(524_287))
      #expect(!budget.isWritable)
      #expect(budget.remove(1))
      #expect(budget.isWritable)
      #expect(!budget.remove(524_288))
      #expect(budget.outstanding == 0)
    }

    @Test("as many sockets as are allowed are served; the next one waits for a place")
    func sockets() throws {
      let allowance = SocketAllowance(limit: 4)
      let bench = try HTTPBench(allowance: allowance, HTTPBench.echo)
      defer { bench.stop() }
      let clients = try (0..<4).map { _ in try bench.client() }
      for client in clients { #expect(client.ask("GET", "/").status == 200) }
      #expect(allowance.open == 4)
      let late = try bench.client()
      late.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      late.setTimeout(seconds: 0.3)
      #expect(!late.read())
      #expect(late.end == .none)
      #expect(allowance.open == 4)
      clients[0].close()
      late.setTimeout(seconds: 10)
      #expect(late.answer().status == 200)
      #expect(clients[1].ask("GET", "/").status == 200)
    }

    @Test("gateways share what is allowed, and one that has gone asks for nothing more")
    func sharedSockets() throws {
      let allowance = SocketAllowance(limit: 1)
      let first = try HTTPBench(allowance: allowance, HTTPBench.echo)
      let second = try HTTPBench(allowance: allowance, HTTPBench.echo)
      defer { second.stop() }
      let client = try first.client()
      #expect(client.ask("GET", "/").status == 200)
      let other = try second.client()
      other.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      usleep(50_000)
      first.stop()
      #expect(other.answer().status == 200)
      #expect(allowance.open == 1)
    }
  }
#endif
