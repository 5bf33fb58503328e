#if Live
  import Foundation
  import SimulationRuntime
  import SocketTestSupport
  import StreamSpaceProtocol
  import Testing

  @testable import SocketBridges

  @Suite("A gateway that stops", .serialized)
  struct GatewayStopTests {
    /// Names of the event loops' threads.
    private static func loops() -> Set<String> {
      let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/task")) ?? []
      let names = tasks.compactMap { try? String(contentsOfFile: "/proc/self/task/\($0)/comm", encoding: .utf8) }
      return Set(names.filter { $0.hasPrefix("NIO-") })
    }

    private func folder() throws -> URL {
      let folder = FileManager.default.temporaryDirectory.appendingPathComponent("gw-\(UUID().uuidString.prefix(8))")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      return folder
    }

    @Test("it ends whatever its connections do, at once, frees its port and leaves no thread")
    func stop() throws {
      let before = Self.loops()
      let bench = try HTTPBench { exchange, _, journal in
        switch exchange.request.target {
        case "/wait": exchange.onAbandoned = { journal.add("abandoned") }
        case "/stream":
          let sink = exchange.stream(200, [:])
          sink.onClose = { journal.add("stream") }
          sink.send([1])
        case "/raw":
          let stream = exchange.upgrade([:])
          stream.onClose = { journal.add("raw") }
        case "/flood":
          let sink = exchange.stream(200, [:])
          sink.onClose = { journal.add("flood") }
          sink.send([UInt8](repeating: 0, count: 32 << 20))
        default:
          let socket = exchange.upgradeToWebSocket(subprotocol: nil, headers: [:], maximumMessage: 10)
          socket?.onReset = { journal.add("socket") }
        }
        journal.add("asked")
      }
      let port = bench.gateway.port
      var clients: [SocketClient] = []
      for target in ["/wait", "/stream", "/raw", "/flood"] {
        let client = try bench.client()
        client.send("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n")
        clients.append(client)
      }
      clients.append(try bench.client())
      #expect(clients[4].upgrade().status == 101)
      clients.append(try bench.client())
      clients[5].send("GET / HT")
      #expect(soon { bench.journal.count("asked") == 5 })
      let start = Date()
      bench.gateway.close()
      #expect(Date().timeIntervalSince(start) < 5)
      // All of them were told before it returned.
      let told = bench.journal.all.filter { $0 != "asked" }.sorted()
      #expect(told == ["abandoned", "flood", "raw", "socket", "stream"])
      for client in clients { #expect(client.waitForEnd() != .none) }
      bench.driver.stop()
      #expect(throws: (any Error).self) { try SocketClient(port: port) }
      let again = try HTTPBench(on: .tcp(port: port), HTTPBench.echo)
      #expect(try again.client().ask("GET", "/").status == 200)
      again.stop()
      // Those of other suites come and go too.
      #expect(soon(within: 30) { Self.loops().subtracting(before).isEmpty || Self.loops().isSubset(of: before) })
    }

    @Test("it may stop after its simulation, and twice")
    func afterDriver() throws {
      let bench = try HTTPBench { _, _, journal in journal.add("asked") }
      let client = try bench.client()
      client.send("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(soon { bench.journal.count("asked") == 1 })
      bench.driver.stop()
      bench.gateway.close()
      bench.gateway.close()
      #expect(client.waitForEnd() != .none)
      #expect(throws: GatewayError.self) {
        try HTTPGateway.open(on: .tcp(), in: bench.driver) { simulation, _ in ScriptedService(simulation) { _, _ in } }
      }
    }

    @Test("it may stop while clients come and talk")
    func busy() throws {
      for _ in 0..<10 {
        let bench = try HTTPBench(HTTPBench.echo)
        let port = bench.gateway.port
        let threads = (0..<4).map { _ in
          Thread {
            for _ in 0..<1_000 {
              guard let client = try? SocketClient(port: port), client.ask("GET", "/").status == 200 else { return }
            }
          }
        }
        for thread in threads { thread.start() }
        usleep(50_000)
        bench.stop()
        #expect(soon { threads.allSatisfy(\.isFinished) })
      }
    }

    @Test("a unix socket serves, is its owner's alone, tells its path as the peer, and goes with the gateway")
    func unix() throws {
      let folder = try folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let path = folder.appendingPathComponent("http.sock").path
      let bench = try HTTPBench(on: .unix(path: path), HTTPBench.echo)
      #expect(bench.gateway.address.description == "unix:\(path)")
      let client = try SocketClient(path: path)
      let answer = client.ask("POST", "/x", body: "hello")
      #expect(answer.text == "hello")
      #expect(answer.header("x-peer") == path)
      let mode = try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int
      #expect(mode == 0o600)
      #expect(throws: GatewayError.self) { _ = try HTTPBench(on: .unix(path: path), HTTPBench.echo) }
      #expect(client.ask("GET", "/").status == 200)
      bench.stop()
      #expect(!FileManager.default.fileExists(atPath: path))
      #expect(client.waitForEnd() != .none)
    }

    @Test("a socket that nobody answers on is replaced; a file, a long path and a missing folder are errors")
    func paths() throws {
      let folder = try folder()
      defer { try? FileManager.default.removeItem(at: folder) }
      let path = folder.appendingPathComponent("x.sock").path
      let first = try HTTPBench(on: .unix(path: path), HTTPBench.echo)
      // A second name keeps the socket file when the gateway has gone.
      let left = folder.appendingPathComponent("left.sock").path
      try FileManager.default.linkItem(atPath: path, toPath: left)
      first.stop()
      let second = try HTTPBench(on: .unix(path: left), HTTPBench.echo)
      #expect(try SocketClient(path: left).ask("GET", "/").status == 200)
      second.stop()
      let file = folder.appendingPathComponent("file").path
      try Data("precious".utf8).write(to: URL(fileURLWithPath: file))
      for (path, reason) in [
        (file, "there is a file that is no socket"),
        (folder.path + "/" + String(repeating: "x", count: 110), "the path must have 1 to 103 bytes"),
        ("", "the path must have 1 to 103 bytes"), (folder.path + "/no/x.sock", "No such file or directory"),
      ] {
        do {
          _ = try HTTPBench(on: .unix(path: path), HTTPBench.echo)
          Issue.record("listens on \(path)")
        } catch {
          #expect("\(error)" == "cannot listen on unix:\(path): \(reason)")
        }
      }
      #expect(try String(contentsOfFile: file, encoding: .utf8) == "precious")
    }
  }
#endif
