import Database
import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import SchemaMigrations

@Suite struct SQLiteRunTests {
  private static let base: Result<DatabaseImage, any Error> = Result { try MemoryBench(at: 0).database.image() }
  private static let fresh: Result<SQLCatalogue, any Error> = Result { try MemoryBench(at: 10).catalogue }

  private func expectFresh(_ bench: MemoryBench, sourceLocation: SourceLocation = #_sourceLocation) throws {
    #expect(try bench.catalogue.differences(from: Self.fresh.get()) == [], sourceLocation: sourceLocation)
    #expect(try bench.ledger.isComplete(.contract), sourceLocation: sourceLocation)
  }

  @Test func `a fresh install goes through all versions, and a second run has nothing to do`() throws {
    let bench = try MemoryBench()
    #expect(bench.run() == .ready(version: 10, applied: Array(0...10)))
    #expect(bench.run() == .ready(version: 10, applied: []))
    try expectFresh(bench)
  }

  @Test func `every version comes back to where it began, and up again to where it was`() throws {
    let bench = try MemoryBench()
    var catalogues: [SQLCatalogue] = []
    for version in 0...10 {
      #expect(bench.run(to: version) == .ready(version: version, applied: [version]))
      catalogues.append(try bench.catalogue)
    }
    for version in (0..<10).reversed() {
      #expect(bench.rollBack(to: version) == .ready(version: version, applied: [version + 1]))
      #expect(try bench.catalogue.differences(from: catalogues[version]) == [])
    }
    #expect(bench.run() == .ready(version: 10, applied: Array(1...10)))
    try expectFresh(bench)
  }

  @Test(.enabled(if: TestServer.isAvailable, "needs postgres"), arguments: [0, 4, 10])
  func `both engines have one catalogue at every version`(version: Int) throws {
    let postgres = try MigrationBench(at: version)
    #expect(try MemoryBench(at: version).catalogue.differences(from: postgres.catalogue) == [])
  }

  @Test(arguments: 0..<4) func `a run that dies after any request is completed by the next`(offset: Int) throws {
    // A sample: DBM-06 tries them all.
    var count = 1 + offset * 47
    while true {
      let bench = try MemoryBench(Self.base.get())
      if bench.interrupt(MigrationBehaviour().run(to: 10, appliedBy: "api-0"), after: count) { break }
      guard case .ready(10, _) = bench.run() else {
        Issue.record("the run after request \(count) did not end")
        return
      }
      try expectFresh(bench)
      count += 197
    }
  }

  @Test(arguments: 0..<2) func `a roll-back that dies is completed by the next, or undone by a run upwards`(offset: Int)
    throws
  {
    let bench = try MemoryBench(at: 10)
    let image = try bench.database.image()
    let base = try MemoryBench(Self.base.get()).catalogue
    var count = 7 + offset * 40
    while true {
      let down = try MemoryBench(image)
      if down.interrupt(MigrationBehaviour().rollBack(to: 0, appliedBy: "api-0"), after: count) { break }
      let up = try MemoryBench(down.database.image())
      guard case .ready(0, _) = down.rollBack(to: 0), case .ready(10, _) = up.run() else {
        Issue.record("the run after request \(count) did not end")
        return
      }
      #expect(try down.catalogue.differences(from: base) == [])
      try expectFresh(up)
      count += 83
    }
  }

  @Test(arguments: [(2, 1), (5, 2)] as [(Int, UInt64)])
  func `runners that start together all end ready with one schema`(count: Int, seed: UInt64) throws {
    let bench = try MemoryBench(Self.base.get())
    let ends = try bench.database.runTogether(
      (0..<count).map { MigrationBehaviour().run(to: 10, appliedBy: "api-\($0)") }, seed: seed)
    #expect(ends.count { $0 == .ready(version: 10, applied: Array(1...10)) } == 1)
    #expect(ends.count { $0 == .ready(version: 10, applied: []) } == count - 1)
    try expectFresh(bench)
  }

  @Test(arguments: [false, true]) func `a shipped database is adopted and completed`(withFiles: Bool) throws {
    let bench = try MemoryBench()
    #expect(bench.psql(ShippedMigrations.startUpList) == [])
    if withFiles {
      for version in 1...8 { #expect(bench.psql(ShippedMigrations.file(version)).isEmpty == (version != 5)) }
    }
    #expect(bench.run() == .ready(version: 10, applied: withFiles ? [1, 2, 9, 10] : [1, 2, 4, 7, 9, 10]))
    try expectFresh(bench)
  }
}
