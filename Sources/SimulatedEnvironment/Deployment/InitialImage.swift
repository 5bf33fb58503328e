import ControlPlane
import Database
import SchemaMigrations
import StreamSpaceProtocol
import TestEnvironment

/// The image of the database that a topology starts from, and what its replicas do to it.
enum InitialImage {
  static func make(_ contents: InitialDatabase) throws -> DatabaseImage {
    switch contents {
    case .ready: try FixtureRows.image.get()
    default: throw EnvironmentError("there is no image of \(contents)")
    }
  }

  /// What a replica does at its start whose binary knows the schema up to `binary`, nil for the newest.
  static func plan(_ behaviour: MigrationBehaviour, binary: Int?) -> SchemaUpgradePlan? { nil }
}
