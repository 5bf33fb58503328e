import StreamSpaceProtocol

/// The way up to a version: what the ledger does not have is carried out, what stands without ledger is adopted.
struct UpgradePlan: MigrationPlan {
  let versions: MigrationSet
  let target: Int
  let appliedBy: String
  let atomicity: MigrationBehaviour.Atomicity
  /// Whether back-fills that are done are done again (B-84).
  let repeatsBackFills: Bool

  let looksFirst = true

  /// Who is recorded for what was found.
  static let adopter = "adopted"

  func needsCatalogue(_ ledger: MigrationLedger?) -> Bool {
    guard let ledger else { return true }
    return ledger.refusal(for: versions) == nil && !wanted.allSatisfy(ledger.isComplete)
  }

  private var wanted: [Migration] { versions.migrations.filter { $0.version <= target } }

  func work(_ ledger: MigrationLedger?, _ catalogue: SQLCatalogue) -> PlanResult {
    let found = ledger ?? MigrationLedger([])
    if let reason = found.refusal(for: versions) { return .refusal(reason) }
    guard versions[target] != nil else { return .refusal("there is no version \(target)") }
    var work: [PlannedWork] = []
    if ledger == nil {
      work.append(
        PlannedWork(phase: AtomicPhase(place: "ledger", [.execute(MigrationLedger.create, [])])))
    }
    for migration in wanted {
      if found.isComplete(migration) {
        if repeatsBackFills { work += repetition(of: migration) }
        continue
      }
      let isUnknown = !found.rows.contains { $0.version == migration.version }
      if isUnknown, SchemaFootprint.known(of: migration).isWhole(in: catalogue) {
        work.append(PlannedWork(phase: adoption(of: migration)))
        continue
      }
      for step in migration.up.indices {
        let row = found.standing(migration.version).first { $0.step == step + 1 }
        guard row?.state != .done else { continue }
        work.append(self.work(migration, step, catalogue, position: row?.position))
      }
    }
    return .work(work)
  }

  private func work(
    _ migration: Migration, _ step: Int, _ catalogue: SQLCatalogue, position: String?
  ) -> PlannedWork {
    let done = MigrationLedger.done(migration, step: step + 1, by: appliedBy)
    let phase = StepPhase.make(
      migration.up[step], place: "\(migration.version).\(step + 1)", catalogue: catalogue, position: position,
      atomicity: atomicity, reached: { MigrationLedger.reached($0, migration, step: step + 1, by: appliedBy) },
      done: done)
    return PlannedWork(version: migration.version, phase: phase, record: done)
  }

  private func repetition(of migration: Migration) -> [PlannedWork] {
    migration.up.indices.compactMap { step in
      guard case .backfill = migration.up[step].kind else { return nil }
      var work = work(migration, step, SQLCatalogue(), position: nil)
      work.version = nil
      return work
    }
  }

  private func adoption(of migration: Migration) -> AtomicPhase {
    AtomicPhase(
      place: "\(migration.version).0",
      migration.up.indices.map { MigrationLedger.done(migration, step: $0 + 1, by: Self.adopter) })
  }
}

/// The phase that carries out a step.
enum StepPhase {
  static func make(
    _ step: MigrationStep, place: String, catalogue: SQLCatalogue, position: String?,
    atomicity: MigrationBehaviour.Atomicity, reached: @escaping (String) -> SQLRequest, done: SQLRequest
  ) -> any RunPhase {
    switch (step.kind, step.statements.first) {
    case (.backfill(let table, let key), let statement?):
      return BackfillPhase(
        place: place, statement, table: table, key: key, position: position, reached: reached, done: done)
    case (.index(let table), let statement?):
      let name = SchemaChangeReader.changes(of: statement).firstIndexName ?? ""
      return IndexPhase(
        place: place, statement, table: table,
        isInvalid: catalogue.tables[table]?.indexes[name]?.hasPrefix("INVALID ") == true, index: name, record: done)
    default:
      let statements = step.statements.enumerated().map { number, text in
        SQLRequest.execute(RunStatement.step("\(place)/\(number + 1)", text), [])
      }
      return atomicity == .steps
        ? AtomicPhase(place: place, statements + [done])
        : StatementsPhase(place: place, statements + [done], countsStatements: true)
    }
  }
}

extension [SchemaChange] {
  /// The name of the index that is made.
  fileprivate var firstIndexName: String? {
    lazy.compactMap { change -> String? in
      guard case .createIndex(let name, _) = change else { return nil }
      return name
    }.first
  }
}
