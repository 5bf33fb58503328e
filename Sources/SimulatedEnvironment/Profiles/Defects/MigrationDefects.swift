import ControlPlane
import SchemaMigrations

/// How the schema comes about, and who may serve meanwhile (spec/05 §3.2, §4.7, §5).
extension DefectCatalogue {
  static let migrations: [Defect] = [
    Defect(
      id: "A-33", slug: "sql-file-not-in-runner", component: "control plane: migrations",
      mechanism: "A migration lies in the folder, and the runner does not know it.",
      origin: "commits e371896, 99bc8d3, b2e7b12 (#229, #233)", invariants: ["I-SCHEMA"],
      cases: ["DBM-01", "DBM-03", "DBM-14"], evidence: .premise
    ) { $0.controlPlane.migrations.forgottenVersions = [5] },
    Defect(
      id: "A-31", slug: "missing-cluster-id", component: "schema",
      mechanism:
        "Sessions have no cluster_id, which the statements select; a quota whose query fails for it is not checked.",
      origin: "P1-SCHEMA-001 (#146), fixed in 96db5b9", invariants: ["I-SCHEMA", "I-QUOTA"],
      cases: ["DBM-12", "MU-08"]
    ) {
      $0.controlPlane.migrations.forgottenVersions = [2]
      $0.controlPlane.sessions.schema.usage = .withClusterName
      $0.controlPlane.sessions.unknownUsage = .countsAsNone
      $0.controlPlane.sessions.admission = .beforeInsert
    },
    Defect(
      id: "A-32", slug: "missing-tags", component: "schema",
      mechanism: "Sessions have no tags, which the statements write and select.",
      origin: "P1-SCHEMA-002 (#147), fixed in 653e9a5", invariants: ["I-SCHEMA"], cases: ["DBM-12"]
    ) { $0.controlPlane.migrations.forgottenVersions = [1] },
    Defect(
      id: "A-41", slug: "same-table-name-twice", component: "control plane: migrations",
      mechanism: "A second table of a name that is taken is silently skipped, and its index fails.",
      origin: "commit 27d1e40", invariants: ["I-MIG-ATOM", "I-SCHEMA"], cases: ["DBM-01", "DBM-14"],
      evidence: .premise
    ) { $0.controlPlane.migrations.baseFault = .tableTwice },
    Defect(
      id: "A-42", slug: "expression-in-unique", component: "control plane: migrations",
      mechanism: "A UNIQUE constraint over an expression, which PostgreSQL does not take: nothing starts.",
      origin: "commit c7d7c44", invariants: ["I-SCHEMA"], cases: ["DBM-01"], evidence: .premise
    ) { $0.controlPlane.migrations.baseFault = .expressionInUnique },
    Defect(
      id: "A-45", slug: "replicas-restart-during-migration", component: "control plane: migrations",
      mechanism: "Replicas that start together run their statements side by side, and end when they collide.",
      origin: "P1_SCHEMA_001_VALIDATION_STATUS, never analysed", invariants: ["I-MIG-CONC", "I-CRASH"],
      cases: ["DBM-07"]
    ) {
      $0.controlPlane.migrations.runners = .many
      $0.controlPlane.migrations.atomicity = .statements
      $0.controlPlane.lifeCycle.failedMigration = .exits
    },
    Defect(
      id: "A-46", slug: "admin-without-password", component: "control plane: start",
      mechanism: "A start that is earlier than its secret leaves an administrator who cannot log in.",
      origin: "commit 6c22c96", invariants: [], cases: ["DBM-01"], evidence: .premise
    ) { $0.controlPlane.lifeCycle.adminPassword = .optional },
    Defect(
      id: "B-32", slug: "reconciler-per-replica-and-missing-columns", component: "control plane: reconciler, schema",
      mechanism: "Every replica reconciles, and its forced transitions name columns that a fresh install lacks.",
      origin: "still in head", invariants: ["I-CMD-ONCE", "I-SCHEMA"], cases: ["CHAOS-07", "DBM-01"],
      evidence: .premise
    ) {
      $0.controlPlane.sessions.reconciliation = .everyReplicaUnbounded
      $0.controlPlane.migrations.forgottenVersions = [7]
    },
    Defect(
      id: "B-80", slug: "runner-without-ledger-or-lock", component: "control plane: migrations",
      mechanism: "Statements are run at every start, each by itself, without record and without lock.",
      origin: "still in head [rec 21]", invariants: ["I-MIG-CONC", "I-MIG-ATOM"], cases: ["DBM-06", "DBM-07"]
    ) {
      $0.controlPlane.migrations.record = .nothing
      $0.controlPlane.migrations.runners = .many
      $0.controlPlane.migrations.atomicity = .statements
      $0.controlPlane.lifeCycle.failedMigration = .exits
    },
    Defect(
      id: "B-81", slug: "number-used-twice", component: "control plane: migrations",
      mechanism: "007 is the end of sessions on disk and the approval of agents in the runner.",
      origin: "still in head", invariants: ["I-SCHEMA"], cases: ["DBM-14"], evidence: .premise
    ) { $0.controlPlane.migrations.seven = .agentApproval },
    Defect(
      id: "B-82", slug: "sql-files-not-repeatable", component: "control plane: migrations",
      mechanism: "002 and 005 fail the second time, and 002 adds a key beside the one that is there.",
      origin: "still in head", invariants: ["I-MIG-IDEM", "I-SCHEMA", "I-MIG-DATA"], cases: ["DBM-04", "DBM-11"],
      evidence: .expectation
    ) { $0.controlPlane.migrations.guards = .asShipped },
    Defect(
      id: "B-84", slug: "backfill-at-every-start", component: "control plane: migrations",
      mechanism:
        "Old commands get the time of the migration, what was emptied on purpose is filled at every start, and the way "
        + "back takes a column that is older.",
      origin: "still in head", invariants: ["I-MIG-DATA"], cases: ["DBM-05", "DBM-09"]
    ) {
      $0.controlPlane.migrations.updateTimes = .migration
      $0.controlPlane.migrations.backFills = .everyStart
      $0.controlPlane.migrations.rollBacks = .asShipped
    },
    Defect(
      id: "C-14", slug: "read-from-lagging-replica-db", component: "control plane: database",
      mechanism: "Reads go to a standby that is a second behind.",
      origin: "plausible", invariants: ["I-FRESH", "I-QUOTA", "I-LINEAR"], cases: ["MU-06", "DBM-16"],
      evidence: .expectation
    ) { $0.controlPlane.database.reads = .standby },
    Defect(
      id: "C-29", slug: "migration-half-applied-accepted", component: "control plane: migrations",
      mechanism: "A statement that failed counts as done, and the start goes on.",
      origin: "plausible", invariants: ["I-MIG-ATOM", "I-SCHEMA"], cases: ["DBM-06"]
    ) { $0.controlPlane.migrations.failure = .isAccepted },
    Defect(
      id: "C-30", slug: "migration-blocks-writers", component: "control plane: migrations",
      mechanism: "All steps of a version are one transaction, which holds its locks over the back-fill.",
      origin: "plausible", invariants: ["I-CMD-LIVE"], cases: ["DBM-15"], evidence: .expectation
    ) { $0.controlPlane.migrations.transactions = .onePerVersion },
    Defect(
      id: "C-31", slug: "old-replica-new-schema", component: "control plane: migrations",
      mechanism: "A new column must be given by whoever inserts, and the older replicas do not know it.",
      origin: "plausible", invariants: ["I-ACCEPT", "I-MIG-DATA"], cases: ["DBM-08"], evidence: .premise
    ) { $0.controlPlane.migrations.newColumns = .required },
  ]
}
