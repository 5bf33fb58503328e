#if Live
  import Foundation
  import ServedEnvironment
  import SocketBridges
  import SocketTestSupport
  import Testing

  @Suite("The simulated Redis on a real socket", .serialized)
  struct ServedRedisTests {
    private func serve(_ change: (inout ServedRedis.Configuration) -> Void = { _ in }) throws -> ServedRedis {
      var configuration = ServedRedis.Configuration()
      change(&configuration)
      return try ServedRedis(configuration, on: .tcp())
    }

    /// Sends and reads until the answer to a last `ECHO`, which is left out.
    private func converse(_ client: SocketClient, _ bytes: [UInt8], _ mark: String) -> [UInt8] {
      let echo = Array("*2\r\n$4\r\nECHO\r\n$\(mark.utf8.count)\r\n\(mark)\r\n".utf8)
      let all = bytes + echo
      let writer = Thread { client.send(all) }
      writer.start()
      return Array(client.take(through: "$\(mark.utf8.count)\r\n\(mark)\r\n").utf8)
    }

    @Test(
      "drawn commands get the same bytes as from a real server, in both versions of the protocol",
      arguments: [1, 2, 3, 4, 5, 6] as [UInt64])
    func differential(seed: UInt64) throws {
      let real: RealRedisServer
      do { real = try RealRedisServer() } catch { try Test.cancel("\(error) (Debian package redis-server)") }
      defer { real.stop() }
      let ours = try serve { $0.isRelease70 = true }
      defer { ours.stop() }
      let clients = try [SocketClient(port: ours.port), SocketClient(port: real.port)]
      if seed.isMultiple(of: 2) {
        // The answer names release and connection.
        for client in clients {
          client.send("HELLO 3\r\n")
          _ = client.take(through: "modules\r\n*0\r\n")
        }
      }
      var source = RedisCommandSource(seed: seed)
      for batch in 0..<120 {
        let commands = (0...source.draw(40)).map { _ in source.next() }
        let bytes = commands.flatMap { source.encoded($0) }
        // A transaction that is open would queue the mark.
        let end = Array("discard\r\n".utf8)
        let answers = clients.map { converseRaw($0, bytes + end, "mark-\(seed)-\(batch)") }
        guard answers[0] != answers[1] else { continue }
        let at = zip(answers[0], answers[1]).prefix { $0 == $1 }.count
        Issue.record(
          """
          seed \(seed), batch \(batch), byte \(at):
          ours: \(Self.excerpt(answers[0], at))
          real: \(Self.excerpt(answers[1], at))
          sent: \(commands.map { $0.map { String(decoding: $0.prefix(40), as: UTF8.self) }.joined(separator: " ") })
          """)
        return
      }
    }

    /// As `converse`, to the byte.
    private func converseRaw(_ client: SocketClient, _ bytes: [UInt8], _ mark: String) -> [UInt8] {
      let end = Array("$\(mark.utf8.count)\r\n\(mark)\r\n".utf8)
      let all = bytes + Array("*2\r\n$4\r\nECHO\r\n".utf8) + end
      let writer = Thread { client.send(all) }
      writer.start()
      while client.buffer.count < end.count || !client.buffer.suffix(end.count).elementsEqual(end) {
        guard client.read() else { break }
      }
      return client.take(client.buffer.count)
    }

    private static func excerpt(_ bytes: [UInt8], _ at: Int) -> String {
      String(decoding: bytes[max(0, at - 60)..<min(bytes.count, at + 120)], as: UTF8.self).debugDescription
    }

    @Test("the connection of go-redis v9 gets what it expects: HELLO 3, CLIENT SETINFO, subscriptions as pushes")
    func goRedis() throws {
      let served = try serve()
      defer { served.stop() }
      let client = try SocketClient(port: served.port)
      let hello = String(
        decoding: converse(client, Array("*2\r\n$5\r\nhello\r\n$1\r\n3\r\n".utf8), "m0"), as: UTF8.self)
      #expect(
        hello.hasPrefix("%7\r\n$6\r\nserver\r\n$5\r\nredis\r\n$7\r\nversion\r\n$5\r\n7.2.4\r\n$5\r\nproto\r\n:3\r\n"))
      let set = converse(
        client,
        Array(
          "*2\r\n$6\r\nselect\r\n$1\r\n1\r\n*4\r\n$6\r\nclient\r\n$7\r\nsetinfo\r\n$8\r\nLIB-NAME\r\n$19\r\ngo-redis(,go1.23.4)\r\n"
            .utf8), "m1")
      #expect(String(decoding: set, as: UTF8.self).hasPrefix("+OK\r\n+OK\r\n"))
      let maintenance = converse(
        client,
        Array("client maint_notifications on moving-endpoint-type internal-ip\r\n".utf8), "m2")
      #expect(
        String(decoding: maintenance, as: UTF8.self).hasPrefix(
          "-ERR unknown subcommand 'maint_notifications'. Try CLIENT HELP.\r\n"))
      let subscriber = try SocketClient(port: served.port)
      _ = converse(subscriber, Array("hello 3\r\n".utf8), "m3")
      let subscribed = converse(subscriber, Array("subscribe pod:api-1:commands\r\n".utf8), "m4")
      #expect(
        String(decoding: subscribed, as: UTF8.self).hasPrefix(
          ">3\r\n$9\r\nsubscribe\r\n$18\r\npod:api-1:commands\r\n:1\r\n"))
      let published = converse(client, Array("publish pod:api-1:commands {}\r\n".utf8), "m5")
      #expect(String(decoding: published, as: UTF8.self).hasPrefix(":1\r\n"))
      #expect(
        subscriber.take(through: "{}\r\n")
          == ">3\r\n$7\r\nmessage\r\n$18\r\npod:api-1:commands\r\n$2\r\n{}\r\n")
    }

    @Test("a password is asked for")
    func password() throws {
      let served = try serve { $0.password = "secret" }
      defer { served.stop() }
      let client = try SocketClient(port: served.port)
      client.send("PING\r\nAUTH wrong\r\nAUTH secret\r\nPING\r\n")
      #expect(client.take(through: "\r\n") == "-NOAUTH Authentication required.\r\n")
      #expect(client.take(through: "\r\n").hasPrefix("-WRONGPASS"))
      #expect(client.take(through: "+PONG\r\n") == "+OK\r\n+PONG\r\n")
    }

    @Test("time is the machine's, and keys expire by it")
    func time() throws {
      let served = try serve()
      defer { served.stop() }
      let client = try SocketClient(port: served.port)
      client.send("TIME\r\n")
      _ = client.take(through: "$10\r\n")
      let seconds = Double(client.take(10).reduce(0) { $0 * 10 + Int($1) - 0x30 })
      #expect(abs(seconds - Date().timeIntervalSince1970) < 5)
      // The rest of that line, and the microseconds with their length.
      for _ in 0..<3 { _ = client.take(through: "\r\n") }
      client.send("SET k v PX 100\r\n")
      #expect(client.take(through: "\r\n") == "+OK\r\n")
      #expect(soon { client.send("EXISTS k\r\n") && client.take(4) == Array(":0\r\n".utf8) })
    }

    @Test("a client that ends its half gets its answers")
    func halfClosed() throws {
      let served = try serve()
      defer { served.stop() }
      let client = try SocketClient(port: served.port)
      client.send("PING\r\nECHO last\r\n")
      client.finishSending()
      #expect(String(decoding: client.takeAll(), as: UTF8.self) == "+PONG\r\n$4\r\nlast\r\n")
    }

    @Test("redis-cli and redis-benchmark are served")
    func tools() throws {
      let served = try serve()
      defer { served.stop() }
      let port = "\(served.port)"
      let client: (status: Int32, output: [UInt8])
      do {
        client = try PeerProcess.run("redis-cli", ["-p", port, "-3", "set", "a", "b"])
      } catch { try Test.cancel("\(error) (Debian package redis-tools)") }
      #expect(String(decoding: client.output, as: UTF8.self) == "OK\n")
      let information = try PeerProcess.run("redis-cli", ["-p", port, "info", "server"])
      #expect(String(decoding: information.output, as: UTF8.self).contains("redis_version:7.2.4"))
      let benchmark = try PeerProcess.run(
        "redis-benchmark", ["-p", port, "-n", "5000", "-P", "16", "-c", "20", "-t", "set,get,incr,sadd,ping", "--csv"])
      #expect(benchmark.status == 0)
      #expect(String(decoding: benchmark.output, as: UTF8.self).contains("\"GET\""))
    }

    @Test("it is served on a unix socket too, and the socket goes with it")
    func unix() throws {
      let folder = try PeerProcess.temporaryFolder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let path = folder.appendingPathComponent("redis.sock").path
      let served = try ServedRedis(on: .unix(path: path))
      let client = try SocketClient(path: path)
      client.send("PING\r\n")
      #expect(client.take(through: "\r\n") == "+PONG\r\n")
      served.stop()
      #expect(client.waitForEnd() == .orderly)
      #expect(!FileManager.default.fileExists(atPath: path))
    }

    @Test("a taken port is told with its reason")
    func taken() throws {
      let served = try serve()
      defer { served.stop() }
      do {
        _ = try ServedRedis(on: .tcp(port: served.port))
        Issue.record("two servers on one port")
      } catch {
        #expect("\(error)" == "cannot listen on 127.0.0.1:\(served.port): Address already in use")
      }
    }
  }
#endif
