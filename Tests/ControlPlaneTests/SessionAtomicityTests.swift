import ControlPlane
import Database
import SimulationRuntime
import StreamSpaceProtocol
import Testing

/// A request is all or nothing (C9, I-ACCEPT): whatever fails, a 2xx means that its rows are there, and without one
/// there are none.
@Suite("Atomicity of session requests") struct SessionAtomicityTests {
  typealias Options = SessionCluster.Options

  /// Rows a create may leave behind.
  private func rows(_ cluster: SessionCluster) throws -> (sessions: Int64, commands: Int64) {
    (try cluster.count("sessions"), try cluster.count("agent_commands"))
  }

  @Test("a crash at any effect of a create leaves both rows or none", arguments: 1...24)
  func createCrash(_ effect: Int) throws {
    let cluster = try SessionCluster()
    cluster.processes[0].crash(atEffect: effect)
    let answer = cluster.send(.post, "/api/v1/sessions", SessionCluster.create())
    try cluster.run(.seconds(20))
    let (sessions, commands) = try rows(cluster)
    #expect(sessions == commands)
    #expect(sessions <= 1)
    if answer.status != nil { #expect(answer.status == 202 && sessions == 1) }
  }

  @Test("the crash points cover the whole create")
  func createCrashCoverage() throws {
    var outcomes: Set<String> = []
    for effect in 1...24 {
      let cluster = try SessionCluster()
      cluster.processes[0].crash(atEffect: effect)
      let answer = cluster.send(.post, "/api/v1/sessions", SessionCluster.create())
      try cluster.run(.seconds(2))
      outcomes.insert("\(answer.status ?? 0)/\(try cluster.count("sessions"))")
    }
    // Lost before the commit, lost between commit and answer, and answered.
    #expect(outcomes == ["0/0", "0/1", "202/1"])
  }

  @Test(
    "a crash at any effect of a verb leaves state and command together",
    arguments: ["hibernate", "delete"], 1...16)
  func verbCrash(_ verb: String, _ effect: Int) throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    cluster.processes[0].crash(atEffect: effect)
    let answer =
      verb == "delete"
      ? cluster.send(.delete, "/api/v1/sessions/\(name)") : cluster.send(.put, "/api/v1/sessions/\(name)/hibernate")
    try cluster.run(.seconds(10))
    let moved = try cluster.state(of: name) != "running"
    let commanded = try cluster.commands(of: name).count == 2
    #expect(moved == commanded)
    if let status = answer.status { #expect(status == 202 && moved) }
  }

  @Test("a statement that fails leaves nothing of a create", arguments: 1...8)
  func createStatementFails(_ number: Int) throws {
    let cluster = try SessionCluster()
    cluster.database.begin(
      DatabaseFault(
        .fail(sqlState: "XX000"),
        scope: DatabaseFault.Scope(clients: ["api-1"], statements: Self.createStatements, occurrence: .nth(number))))
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
    #expect(try rows(cluster) == (0, 0))
    // Failing to read the agents has its own recorded answer.
    #expect(answer.status == (number == 5 ? 503 : 500))
  }

  static let createStatements = [
    "authenticateUser", "templateForSession", "lockSessionOwner", "usageOfSessionOwner",
    "agentCandidates", "insertSession", "insertSessionCommand", "commit",
  ]

  @Test("a COMMIT without answer is looked up", arguments: [DatabaseFault.Outcome.done, .notDone])
  func commitUnknown(_ outcome: DatabaseFault.Outcome) throws {
    let cluster = try SessionCluster()
    cluster.database.begin(.commitUnknown(outcome))
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
    #expect(answer.status == (outcome == .done ? 202 : 500))
    let expected: Int64 = outcome == .done ? 1 : 0
    #expect(try rows(cluster) == (expected, expected))
    // What the client does next makes no twin.
    if outcome == .notDone {
      #expect(try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create()).status == 202)
      #expect(try rows(cluster) == (1, 1))
    }
  }

  @Test("a create that was refused for want of an answer is removed when it was made after all")
  func orphan() throws {
    let cluster = try SessionCluster()
    cluster.database.begin(.commitUnknown(.done))
    let answer = cluster.send(.post, "/api/v1/sessions", SessionCluster.create())
    while try cluster.count("sessions") == 0 { try cluster.run(.milliseconds(1)) }
    cluster.database.begin(.down, lasting: .seconds(40))
    try cluster.run(.seconds(35))
    #expect(answer.status == 500)
    try cluster.run(.seconds(15))
    #expect(try cluster.query("SELECT state FROM sessions")[0].text("state") == "terminating")
    #expect(try cluster.query("SELECT action FROM agent_commands").count == 2)
  }

  @Test("a create that takes too long is refused and not committed")
  func tooSlow() throws {
    let cluster = try SessionCluster()
    cluster.database.begin(.slow(.constant(.milliseconds(3_500))))
    let answer = try cluster.ask(.post, "/api/v1/sessions", SessionCluster.create())
    #expect((answer.status ?? 0) == 503 || answer.status == 408)
    try cluster.run(.seconds(60))
    #expect(try rows(cluster) == (0, 0))
  }

  @Test("a verb whose COMMIT is not answered tells the truth", arguments: [DatabaseFault.Outcome.done, .notDone])
  func verbCommitUnknown(_ outcome: DatabaseFault.Outcome) throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    cluster.database.begin(.commitUnknown(outcome))
    let answer = try cluster.ask(.delete, "/api/v1/sessions/\(name)")
    #expect(answer.status == (outcome == .done ? 202 : 500))
    #expect(try cluster.state(of: name) == (outcome == .done ? "terminating" : "running"))
  }

  @Test("a database that is away is a clean refusal, and nothing of it remains")
  func databaseDown() throws {
    let cluster = try SessionCluster()
    let name = try cluster.running()
    let fault = cluster.database.begin(.down)
    for (method, path) in [
      (HTTPMethod.post, "/api/v1/sessions"), (.get, "/api/v1/sessions/\(name)"), (.delete, "/api/v1/sessions/\(name)"),
      (.get, "/api/v1/sessions"), (.get, "/api/v1/templates"),
    ] {
      let body = method == .post ? SessionCluster.create() : nil
      let answer = try cluster.ask(method, path, body)
      #expect((answer.status ?? 0) >= 500, "\(method) \(path)")
    }
    cluster.database.end(fault)
    try cluster.run(.seconds(2))
    #expect(try cluster.state(of: name) == "running")
    #expect(try cluster.ask(.get, "/api/v1/sessions/\(name)").status == 200)
  }

  @Test("a create waits for no more than a connection: 503 when none comes free in 10 s")
  func busy() throws {
    let cluster = try SessionCluster()
    cluster.database.begin(.pause)
    let answers = (0..<40).map { _ in cluster.send(.get, "/api/v1/users/me") }
    try cluster.run(.seconds(40))
    #expect(answers.allSatisfy { ($0.status ?? 0) >= 500 || ($0.status ?? 0) == 408 })
  }

  @Test("with separate writes a crash leaves a session without command (B-25)")
  func shippedCommit() throws {
    var torn = false
    for effect in 1...24 where !torn {
      var options = Options()
      options.policies.commit = .separately
      let cluster = try SessionCluster(options)
      cluster.processes[0].crash(atEffect: effect)
      cluster.send(.post, "/api/v1/sessions", SessionCluster.create())
      try cluster.run(.seconds(5))
      let (sessions, commands) = try rows(cluster)
      torn = sessions != commands
    }
    #expect(torn)
  }
}
