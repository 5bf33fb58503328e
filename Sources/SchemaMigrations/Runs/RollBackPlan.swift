import StreamSpaceProtocol

/// The way down to a version: each above it is taken back by its own steps, the newest first.
///
/// With the first step back the version counts as not there, so that a runner that finds it half gone brings it anew.
struct RollBackPlan: MigrationPlan {
  let versions: MigrationSet
  let target: Int
  let appliedBy: String
  let atomicity: MigrationBehaviour.Atomicity

  let looksFirst = true

  /// An index whose building broke off is of no matter: the way back drops it.
  func needsCatalogue(_ ledger: MigrationLedger?) -> Bool { ledger != nil }

  func work(_ ledger: MigrationLedger?, _ catalogue: SQLCatalogue) -> PlanResult {
    guard let ledger else { return .refusal("the database has no ledger") }
    if let reason = ledger.refusal(for: versions) { return .refusal(reason) }
    if let row = ledger.rows.first(where: { $0.version > versions.newest && $0.state != .rolledBack }) {
      return .refusal("the database has version \(row.version), this binary knows \(versions.newest)")
    }
    guard versions[target] != nil else { return .refusal("there is no version \(target)") }
    var work: [PlannedWork] = []
    for migration in versions.migrations.reversed() where migration.version > target {
      let progress = ledger.rollBackProgress(migration.version)
      guard progress != nil || !ledger.standing(migration.version).isEmpty else { continue }
      for step in migration.down.indices where step >= progress ?? 0 {
        work.append(self.work(migration, step, catalogue))
      }
    }
    return .work(work)
  }

  private func work(_ migration: Migration, _ step: Int, _ catalogue: SQLCatalogue) -> PlannedWork {
    let isLast = step == migration.down.count - 1
    let done = MigrationLedger.rolledBack(migration, steps: isLast ? nil : step + 1, by: appliedBy)
    let phase = StepPhase.make(
      migration.down[step], place: "-\(migration.version).\(step + 1)", catalogue: catalogue, position: nil,
      atomicity: atomicity,
      reached: { _ in MigrationLedger.rolledBack(migration, steps: step, by: appliedBy) }, done: done)
    return PlannedWork(version: migration.version, phase: phase, record: done)
  }
}
