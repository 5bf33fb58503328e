import TestEnvironment

/// Carries a plan out as the body of a case, on any environment: settle, load with faults, heal. The quiet check is the
/// runner's afterglow, as for every case.
public struct ChaosEngine: Sendable {
  public let plan: ChaosPlan
  /// What became of the faults, filled in while the case runs.
  public let log: ChaosLog

  /// The id of the case that carries plans out. With the plan's seed alone it decides what is left to chance, so that a
  /// plan that was made smaller keeps its latencies and ids.
  public static let caseID = "CHAOS-PLAN"

  /// Agents are connected by then: the first leader of a Docker agent takes 20 s (C29), a crowd of them a little more.
  private static let settling = Duration.seconds(90)

  public init(_ plan: ChaosPlan) {
    self.plan = plan
    log = ChaosLog(faults: plan.faults.count)
  }

  /// The run never started: nothing was tested.
  public struct NotSettled: Error, Sendable, CustomStringConvertible {
    public let description: String
  }

  /// The variant that the plan runs on; its name is empty, because names of variants change what is left to chance.
  public var variant: Variant { Variant("", plan.deployment.topology) }

  public var testCase: TestCase {
    let phases = plan.phases
    let engine = self
    return TestCase(
      Self.caseID, "A plan of chaos", in: .haChaos, source: "[+]", variants: [variant], needs: [], checks: [],
      kills: [],
      // A request waits 35 s at most, a graceful stop 30 s, a viewer a little more.
      limit: Self.settling + phases.settle + phases.load + phases.heal + .seconds(300)
    ) { try await engine.perform(in: $0) }
  }

  private func perform(in environment: any Environment) async throws {
    try await awaitAgents(in: environment)
    let roster = SessionRoster()
    try await place(into: roster, in: environment)
    let rest = plan.phases.settle - environment.now
    if rest > .zero { try await environment.sleep(for: rest) }
    let start = environment.now
    log.began(at: start)
    let roles = RoleResolver(deployment: plan.deployment, environment: environment, watch: ProcessWatch())
    let actor = FaultActor(plan: plan, environment: environment, roles: roles, log: log)
    let user = PlannedUser(environment: environment, roster: roster)
    let end = start + plan.phases.load + plan.phases.heal
    // Faults first: those that wait for an operation of the same instant are there when it comes.
    var bodies: [@Sendable () async throws -> Void] = plan.faults.indices.map { index in
      { try await actor.carryOut(index, loadBegan: start) }
    }
    bodies += plan.operations.map { operation in
      {
        let wait = start + operation.at - environment.now
        if wait > .zero { try await environment.sleep(for: wait) }
        try await user.perform(operation)
      }
    }
    bodies += (0..<plan.deployment.probes).map { place in
      { try await ProbeViewer(environment: environment, roster: roster, place: place).watch(until: end) }
    }
    _ = try await environment.concurrently(bodies)
    let left = end - environment.now
    if left > .zero { try await environment.sleep(for: left) }
  }

  private func awaitAgents(in environment: any Environment) async throws {
    for agent in environment.agents {
      while try await environment.holder(of: agent) == nil {
        guard environment.now < Self.settling else { throw NotSettled(description: "\(agent) did not connect") }
        try await environment.sleep(for: .milliseconds(500))
      }
      while try await environment.agentRow(agent)?.status != "online" {
        guard environment.now < Self.settling else { throw NotSettled(description: "\(agent) is not online") }
        try await environment.sleep(for: .milliseconds(500))
      }
    }
  }

  /// The sessions of the beginning, in turn over users and agents.
  private func place(into roster: SessionRoster, in environment: any Environment) async throws {
    for index in 0..<plan.deployment.sessions {
      let user = PlannedUser.name(index % plan.deployment.users)
      let agent = environment.agents[index % environment.agents.count]
      for session in try await environment.seedRunningSessions(1, user: user, agent: agent) {
        roster.add(session, of: user)
      }
    }
  }
}
