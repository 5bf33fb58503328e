import TestEnvironment

/// Scenario 2: leader election of the Kubernetes agent (spec/06 §2).
public enum HAKubernetesAgentLeaderElection {
  /// HA-LE-01 … HA-LE-17.
  public static let cases: [TestCase] = (joinCases + lossCases + steadyCases + workCases + partitionCases + faultCases)
    .sorted { $0.id < $1.id }

  /// The scenario of every case here.
  static let scenario = ScenarioName.haKubernetesAgentLeaderElection

  /// T3 whose agent replicas are started by the case.
  static let notStarted = Topology.t3ha.with { $0.startsAgents = false }
}

extension Environment {
  /// Every replica of the control plane answers `/health` with 200.
  func awaitReplicas() async throws {
    try await require("every replica is ready", within: .seconds(60)) {
      for replica in replicas where !(try await isReady(replica)) { return false }
      return true
    }
  }

  /// From the insertion of a session's row to `running`; nil: not yet.
  func startTime(of session: String) -> Duration? {
    var inserted: Duration?
    for timed in observations {
      switch timed.observation {
      case .sessionInserted(session, _, _, _, _, _): inserted = timed.time
      case .sessionState(session, _, "running", _): return inserted.map { timed.time - $0 }
      default: break
      }
    }
    return nil
  }

  /// The processes that began to carry the command out, in order.
  func executors(of command: String) -> [String] {
    observations.compactMap { timed in
      if case .commandExecuted(command, _, let instance, _, _) = timed.observation { instance } else { nil }
    }
  }

  /// Connections of `agent` that a process other than `leader` registered since `time`.
  func connections(of agent: String, beside leader: String, since time: Duration) -> Int {
    observations.count { timed in
      if timed.time >= time, case .agentConnected(agent, _, _, _, let instance) = timed.observation {
        instance != leader
      } else {
        false
      }
    }
  }

  /// Stops the sessions and waits until they are terminated, within the 35 s of spec/06 §0.2.
  func stopAll(_ sessions: [OwnedSession], as name: String, within limit: Duration = .seconds(35)) async throws {
    for session in sessions {
      let answer = try await user(session.user).stop(session.name, at: nil)
      if !answer.isAccepted { throw CaseFailure("stop of \(session.name) answered \(answer.summary)") }
    }
    try await expect(name, within: limit, every: .milliseconds(500)) {
      try await count(sessions, in: "terminated") == sessions.count
    }
  }
}
