import TestEnvironment

extension Environment {
  /// Creates a session that must be accepted.
  func created(_ request: SessionRequest, by user: String) async throws -> OwnedSession {
    let answer = try await self.user(user).create(request, at: nil)
    guard answer.isAccepted, let session = answer.session else {
      throw CaseFailure("create of \(user) answered \(answer.summary)")
    }
    return OwnedSession(name: session, user: user)
  }

  /// Creates a session, waits until it runs and gives back the time that took.
  func running(_ request: SessionRequest, by user: String, within limit: Duration = .seconds(120)) async throws -> (
    session: OwnedSession, took: Duration
  ) {
    let start = now
    let session = try await created(request, by: user)
    try await awaitState("running", of: session.name, within: limit)
    return (session, now - start)
  }

  /// A premise: the session gets into the state.
  func awaitState(_ state: String, of session: String, within limit: Duration = .seconds(120)) async throws {
    try await require("\(session) is \(state)", within: limit) { try await self.state(of: session) == state }
  }

  /// State of the row; empty: there is none.
  func state(of session: String) async throws -> String { try await sessionRow(session)?.state ?? "" }

  /// The states that a session has gone through, the first included, in order.
  func states(of session: String) -> [String] {
    var states: [String] = []
    for timed in observations {
      switch timed.observation {
      case .sessionInserted(session, _, _, let state, _, _): states.append(state)
      case .sessionState(session, _, let to, _): states.append(to)
      default: break
      }
    }
    return states
  }

  /// The agent's objects of one kind.
  func objects(_ kind: String, of agent: String) async throws -> [PlatformObject] {
    try await inventory(of: agent).filter { $0.kind == kind }
  }

  /// The objects of a session.
  func objects(session: String, of agent: String) async throws -> [PlatformObject] {
    try await inventory(of: agent).filter { $0.session == session }
  }

  /// Boundaries of work on a session that an agent reached since `time`.
  func steps(session: String, since time: Duration = .zero) -> [(step: WorkStep, instance: String, time: Duration)] {
    observations.compactMap { timed in
      guard timed.time >= time else { return nil }
      if case .workStep(_, let instance, _, session, let step) = timed.observation {
        return (step, instance, timed.time)
      }
      return nil
    }
  }

  /// Writes the time between the boundaries of a start down, as samples `phase: …`.
  func samplePhases(session: String) {
    let steps = steps(session: session)
    for (before, after) in zip(steps, steps.dropFirst()) {
      record.sample("phase: \(before.step.rawValue) to \(after.step.rawValue)", after.time - before.time)
    }
  }

  /// Frames of a type that the agent sent since `time`.
  func frames(_ type: String, from agent: String, since time: Duration = .zero) -> [CapturedFrame] {
    capturedFrames.filter { $0.agent == agent && $0.isFromAgent && $0.type == type && $0.time >= time }
  }

  /// How often an object of the platform was created for a session.
  func creations(of object: String) -> Int {
    observations.count { timed in
      if case .workload(_, _, object, .created, _) = timed.observation { true } else { false }
    }
  }

  /// Ends of processes of the agent that nobody asked for.
  func crashes(of agent: String) -> Int {
    let own = instances(of: agent)
    return observations.count { timed in
      if case .processEnded(let process, _, false) = timed.observation { own.contains(process) } else { false }
    }
  }

  /// Docker networks that agents made.
  func networksMade() -> Int {
    observations.count { timed in
      if case .platformWrite(_, _, _, let object) = timed.observation { object.hasPrefix("network/") } else { false }
    }
  }
}
