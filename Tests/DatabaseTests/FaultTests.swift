import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import Database

@Suite("Database faults")
struct FaultTests {
  @Test("down: connections are reset, dials refused, and what was committed is there afterwards")
  func down() throws {
    let deployment = try TestDeployment()
    let client = deployment.clients[0]
    client.send(TestDeployment.insert("k"), .begin, TestDeployment.insert("l"))
    try deployment.run(.seconds(1))
    let record = deployment.database.begin(.down, lasting: .seconds(30))
    try deployment.run(.seconds(1))
    #expect(client.events.last == .reset)
    client.connect()
    try deployment.run(.seconds(1))
    #expect(client.events.last == .refused)
    try deployment.run(.seconds(30))
    client.connect()
    try deployment.run(.seconds(1))
    #expect(client.events.last == .connected)
    #expect(try deployment.committed("k") == "v")
    #expect(try deployment.committed("l") == nil)
    #expect(record.touched == 1 && record.end != nil)
  }

  @Test("two outages that overlap end with the later one")
  func overlappingOutages() throws {
    let deployment = try TestDeployment()
    deployment.database.begin(.down, lasting: .seconds(10))
    deployment.database.begin(.down, lasting: .seconds(20))
    try deployment.run(.seconds(15))
    #expect(!deployment.database.process.isRunning)
    try deployment.run(.seconds(10))
    #expect(deployment.database.process.isRunning)
  }

  @Test("pause: nothing is answered, then everything")
  func pause() throws {
    let deployment = try TestDeployment()
    deployment.database.begin(.pause, lasting: .seconds(30))
    deployment.clients[0].send(TestDeployment.insert("k"))
    try deployment.run(.seconds(20))
    #expect(deployment.clients[0].events == [.connected])
    try deployment.run(.seconds(20))
    #expect(deployment.clients[0].answers.count == 1)
  }

  @Test("slow: only the named client's named statement takes longer")
  func slow() throws {
    let deployment = try TestDeployment()
    let record = deployment.database.begin(
      .slow(.constant(.seconds(2)), scope: .init(clients: ["api-1"], statements: ["insertConfiguration"])))
    deployment.clients[0].send(.execute(TestDeployment.read, ["x"]), TestDeployment.insert("k"))
    deployment.clients[1].send(TestDeployment.insert("l"))
    try deployment.run(.seconds(1))
    #expect(deployment.clients[0].answers.count == 1)
    #expect(deployment.clients[1].answers.count == 1)
    try deployment.run(.seconds(2))
    #expect(deployment.clients[0].answers.count == 2)
    #expect(record.touched == 1)
    deployment.database.end(record)
    deployment.clients[0].send(TestDeployment.insert("m"))
    try deployment.run(.seconds(1))
    #expect(deployment.clients[0].answers.count == 3)
  }

  @Test("slow adds between 0.2 and 2 s by default, to a share of the statements when asked")
  func slowShare() throws {
    let deployment = try TestDeployment(clients: 1)
    let record = deployment.database.begin(.slow(scope: .init(occurrence: .share(1, in: 2))))
    for _ in 0..<40 { deployment.clients[0].send(.execute(TestDeployment.read, ["x"])) }
    try deployment.run(.seconds(100))
    #expect(deployment.clients[0].answers.count == 40)
    #expect((8...32).contains(record.touched))
    let taken = try #require(deployment.clients[0].times.last) - .start
    #expect(taken.milliseconds > Int64(record.touched) * 200)
  }

  @Test("fail: the n-th statement fails with its SQLSTATE, changes nothing and ends the fault")
  func failStatement() throws {
    let deployment = try TestDeployment(clients: 1)
    let client = deployment.clients[0]
    let record = deployment.database.begin(.failStatement(2, sqlState: "40001"))
    client.send(TestDeployment.insert("k"), TestDeployment.insert("l"), TestDeployment.insert("m"))
    try deployment.run(.seconds(1))
    let failures = client.answers.map { response in
      if case .failure(let error) = response { error.sqlState } else { "" }
    }
    #expect(failures == ["", "40001", ""])
    #expect(try deployment.committed("l") == nil)
    #expect(try deployment.committed("m") == "v")
    #expect(record.touched == 1 && record.end != nil)
  }

  @Test("a failure inside a transaction aborts it, a failing COMMIT ends it", arguments: [2, 3])
  func failInTransaction(number: Int) throws {
    let deployment = try TestDeployment(clients: 1)
    let client = deployment.clients[0]
    deployment.database.begin(.failStatement(number, sqlState: "XX000"))
    client.send(.begin, TestDeployment.insert("k"), .commit, TestDeployment.insert("l"))
    try deployment.run(.seconds(1))
    #expect(client.answers.count == 4)
    #expect(try deployment.committed("k") == nil)
    #expect(try deployment.committed("l") == "v")
  }

  @Test(
    "commit-unknown: the connection is cut; the commit is done or not, as asked",
    arguments: [
      (DatabaseFault.Outcome.done, "v" as String?), (.notDone, nil),
    ])
  func commitUnknown(outcome: DatabaseFault.Outcome, value: String?) throws {
    let deployment = try TestDeployment()
    let client = deployment.clients[0]
    let record = deployment.database.begin(.commitUnknown(outcome))
    client.send(.begin, TestDeployment.insert("k"), .commit)
    try deployment.run(.seconds(1))
    #expect(client.answers.count == 2)
    #expect(client.events.last == .reset)
    #expect(try deployment.committed("k") == value)
    #expect(record.touched == 1)
    deployment.clients[1].send(TestDeployment.insert("l"))
    try deployment.run(.seconds(1))
    #expect(deployment.clients[1].answers.count == 1, "the lock is free")
  }

  @Test("commit-unknown: left open, both outcomes occur over the seeds")
  func commitUnknownEither() throws {
    var outcomes: [Bool] = []
    for seed in 1...12 {
      let deployment = try TestDeployment(seed: UInt64(seed), clients: 1)
      deployment.database.begin(.commitUnknown())
      deployment.clients[0].send(.begin, TestDeployment.insert("k"), .commit)
      try deployment.run(.seconds(1))
      outcomes.append(try deployment.committed("k") != nil)
    }
    #expect(outcomes.contains(true) && outcomes.contains(false))
  }

  @Test("a lost reply of a single statement: the work is done all the same")
  func loseReply() throws {
    let deployment = try TestDeployment(clients: 1)
    deployment.database.begin(
      DatabaseFault(.loseReply(.done), scope: .init(statements: ["insertConfiguration"], occurrence: .nth(1))))
    deployment.clients[0].send(TestDeployment.insert("k"))
    try deployment.run(.seconds(1))
    #expect(deployment.clients[0].events == [.connected, .reset])
    #expect(try deployment.committed("k") == "v")
  }

  @Test("a fault nobody met is inert, and the ledger says so")
  func inert() throws {
    let deployment = try TestDeployment()
    let record = deployment.database.begin(.slow(scope: .init(statements: ["never"])), lasting: .seconds(1))
    deployment.clients[0].send(TestDeployment.insert("k"))
    try deployment.run(.seconds(2))
    #expect(deployment.simulation.faults.inert.contains { $0 === record })
    #expect(record.end != nil)
  }

  @Test(
    "faults are named as the specification names them",
    arguments: [
      (DatabaseFault.down, "db(down)"), (.slow(), "db(slow)"),
      (.failStatement(3, sqlState: "40001"), "db(fail 40001 #3)"),
      (.commitUnknown(), "db(commit-unknown #1 of commit)"),
      (.slow(scope: .init(clients: ["api-1"], occurrence: .share(1, in: 10))), "db(slow 1/10 from api-1)"),
    ])
  func names(fault: DatabaseFault, text: String) {
    #expect(fault.text == text)
  }

  @Test(
    "every request of a workload can be made to fail, one at a time, and none leaves half a transaction",
    arguments: 1...5)
  func enumeration(number: Int) throws {
    let deployment = try TestDeployment(clients: 1)
    let before = deployment.database.statementsServed
    deployment.database.begin(DatabaseFault(.loseReply(.either), scope: .init(occurrence: .nth(number))))
    deployment.clients[0].send(.begin, TestDeployment.insert("k"), TestDeployment.insert("l"), .commit)
    try deployment.run(.seconds(1))
    #expect(deployment.database.statementsServed - before == min(number, 4))
    #expect(try deployment.committed("k") == deployment.committed("l"))
  }
}
