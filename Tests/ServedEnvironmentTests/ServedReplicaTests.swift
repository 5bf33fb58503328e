#if Live
  import DatabaseTestSupport
  import Foundation
  import SocketBridges
  import SocketTestSupport
  import StreamSpaceProtocol
  import Testing

  @testable import ServedEnvironment

  /// Replicas on a real `redis-server` and a real PostgreSQL, each in its own simulation.
  @Suite(
    "A served replica", .serialized,
    .enabled(if: TestServer.canStart, "needs PostgreSQL (Debian package postgresql)"))
  struct ServedReplicaTests {
    private static let password = "administrators-password"
    private static let bootstrapKey = String(repeating: "ab", count: 32)

    /// Ends everything with it.
    private final class Stand {
      let redis: RealRedisServer
      let database: ThrowAwayServer
      private(set) var replicas: [(name: String, served: ServedReplica)] = []

      init() throws {
        redis = try RealRedisServer()
        database = try ThrowAwayServer.start()
      }

      deinit {
        for replica in replicas { replica.served.stop(within: 5, name: replica.name) }
        redis.stop()
        database.stop()
      }

      func add(_ name: String, redis hub: Bool = true, database url: String? = nil) throws -> Int {
        var configuration = ServedReplica.Configuration(
          name: name, databaseURL: url ?? database.url,
          redis: hub ? try RedisURL("redis://127.0.0.1:\(redis.port)") : nil,
          jwtSecret: "a-secret-of-at-least-thirty-two-characters")
        configuration.adminPassword = ServedReplicaTests.password
        configuration.bootstrapKey = ServedReplicaTests.bootstrapKey
        let served = try ServedReplica(configuration, on: .tcp())
        replicas.append((name, served))
        return served.port
      }

      /// Ends one as SIGTERM does; whether in time.
      func stop(_ name: String) -> Bool {
        guard let place = replicas.firstIndex(where: { $0.name == name }) else { return false }
        return replicas.remove(at: place).served.stop(within: 10, name: name)
      }

      func key(_ name: String) throws -> String? {
        let client = try SocketClient(port: redis.port)
        client.send("*2\r\n$6\r\nSELECT\r\n$1\r\n1\r\n*2\r\n$3\r\nGET\r\n$\(name.utf8.count)\r\n\(name)\r\n")
        _ = client.take(through: "\r\n")
        guard !client.take(through: "\r\n").hasPrefix("$-1") else { return nil }
        return String(client.take(through: "\r\n").dropLast())
      }
    }

    private func isReady(_ port: Int) -> Bool {
      (try? SocketClient(port: port).ask("GET", "/health").status == 200) ?? false
    }

    private func logIn(_ port: Int) throws -> String {
      let answer = try SocketClient(port: port).ask(
        "POST", "/api/v1/auth/login", body: #"{"username":"admin","password":"\#(Self.password)"}"#)
      try #require(answer.status == 200, "\(answer.text)")
      return try #require(try JSONParser.parse(answer.body)["token"]?.text)
    }

    @Test(
      "two replicas migrate one database, share accounts and Redis, and one goes in order while the other serves on")
    func two() throws {
      let stand = try Stand()
      let first = try stand.add("api-1")
      let second = try stand.add("api-2")
      try #require(soon(within: 60) { isReady(first) && isReady(second) })
      // Who logged in at one is known at the other; an agent that registered at one waits for approval at the other.
      let token = try logIn(first)
      let registration = try SocketClient(port: first).ask(
        "POST", "/api/v1/agents/register", "X-Agent-API-Key: \(Self.bootstrapKey)\r\n",
        body: #"{"agentId":"k8s-real","platform":"kubernetes","capacity":{"maxSessions":5}}"#)
      #expect(registration.status == 202, "\(registration.text)")
      let list = try SocketClient(port: second).ask(
        "GET", "/api/v1/admin/agents", "Authorization: Bearer \(token)\r\n")
      let agents = try JSONParser.parse(list.body)["agents"]?.elements
      #expect(agents?.map { $0["agentId"]?.text } == ["k8s-real"])
      // Its clock shows the time of day.
      #expect(agents?.first?["createdAt"]?.text?.prefix(10) == Date().ISO8601Format().prefix(10))
      #expect(soon(within: 5) { (try? stand.key("pod:api-1:addr")) == "api-1:8000" })
      #expect(stand.stop("api-1"))
      #expect(try stand.key("pod:api-1:addr") == nil)
      #expect(isReady(second))
      #expect(throws: (any Error).self) { try SocketClient(port: first) }
    }

    @Test("without a database it says so, and is ready once there is one; it can be stopped in either state")
    func waiting() throws {
      let stand = try Stand()
      let port = try PeerProcess.freePort()
      let alone = try stand.add(
        "api-1", redis: false, database: "postgresql://nobody@127.0.0.1:\(port)/nothing?connect_timeout=2")
      let health = try SocketClient(port: alone).ask("GET", "/health")
      #expect(health.status == 503)
      #expect(
        soon(within: 10) { (try? SocketClient(port: alone).ask("GET", "/health").text.contains("database")) == true })
      let other = try SocketClient(port: alone).ask("GET", "/api/v1/sessions")
      #expect(other.status == 503)
      #expect(stand.stop("api-1"))
    }

    @Test(
      "a URL of Redis that cannot be used is refused",
      arguments: [
        "", "localhost:6379", "rediss://h:1", "redis://", "redis://h:0", "redis://h:x", "redis://:p@h", "redis://h/3",
      ])
    func urls(text: String) {
      #expect(throws: RedisURL.Malformed.self) { try RedisURL(text) }
    }

    @Test("a base URL is read with port and prefix; others are refused")
    func bases() throws {
      #expect(try BaseURL("http://h") == BaseURL(host: "h", port: 80))
      #expect(try BaseURL("http://[::1]:81/x/") == BaseURL(host: "::1", port: 81, prefix: "/x"))
      #expect(try BaseURL("ws://h:8000").description == "http://h:8000")
      for text in ["", "h:80", "https://h", "http://", "http://h:99999", "http://u@h", "http://h?x", "ftp://h"] {
        #expect(throws: BaseURL.Malformed.self, "\(text)") { try BaseURL(text) }
      }
    }
  }
#endif
