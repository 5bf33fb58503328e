import SchemaMigrations
import TestEnvironment

/// What the control plane of a profile asks of its database: what the database half of a case works with.
struct DatabaseDemands {
  var migrations = MigrationBehaviour()
  var statements: [ListedStatement] = []
  var readPaths: [ReadPath] = []

  init(_ behaviours: Behaviours) {}
}
