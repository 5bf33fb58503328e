#if Live
  import Foundation
  import SocketBridges
  import StreamSpaceProtocol

  /// Looks at everything that an environment file names: side by side, each with its own time limit, and without
  /// changing anything.
  package struct EnvironmentProbe: Sendable {
    package struct Report: Sendable {
      /// In the order of the file.
      package var lines: [ProbeLine]
      package var seen: Sightings
      package var capabilities: CapabilitySet

      package var troubles: [ProbeLine] { lines.filter(\.isTrouble) }

      /// 0, 2 when something is wrong in the file or refused, 3 when somebody does not answer.
      package var exitStatus: Int32 {
        troubles.isEmpty ? 0 : troubles.contains { $0.verdict == .unavailable } ? 3 : 2
      }
    }

    /// What a probe brings: lines, and what was seen.
    struct Result: Sendable {
      var lines: [ProbeLine] = []
      var note: @Sendable (inout Sightings) -> Void = { _ in }
    }

    let file: EnvironmentFile
    /// Of each question.
    let limit: Duration
    /// What kubectl and docker find in their environment, beside this process's own.
    let variables: [String: String]

    package init(_ file: EnvironmentFile, limit: Duration = .seconds(5), variables: [String: String] = [:]) {
      self.file = file
      self.limit = limit
      self.variables = variables
    }

    /// Answers within a few times the limit, whatever does not answer.
    package func run() async -> Report {
      var probes: [@Sendable () async -> Result] = []
      if !file.simulates(.controlPlane) {
        for replica in file.replicas { probes.append { await health(replica) } }
        if let balancer = file.balancer { probes.append { await entry(balancer) } }
      }
      if let redis = file.redis, !file.simulates(.redis) { probes.append { await look(at: redis) } }
      if let database = file.database { probes.append { await look(at: database) } }
      if let server = file.databaseServer { probes.append { await look(atServer: server) } }
      if let kubernetes = file.kubernetes, !file.simulates(.kubernetes) {
        probes.append { await look(at: kubernetes) }
      }
      if !file.simulates(.docker) {
        for host in file.docker { probes.append { await look(at: host) } }
      }
      for (index, proxy) in file.proxies.enumerated() { probes.append { await look(at: proxy, index) } }
      probes.append { await drivers() }
      var seen = Sightings()
      var lines: [ProbeLine] = []
      for result in await Self.all(probes) {
        lines += result.lines
        result.note(&seen)
      }
      if let address = entryAddress(seen) {
        let result = await tenants(WebProbe(address: address, limit: limit))
        lines += result.lines
        result.note(&seen)
      }
      return Report(lines: lines, seen: seen, capabilities: CapabilityJudge(file, seen).capabilities)
    }

    /// Side by side; the results in the order of the probes.
    private static func all(_ probes: [@Sendable () async -> Result]) async -> [Result] {
      await withTaskGroup(of: (Int, Result).self) { group in
        for (index, probe) in probes.enumerated() { group.addTask { (index, await probe()) } }
        var results: [(Int, Result)] = []
        for await result in group { results.append(result) }
        return results.sorted { $0.0 < $1.0 }.map(\.1)
      }
    }

    /// Where the control plane can be asked: the balancer if it answers, else a healthy replica.
    private func entryAddress(_ seen: Sightings) -> ServerAddress? {
      file.replicas.first { seen.healthy.contains($0.name) }?.url
    }

    // MARK: Control plane

    private func health(_ replica: EnvironmentFile.Replica) async -> Result {
      let subject = "api.replicas \(replica.name)"
      do throws(ConnectionTrouble) {
        let answer = try await WebProbe(address: replica.url, limit: limit).send(.get, "/health")
        guard answer.status == 200 else {
          return Result(lines: [
            ProbeLine(
              subject, .unavailable, "\(replica.url) answers /health with \(answer.status): \(answer.words)",
              advice: "wait until it is ready, or look at its log")
          ])
        }
        guard answer.body?["status"] != nil else {
          return Result(lines: [
            ProbeLine(
              subject, .refused, "\(replica.url)/health is no control plane's: no JSON with a status",
              advice: "correct its url")
          ])
        }
        return Result(lines: [ProbeLine(subject, .fine, "\(replica.url) answers /health")]) {
          $0.healthy.append(replica.name)
        }
      } catch {
        if case .malformed = error {
          return Result(lines: [
            ProbeLine(
              subject, .refused, "\(replica.url) answers, but not as a control plane: \(error)",
              advice: "correct its url")
          ])
        }
        return Result(lines: [
          ProbeLine(subject, .unavailable, "\(replica.url): \(error)", advice: "start it, or correct its url")
        ])
      }
    }

    private func entry(_ balancer: ServerAddress) async -> Result {
      let subject = "api.balancer"
      do throws(ConnectionTrouble) {
        let answer = try await WebProbe(address: balancer, limit: limit).send(.get, "/health")
        guard answer.status == 200 else {
          return Result(lines: [
            ProbeLine(subject, .unavailable, "\(balancer) answers /health with \(answer.status): \(answer.words)")
          ])
        }
        return Result(lines: [ProbeLine(subject, .fine, "\(balancer) answers /health")])
      } catch {
        return Result(lines: [
          ProbeLine(
            subject, .unavailable, "\(balancer): \(error)",
            advice: "start it, or leave api.balancer out: then requests go round the replicas")
        ])
      }
    }

    /// What only somebody who has logged in can see.
    private func tenants(_ web: WebProbe) async -> Result {
      guard let admin = file.admin else {
        return Result(lines: [
          ProbeLine("admin", .note, "the file names no administrator", advice: "without one most cases are skipped")
        ])
      }
      var lines: [ProbeLine] = []
      var notes: [@Sendable (inout Sightings) -> Void] = []
      do throws(ConnectionTrouble) {
        switch try await web.login(admin) {
        case .failure(let refusal):
          lines.append(
            ProbeLine(
              "admin", refusal.status == 401 ? .refused : .unavailable,
              "\(web.address) refuses the login of '\(admin.username)': \(refusal.words)",
              advice: "check admin.username and \(admin.password)"))
          return Result(lines: lines)
        case .success(let session):
          let isAdmin = session.role == "admin"
          lines.append(
            ProbeLine(
              "admin", isAdmin ? .fine : .refused, "'\(admin.username)' logs in, role \(session.role)",
              advice: isAdmin ? "" : "the harness needs a user of role admin"))
          notes.append { $0.adminRole = session.role }
          if let id = session.id, let redis = file.redis, await hasKey("session:\(id)", redis) {
            notes.append { $0.hasCachedLogin = true }
          }
          let rows = try await web.send(.get, "/api/v1/admin/agents", token: session.token)
          let agents = Self.agents(rows.body)
          notes.append { $0.agents = agents }
          lines += agentLines(agents)
          let list = try await web.send(.get, "/api/v1/templates", token: session.token)
          let templates = Self.templates(list.body)
          notes.append { $0.templates = templates }
          lines += templateLines(templates)
        }
        for organisation in file.organisations {
          guard case .success = try await web.login(organisation.admin) else {
            lines.append(
              ProbeLine(
                "organisations \(organisation.id)", .refused,
                "\(web.address) refuses the login of '\(organisation.admin.username)'",
                advice: "check its admin and \(organisation.admin.password)"))
            continue
          }
          lines.append(
            ProbeLine("organisations \(organisation.id)", .fine, "'\(organisation.admin.username)' logs in"))
          notes.append { $0.organisations.append(organisation.id) }
        }
      } catch {
        lines.append(ProbeLine("api", .unavailable, "\(web.address): \(error)"))
      }
      return Result(lines: lines) { [notes] seen in for note in notes { note(&seen) } }
    }

    private static func agents(_ body: JSONValue?) -> [Sightings.AgentRow] {
      (body?["agents"]?.elements ?? []).compactMap { row in
        guard let id = row["agentId"]?.text else { return nil }
        return Sightings.AgentRow(
          id: id, platform: row["platform"]?.text ?? "", status: row["status"]?.text ?? "",
          maxSessions: Int(row["capacity"]?["maxSessions"]?.integer ?? 0))
      }
    }

    private static func templates(_ body: JSONValue?) -> [String: String] {
      var found: [String: String] = [:]
      for row in body?["templates"]?.elements ?? [] {
        guard let name = row["name"]?.text else { continue }
        var manifest = row["manifest"] ?? .null
        if let text = manifest.text, let parsed = try? JSONParser.parse(text) { manifest = parsed }
        found[name] = StreamingProtocol.detect(manifest: manifest).name
      }
      return found
    }

    private func agentLines(_ rows: [Sightings.AgentRow]) -> [ProbeLine] {
      guard !file.simulates(.agents) else { return [] }
      return file.agentIDs.map { id, platform in
        guard let row = rows.first(where: { $0.id == id }) else {
          return ProbeLine(
            "agent \(id)", .note, "no agent of that id is registered",
            advice: "start it, or correct the id; cases for \(platform.rawValue) are skipped")
        }
        guard row.platform == platform.rawValue else {
          return ProbeLine(
            "agent \(id)", .refused, "it is registered for \(row.platform), not \(platform.rawValue)",
            advice: "correct its platform in the file")
        }
        return row.status == "online"
          ? ProbeLine("agent \(id)", .fine, "online, \(row.maxSessions) sessions")
          : ProbeLine("agent \(id)", .note, "it is \(row.status)", advice: "look at its log; its cases are skipped")
      }
    }

    private func templateLines(_ templates: [String: String]) -> [ProbeLine] {
      if templates.isEmpty {
        return [
          ProbeLine(
            "templates", .note, "the catalogue is empty",
            advice: "no session can be made: the repositories have not been synchronised")
        ]
      }
      return [file.templates.standard, file.templates.vnc].filter { templates[$0] == nil }.map {
        ProbeLine(
          "templates", .note, "no template is called '\($0)'",
          advice: "name another under templates, or add it to the catalogue")
      }
    }
  }
#endif
