#if Live
  import Foundation
  import PostgreSQL
  import SchemaMigrations
  import SimulatedEnvironment
  import StreamSpaceProtocol
  import TestEnvironment

  /// The throw-away redis-server and PostgreSQL of a rehearsal. One thread at a time.
  package final class RehearsalServers {
    /// Something that a rehearsal needs of the machine is not there.
    package struct Failure: Error, Sendable, CustomStringConvertible {
      package var description: String
    }

    /// Where the servers keep what they have, and write their logs.
    package let folder: String
    package let redisPort: Int
    /// Of the server's maintenance database.
    package let databaseURL: String
    private var redis: ServerProcess?
    private let script: String
    private let ownsDatabaseServer: Bool
    private var databases = 0
    private var isStopped = false
    /// The database that the others are copied from.
    private static let template = "ssim_rehearsal_template"

    /// Starts them.
    ///
    /// - Parameters:
    ///   - script: `fixtures/environments/postgres.sh`.
    ///   - databaseURL: A server to use instead of one of its own.
    package init(script: String, databaseURL: String?) throws {
      var pattern = Array("\(NSTemporaryDirectory())/streamspace-rehearsal-XXXXXX".utf8CString)
      guard mkdtemp(&pattern) != nil else {
        throw Failure(description: "no temporary folder in \(NSTemporaryDirectory())")
      }
      folder = String(decoding: pattern.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
      self.script = script
      guard let port = LoopbackPort.free() else { throw Failure(description: "no free port on 127.0.0.1") }
      redisPort = port
      if let databaseURL {
        self.databaseURL = databaseURL
        ownsDatabaseServer = false
      } else {
        let started = try Self.run(script, ["start", "--while", String(getpid())])
        guard let url = started.split(whereSeparator: \.isNewline).last.map(String.init), url.hasPrefix("postgresql://")
        else { throw Failure(description: "PostgreSQL did not start: \(started)") }
        self.databaseURL = url
        ownsDatabaseServer = true
      }
      do {
        try startRedis()
        try makeTemplate()
      } catch {
        stop()
        throw error
      }
    }

    /// Ends them and removes what they had.
    package func stop(keepsFolder: Bool = false) {
      guard !isStopped else { return }
      isStopped = true
      redis?.stop(within: 2)
      redis = nil
      if ownsDatabaseServer { _ = try? Self.run(script, ["stop", databaseURL]) }
      if !keepsFolder { try? FileManager.default.removeItem(atPath: folder) }
    }

    private static func run(_ script: String, _ arguments: [String]) throws -> String {
      let process = Process()
      process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
      process.arguments = ["bash", script] + arguments
      process.standardInput = FileHandle.nullDevice
      let output = Pipe()
      let complaint = Pipe()
      process.standardOutput = output
      process.standardError = complaint
      try process.run()
      let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
      process.waitUntilExit()
      guard process.terminationStatus == 0 else {
        let reason = String(decoding: complaint.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        throw Failure(
          description: reason.split(whereSeparator: \.isNewline).last.map(String.init) ?? "\(script) failed")
      }
      return text
    }

    // MARK: Redis

    /// Starts Redis from what it saved at its end; nothing happens if it runs.
    package func startRedis() throws {
      guard redis == nil || redis?.isRunning == false else { return }
      guard let program = Self.find("redis-server") else {
        throw Failure(description: "redis-server is not installed: install the package redis-server")
      }
      redis = try ServerProcess(
        program,
        [
          "--port", String(redisPort), "--bind", "127.0.0.1", "--dir", folder, "--appendonly", "no", "--save", "",
          "--dbfilename", "redis.rdb", "--protected-mode", "no",
        ], environment: ["PATH": "/usr/bin:/bin"], log: "\(folder)/redis.log")
      let probe = RedisProbe(port: redisPort)
      for _ in 0..<100 {
        if (try? probe.call(["PING"], database: 0)) != nil { return }
        usleep(50_000)
      }
      throw Failure(description: "redis-server did not answer on port \(redisPort) within 5 s")
    }

    /// Ends Redis. `keepsData`: it writes what it has to its file first, and finds it at its next start.
    package func stopRedis(keepsData: Bool) {
      let probe = RedisProbe(port: redisPort)
      _ = try? FileManager.default.removeItem(atPath: "\(folder)/redis.rdb")
      if keepsData { _ = try? probe.call(["SAVE"], database: 0) }
      redis?.send(SIGCONT)
      redis?.send(SIGKILL)
      redis?.waitForEnd(seconds: 5)
    }

    package func signalRedis(_ signal: Int32) { redis?.send(signal) }

    /// One command.
    package func call(_ words: [String], database: Int) throws {
      _ = try RedisProbe(port: redisPort).call(words, database: database)
    }

    /// An empty Redis, running.
    package func cleanRedis() throws {
      try startRedis()
      _ = try RedisProbe(port: redisPort).call(["FLUSHALL"], database: 0)
    }

    private static func find(_ program: String) -> String? {
      let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
      return path.split(separator: ":").map { "\($0)/\(program)" }.first {
        FileManager.default.isExecutableFile(atPath: $0)
      }
    }

    // MARK: Databases

    /// A new database with the contract's schema and the rows of a topology; returns its URL and name.
    package func makeDatabase(for topology: Topology) throws -> (url: String, name: String) {
      databases += 1
      let name = "ssim_rehearsal_\(getpid())_\(databases)"
      try maintain("DROP DATABASE IF EXISTS \(name) WITH (FORCE)")
      try maintain(
        topology.database == .ready
          ? "CREATE DATABASE \(name) TEMPLATE \(Self.template)"
          : "CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
      if topology.database == .ready {
        let connection = try PostgreSQLConnection(url: databaseURL, database: name)
        defer { connection.close() }
        try Self.insert(HybridDeployment.fixtureRows(of: topology), connection)
      }
      return (Self.url(databaseURL, database: name), name)
    }

    package func drop(database name: String) { try? maintain("DROP DATABASE IF EXISTS \(name) WITH (FORCE)") }

    private func makeTemplate() throws {
      try maintain("DROP DATABASE IF EXISTS \(Self.template) WITH (FORCE)")
      try maintain("CREATE DATABASE \(Self.template) TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'")
      let connection = try PostgreSQLConnection(url: databaseURL, database: Self.template)
      defer { connection.close() }
      let behaviour = MigrationBehaviour()
      let end = behaviour.run(to: behaviour.migrations.newest, appliedBy: "rehearsal").perform(on: connection)
      guard case .ready = end else { throw Failure(description: "the schema could not be made: \(end)") }
    }

    private static func insert(_ rows: [(SQLStatement, [SQLValue])], _ connection: PostgreSQLConnection) throws {
      _ = connection.answer(.begin)
      for (statement, parameters) in rows { _ = try connection.answer(.execute(statement, parameters)).get() }
      _ = try connection.answer(.commit).get()
    }

    private func maintain(_ text: String) throws {
      let connection = try PostgreSQLConnection(url: databaseURL)
      defer { connection.close() }
      _ = try connection.answer(.execute(SQLStatement("maintain", text, isPrepared: false), [])).get()
    }

    /// The URL of another database of the same server.
    static func url(_ url: String, database: String) -> String {
      guard let start = url.range(of: "://")?.upperBound, let slash = url[start...].firstIndex(of: "/") else {
        return "\(url)/\(database)"
      }
      let rest = url[slash...].drop { $0 != "?" }
      return url[..<slash] + "/\(database)" + rest
    }
  }
#endif
