import TestEnvironment

extension MultiUserConcurrent {
  /// What a user may have.
  static let quotaCases: [TestCase] = [race, pending, totals]

  // MARK: MU-06

  private static let race = TestCase(
    "MU-06", "Quota race", in: scenario, source: "[+]", live: true,
    variants: [
      Variant("", .t3.with { $0.standbyLag = .seconds(2) }),
      Variant("agent away", .t3.with { $0.standbyLag = .seconds(2) }, parameter: 1),
    ], plain: .inTurn, needs: ["replicas:3", "k8s", "users"], checks: ["I-QUOTA"],
    kills: ["A-19", "B-69", "B-70", "C-14"]
  ) { environment in
    try await environment.awaitAgents()
    let agent = environment.agents[0]
    _ = try await environment.seedRunningSessions(4, user: "u01", agent: agent)
    let isAway = environment.variant.parameter == 1
    if isAway {
      // The fifth waits for its agent, which is lost but young enough to be chosen (C15): accepted all the same.
      try await environment.control(.agent(agent), .stop)
      try await environment.require("the agent is offline", within: .seconds(20)) {
        try await environment.agentRow(agent)?.status == "offline"
      }
    }
    let start = environment.now
    let replicas = environment.replicas
    let made = try await environment.createdTogether(Array(repeating: "u01", count: 10)) {
      replicas[$0 % replicas.count]
    }
    environment.expect("creates accepted", .equal(.count(1)), made.sessions.count)
    environment.expect(
      "refused for the quota", .equal(.count(9)),
      made.answers.count { $0.status == 403 && $0.error == "Quota exceeded" })
    // Reads are the database's own: a standby that lies two seconds behind answers for nobody.
    try await environment.sleep(until: start + .milliseconds(1_500))
    for session in made.sessions {
      for replica in replicas {
        let answer = try await environment.user("u01").get(session.name, at: replica)
        environment.expect("GET of the fifth on each replica", .equal(.count(200)), answer.status ?? 0)
      }
    }
    if isAway { try await environment.control(.agent(agent), .start) }
    try await environment.expectAllRunning(
      "the fifth runs", made.sessions, within: .seconds(isAway ? 45 : 12), from: start)
    environment.recordUsers()
  }

  // MARK: MU-07

  private static let pending = TestCase(
    "MU-07", "Pending counts", in: scenario, source: "[+]", live: true, variants: [Variant("", .t1)],
    needs: ["replicas:1", "k8s", "users"], checks: ["I-QUOTA"], kills: ["B-69"]
  ) { environment in
    try await environment.awaitAgents()
    let pull = try await environment.begin(
      .imagePull(image: "example.invalid/xterm-vnc:1", .seconds(60)), for: nil)
    let start = environment.now
    var accepted: [OwnedSession] = []
    var refused = 0
    for index in 0..<10 {
      try await environment.sleep(until: start + .seconds(index))
      let answer = try await environment.user("u01").create(SessionRequest(), at: nil)
      if answer.isAccepted, let name = answer.session {
        accepted.append(OwnedSession(name: name, user: "u01"))
        environment.expect("accepted are the first", .equal(.count(index + 1)), accepted.count)
      }
      if answer.status == 403, answer.error == "Quota exceeded" { refused += 1 }
    }
    environment.expect("creates accepted", .equal(.count(5)), accepted.count)
    environment.expect("refused for the quota", .equal(.count(5)), refused)
    let running = try await environment.count(accepted, in: "running")
    environment.expect("running while the last were refused", .equal(.count(0)), running)
    // Four pull at a time; the fifth begins when one of them is through.
    try await environment.expectAllRunning("all five run", accepted, within: .seconds(150), from: start)
    try await environment.end(pull)
    environment.recordUsers()
  }

  // MARK: MU-08

  /// What is asked of one user in turn, and how it must be answered.
  private struct Mix: Sendable {
    let title: String
    let user: String
    /// CPU, memory, status.
    let steps: [(cpu: String, memory: String, status: Int)]
  }

  private static let mixes = [
    Mix(
      title: "two of the largest are all", user: "u01",
      steps: [("2000m", "4096Mi", 202), ("2000m", "4096Mi", 202), ("100m", "128Mi", 403)]),
    Mix(
      title: "one session is bounded", user: "u02",
      steps: [("2001m", "512Mi", 403), ("500m", "4097Mi", 403), ("2000m", "512Mi", 202)]),
    Mix(
      title: "CPU at the limit, then over it", user: "u03",
      steps: [("1500m", "512Mi", 202), ("1500m", "512Mi", 202), ("1001m", "512Mi", 403), ("1000m", "512Mi", 202)]),
    Mix(
      title: "memory at the limit, then over it", user: "u04",
      steps: [("250m", "4096Mi", 202), ("250m", "2Gi", 202), ("250m", "2049Mi", 403), ("250m", "2Gi", 202)]),
    Mix(
      title: "a row of the administrator bounds a session by its totals", user: "u07",
      steps: [("3000m", "6Gi", 202), ("3001m", "1Gi", 403), ("3000m", "6Gi", 202), ("100m", "128Mi", 403)]),
  ]

  private static let totals = TestCase(
    "MU-08", "CPU and memory totals", in: scenario, source: "[P PLAN limits]", live: true,
    variants: [
      Variant(
        "",
        .t2.with {
          $0.accounts = [.init("u07", quota: .init(sessions: 3, milliCPU: 6_000, memoryMiB: 12_288))]
        })
    ], needs: ["replicas:2", "k8s", "users"], checks: ["I-QUOTA"], kills: ["A-31", "A-38", "B-70"]
  ) { environment in
    try await environment.awaitAgents()
    for mix in mixes {
      for (index, step) in mix.steps.enumerated() {
        let answer = try await environment.user(mix.user).create(
          SessionRequest(memory: step.memory, cpu: step.cpu), at: nil)
        environment.expect("\(mix.title): create \(index + 1)", .equal(.count(step.status)), answer.status ?? 0)
      }
    }
    // Four of 1000m fit, however the five meet.
    let replicas = environment.replicas
    let together = try await environment.createdTogether(
      Array(repeating: "u05", count: 5), SessionRequest(memory: "512Mi", cpu: "1000m")
    ) { replicas[$0 % replicas.count] }
    environment.expect("of five at once with 1000m each", .equal(.count(4)), together.sessions.count)
    // Who cannot be told what is used refuses, and leaves nothing.
    let fault = try await environment.begin(.usageQueryFails, for: nil)
    let failing = try await environment.user("u01").create(SessionRequest(memory: "128Mi", cpu: "100m"), at: nil)
    environment.expect("create while the usage cannot be read", .equal(.count(500)), failing.status ?? 0)
    try await environment.end(fault)
    let list = try await environment.user("u01").list(at: nil)
    environment.expect("sessions of that user", .equal(.count(2)), list.sessions.count)
    environment.recordUsers()
  }
}
