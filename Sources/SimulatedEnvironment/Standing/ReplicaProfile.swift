import ControlPlane
import SimulationRuntime
import StreamSpaceProtocol

extension Profile {
  /// How the control plane behaves under this profile, for a replica that has a process of its own.
  package var controlPlane: ControlPlaneBehaviour { behaviours.controlPlane }

  /// What such a replica does about the schema that it finds in a real database.
  package var schemaUpgrade: SchemaUpgradePlan? {
    InitialImage.plan(behaviours.controlPlane.migrations, on: .empty, binary: nil)
  }
}
