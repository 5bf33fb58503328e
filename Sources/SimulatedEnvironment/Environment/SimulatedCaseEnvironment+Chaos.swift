import SimulationRuntime
import TestEnvironment

/// What combined failures need beside the rest (scenario 5).
extension SimulatedCaseEnvironment {
  package func effect(of fault: FaultHandle) async throws -> Int { faults.touched(by: fault) }

  package func zombies() async throws -> [String] {
    (deployment.replicas + deployment.agents.flatMap(\.processes)).filter {
      $0.current != nil && !deployment.isUseful($0)
    }
    .map(\.name)
  }

  package func keepObservations(for span: Duration?) { deployment.recorder.retention = span }
}
