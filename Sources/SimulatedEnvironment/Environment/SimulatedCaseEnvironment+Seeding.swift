import Database
import DockerEngine
import Kubernetes
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// State put in place without requests (capabilities `seed-state`, `sql-write`, `frames`).
extension SimulatedCaseEnvironment {
  private static let template = "xterm-vnc"
  /// 2 s in all: far longer than a transaction takes.
  private static let writeAttempts = 100
  private static let writePause = Duration.milliseconds(20)

  package func seedRunningSessions(_ count: Int, user: String, agent: String) async throws -> [String] {
    try await seedRunningSessions(count, of: Self.template, user: user, agent: agent)
  }

  package func seedRunningSessions(
    _ count: Int, of template: String, user: String, agent: String
  ) async throws -> [String] {
    let manifest = try FixtureRows.template(template).manifest
    let image = manifest["spec"]?["baseImage"]?.text ?? ""
    let names = simulation.decisions.stream("seed.names")
    var sessions: [String] = []
    for _ in 0..<count {
      let session = "\(user)-\(template)-\(simulation.decisions.hex(names, digits: 8))"
      let pod = try place(session, template, user: user, image: image, on: try deployment.agent(agent))
      try await insertSession(session, template, user: user, state: "running", agent: agent, pod: pod)
      sessions.append(session)
    }
    return sessions
  }

  /// Makes the workload of a running session; returns the name of its pod or container.
  private func place(
    _ session: String, _ template: String, user: String, image: String, on agent: DeployedAgent
  ) throws -> String {
    switch agent.topology.platform {
    case .kubernetes:
      return try deployment.cluster.place(
        PlacedSession(
          session: session, user: user, templateName: template, agent: agent.id, command: "seed-\(session)",
          image: image)
      ).podName
    case .docker:
      let placed = try deployment.docker.machine(of: agent.topology).engine.place(
        PlacedContainer(session: session, agent: agent.id, command: "seed-\(session)", image: image))
      // Whoever acts for the agent knows its sessions; the others look when their time comes.
      for (process, role) in zip(agent.processes, agent.roles) where process.current != nil && role.mayAct() {
        role.adopt(session, placed.containerID, placed.name)
      }
      return placed.name
    }
  }

  package func addTemplate(_ name: String, manifest: String) async throws {
    try await write(
      EnvironmentStatements.insertTemplate,
      [.integer(Int64(TemplateCatalogue.repositoryID)), .text(name), .text(manifest)])
  }

  package func seedCommands(_ rows: [SeededCommand]) async throws {
    let names = simulation.decisions.stream("seed.names")
    for row in rows {
      let command = "cmd-\(simulation.decisions.hex(names, digits: 8))"
      let parameters: [SQLValue] = [
        .text(command), .text(row.agent), .text(row.session), .text(row.action), .text(try payload(of: row)),
      ]
      if row.isFinished {
        if row.action == "start_session" {
          try await insertSession(
            row.session, Self.template, user: row.user, state: "terminated", agent: row.agent, pod: nil)
        }
        tellHistory(of: row, command)
        try await write(EnvironmentStatements.insertFinishedCommand, parameters)
        continue
      }
      switch row.action {
      case "start_session":
        try await insertSession(
          row.session, Self.template, user: row.user, state: "pending", agent: row.agent, pod: nil)
      case "stop_session":
        try await write(EnvironmentStatements.markTerminating, [.text(row.session)])
      default: throw EnvironmentError("cannot put a \(row.action) in place")
      }
      let claim: [SQLValue] =
        if let owner = row.claimedBy {
          // The claim of 15 s that its owner would have made now (C10).
          [.text(owner), .timestamp(microseconds: try statements.now + 15_000_000)]
        } else {
          [.null, .null]
        }
      try await write(EnvironmentStatements.insertCommand, parameters + claim)
    }
  }

  /// What the platform showed when a command of the past was carried out.
  private func tellHistory(of row: SeededCommand, _ command: String) {
    let events: [WorkloadEvent] = row.action == "start_session" ? [.created, .ready] : [.deleted]
    let isContainer = topologyAgent(row.agent)?.platform == .docker
    let object =
      isContainer ? "container/\(DockerName.container(session: row.session))" : "deployment/\(row.session)"
    for event in events {
      deployment.recorder.add(
        .workload(
          session: row.session, agent: row.agent, object: object, event: event, command: command))
    }
  }

  private func insertSession(
    _ session: String, _ template: String, user: String, state: String, agent: String, pod: String?
  ) async throws {
    try await write(
      EnvironmentStatements.insertSession,
      [
        .text(session), .text(user), .text(template), .text(state), .text(agent), pod.map { .text($0) } ?? .null,
        pod == nil ? .null : .text("/api/v1/sessions/\(session)/vnc"),
        .text(topologyAgent(agent)?.platform.rawValue ?? Topology.Agent.Platform.kubernetes.rawValue),
        // Once more: PostgreSQL gives a parameter one type only.
        .text(user),
      ])
  }

  /// Writes beside the clients of the database. While a transaction of theirs is open, which takes milliseconds, the
  /// engine refuses: then it is tried again.
  @discardableResult
  func write(_ statement: SQLStatement, _ parameters: [SQLValue]) async throws -> SQLResult {
    for _ in 1..<Self.writeAttempts {
      if let result = try await attempt(statement, parameters) { return result }
      try await sleep(for: Self.writePause)
    }
    return try await statements.run(statement, parameters)
  }

  /// Nil: a transaction stands in the way.
  private func attempt(_ statement: SQLStatement, _ parameters: [SQLValue]) async throws -> SQLResult? {
    do {
      return try await statements.run(statement, parameters)
    } catch let error as SQLError {
      if error.sqlState == SQLError.lockTimeout.sqlState { return nil }
      throw error
    }
  }

  private func topologyAgent(_ id: String) -> Topology.Agent? {
    variant.topology.agents.first { $0.id == id }
  }

  /// The payload that an accepted request would have left (spec/01 §1.4).
  private func payload(of row: SeededCommand) throws -> String {
    var object = JSONObject()
    object.add("sessionId", row.session)
    if row.action == "start_session" {
      object.add("user", row.user)
      object.add("template", Self.template)
      object.add("templateManifest", try FixtureRows.template(Self.template).manifestForAgents)
      object.add("memory", "512Mi")
      object.add("cpu", "250m")
      object.add("persistentHome", false)
      object.add("idleTimeout", "")
      object.add("maxSessionDuration", "")
      object.add("tags", JSONValue.null)
    }
    object.add("namespace", "streamspace")
    return String(decoding: JSONWriter.bytes(of: .object(object.sortedByKey)), as: UTF8.self)
  }
}
