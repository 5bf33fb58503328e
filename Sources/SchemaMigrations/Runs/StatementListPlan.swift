import StreamSpaceProtocol

/// Statements in order at every start, without asking what the database has.
struct StatementListPlan: MigrationPlan {
  let target: Int
  let phases: [any RunPhase]

  let looksFirst = false

  func needsCatalogue(_ ledger: MigrationLedger?) -> Bool { false }

  func work(_ ledger: MigrationLedger?, _ catalogue: SQLCatalogue) -> PlanResult {
    .work(phases.map { PlannedWork(phase: $0) })
  }

  /// Each statement by itself; its place is its number in the list, from 0, as the shipped product counts.
  static func phases(_ statements: [String]) -> [any RunPhase] {
    statements.enumerated().map { number, text in
      StatementsPhase(place: "\(number)", [.execute(RunStatement.step("\(number)", text), [])], countsStatements: false)
    }
  }

  /// The statements of migrations, step by step or one by one.
  static func phases(_ migrations: [Migration], _ atomicity: MigrationBehaviour.Atomicity) -> [any RunPhase] {
    migrations.flatMap { migration in
      migration.up.enumerated().map { number, step -> any RunPhase in
        let place = "\(migration.version).\(number + 1)"
        let requests = step.wholeStatements.enumerated().map { number, text in
          SQLRequest.execute(RunStatement.step("\(place)/\(number + 1)", text), [])
        }
        return atomicity == .steps
          ? AtomicPhase(place: place, requests) : StatementsPhase(place: place, requests, countsStatements: true)
      }
    }
  }
}
