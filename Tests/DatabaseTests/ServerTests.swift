import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("The database server")
struct ServerTests {
  @Test("a statement takes its latency, a commit a millisecond more")
  func latency() throws {
    var behaviour = DatabaseBehaviour()
    behaviour.statementLatency = .constant(.milliseconds(3))
    let deployment = try TestDeployment(clients: 1, behaviour: behaviour)
    let client = deployment.clients[0]
    func time(_ request: SQLRequest) throws -> Int64 {
      let began = deployment.simulation.now
      client.send(request)
      try deployment.run(.seconds(1))
      return (try #require(client.times.last) - began).milliseconds
    }
    // One millisecond for each hop.
    #expect(try time(.execute(TestDeployment.read, ["k"])) == 5)
    #expect(try time(TestDeployment.insert("k")) == 6)
    #expect(try time(.begin) == 5)
    #expect(try time(TestDeployment.insert("l")) == 5)
    #expect(try time(.commit) == 6)
    #expect(client.answers.allSatisfy { if case .result = $0 { true } else { false } })
  }

  @Test("requests of one connection are answered in order, also when sent at once")
  func pipelining() throws {
    let deployment = try TestDeployment(clients: 1)
    let client = deployment.clients[0]
    client.send(.begin, TestDeployment.insert("k"), .execute(TestDeployment.read, ["k"]), .commit, .ping)
    try deployment.run(.seconds(1))
    #expect(client.answers.count == 5)
    #expect(try client.answers[2].get().singleRow().text("value") == "v")
    #expect(try deployment.committed("k") == "v")
  }

  @Test("two runs of one seed are equal, another seed is not")
  func determinism() throws {
    func fingerprint(_ seed: UInt64) throws -> String {
      let deployment = try TestDeployment(seed: seed)
      for (number, client) in deployment.clients.enumerated() {
        client.send(.begin, TestDeployment.insert("k\(number)"), .commit, TestDeployment.insert("k0"))
      }
      try deployment.run(.seconds(1))
      return deployment.simulation.trace.fingerprint
    }
    #expect(try fingerprint(1) == fingerprint(1))
    #expect(try fingerprint(1) != fingerprint(2))
  }

  @Test("a writer waits for another's transaction, a reader does not")
  func waiting() throws {
    let deployment = try TestDeployment()
    let (one, other) = (deployment.clients[0], deployment.clients[1])
    one.send(.begin, TestDeployment.insert("k"))
    try deployment.run(.seconds(1))
    other.send(.execute(TestDeployment.read, ["k"]), TestDeployment.insert("l"))
    try deployment.run(.seconds(1))
    #expect(other.answers.count == 1)
    #expect(try other.answers[0].get().rowCount == 0)
    one.send(.commit)
    try deployment.run(.seconds(1))
    #expect(other.answers.count == 2)
  }

  @Test("a client that leaves a transaction open is told and cut off, and its work undone")
  func idleInTransaction() throws {
    let deployment = try TestDeployment()
    let (one, other) = (deployment.clients[0], deployment.clients[1])
    one.send(.begin, TestDeployment.insert("k"))
    try deployment.run(.seconds(1))
    other.send(TestDeployment.insert("l"))
    try deployment.run(.seconds(10))
    #expect(one.events.last == .closed(.idleInTransactionTimeout))
    #expect(other.answers.count == 1)
    #expect(try deployment.committed("k") == nil)
    #expect(try deployment.committed("l") == "v")
  }

  @Test("with a lock time-out a waiting statement gives up")
  func lockTimeout() throws {
    var behaviour = DatabaseBehaviour()
    behaviour.lockTimeout = .seconds(2)
    behaviour.idleInTransactionTimeout = nil
    let deployment = try TestDeployment(behaviour: behaviour)
    deployment.clients[0].send(.begin)
    try deployment.run(.seconds(1))
    deployment.clients[1].send(TestDeployment.insert("l"))
    try deployment.run(.seconds(10))
    #expect(deployment.clients[1].answers == [.failure(.lockTimeout)])
  }

  @Test("a crash of the client rolls its transaction back and frees its lock")
  func clientCrash() throws {
    let deployment = try TestDeployment()
    deployment.clients[0].send(.begin, TestDeployment.insert("k"))
    try deployment.run(.seconds(1))
    deployment.clients[1].send(TestDeployment.insert("l"))
    try deployment.run(.milliseconds(500))
    deployment.simulation.process("api-1")?.crash()
    try deployment.run(.seconds(1))
    #expect(deployment.clients[1].answers.count == 1)
    #expect(try deployment.committed("k") == nil)
  }

  @Test(
    "a statement whose client dies is done or not, as the policy says",
    arguments: [
      (AbandonedStatements.done, true, true), (.doneIfRunning, true, false), (.dropped, false, false),
    ])
  func abandoned(policy: AbandonedStatements, running: Bool, waiting: Bool) throws {
    var behaviour = DatabaseBehaviour()
    behaviour.statementLatency = .constant(.milliseconds(100))
    behaviour.abandonedStatements = policy
    let deployment = try TestDeployment(clients: 3, behaviour: behaviour)
    deployment.clients[0].send(TestDeployment.insert("running"))
    try deployment.run(.milliseconds(20))
    deployment.simulation.process("api-1")?.crash()
    try deployment.run(.seconds(1))
    #expect(try deployment.committed("running") == (running ? "v" : nil))
    deployment.clients[1].send(.begin)
    try deployment.run(.seconds(1))
    deployment.clients[2].send(TestDeployment.insert("waiting"))
    try deployment.run(.seconds(1))
    deployment.simulation.process("api-3")?.crash()
    try deployment.run(.milliseconds(100))
    deployment.clients[1].send(.commit)
    try deployment.run(.seconds(1))
    #expect(try deployment.committed("waiting") == (waiting ? "v" : nil))
  }

  @Test("the last connection allowed is served, one beyond is refused with its reason")
  func connectionLimit() throws {
    var behaviour = DatabaseBehaviour()
    behaviour.maximumConnections = 2
    let deployment = try TestDeployment(clients: 3, behaviour: behaviour)
    let outcomes = deployment.clients.map { $0.events.first }
    #expect(outcomes.filter { $0 == .connected }.count == 2)
    #expect(outcomes.filter { $0 == .rejected(.tooManyClients) }.count == 1)
    deployment.clients.first { $0.events == [.connected] }?.close()
    try deployment.run(.seconds(1))
    let refused = try #require(deployment.clients.first { $0.events == [.rejected(.tooManyClients)] })
    refused.connect()
    try deployment.run(.seconds(1))
    #expect(refused.events.last == .connected)
  }

  @Test("an ordered shutdown tells every client why")
  func shutdown() throws {
    let deployment = try TestDeployment()
    deployment.clients[0].send(.begin, TestDeployment.insert("k"))
    try deployment.run(.seconds(1))
    deployment.database.process.terminate()
    try deployment.run(.seconds(1))
    #expect(deployment.clients.allSatisfy { $0.events.last == .closed(.administratorShutdown) })
    #expect(try deployment.committed("k") == nil)
  }

  @Test("who does not speak the protocol is cut off, in the middle of a statement too")
  func wrongProtocol() throws {
    let deployment = try TestDeployment()
    deployment.clients[0].send(.begin)
    deployment.clients[0].sendBytes([0, 1, 2])
    try deployment.run(.seconds(1))
    #expect(deployment.clients[0].events.last == .reset)
    deployment.clients[1].send(TestDeployment.insert("k"))
    try deployment.run(.seconds(1))
    #expect(deployment.clients[1].answers.count == 1)
  }

  @Test("the clock of the database host is what NOW() shows")
  func skew() throws {
    let deployment = try TestDeployment(clients: 1)
    deployment.simulation.host("postgres").stepClock(by: .seconds(-100))
    let now = SQLStatement("now", "SELECT NOW() AS now")
    let shown = try deployment.database.query(now).singleRow().microseconds("now")
    let real = Epoch.unixSeconds * 1_000_000 + deployment.simulation.now.nanoseconds / 1_000
    #expect(shown == real - 100_000_000)
  }

  @Test("committed changes are told in order, with the session that the trace shows")
  func changes() throws {
    let deployment = try TestDeployment(clients: 1)
    var states: [String?] = []
    deployment.database.onChange = { change in
      if case .session(_, let after) = change { states.append(after?.state) }
    }
    let insert = SQLStatement(
      "insertSession", "INSERT INTO sessions (id, user_id, state) VALUES ('s1', 'admin', 'pending')")
    let update = SQLStatement("updateSession", "UPDATE sessions SET state = 'running'")
    deployment.clients[0].send(.begin, .execute(insert, []), .execute(update, []))
    try deployment.run(.seconds(1))
    #expect(states.isEmpty)
    deployment.clients[0].send(.commit)
    try deployment.run(.seconds(1))
    #expect(states == ["pending", "running"])
  }
}
