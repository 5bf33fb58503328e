/// How migrations are run: the contract (C30), unless a defect changes a field.
package struct MigrationBehaviour: Sendable, Equatable {
  /// Which list of statements is run.
  package enum List: Sendable {
    /// The numbered migrations.
    case numbered
    /// The list that the shipped product runs at every start; its files are applied by nobody.
    case startUp
  }

  /// What is recorded of what was run.
  package enum Record: Sendable {
    case ledger
    /// Nothing: every start runs everything (B-80).
    case nothing
  }

  /// Who may run migrations beside others.
  package enum Runners: Sendable {
    case one
    /// Everybody at once (B-80, A-45).
    case many
  }

  /// What is done whole or not at all.
  package enum Atomicity: Sendable {
    /// A step with its row in the ledger.
    case steps
    /// Each statement, and the row after them (B-80).
    case statements
  }

  /// What a failed statement does.
  package enum Failure: Sendable {
    case endsRun
    /// The step counts as done, and the start goes on (C-29).
    case isAccepted
  }

  /// Whether the files may be run again.
  package enum Guards: Sendable {
    case repeatable
    /// 002 and 005 fail the second time, and 002 adds its key beside the older one (B-82).
    case asShipped
  }

  /// When rows without a value are given one.
  package enum BackFills: Sendable {
    case once
    /// At every start, so that what was emptied later is filled too (B-84).
    case everyStart
  }

  /// Which time 004 gives to old commands.
  package enum UpdateTimes: Sendable {
    case creation
    /// The time of the migration, by the column's default (B-84).
    case migration
  }

  /// What roll-backs take away.
  package enum RollBacks: Sendable {
    case declared
    /// 002 takes `sessions.agent_id`, which is older than it (B-84).
    case asShipped
  }

  /// How long locks are held.
  package enum Transactions: Sendable {
    /// No exclusive lock over a back-fill or the building of an index on a large table.
    case short
    /// One for all steps of a version (C-30).
    case onePerVersion
  }

  /// What new columns ask of those who write rows.
  package enum NewColumns: Sendable {
    case optional
    /// `agent_commands.attempts` is NOT NULL and has no default, which older replicas do not know (C-31).
    case required
  }

  /// What number 007 is.
  package enum Seven: Sendable {
    case sessionEnds
    /// The runner's own, the approval of agents; the file of that number is run by nobody (B-81).
    case agentApproval
  }

  /// Faults of single statements of the base.
  package enum BaseFault: Sendable {
    case none
    /// A second table of one name is skipped, and its index fails.
    case tableTwice
    /// An expression in a UNIQUE constraint, which PostgreSQL does not know.
    case expressionInUnique
  }

  package var list = List.numbered
  package var record = Record.ledger
  package var runners = Runners.one
  package var atomicity = Atomicity.steps
  package var failure = Failure.endsRun
  package var guards = Guards.repeatable
  package var backFills = BackFills.once
  package var updateTimes = UpdateTimes.creation
  package var rollBacks = RollBacks.declared
  package var transactions = Transactions.short
  package var newColumns = NewColumns.optional
  package var seven = Seven.sessionEnds
  package var baseFault = BaseFault.none
  /// Versions whose files the runner does not know, in ascending order (A-33, B-24).
  package var forgottenVersions: [Int] = []

  /// The newest version that the binary knows; nil: the newest there is.
  package var newestVersion: Int?

  package init() {}

  /// As the product ships: a list at every start, without ledger, lock and transactions.
  package static let shipped: MigrationBehaviour = {
    var behaviour = MigrationBehaviour()
    behaviour.list = .startUp
    behaviour.record = .nothing
    behaviour.runners = .many
    behaviour.atomicity = .statements
    behaviour.guards = .asShipped
    behaviour.backFills = .everyStart
    behaviour.updateTimes = .migration
    behaviour.rollBacks = .asShipped
    return behaviour
  }()

  /// Whether a ledger that is complete spares a start its run.
  package var restsWhenComplete: Bool { record == .ledger && backFills == .once }

  /// A run up to a version, in the name of a pod. The start-up list knows no versions and does all it does.
  package func run(to version: Int, appliedBy: String) -> any MigrationRun {
    let plan: any MigrationPlan =
      switch (list, record) {
      case (.startUp, _):
        StatementListPlan(target: version, phases: StatementListPlan.phases(ShippedMigrations.startUpList))
      case (.numbered, .nothing):
        StatementListPlan(
          target: version,
          phases: StatementListPlan.phases(migrations.migrations.filter { $0.version <= version }, atomicity))
      case (.numbered, .ledger):
        UpgradePlan(
          versions: migrations, target: version, appliedBy: appliedBy, atomicity: atomicity,
          repeatsBackFills: backFills == .everyStart)
      }
    return PlannedMigrationRun(plan, isLocked: runners == .one, acceptsFailure: failure == .isAccepted)
  }

  /// A run down to a version, in the name of a pod.
  package func rollBack(to version: Int, appliedBy: String) -> any MigrationRun {
    let plan: any MigrationPlan =
      switch (list, record) {
      case (.numbered, .ledger):
        RollBackPlan(versions: migrations, target: version, appliedBy: appliedBy, atomicity: atomicity)
      default:
        StatementListPlan(
          target: version,
          phases: StatementListPlan.phases(
            migrations.migrations.filter { $0.version > version && (list == .numbered || $0.version <= 8) }.reversed()
              .flatMap(\.down).flatMap(\.statements)))
      }
    return PlannedMigrationRun(plan, isLocked: runners == .one, acceptsFailure: failure == .isAccepted)
  }
}
