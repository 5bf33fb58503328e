import SchemaMigrations
import StreamSpaceProtocol

/// What the database half of a case works with: one engine, and what the control plane asks of a database.
///
/// The half runs once on SQLite in every run of its case, before the deployment's half, and once on PostgreSQL where
/// a server is given.
package final class DatabaseBench {
  package let laboratory: any DatabaseLaboratory
  package let seed: UInt64
  package let depth: Depth
  /// What the case writes down.
  package let record: CaseRecord
  /// The policies of the migrations under test.
  package let migrations: MigrationBehaviour
  /// Every SQL text that the control plane can send.
  package let statements: [ListedStatement]
  /// Every way in which it reads rows.
  package let readPaths: [ReadPath]
  /// How it keeps the catalogue (DBM-11).
  package let catalogueSync: CatalogueSync
  private let chooser: (String, Int) -> Int
  private let teller: (Observation) -> Void
  private let clock: () -> Duration

  package init(
    laboratory: any DatabaseLaboratory, seed: UInt64, depth: Depth, record: CaseRecord,
    migrations: MigrationBehaviour, statements: [ListedStatement], readPaths: [ReadPath],
    catalogueSync: CatalogueSync = CatalogueSync(),
    choose: @escaping (String, Int) -> Int, tell: @escaping (Observation) -> Void, clock: @escaping () -> Duration
  ) {
    self.laboratory = laboratory
    self.seed = seed
    self.depth = depth
    self.record = record
    self.migrations = migrations
    self.statements = statements
    self.readPaths = readPaths
    self.catalogueSync = catalogueSync
    chooser = choose
    teller = tell
    self.clock = clock
  }

  package var engine: DatabaseEngineName { laboratory.engine }

  /// A number in `0 ..< count` that belongs to the workload, from the seed.
  package func choose(_ name: String, _ count: Int) -> Int { chooser(name, count) }

  /// Hands a fact to the invariants.
  package func tell(_ observation: Observation) { teller(observation) }

  /// Real time on PostgreSQL; stands still on SQLite, where a run must repeat.
  package var now: Duration { clock() }
}
