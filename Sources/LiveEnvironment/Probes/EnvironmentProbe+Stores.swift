#if Live
  import Foundation
  import PostgreSQL
  import SocketBridges
  import StreamSpaceProtocol

  extension EnvironmentProbe {
    // MARK: Redis

    func look(at redis: EnvironmentFile.Redis) async -> Result {
      do {
        let client = try await connect(redis, database: redis.hubDatabase)
        defer { client.close() }
        let pong = try await client.command(["PING"], within: limit)
        if let error = pong.errorText { throw ConnectionTrouble.malformed(error) }
        var routes: [String: String] = [:]
        var leaders: [String: String] = [:]
        for key in try await names(client, ["KEYS", "agent:*:pod"]) {
          routes[String(key.dropFirst("agent:".count).dropLast(":pod".count))] =
            try await client.command(["GET", key], within: limit).text
        }
        let prefix = "streamspace:agent:leader:"
        for key in try await names(client, ["KEYS", prefix + "*"]) where !key.hasSuffix(":term") {
          leaders[String(key.dropFirst(prefix.count))] = try await client.command(["GET", key], within: limit).text
        }
        let hubs = try await names(client, ["PUBSUB", "CHANNELS", "pod:*:commands"])
          .map { String($0.dropFirst("pod:".count).dropLast(":commands".count)) }
        return Result(lines: [
          ProbeLine(
            "redis", .fine,
            "\(redis.url) answers PING; \(routes.count) agents routed, \(hubs.count) replicas subscribed")
        ]) { [routes, leaders, hubs] seen in
          seen.hasRedis = true
          seen.routes = routes
          // The Docker agents' lock may stand in another database: whoever found some knows them.
          seen.redisLeaders = leaders
          seen.hubReplicas = hubs
        }
      } catch let trouble as ConnectionTrouble {
        return Result(lines: [line(for: trouble, redis)])
      } catch {
        return Result(lines: [ProbeLine("redis", .unavailable, "\(redis.url): \(error)")])
      }
    }

    /// Whether a key stands in the cache database; false if that cannot be told.
    func hasKey(_ key: String, _ redis: EnvironmentFile.Redis) async -> Bool {
      guard let client = try? await connect(redis, database: redis.cacheDatabase) else { return false }
      defer { client.close() }
      return (try? await client.command(["EXISTS", key], within: limit)) == .integer(1)
    }

    private func connect(_ redis: EnvironmentFile.Redis, database: Int) async throws -> RESPClient {
      try await RESPClient.connect(
        to: SocketBridges.ServerAddress.tcp(host: redis.url.host, port: redis.url.port),
        password: redis.password?.value, database: database, timeout: limit)
    }

    private func names(_ client: RESPClient, _ command: [String]) async throws -> [String] {
      let value = try await client.command(command, within: limit)
      if let error = value.errorText { throw ConnectionTrouble.malformed(error) }
      return (value.elements ?? []).compactMap(\.text).sorted()
    }

    private func line(for trouble: ConnectionTrouble, _ redis: EnvironmentFile.Redis) -> ProbeLine {
      guard case .malformed(let words) = trouble else {
        return ProbeLine(
          "redis", .unavailable, "\(redis.url): \(trouble)", advice: "start it, or correct redis.url")
      }
      if words.hasPrefix("NOAUTH") {
        return ProbeLine("redis", .refused, "\(redis.url) wants a password", advice: "give redis.password")
      }
      if words.hasPrefix("WRONGPASS") || words.contains("AUTH") || words.contains("invalid password") {
        let source = redis.password.map { ": check \($0)" } ?? ""
        return ProbeLine("redis", .refused, "\(redis.url) refuses the password", advice: "correct it\(source)")
      }
      if words.contains("DB index") {
        return ProbeLine(
          "redis", .refused, "\(redis.url) has no database \(redis.hubDatabase)", advice: "correct redis.hubDatabase")
      }
      return ProbeLine("redis", .refused, "\(redis.url): \(words)")
    }

    // MARK: PostgreSQL

    private struct Rows: Sendable {
      var version = 0
      var failure: SQLError?
      /// Of a question after the connection was made.
      var question: String?
      var mayWrite = false
      var writing: String?
      var licence: Int?
      var hasUpdateTimes: Bool?
      var mayCreate = false
    }

    func look(at database: EnvironmentFile.Database) async -> Result {
      let subject = "database"
      let url = database.url
      let mayWrite = database.mayWrite
      let seconds = max(2, Int(limit.components.seconds))
      let answer = await TimeLimited.blocking(limit + .seconds(5)) {
        Self.rows(url.value, seconds, writing: mayWrite)
      }
      guard let rows = answer else {
        return Result(lines: [ProbeLine(subject, .unavailable, "the server of \(url) gives no answer in time")])
      }
      if let failure = rows.failure {
        return Result(lines: [Self.line(for: failure, subject, url, inside: rows.question != nil)])
      }
      var lines = [ProbeLine(subject, .fine, "PostgreSQL \(rows.version / 10_000) reads sessions")]
      if rows.hasUpdateTimes == false {
        lines.append(
          ProbeLine(
            "schema", .note, "the column agent_commands.updated_at is missing",
            advice: "apply migration 004: without it commands stay pending, and are sent again at each start (R-21)"))
      } else if rows.hasUpdateTimes == true {
        lines.append(ProbeLine("schema", .fine, "agent_commands.updated_at is there"))
      }
      if mayWrite, !rows.mayWrite {
        lines.append(
          ProbeLine(
            subject, .refused, "an INSERT is refused: \(rows.writing ?? "")",
            advice: "give the role the right to write, or leave database.write out"))
      }
      return Result(lines: lines) { [rows] seen in
        seen.mayRead = true
        seen.mayWrite = rows.mayWrite
        seen.licence = rows.licence
        seen.hasCommandUpdateTimes = rows.hasUpdateTimes
      }
    }

    func look(atServer url: Secret) async -> Result {
      let subject = "databaseServer"
      let seconds = max(2, Int(limit.components.seconds))
      let answer = await TimeLimited.blocking(limit + .seconds(5)) { Self.role(url.value, seconds) }
      guard let rows = answer else {
        return Result(lines: [ProbeLine(subject, .unavailable, "the server of \(url) gives no answer in time")])
      }
      if let failure = rows.failure {
        return Result(lines: [Self.line(for: failure, subject, url, inside: false)])
      }
      guard rows.mayCreate else {
        return Result(lines: [
          ProbeLine(
            subject, .refused, "the role of \(url) may not create databases", advice: "ALTER ROLE … CREATEDB")
        ])
      }
      return Result(lines: [
        ProbeLine(subject, .fine, "PostgreSQL \(rows.version / 10_000), the role may create databases")
      ]) {
        $0.mayCreateDatabases = true
      }
    }

    private static func rows(_ url: String, _ seconds: Int, writing: Bool) -> Rows {
      var rows = Rows()
      do throws(SQLError) {
        let connection = try PostgreSQLConnection(url: url, timeout: seconds)
        defer { connection.close() }
        rows.version = connection.serverVersion
        rows.question = "sessions"
        try connection.execute("SET statement_timeout = \(seconds * 1_000)")
        try connection.execute("SELECT count(*) AS n FROM (SELECT 1 FROM sessions LIMIT 1) AS one")
        let columns = try connection.execute(
          """
          SELECT count(*) AS n FROM information_schema.columns WHERE table_schema = ANY (current_schemas(false)) \
          AND table_name = 'agent_commands' AND column_name = 'updated_at'
          """)
        rows.hasUpdateTimes = (try? columns.singleRow().integer("n")).map { $0 > 0 }
        if let licence = try? connection.execute(
          "SELECT max(max_sessions)::bigint AS n FROM licenses WHERE status = 'active'")
        {
          rows.licence = (try? licence.singleRow().optionalInteger("n")).flatMap(\.self).map(Int.init)
        }
        if writing {
          do throws(SQLError) {
            _ = try connection.answer(.begin).get()
            try connection.execute(
              "INSERT INTO users (id, username, email) VALUES ('ssim-probe', 'ssim-probe', 'ssim-probe@invalid')")
            rows.mayWrite = true
          } catch {
            rows.writing = error.message
          }
          _ = connection.answer(.rollback)
        }
      } catch {
        rows.failure = error
      }
      return rows
    }

    private static func role(_ url: String, _ seconds: Int) -> Rows {
      var rows = Rows()
      do throws(SQLError) {
        let connection = try PostgreSQLConnection(url: url, timeout: seconds)
        defer { connection.close() }
        rows.version = connection.serverVersion
        let role = try connection.execute(
          "SELECT rolcreatedb OR rolsuper AS may FROM pg_roles WHERE rolname = current_user")
        rows.mayCreate = (try? role.singleRow().boolean("may")) ?? false
      } catch {
        rows.failure = error
      }
      return rows
    }

    /// What is wrong with a database, without its URL: there may be a password in it, and libpq may quote what it
    /// could not read.
    private static func line(for error: SQLError, _ subject: String, _ url: Secret, inside: Bool) -> ProbeLine {
      if error.message.hasPrefix("the database URL cannot be read") {
        return ProbeLine(subject, .refused, "\(url) is no URL that libpq can read")
      }
      let words = error.message.replacing("\n", with: " ")
      switch error.sqlState {
      case "28P01", "28000":
        return ProbeLine(subject, .refused, words, advice: "check user and password in \(url)")
      case "3D000": return ProbeLine(subject, .refused, words, advice: "make the database, or correct \(url)")
      case "42P01":
        return ProbeLine(
          subject, .refused, "there is no table of sessions: \(words)",
          advice: "start a replica once, which makes the schema, or correct \(url)")
      case "42501":
        return ProbeLine(subject, .refused, words, advice: "grant the role SELECT on the tables")
      case "53300", "57P03":
        return ProbeLine(subject, .unavailable, words, advice: "try again when the server has room")
      default:
        return ProbeLine(
          subject, .unavailable, words, advice: inside ? "" : "start the server, or correct \(url)")
      }
    }
  }
#endif
