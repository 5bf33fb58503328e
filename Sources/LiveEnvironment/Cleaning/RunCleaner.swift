#if Live
  import Foundation
  import PostgreSQL
  import SocketBridges
  import StreamSpaceProtocol

  /// Removes what a run has left: by its label only, whatever it was.
  package struct RunCleaner: Sendable {
    private let file: EnvironmentFile
    private let label: RunLabel
    private let limit: Duration
    private let variables: [String: String]
    /// How long a session may take to end.
    private let patience: Duration

    /// What was found, and whether it is gone.
    package struct Removal: Sendable, Hashable {
      package var what: String
      package var name: String
      /// Nil: it is gone.
      package var failure: String?
    }

    package struct Outcome: Sendable {
      package var removals: [Removal] = []
      /// Where nothing could be looked for.
      package var troubles: [ProbeLine] = []

      /// 0, 1 when something could not be removed, 3 when somebody does not answer.
      package var exitStatus: Int32 {
        if troubles.contains(where: { $0.verdict == .unavailable }) { return 3 }
        if !troubles.isEmpty { return 2 }
        return removals.contains { $0.failure != nil } ? 1 : 0
      }
    }

    package init(
      _ file: EnvironmentFile, _ label: RunLabel, limit: Duration = .seconds(10), patience: Duration = .seconds(60),
      variables: [String: String] = [:]
    ) {
      self.file = file
      self.label = label
      self.limit = limit
      self.variables = variables
      self.patience = patience
    }

    /// Sessions first: their workloads go with them. Then what carries the label by itself.
    package func run() async -> Outcome {
      var outcome = Outcome()
      await cleanControlPlane(&outcome)
      cleanCluster(&outcome)
      for host in file.docker { cleanDocker(host, &outcome) }
      cleanDatabases(&outcome)
      return outcome
    }

    // MARK: Control plane

    private func cleanControlPlane(_ outcome: inout Outcome) async {
      guard let address = file.balancer ?? file.replicas.first?.url, let admin = file.admin else { return }
      let web = WebProbe(address: address, limit: limit)
      do throws(ConnectionTrouble) {
        let session: WebProbe.Session
        switch try await web.login(admin) {
        case .success(let found): session = found
        case .failure(let refusal):
          outcome.troubles.append(
            ProbeLine("admin", .refused, "\(address) refuses the login of '\(admin.username)': \(refusal.words)"))
          return
        }
        let users = try await users(web, session)
        // Each session once, though its owner and its tag both name it.
        var sessions: [Session] = []
        for user in users { sessions += try await self.sessions(of: user.id, user.name, web, session) }
        for found in try await taggedSessions(web, session) where !sessions.contains(where: { $0.id == found.id }) {
          sessions.append(found)
        }
        var kept: [String] = []
        for found in sessions where try await !end(found, web, session, &outcome) { kept.append(found.owner) }
        // With its user the row of a session goes, and then nobody ends its workload any more.
        for user in users {
          if kept.contains(user.id) || kept.contains(user.name) {
            outcome.removals.append(
              Removal(what: "user", name: user.name, failure: "it has a session that is still there"))
          } else {
            await remove("user", user.name, "/api/v1/users/\(Self.segment(user.id))", web, session, &outcome)
          }
        }
        let agents = try await web.send(.get, "/api/v1/admin/agents", token: session.token)
        for row in agents.body?["agents"]?.elements ?? [] {
          guard let id = row["agentId"]?.text, id.hasPrefix(label.namePrefix) else { continue }
          await remove("agent", id, "/api/v1/admin/agents/\(Self.segment(id))", web, session, &outcome)
        }
      } catch {
        outcome.troubles.append(
          ProbeLine("api", .unavailable, "\(address): \(error)", advice: "start it and clean again"))
      }
    }

    private func users(
      _ web: WebProbe, _ session: WebProbe.Session
    ) async throws(ConnectionTrouble) -> [(id: String, name: String)] {
      let answer = try await web.send(.get, "/api/v1/users", token: session.token)
      return (answer.body?["users"]?.elements ?? []).compactMap { row in
        guard let id = row["id"]?.text, let name = row["username"]?.text, name.hasPrefix(label.namePrefix) else {
          return nil
        }
        return (id, name)
      }
    }

    private struct Session {
      var id: String
      /// As the answer has it: a user's id or name.
      var owner: String
    }

    /// Nothing of a session is left on its platform in these states.
    private static let ended = ["terminated", "deleted"]

    private func sessions(
      of user: String, _ name: String, _ web: WebProbe, _ login: WebProbe.Session
    ) async throws(ConnectionTrouble) -> [Session] {
      let answer = try await web.send(.get, "/api/v1/sessions?user=\(Self.segment(user))", token: login.token)
      return (answer.body?["sessions"]?.elements ?? []).compactMap { row in
        // A server that does not filter must not make us remove what is somebody else's.
        guard let owner = row["user"]?.text, owner == user || owner == name, let id = row["name"]?.text else {
          return nil
        }
        return Self.ended.contains(row["state"]?.text ?? "") ? nil : Session(id: id, owner: owner)
      }
    }

    /// Raw rows: other keys than those of the list (spec/02 §6.2).
    private func taggedSessions(
      _ web: WebProbe, _ login: WebProbe.Session
    ) async throws(ConnectionTrouble) -> [Session] {
      let answer = try await web.send(
        .get, "/api/v1/sessions/by-tags?tags=\(Self.segment(label.label))", token: login.token)
      let rows = answer.body?.elements ?? answer.body?["sessions"]?.elements ?? []
      return rows.compactMap { row in
        guard let tags = row["tags"]?.elements, tags.contains(.string(label.label)), let id = row["id"]?.text,
          !Self.ended.contains(row["state"]?.text ?? "")
        else { return nil }
        return Session(id: id, owner: row["user_id"]?.text ?? "")
      }
    }

    /// Ends a session and waits until its platform has let go of it; false if it has not.
    private func end(
      _ session: Session, _ web: WebProbe, _ login: WebProbe.Session, _ outcome: inout Outcome
    ) async throws(ConnectionTrouble) -> Bool {
      let path = "/api/v1/sessions/\(Self.segment(session.id))"
      let answer = try await web.send(.delete, path, token: login.token)
      var failure: String? = (200..<300).contains(answer.status) || answer.status == 404 ? nil : answer.words
      let deadline = ContinuousClock.now + patience
      while failure == nil {
        let row = try await web.send(.get, path, token: login.token)
        let state = row.body?["state"]?.text ?? ""
        if row.status == 404 || Self.ended.contains(state) { break }
        if ContinuousClock.now >= deadline {
          failure = "it is \(state) \(patience.components.seconds) s after it was told to end"
        } else {
          try? await Task.sleep(for: .milliseconds(200))
        }
      }
      outcome.removals.append(Removal(what: "session", name: session.id, failure: failure))
      return failure == nil
    }

    private func remove(
      _ what: String, _ name: String, _ path: String, _ web: WebProbe, _ session: WebProbe.Session,
      _ outcome: inout Outcome
    ) async {
      var failure: String?
      do throws(ConnectionTrouble) {
        let answer = try await web.send(.delete, path, token: session.token)
        if !(200..<300).contains(answer.status), answer.status != 404 { failure = answer.words }
      } catch {
        failure = error.description
      }
      outcome.removals.append(Removal(what: what, name: name, failure: failure))
    }

    /// A name as one segment of a path, or as one value of a query.
    static func segment(_ text: String) -> String {
      let kept = CharacterSet(charactersIn: "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~")
      return text.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
    }

    // MARK: Platforms and databases

    private func cleanCluster(_ outcome: inout Outcome) {
      guard let kubernetes = file.kubernetes, !file.simulates(.kubernetes) else { return }
      let words = [
        "kubectl", "--context", kubernetes.context, "--namespace", kubernetes.namespace, "delete",
        "deployments,services,persistentvolumeclaims,pods,configmaps,secrets,roles,rolebindings", "--selector",
        label.label, "--ignore-not-found", "--output", "name",
      ]
      do throws(CommandRun.Refusal) {
        let output = try CommandRun.output(of: words, variables: variables, limit: limit * 6)
        for line in output.split(separator: "\n") {
          outcome.removals.append(Removal(what: "Kubernetes object", name: String(line)))
        }
      } catch {
        outcome.troubles.append(ProbeLine("kubernetes", .unavailable, error.description))
      }
    }

    private func cleanDocker(_ host: EnvironmentFile.DockerHost, _ outcome: inout Outcome) {
      guard !file.simulates(.docker) else { return }
      let base = ["docker", "--host", host.host.dockerHost]
      let filter = ["--filter", "label=\(label.label)", "--quiet"]
      let kinds: [(what: String, list: [String], remove: [String])] = [
        ("container", ["ps", "--all", "--no-trunc"], ["rm", "--force", "--volumes"]),
        ("volume", ["volume", "ls"], ["volume", "rm"]),
        ("network", ["network", "ls", "--no-trunc"], ["network", "rm"]),
      ]
      for kind in kinds {
        do throws(CommandRun.Refusal) {
          let names = try CommandRun.output(of: base + kind.list + filter, variables: variables, limit: limit).split(
            separator: "\n")
          for name in names.map(String.init) {
            var failure: String?
            do throws(CommandRun.Refusal) {
              _ = try CommandRun.output(of: base + kind.remove + [name], variables: variables, limit: limit * 3)
            } catch {
              failure = error.description
            }
            outcome.removals.append(Removal(what: kind.what, name: name, failure: failure))
          }
        } catch {
          outcome.troubles.append(ProbeLine("docker \(host.agentID)", .unavailable, error.description))
          return
        }
      }
    }

    private func cleanDatabases(_ outcome: inout Outcome) {
      guard let url = file.databaseServer else { return }
      do throws(SQLError) {
        let connection = try PostgreSQLConnection(url: url.value, timeout: 5)
        defer { connection.close() }
        // The underscores of a prefix are letters like any other here, so no LIKE.
        let rows = try connection.execute(
          "SELECT datname::text AS name FROM pg_database WHERE left(datname, \(label.databasePrefix.utf8.count)) = $1 "
            + "ORDER BY datname", [.text(label.databasePrefix)])
        for name in rows.rows.compactMap({ try? $0.text("name") }) {
          // Names of ours are letters, digits and underscores.
          guard name.utf8.allSatisfy({ $0 == 0x5f || (0x30...0x39).contains($0) || (0x61...0x7a).contains($0) }) else {
            continue
          }
          let answer = connection.answer(
            .execute(SQLStatement("drop", "DROP DATABASE IF EXISTS \"\(name)\" WITH (FORCE)", isPrepared: false), []))
          var failure: String?
          if case .failure(let error) = answer { failure = error.message }
          outcome.removals.append(Removal(what: "database", name: name, failure: failure))
        }
      } catch {
        let words =
          error.message.hasPrefix("the database URL cannot be read")
          ? "\(url) is no URL that libpq can read" : error.message.replacing("\n", with: " ")
        outcome.troubles.append(
          ProbeLine("databaseServer", ["28P01", "28000"].contains(error.sqlState) ? .refused : .unavailable, words))
      }
    }
  }
#endif
