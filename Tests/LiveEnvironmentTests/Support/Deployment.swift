#if Live
  import DatabaseTestSupport
  import Foundation
  import PostgreSQL
  import ServedEnvironment
  import SocketBridges
  import StreamSpaceProtocol
  import Testing

  @testable import LiveEnvironment

  /// A redis-server of a test's own, on a free port of loopback. It ends with its owner.
  final class RedisServer {
    static let isInstalled = CommandRun.find("redis-server") != nil
    let port: Int
    private let scratch: Scratch
    private let process: ChildProcess

    init(password: String? = nil) throws {
      scratch = try Scratch()
      port = FreePort.next()
      let program = try #require(CommandRun.find("redis-server"))
      var words = ["--port", "\(port)", "--bind", "127.0.0.1", "--save", "", "--dir", scratch.url.path]
      if let password { words += ["--requirepass", password] }
      process = try #require(
        ChildProcess(program, arguments: words, variables: [:], output: nil, complaint: nil))
      for _ in 0..<400 where MachineCheck.isFree(port) { usleep(10_000) }
    }

    deinit { process.killGroup() }
  }

  enum FreePort {
    /// A port that nobody listened on a moment ago.
    static func next() -> Int {
      while true {
        let port = Int.random(in: 20_000...32_000)
        if MachineCheck.isFree(port) { return port }
      }
    }
  }

  /// Two served replicas on a real Redis and a real PostgreSQL.
  final class Deployment {
    static let isPossible = RedisServer.isInstalled && TestServer.isAvailable
    static let password = "admin-password-1"

    let redis: RedisServer
    let database: PostgreSQLDatabase
    private(set) var replicas: [ServedReplica] = []
    private let laboratory: PostgreSQLLaboratory

    init(replicas count: Int = 2) throws {
      redis = try RedisServer()
      laboratory = try TestServer.laboratory()
      database = try #require(try laboratory.makeDatabase() as? PostgreSQLDatabase)
      for index in 0..<count {
        var configuration = ServedReplica.Configuration(
          name: "api-\(index + 1)", databaseURL: databaseURL, redis: try RedisURL("redis://127.0.0.1:\(redis.port)"),
          jwtSecret: String(repeating: "s", count: 40))
        configuration.adminPassword = Self.password
        configuration.isCacheEnabled = true
        replicas.append(try ServedReplica(configuration, on: .tcp(host: "127.0.0.1", port: 0)))
      }
    }

    deinit {
      for (index, replica) in replicas.enumerated() { replica.stop(within: 5, name: "api-\(index + 1)") }
    }

    /// With the database's own name in the place of the server's.
    var databaseURL: String {
      let url = database.serverURL
      let parts = url.split(separator: "?", maxSplits: 1)
      let base = parts[0].split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
      return "\(base)/\(database.name)" + (parts.count > 1 ? "?\(parts[1])" : "")
    }

    var variables: [String: String] {
      ["PW": Self.password, "DB": databaseURL, "SERVER": database.serverURL, "WRONG": "not-the-password"]
    }

    func file(admin: String = "PW", _ more: String = "") throws -> EnvironmentFile {
      var lines = ["version: 1", "name: own", "api:", "  replicas:"]
      for (index, replica) in replicas.enumerated() {
        lines.append("    - {name: api-\(index + 1), url: \"http://127.0.0.1:\(replica.port)\"}")
      }
      lines.append("admin: {username: admin, password: {env: \(admin)}}")
      lines.append("redis: {url: \"redis://127.0.0.1:\(redis.port)\"}")
      lines.append("database: {url: {env: DB}, write: true}")
      lines.append("databaseServer: {url: {env: SERVER}}")
      return try EnvironmentFile.parse(
        Data((lines.joined(separator: "\n") + "\n" + more).utf8), file: "f", variables: variables)
    }

    /// Waits until every replica is ready.
    func ready() async throws {
      for replica in replicas {
        let address = try LiveEnvironment.ServerAddress("http://127.0.0.1:\(replica.port)", schemes: ["http"])
        let web = WebProbe(address: address, limit: .seconds(2))
        for _ in 0..<300 {
          if let answer = try? await web.send(.get, "/health"), answer.status == 200 { break }
          try await Task.sleep(for: .milliseconds(20))
        }
      }
    }
  }
#endif
