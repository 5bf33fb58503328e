/// How migrations are run: the contract (C30), unless a defect changes a field.
package struct MigrationBehaviour: Sendable, Equatable {
  package init() {}

  /// The migrations of the behaviour.
  package var migrations: MigrationSet { .contract }

  /// A run up to a version, in the name of a pod.
  package func run(to version: Int, appliedBy: String) -> any MigrationRun {
    ContractMigrationRun(UpgradePlan(versions: migrations, target: version, appliedBy: appliedBy))
  }

  /// A run down to a version, in the name of a pod.
  package func rollBack(to version: Int, appliedBy: String) -> any MigrationRun {
    ContractMigrationRun(RollBackPlan(versions: migrations, target: version, appliedBy: appliedBy))
  }
}
