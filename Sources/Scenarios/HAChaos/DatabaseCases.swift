import TestEnvironment

extension HAChaos {
  private static let down: Int64 = 0
  private static let unknown: Int64 = 1

  static let databaseOutage = TestCase(
    "CHAOS-05", "Database outage and fail-over", in: scenario, source: "[P known gap in HA_CHAOS report]", live: true,
    variants: [
      Variant("down 30 s", .t3ha, parameter: down), Variant("commit unknown", .t3ha, parameter: unknown),
      Variant("slow 2 s", .t3ha, parameter: 2),
    ],
    plain: .inTurn, needs: ["replicas:3", "db-control", "k8s-ha"],
    checks: ["I-ACCEPT", "I-ONE-CONN"], kills: []
  ) { environment in
    let agent = environment.agents[0]
    _ = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(20, on: agent)
    let pods = try await environment.pods(of: sessions)
    let start = environment.now
    let isDown = environment.variant.parameter == down
    let fault: Fault =
      switch environment.variant.parameter {
      case down: .databaseDown
      case unknown: .databaseCommitUnknown(percent: 50)
      default: .databaseSlow(by: .seconds(2))
      }
    let healed = start + .seconds(40)
    environment.markFault(environment.variant.name, lane: "database", from: start + .seconds(10), to: healed)
    let results = try await environment.concurrently([
      { @Sendable in try await environment.churn(every: .seconds(3), from: start, to: start + .seconds(70)) },
      { @Sendable in
        try await environment.sleep(until: start + .seconds(10))
        _ = try await environment.begin(fault, for: .seconds(30))
        try await environment.sleep(until: healed)
        try await environment.expectRecovery(
          .database, "a create is accepted and carried out", lane: "database", within: .seconds(30), from: healed
        ) {
          let answer = try await environment.user("u09").create(SessionRequest(), at: nil)
          guard answer.isAccepted, let session = answer.session else { return false }
          try await environment.awaitState("running", of: session, within: .seconds(60))
          return true
        }
        return LoadOutcome()
      },
    ])
    let asked = environment.requests(since: start)
    let errors = asked.filter { ($0.status ?? 0) >= 500 || $0.status == nil }
    if let first = errors.map(\.started).min(), let last = errors.map(\.ended).max() {
      environment.expect("error window", .reported, last - first)
    }
    environment.expect(
      "errors that ended later than 30 s after the fault", .equal(.count(0)),
      errors.count { $0.ended > healed + .seconds(30) })
    // Clean: an answer of the API with its reason, not silence.
    environment.expect("requests without an answer", .equal(.count(0)), errors.count { $0.status == nil })
    if isDown {
      environment.expect("requests refused while it was down", .atLeast(.count(1)), errors.count)
    }
    environment.judge(results[0], "creates and stops over \(environment.variant.name)", atLeastPermille: nil)
    environment.expect(
      "reconnections of the agent", .equal(.count(0)), environment.registrations(of: agent, after: start).count)
    try await environment.endLoad()
    try await environment.endLoad(users: 1, firstUser: 9)
    try await environment.expectUntouched(sessions, pods: pods, by: "database \(environment.variant.name)")
  }
}
