import Database
import SimulationRuntime
import StreamSpaceProtocol
import Testing

@testable import ControlPlane

@Suite("replica: migrations at the start (C8, C30)")
struct SchemaUpgradeTests {
  private static let steps = 6

  private func cluster(
    replicas: Int, seed: UInt64 = 1, steps: Int = steps, change: (inout ReplicaConfiguration) -> Void = { _ in }
  ) throws -> HubCluster {
    try HubCluster(replicas: replicas, seed: seed) { configuration in
      configuration.schema = ScriptedMigration.plan(steps: steps)
      change(&configuration)
    }
  }

  private func reasons(_ cluster: HubCluster, of replica: String = "api-1") -> [String] {
    cluster.events.compactMap { told in
      if case .notReady(let reason) = told.event, told.replica == replica { reason } else { nil }
    }
  }

  private func ledger(_ cluster: HubCluster) throws -> [String] {
    try cluster.rows("SELECT key, value FROM configuration WHERE category = 'ledger' ORDER BY key").map {
      try $0.text("key")
    }
  }

  private static let whole = (1...steps).map { "step-\($0)" }

  @Test("replicas that start within 100 ms are all ready, and each step is recorded once", arguments: [2, 3, 5])
  func together(count: Int) throws {
    for seed in UInt64(1)...5 {
      let cluster = try cluster(replicas: count, seed: seed)
      cluster.database.process.start()
      cluster.redis?.process.start()
      for (index, replica) in cluster.replicas.enumerated() {
        replica.start(after: .milliseconds(Int64(index * 100 / count)))
      }
      try cluster.run(10)
      #expect(try ledger(cluster) == Self.whole)
      for number in 1...count { #expect(cluster.replica(number)?.health.isReady == true) }
      let authors = Set(
        try cluster.rows("SELECT value FROM configuration WHERE category = 'ledger'").map { try $0.text("value") })
      #expect(authors.count == 1)
    }
  }

  @Test("whoever waits for the lock says so in /health")
  func waiting() throws {
    let cluster = try cluster(replicas: 2)
    cluster.database.begin(.slow(.constant(.milliseconds(300))))
    try cluster.start()
    try cluster.run(2)
    let health = try (1...2).map { try cluster.request(.get, "/health", to: $0)?.body.decode(as: HealthAnswer.self) }
    #expect(
      Set(health.compactMap { $0?.reason }) == ["migrations: under way", "migrations: waiting for the lock"])
    try cluster.run(60)
    #expect(cluster.replica(1)?.health.isReady == true && cluster.replica(2)?.health.isReady == true)
  }

  @Test("a complete ledger costs a start one statement")
  func complete() throws {
    let cluster = try cluster(replicas: 1)
    try cluster.start()
    try cluster.run(3)
    var sent: [String] = []
    cluster.onRequest = { sent.append($0.name) }
    cluster.replicas[0].crash()
    cluster.replicas[0].start()
    try cluster.run(3)
    #expect(sent.first == "testLedger")
    #expect(!sent.contains("advisoryLock"))
    #expect(cluster.replica(1)?.health.isReady == true)
  }

  @Test("a replica that is killed at any request of its migration leaves the rest to the next")
  func crashes() throws {
    var request = 0
    while true {
      request += 1
      let cluster = try cluster(replicas: 2)
      var seen = 0
      var isStruck = false
      cluster.onRequest = { [unowned cluster] _ in
        guard cluster.replica(1)?.health.isReady == false, !isStruck else { return }
        seen += 1
        if seen == request {
          isStruck = true
          cluster.replicas[0].crash()
        }
      }
      cluster.database.process.start()
      cluster.redis?.process.start()
      cluster.replicas[0].start()
      cluster.replicas[1].start(after: .milliseconds(20))
      try cluster.run(10)
      #expect(try ledger(cluster) == Self.whole, "killed at request \(request)")
      #expect(cluster.replica(2)?.health.isReady == true, "killed at request \(request)")
      if !isStruck { break }
    }
    // Ledger, lock, ledger, six steps of four requests, unlock, probe.
    #expect(request > 2 + Self.steps * 4)
  }

  @Test("an error or a lost answer at any request delays the start and breaks nothing", arguments: 1...28, [0, 1, 2])
  func faults(number: Int, kind: Int) throws {
    let cluster = try cluster(replicas: 1)
    let effect: DatabaseFault.Effect =
      switch kind {
      case 0: .fail(sqlState: "53200")
      case 1: .loseReply(.done)
      default: .loseReply(.notDone)
      }
    cluster.database.begin(DatabaseFault(effect, scope: .init(clients: ["api-1"], occurrence: .nth(number))))
    try cluster.start()
    try cluster.run(10)
    #expect(try ledger(cluster) == Self.whole)
    #expect(cluster.replica(1)?.health.isReady == true)
  }

  @Test("a database that goes down in mid-migration finds the run where it was")
  func databaseDown() throws {
    let cluster = try cluster(replicas: 1)
    cluster.database.begin(.slow(.constant(.milliseconds(100))))
    try cluster.start()
    cluster.database.begin(.down, lasting: .seconds(5))
    try cluster.run(3)
    #expect(cluster.replica(1)?.health.isReady == false)
    #expect(reasons(cluster).last?.hasPrefix("database:") == true)
    try cluster.run(20)
    #expect(try ledger(cluster) == Self.whole)
    #expect(cluster.replica(1)?.health.isReady == true)
  }

  @Test("a ledger with a wrong checksum keeps the replica from serving, with the reason, and nothing is written")
  func refused() throws {
    let cluster = try cluster(replicas: 2)
    let spoil = "INSERT INTO configuration (key, value, category) VALUES ('step-1', 'bad checksum', 'ledger')"
    _ = try cluster.rows(spoil)
    let before = cluster.database.statementsServed
    try cluster.start()
    try cluster.run(60)
    #expect(cluster.database.statementsServed > before)
    #expect(try ledger(cluster) == ["step-1"])
    for number in 1...2 {
      let health = try cluster.request(.get, "/health", to: number)
      #expect(health?.status == .serviceUnavailable)
      #expect(
        try health?.body.decode(as: HealthAnswer.self).reason == "migrations: \(ScriptedMigration.refusal)")
    }
    _ = try cluster.rows("DELETE FROM configuration WHERE category = 'ledger'")
    try cluster.run(15)
    #expect(cluster.replica(1)?.health.isReady == true)
  }

  @Test("without ADMIN_PASSWORD nothing is migrated; when it comes the administrator has it (A-46)")
  func adminPassword() throws {
    var password: String?
    let cluster = try cluster(replicas: 1) { $0.adminPassword = { password } }
    try cluster.start()
    try cluster.run(20)
    #expect(reasons(cluster).last == "ADMIN_PASSWORD is required")
    #expect(try ledger(cluster).isEmpty)
    password = "a-long-password"
    try cluster.run(5)
    #expect(cluster.replica(1)?.health.isReady == true)
    let hash = try cluster.rows("SELECT password_hash FROM users WHERE id = 'admin'").first?.text("password_hash")
    #expect(hash == TaggedHash.ofPassword("a-long-password"))
  }

  @Test("A-46: a start without ADMIN_PASSWORD leaves an administrator who cannot log in")
  func adminWithoutPassword() throws {
    var password: String?
    let cluster = try cluster(replicas: 1) {
      $0.adminPassword = { password }
      $0.behaviour.lifeCycle.adminPassword = .optional
    }
    try cluster.start()
    try cluster.run(5)
    password = "a-long-password"
    try cluster.run(20)
    #expect(cluster.replica(1)?.health.isReady == true)
    let hash = try cluster.rows("SELECT password_hash FROM users WHERE id = 'admin'").first?.optionalText(
      "password_hash")
    #expect(hash == .some(nil))
  }

  @Test("A-45: a shipped replica ends when a migration fails; the contract's goes on")
  func exits() throws {
    for exits in [true, false] {
      let cluster = try cluster(replicas: 1) {
        $0.behaviour.lifeCycle.failedMigration = exits ? .exits : .startsAnew
      }
      cluster.database.begin(
        DatabaseFault(.fail(sqlState: "23505"), scope: .init(statements: ["testStep"], occurrence: .nth(2))))
      try cluster.start()
      try cluster.run(10)
      #expect((cluster.replicas[0].current == nil) == exits)
      #expect(try ledger(cluster).count == (exits ? 1 : Self.steps))
    }
  }

  @Test("C-31: a binary that does not await its migrations serves on the old schema")
  func whileServing() throws {
    let cluster = try cluster(replicas: 1) { $0.behaviour.lifeCycle.migrationOrder = .whileServing }
    cluster.database.begin(.slow(.constant(.milliseconds(100))))
    try cluster.start()
    #expect(cluster.replica(1)?.health.isReady == true)
    #expect(try ledger(cluster).count < Self.steps)
    try cluster.run(10)
    #expect(try ledger(cluster) == Self.whole)
  }
}
