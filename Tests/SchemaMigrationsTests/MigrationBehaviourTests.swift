import Database
import StreamSpaceProtocol
import Testing

@testable import SchemaMigrations

/// Each defect leaves the mark that an invariant is to find.
@Suite struct MigrationBehaviourTests {
  private static let base: Result<DatabaseImage, any Error> = Result { try MemoryBench(at: 0).database.image() }

  private func behaviour(_ change: (inout MigrationBehaviour) -> Void) -> MigrationBehaviour {
    var behaviour = MigrationBehaviour()
    change(&behaviour)
    return behaviour
  }

  private func columns(_ behaviour: MigrationBehaviour, _ table: String) throws -> [String] {
    let bench = try MemoryBench(Self.base.get())
    guard case .ready(9, _) = bench.run(behaviour, to: 9) else {
      Issue.record("the run did not end ready")
      return []
    }
    return try bench.catalogue.tables[table]?.columns.keys.sorted() ?? []
  }

  @Test func `a forgotten file leaves its columns out, and the runner does not notice (A-33, B-24)`() throws {
    let forgetful = behaviour { $0.forgottenVersions = [4, 7] }
    #expect(try !columns(forgetful, "agent_commands").contains("updated_at"))
    #expect(try !columns(forgetful, "sessions").contains("termination_reason"))
  }

  @Test func `a number that is used twice leaves out what the file of that number brings (B-81)`() throws {
    #expect(try !columns(behaviour { $0.seven = .agentApproval }, "sessions").contains("terminated_at"))
  }

  @Test func `a required column refuses the rows of older replicas (C-31)`() throws {
    let bench = try MemoryBench(Self.base.get())
    bench.run(behaviour { $0.newColumns = .required }, to: 9)
    let insert = "INSERT INTO agent_commands (command_id, action) VALUES ('c', 'start_session')"
    #expect(
      bench.psql([insert]) == [
        "null value in column \"attempts\" of relation \"agent_commands\" violates not-null constraint"
      ])
    let contract = try MemoryBench(Self.base.get())
    contract.run(to: 9)
    #expect(contract.psql([insert]) == [])
  }

  @Test func `the second table of one name is skipped, and its index fails (A-41)`() throws {
    let bench = try MemoryBench()
    guard case .failed(let place, let error) = bench.run(behaviour { $0.baseFault = .tableTwice }, to: 0) else {
      Issue.record("the run did not fail")
      return
    }
    #expect(place == "0.19/2")
    #expect(error.sqlState == "42703")
    #expect(try !bench.ledger.isComplete(.contract))
    #expect(SetCheck(behaviour { $0.baseFault = .tableTwice }.migrations).problems.count == 1)
  }

  @Test func `an expression in a unique constraint is a syntax error (A-42)`() throws {
    let bench = try MemoryBench()
    guard case .failed(_, let error) = bench.run(behaviour { $0.baseFault = .expressionInUnique }, to: 0) else {
      Issue.record("the run did not fail")
      return
    }
    #expect(error.sqlState == "42601")
  }

  @Test func `an accepted failure ends ready with half a schema, recorded as whole (C-29)`() throws {
    let bench = try MemoryBench()
    let accepting = behaviour {
      $0.failure = .isAccepted
      $0.baseFault = .expressionInUnique
    }
    #expect(bench.run(accepting) == .ready(version: 10, applied: Array(0...10)))
    #expect(try bench.catalogue.tables["resource_quotas"] == nil)
    #expect(bench.run(accepting) == .ready(version: 10, applied: []))
  }

  @Test func `the shipped 002 puts its key beside the older one, and takes agent_id back with it (B-82, B-84)`() throws
  {
    let shipped = behaviour {
      $0.guards = .asShipped
      $0.rollBacks = .asShipped
    }
    let bench = try MemoryBench(Self.base.get())
    bench.run(shipped, to: 2)
    let keys = try bench.catalogue.tables["sessions"]?.constraints.keys.filter { $0.contains("agent_id") }.sorted()
    #expect(keys == ["fk_sessions_agent_id", "sessions_agent_id_fkey"])
    #expect(bench.rollBack(shipped, to: 1) == .ready(version: 1, applied: [2]))
    #expect(try bench.catalogue.tables["sessions"]?.columns["agent_id"] == nil)
    // The contract finds the column gone and cannot bring it back: it is older than 002.
    #expect(SetCheck(shipped.migrations).problems.contains("version 2: loses sessions.agent_id and does not say so"))
  }

  @Test func `one transaction for a version holds its locks over the back-fill (C-30)`() throws {
    let long = behaviour { $0.transactions = .onePerVersion }
    let fourth = try #require(long.migrations[4])
    #expect(fourth.up.count == 1)
    #expect(
      fourth.up[0].statements.contains("UPDATE agent_commands SET updated_at = created_at WHERE updated_at IS NULL"))
    let bench = try MemoryBench(Self.base.get())
    #expect(bench.run(long) == .ready(version: 10, applied: Array(1...10)))
  }

  @Test func `without a ledger every start runs everything, without transactions a crash leaves half a step (B-80)`()
    throws
  {
    let careless = behaviour {
      $0.record = .nothing
      $0.runners = .many
      $0.atomicity = .statements
    }
    let bench = try MemoryBench(Self.base.get())
    // The first of the statements for agents is done, the others are not.
    let before = careless.migrations.migrations.filter { $0.version < 9 }.flatMap(\.up).flatMap(\.statements).count
    #expect(!bench.interrupt(careless.run(to: 10, appliedBy: "api-0"), after: before + 5))
    let agents = try bench.catalogue.tables["agents"]?.columns
    #expect(agents?["connection_pod"] != nil && agents?["issued_key"] == nil)
    #expect(bench.run(careless) == .ready(version: 10, applied: []))
    #expect(try bench.ledger.rows.allSatisfy { $0.version == 0 })
  }

  @Test func `a complete ledger spares a start its run, but not where back-fills repeat`() throws {
    #expect(MigrationBehaviour().restsWhenComplete)
    #expect(!MigrationBehaviour.shipped.restsWhenComplete)
    #expect(!behaviour { $0.backFills = .everyStart }.restsWhenComplete)
  }
}
