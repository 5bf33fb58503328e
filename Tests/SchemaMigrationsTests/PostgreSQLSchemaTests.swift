import DatabaseTestSupport
import StreamSpaceProtocol
import Testing

@testable import SchemaMigrations

@Suite(.enabled(if: TestServer.isAvailable, "needs postgres")) struct PostgreSQLSchemaTests {
  @Test func `a fresh install goes through all versions, and a second run has nothing to do`() throws {
    let bench = try MigrationBench()
    #expect(bench.run() == .ready(version: 10, applied: Array(0...10)))
    let first = try bench.catalogue
    #expect(bench.run() == .ready(version: 10, applied: []))
    #expect(try bench.catalogue.differences(from: first) == [])
    #expect(try bench.ledger.isComplete(.contract))
  }

  @Test func `every version comes back to where it began, and up again to where it was`() throws {
    let bench = try MigrationBench()
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
    #expect(try bench.catalogue.differences(from: catalogues[10]) == [])
    #expect(bench.rollBack(to: 0) == .ready(version: 0, applied: (1...10).reversed()))
    #expect(try bench.catalogue.differences(from: catalogues[0]) == [])
  }

  @Test func `versions 0 to 8 are the recorded schema but for the published differences`() throws {
    let bench = try MigrationBench()
    bench.run(to: 8)
    expectPublished(try bench.catalogue.differences(from: RecordedCatalogue.afterFiles), ofStartUpList: false)
  }

  @Test func `the start-up list makes the recorded schema, run once or twice`() throws {
    let bench = try MigrationBench()
    #expect(bench.psql(ShippedMigrations.startUpList) == [])
    expectPublished(try bench.catalogue.differences(from: RecordedCatalogue.afterStart), ofStartUpList: true)
    #expect(bench.run(.shipped) == .ready(version: 10, applied: []))
    expectPublished(try bench.catalogue.differences(from: RecordedCatalogue.afterStart), ofStartUpList: true)
  }
}

/// The published differences and no others.
private func expectPublished(
  _ lines: [String], ofStartUpList: Bool, sourceLocation: SourceLocation = #_sourceLocation
) {
  let published = PublishedDifference.all.filter { $0.isOfStartUpList || !ofStartUpList }
  #expect(published.allSatisfy { !$0.reason.isEmpty } && !published.isEmpty)
  #expect(lines.sorted() == published.flatMap(\.lines).sorted(), sourceLocation: sourceLocation)
}
