import SimulationRuntime
import TestEnvironment

/// Viewers and desktops (capabilities `vnc`, `vnc-raw`).
extension SimulatedCaseEnvironment {
  package func viewers(of user: String) -> any ViewerClient { UserViewers(client(user), deployment) }

  package func desktop(of session: String, _ command: DesktopCommand) async throws {
    let desktops = deployment.viewers.desktops
    try await simulation.cases.perform { _ in try desktops.perform(command, on: session) }
  }
}
