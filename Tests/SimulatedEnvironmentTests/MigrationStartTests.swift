import Oracles
import SchemaMigrations
import TestEnvironment
import Testing

@testable import SimulatedEnvironment

@Suite("Replicas and the schema of their database (C8, C30)")
struct MigrationStartTests {
  private static let newest = MigrationSet.contract.newest

  private static func topology(
    _ database: InitialDatabase, replicas: Int = 3, change: (inout Topology) -> Void = { _ in }
  ) -> Topology {
    Topology.t3.with { topology in
      topology.replicas = replicas
      topology.database = database
      change(&topology)
    }
  }

  private func run(
    _ topology: Topology, profile: String = "contract", seed: UInt64 = 1,
    _ body: @escaping @Sendable (any Environment) async throws -> Void
  ) throws -> CaseRun {
    var request = adHoc(topology, body)
    request.profile = try Profile(profile)
    request.seed = seed
    return CaseRunner.run(request)
  }

  private static let starts: [(InitialDatabase, Int)] = [
    (.empty, 2), (.empty, 3), (.empty, 5), (.version(0, users: 20, sessions: 60, commands: 120), 3), (.startUpOnly, 3),
    (.startUpAndFiles, 2),
  ]

  @Test("replicas that start together bring any database up, without a restart, and users can work", arguments: starts)
  func together(start: (database: InitialDatabase, replicas: Int)) throws {
    let run = try run(Self.topology(start.database, replicas: start.replicas)) { environment in
      try await environment.allReady()
      try await environment.connected()
      let ledger = try await environment.ledger()
      environment.tell("versions", Set(ledger.filter { $0.state == "done" }.map(\.version)).sorted().description)
      environment.tell("steps", "\(ledger.count) of \(Set(ledger.map { "\($0.version).\($0.step)" }).count)")
      let answer = try await environment.user("u01").create(SessionRequest(), at: nil)
      environment.tell("create", "\(answer.status ?? 0)")
    }
    #expect(run.verdict == .passed, "\(run.reason)")
    #expect(run.told("versions") == [.text(Array(0...Self.newest).description)])
    let starts = run.observations.count {
      if case .processStarted(let name) = $0.observation { name.hasPrefix("api-") } else { false }
    }
    #expect(starts == start.replicas)
    #expect(run.told("create") == [.text("202")])
  }

  @Test("a start on a database at the newest version costs a look at the ledger and one at the administrator")
  func cost() throws {
    let run = try run(Self.topology(.ready, replicas: 1)) { environment in
      try await environment.allReady()
      environment.tell("requests", "\(try await environment.databaseRequests(of: "api-1"))")
      environment.tell("ledger", "\(try await environment.ledger().isEmpty)")
    }
    #expect(run.verdict == .passed, "\(run.reason)")
    #expect(run.told("ledger") == [.text("false")])
    // Ledger, administrator, the connections of an earlier life, and the first look of the reconciler.
    #expect(run.told("requests") == [.text("4")])
  }

  @Test(
    "a replica killed at a request of its migration leaves the rest to its next life", arguments: [2, 9, 40, 200, 420])
  func crash(number: Int) throws {
    let run = try run(Self.topology(.empty, replicas: 1)) { environment in
      _ = try await environment.begin(.databaseRequest(replica: "api-1", number: number, .crash), for: nil)
      try await environment.sleep(for: .seconds(20))
      environment.tell("ready", "\(try await environment.isReady("api-1"))")
      try await environment.control(.replica("api-1"), .start)
      try await environment.allReady()
      environment.tell("versions", "\(Set(try await environment.ledger().map(\.version)).count)")
    }
    #expect(run.verdict == .passed, "\(run.reason)")
    #expect(run.told("ready") == [.text("false")])
    #expect(run.told("versions") == [.text("\(Self.newest + 1)")])
  }

  @Test("an error or a lost answer at a request delays the start only", arguments: [3, 57, 300], [true, false])
  func faults(number: Int, isLost: Bool) throws {
    let trouble: DatabaseTrouble = isLost ? .answerLost(done: nil) : .error(sqlState: "53200")
    let run = try run(Self.topology(.empty, replicas: 2)) { environment in
      _ = try await environment.begin(.databaseRequest(replica: "api-1", number: number, trouble), for: nil)
      try await environment.allReady()
    }
    #expect(run.verdict == .passed, "\(run.reason)")
  }

  @Test("a wrong checksum keeps a replica from serving, with the reason in /health, and nothing is written")
  func checksum() throws {
    let run = try run(Self.topology(.ready, replicas: 2) { $0.absentReplicas = 1 }) { environment in
      try await environment.connected()
      _ = try await environment.sql("UPDATE schema_migrations SET checksum = 'other' WHERE version = 3")
      let before = try await environment.ledger()
      try await environment.control(.replica("api-2"), .start)
      try await environment.sleep(for: .seconds(40))
      environment.tell("ready", "\(try await environment.isReady("api-2"))")
      environment.tell("reason", try await environment.unreadiness(of: "api-2") ?? "")
      environment.tell("unchanged", "\(try await environment.ledger() == before)")
    }
    #expect(run.verdict == .passed, "\(run.reason)")
    #expect(run.told("ready") == [.text("false")])
    #expect(run.told("reason") == [.text("migrations: the checksum of version 3 step 1 is not that of this binary")])
    #expect(run.told("unchanged") == [.text("true")])
  }

  @Test("an older binary serves on a newer version that is compatible, and refuses one that is not")
  func older() throws {
    for (version, isServing) in [(9, true), (10, false)] {
      let start = InitialDatabase.version(version, users: 20, sessions: 60, commands: 120)
      let run = try run(Self.topology(start, replicas: 1) { $0.binaries = [version == 9 ? 8 : 9] }) { environment in
        try await environment.sleep(for: .seconds(15))
        environment.tell("ready", "\(try await environment.isReady("api-1"))")
        environment.tell("reason", try await environment.unreadiness(of: "api-1") ?? "")
      }
      #expect(run.told("ready") == [.text("\(isServing)")], "\(run.told("reason"))")
    }
  }

  @Test("old replicas serve on while a newer one migrates, and are replaced one by one")
  func rolling() throws {
    let start = InitialDatabase.version(9, users: 20, sessions: 60, commands: 120)
    let run = try run(
      Self.topology(start) {
        $0.binaries = [9, 9, nil]
        $0.absentReplicas = 1
      }
    ) { environment in
      try await environment.until { try await environment.isReady("api-2") }
      try await environment.connected()
      environment.tell("before", "\(try await environment.ledger().map(\.version).max() ?? -1)")
      try await environment.control(.replica("api-3"), .start)
      try await environment.until { try await environment.isReady("api-3") }
      let answer = try await environment.user("u01").create(SessionRequest(), at: "api-1")
      environment.tell("create at the old", "\(answer.status ?? 0)")
      for replica in ["api-1", "api-2"] {
        try await environment.setBinary(nil, of: replica)
        try await environment.control(.replica(replica), .restart)
        try await environment.until { try await environment.isReady(replica) }
      }
      try await environment.connected()
      environment.tell("after", "\(try await environment.ledger().map(\.version).max() ?? -1)")
    }
    #expect(run.verdict == .passed, "\(run.reason)")
    #expect(run.told("before") == [.text("9")])
    #expect(run.told("after") == [.text("\(Self.newest)")])
    #expect(run.told("create at the old") == [.text("202")])
  }

  @Test("a secret that is late delays the start; without it the defect A-46 leaves an administrator who cannot log in")
  func adminPassword() throws {
    for profile in ["contract", "contract+A-46"] {
      let topology = Self.topology(.empty, replicas: 1) { $0.adminPasswordArrives = .seconds(30) }
      let run = try run(topology, profile: profile) { environment in
        try await environment.allReady()
        environment.tell("ready", environment.now)
        let rows = try await environment.sql("SELECT password_hash FROM users WHERE id = 'admin'")
        environment.tell("hash", "\(rows.first?["password_hash"].flatMap { $0 } ?? "none")")
      }
      let isContract = profile == "contract"
      guard case .duration(let ready)? = run.told("ready").first else {
        Issue.record("never ready")
        continue
      }
      #expect((ready >= .seconds(30)) == isContract)
      _ = run.told("hash")
    }
  }

  @Test("A-45 and B-80: replicas that migrate side by side collide and are started again", arguments: ["A-45", "B-80"])
  func collision(defect: String) throws {
    var isSeen = false
    for seed in UInt64(1)...3 where !isSeen {
      let run = try run(Self.topology(.empty), profile: "contract+\(defect)", seed: seed) { environment in
        try await environment.sleep(for: .seconds(90))
      }
      isSeen = run.observations.contains { timed in
        if case .processEnded(let name, let reason, false) = timed.observation {
          return name.hasPrefix("api-") && reason.contains("Failed to run migrations")
        }
        return false
      }
    }
    #expect(isSeen)
  }
}

extension Environment {
  /// Until every replica is ready.
  func allReady() async throws {
    for replica in replicas { try await until(.seconds(240)) { try await isReady(replica) } }
  }
}
