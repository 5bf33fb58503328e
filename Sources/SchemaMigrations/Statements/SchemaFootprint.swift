import StreamSpaceProtocol
import Synchronization

/// What stands in a catalogue after a migration and did not before: by it a database without ledger is adopted.
struct SchemaFootprint: Sendable, Equatable {
  enum Fact: Sendable, Hashable {
    case table(String)
    case column(table: String, String)
    case hasDefault(table: String, String)
    case isZoned(table: String, String)
    case constraint(table: String, String)
    case index(table: String, String)
    case trigger(table: String, String)
    case function(String)
  }

  /// Those of the migrations that were looked at lately: reading a version's statements takes longer than looking for
  /// what they make, and every run of an upgrade looks.
  private static let read = Mutex<[(steps: [MigrationStep], footprint: SchemaFootprint)]>([])
  private static let limit = 64

  /// As ``init(of:)``, read once.
  static func known(of migration: Migration) -> SchemaFootprint {
    if let known = read.withLock({ $0.first { $0.steps == migration.up }?.footprint }) { return known }
    let footprint = SchemaFootprint(of: migration)
    read.withLock { read in
      if read.count == limit { read.removeFirst() }
      read.append((migration.up, footprint))
    }
    return footprint
  }

  /// In the order of the statements; the value says whether the fact must hold or must not.
  private(set) var facts: [(fact: Fact, holds: Bool)] = []

  init(of migration: Migration) {
    var positions: [Fact: Int] = [:]
    func expect(_ fact: Fact, _ holds: Bool) {
      if let position = positions[fact] {
        facts[position].holds = holds
      } else {
        positions[fact] = facts.count
        facts.append((fact, holds))
      }
    }
    for change in migration.up.flatMap(\.statements).flatMap(SchemaChangeReader.changes) {
      switch change {
      case .createTable(let table): expect(.table(table), true)
      case .addColumn(let table, let column, _): expect(.column(table: table, column), true)
      case .setDefault(let table, let column): expect(.hasDefault(table: table, column), true)
      case .setType(let table, let column, let type):
        expect(.isZoned(table: table, column), type == "timestamptz")
      case .addConstraint(let table, let name): expect(.constraint(table: table, name), true)
      case .dropConstraint(let table, let name): expect(.constraint(table: table, name), false)
      case .createIndex(let name, let table): expect(.index(table: table, name), true)
      case .createTrigger(let table, let name): expect(.trigger(table: table, name), true)
      case .createFunction(let name): expect(.function(name), true)
      default: break
      }
    }
  }

  /// Whether all of it is there.
  func isWhole(in catalogue: SQLCatalogue) -> Bool {
    facts.allSatisfy { Self.holds($0.fact, in: catalogue) == $0.holds }
  }

  private static func holds(_ fact: Fact, in catalogue: SQLCatalogue) -> Bool {
    switch fact {
    case .table(let name): catalogue.tables[name] != nil
    case .column(let table, let name): catalogue.tables[table]?.columns[name] != nil
    case .hasDefault(let table, let name): catalogue.tables[table]?.columns[name]?.contains(" default ") == true
    case .isZoned(let table, let name):
      catalogue.tables[table]?.columns[name]?.hasPrefix("timestamp with time zone") == true
    case .constraint(let table, let name): catalogue.tables[table]?.constraints[name] != nil
    case .index(let table, let name):
      catalogue.tables[table]?.indexes[name].map { !$0.hasPrefix("INVALID ") } == true
    case .trigger(let table, let name): catalogue.tables[table]?.triggers[name] != nil
    case .function(let name): catalogue.functions[name] != nil
    }
  }

  static func == (left: SchemaFootprint, right: SchemaFootprint) -> Bool {
    left.facts.elementsEqual(right.facts) { $0.fact == $1.fact && $0.holds == $1.holds }
  }
}
