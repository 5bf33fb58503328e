import Database
import Kubernetes
import Redis
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// What an engineer would look up: read at once from the simulators, past the network, so that looking changes nothing.
extension SimulatedCaseEnvironment {
  package func route(of agent: String) async throws -> Route {
    guard let redis = deployment.redis else { return Route(pod: nil, connected: nil, podLife: nil, connectedLife: nil) }
    let pod = "agent:\(agent):pod"
    let connected = "agent:\(agent):connected"
    return Route(
      pod: redis.value(of: pod, database: 1), connected: redis.value(of: connected, database: 1),
      podLife: redis.timeToLive(of: pod, database: 1).map { Duration($0) },
      connectedLife: redis.timeToLive(of: connected, database: 1).map { Duration($0) })
  }

  package func agentRow(_ agent: String) async throws -> TestEnvironment.AgentRow? {
    let found = try await statements.run(EnvironmentStatements.agentRow, [.text(agent)])
    guard let row = found.rows.first else { return nil }
    return TestEnvironment.AgentRow(
      agent: try row.text("agent_id"), status: try row.optionalText("status") ?? "",
      lastHeartbeat: try row.optionalMicroseconds("last_heartbeat").map(deployment.recorder.time),
      connectionPod: try row.optionalText("connection_pod"), capacity: try row.optionalText("capacity"))
  }

  package func sessionRow(_ session: String) async throws -> TestEnvironment.SessionRow? {
    // Cases ask ten times a second and session: what was committed is known without asking the database.
    guard let row = deployment.recorder.sessionRows[session] else { return nil }
    return TestEnvironment.SessionRow(
      session: row.id, user: row.userID ?? "", state: row.state ?? "", agent: row.agentID, podName: row.podName,
      activeConnections: Int(row.activeConnections ?? 0))
  }

  package func commandRows(session: String?) async throws -> [TestEnvironment.CommandRow] {
    guard let session else { return try commands(await statements.run(EnvironmentStatements.commandRows, [])) }
    return try commands(await statements.run(EnvironmentStatements.commandRowsOfSession, [.text(session)]))
  }

  /// All command rows of the simulated database in creation order.
  func allCommands() throws -> [TestEnvironment.CommandRow] {
    try commands(deployment.database.query(EnvironmentStatements.commandRows))
  }

  private func commands(_ result: SQLResult) throws -> [TestEnvironment.CommandRow] {
    try result.rows.map { row in
      TestEnvironment.CommandRow(
        command: try row.text("command_id"), agent: try row.optionalText("agent_id") ?? "",
        session: try row.optionalText("session_id"), action: try row.text("action"),
        status: try row.optionalText("status") ?? "", error: try row.optionalText("error_message"),
        times: CommandTimes(
          created: try row.optionalMicroseconds("created_at").map(deployment.recorder.time),
          sent: try row.optionalMicroseconds("sent_at").map(deployment.recorder.time),
          acknowledged: try row.optionalMicroseconds("acknowledged_at").map(deployment.recorder.time),
          completed: try row.optionalMicroseconds("completed_at").map(deployment.recorder.time)))
    }
  }

  package func workloads(session: String) async throws -> [Workload] {
    let deployments = deployment.cluster.workloads.filter { $0.workload.session == session }.map { snapshot in
      Workload(
        session: session, agent: snapshot.workload.agent, pod: snapshot.readyPods.first?.name,
        isReady: !snapshot.readyPods.isEmpty, command: snapshot.workload.command)
    }
    let containers = deployment.docker.machines.flatMap { $0.engine.containers(ofSession: session) }
    return deployments
      + containers.map { container in
        Workload(
          session: session, agent: container.workload.agent,
          pod: container.isReady ? container.workload.name : nil, isReady: container.isReady,
          command: container.workload.command)
      }
  }

  package func holder(of agent: String) async throws -> String? { deployment.recorder.holders[agent] }

  package func connectionCount(of agent: String) async throws -> Int { deployment.recorder.connectionCount(of: agent) }
}
