import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// The database half of a case on one engine (scenario 9).
struct DatabaseHalf {
  private let request: CaseRequest
  private let laboratory: TrackedLaboratory
  private let record: CaseRecord

  init(
    _ request: CaseRequest, on laboratory: any DatabaseLaboratory, record: CaseRecord,
    isStopped: (() -> Bool)? = nil
  ) {
    self.request = request
    self.laboratory = TrackedLaboratory(laboratory, isStopped: isStopped)
    self.record = record
  }

  /// Carries it out, with the choices of `simulation`, and removes what it left. What it tells and records becomes part of
  /// the trace, so that I-DET covers it.
  ///
  /// Returns what went wrong, in one line; nil: nothing, or the case has no such half.
  func perform(
    in simulation: Simulation, clock: @escaping () -> Duration, tell: @escaping (Observation) -> Void
  ) -> String? {
    guard let body = request.testCase.databaseBody else { return nil }
    defer { laboratory.removeAll() }
    let engine = laboratory.engine.rawValue
    let demands = DatabaseDemands(request.profile.behaviours)
    let streams = "database.\(request.testCase.id)"
    let bench = DatabaseBench(
      laboratory: laboratory, seed: request.seed, depth: request.depth, record: record,
      migrations: demands.migrations, statements: demands.statements, readPaths: demands.readPaths,
      catalogueSync: demands.catalogueSync,
      choose: { name, count in
        simulation.decisions.choose(simulation.decisions.stream("\(streams).\(name)"), count)
      },
      tell: { observation in
        simulation.note(Self.fact, ("engine", .text(engine)), ("told", .text(DatabaseFact.text(of: observation))))
        tell(observation)
      }, clock: clock)
    var problem: String?
    do { try body(bench) } catch { problem = "\(engine): \(error)".replacing("\n", with: " ") }
    noteRecord(in: simulation)
    return problem
  }

  private func noteRecord(in simulation: Simulation) {
    for expectation in record.expectations {
      simulation.note(
        Self.expectation, ("name", .text(expectation.name)),
        ("measured", .text(DatabaseFact.text(of: expectation.measured))), ("met", .integer(expectation.isMet ? 1 : 0)))
    }
    for entry in record.tables {
      let cells = entry.cells.map { "\($0.column)=\(DatabaseFact.text(of: $0.value))" }
      simulation.note(Self.row, ("table", .text(entry.table)), ("cells", .text(cells.joined(separator: ", "))))
    }
  }

  private static let fact = EventLabel("database.told")
  private static let expectation = EventLabel("database.expected")
  private static let row = EventLabel("database.row")
}

/// Facts and measures as the trace bears them.
enum DatabaseFact {
  static func text(of observation: Observation) -> String {
    switch observation {
    case .schemaCompared(_, let what, let other, let differences):
      "\(what) compared with \(other): \(list(differences))"
    case .statementPrepared(_, let statement, let version, let problem):
      "\(statement) prepared against version \(version): \(problem ?? "well")"
    case .migrationRepeated(_, let what, let times, let changes): "\(what) run \(times) times: \(list(changes))"
    case .migrationInterrupted(_, let point, let problems): "broken off at \(point): \(list(problems))"
    case .migrationsTogether(_, let what, let runners, let problems):
      "\(what), \(runners) runners: \(list(problems))"
    case .contentsCompared(_, let what, let table, let rows, let undeclared):
      "\(what), \(rows) rows of \(table): \(list(undeclared))"
    default: String(describing: observation)
    }
  }

  static func text(of quantity: Quantity) -> String {
    switch quantity {
    case .duration(let duration): "\(duration.components.seconds) s \(duration.components.attoseconds) as"
    case .count(let count): String(count)
    case .text(let text): text
    }
  }

  private static func list(_ lines: [String]) -> String { lines.isEmpty ? "well" : lines.joined(separator: "; ") }
}
