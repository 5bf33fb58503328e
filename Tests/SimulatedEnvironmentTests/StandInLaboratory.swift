import SchemaMigrations
import StreamSpaceProtocol
import Synchronization
import TestEnvironment

/// A laboratory without databases: it counts what is made and removed, and its connections answer one row.
final class StandInLaboratory: DatabaseLaboratory {
  /// What happened, over all laboratories of a test.
  final class Ledger: Sendable {
    private let entries = Mutex<[String]>([])

    func note(_ entry: String) { entries.withLock { $0.append(entry) } }
    var all: [String] { entries.withLock { $0 } }
  }

  let engine: DatabaseEngineName
  private let ledger: Ledger

  init(_ engine: DatabaseEngineName = .sqlite, _ ledger: Ledger = Ledger()) {
    self.engine = engine
    self.ledger = ledger
  }

  func makeDatabase() -> any LaboratoryDatabase { StandInDatabase("db\(ledger.all.count)", ledger) }
}

private final class StandInDatabase: LaboratoryDatabase {
  private let name: String
  private let ledger: StandInLaboratory.Ledger

  init(_ name: String, _ ledger: StandInLaboratory.Ledger) {
    self.name = name
    self.ledger = ledger
    ledger.note("made \(name)")
  }

  func connect() -> any SQLConnection { StandInConnection() }
  func connectReadOnly() -> any SQLConnection { StandInConnection() }
  func copy() -> any LaboratoryDatabase { StandInDatabase("\(name) copy", ledger) }
  func endSessions() {}
  func runTogether(_ runs: [any MigrationRun], seed: UInt64) -> [MigrationEnd] { runs.map { _ in .refused("") } }
  func drop() { ledger.note("dropped \(name)") }
}

private final class StandInConnection: SQLConnection {
  func answer(_ request: SQLRequest) -> SQLResponse { .result(SQLResult(row: ["name": .text(request.name)])) }
  func load(_ rows: some Sequence<[SQLValue]>, into table: String, columns: [String]) -> Int {
    rows.reduce(0) { n, _ in n + 1 }
  }
  func close() {}
}
