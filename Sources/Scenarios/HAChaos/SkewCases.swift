import TestEnvironment

extension HAChaos {
  static let skewAndKills = TestCase(
    "CHAOS-08", "Skew plus kills", in: scenario, source: "[+]",
    variants: [Variant("", .t3ha.with { $0.databaseZoneMinutes = -420 })],
    needs: ["replicas:3", "k8s-ha", "clock", "api-kill", "agent-kill", "users"],
    checks: ["I-STATUS", "I-CMD-MONO"], kills: ["C-15"],
    limits: "users are logged in since before every clock's present", limit: .seconds(3_600)
  ) { environment in
    let agent = environment.agents[0]
    for (replica, skew) in zip(environment.replicas, [Duration.seconds(-100), .seconds(30)]) {
      environment.markFault("clock off by \(skew.secondsText)", lane: replica, from: environment.now)
      _ = try await environment.begin(.skew(.replica(replica), by: skew), for: nil)
    }
    _ = try await environment.awaitLeader(of: agent)
    let sessions = try await environment.seededSessions(20, on: agent)
    let pods = try await environment.pods(of: sessions)
    // Who logs in at a replica that is 30 s fast is refused for 130 s by one that is 100 s slow (spec/02 §2.3).
    for number in 5..<9 { _ = try await environment.user(environment.userName(number)).list(at: nil) }
    try await environment.sleep(for: .seconds(135))
    let start = environment.now
    let end = start + .seconds(600)
    let load = try await environment.loadUnderKills(of: agent, from: start, to: end)
    environment.judge(load, "creates and stops under skew and kills", atLeastPermille: 980)
    let commands = try await environment.commandRows(session: nil)
    let disordered = commands.filter { row in
      let stamps = [row.times.created, row.times.sent, row.times.acknowledged, row.times.completed].compactMap { $0 }
      return stamps != stamps.sorted()
    }
    environment.expect("commands whose stamps are out of order", .equal(.count(0)), disordered.count)
    try await environment.endLoad()
    try await environment.expectUntouched(sessions, pods: pods, by: "skew and kills")
  }
}
