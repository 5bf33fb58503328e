import TestEnvironment

extension SimulatedCaseEnvironment {
  func viewers(of user: String) -> any ViewerClient { ViewersToCome(user: user) }

  func desktop(of session: String, _ command: DesktopCommand) async throws {
    throw EnvironmentError("viewers come with VNC streaming")
  }
}

private struct ViewersToCome: ViewerClient {
  let user: String

  func open(_ request: ViewerRequest, at replica: String?) async throws -> any Viewer {
    throw EnvironmentError("viewers come with VNC streaming")
  }
}
