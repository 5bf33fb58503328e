import ControlPlane
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// What the control plane of a profile asks of its database: what the database half of a case works with.
struct DatabaseDemands {
  let migrations: MigrationBehaviour
  let statements: [ListedStatement]
  let readPaths: [ReadPath]
  let catalogueSync: CatalogueSync

  init(_ behaviours: Behaviours) {
    migrations = behaviours.controlPlane.migrations
    statements = ControlPlaneStatements.all(for: behaviours.controlPlane)
    readPaths = ControlPlaneReadPaths.all(for: behaviours.controlPlane)
    catalogueSync = CatalogueSync(behaviours.controlPlane.sessions.schema.catalogueSync)
  }
}
