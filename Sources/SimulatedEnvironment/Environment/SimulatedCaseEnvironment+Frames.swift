import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Messages between agents and the control plane: kept, repeated, made by the case itself (capability `frames`).
extension SimulatedCaseEnvironment {
  func redeliver(command: String, to agent: String) async throws {
    throw EnvironmentError("the repeat of a command is not part of this environment")
  }

  func agentClient(_ name: String) -> any AgentClient { AbsentAgentClient() }

  func captureFrames(of agent: String) async throws {
    throw EnvironmentError("the capture of frames is not part of this environment")
  }

  var capturedFrames: [CapturedFrame] { [] }
}

/// Stands where a scripted agent will be.
private struct AbsentAgentClient: AgentClient {
  private var absent: EnvironmentError { EnvironmentError("a scripted agent is not part of this environment") }

  func register(as identity: AgentIdentity, at replica: String?) async throws -> AgentAnswer { throw absent }
  func connect(as identity: AgentIdentity, at replica: String?) async throws -> AgentAnswer { throw absent }
  func send(_ frame: AgentFrame) async throws { throw absent }
  func received() async throws -> [String] { throw absent }
  func isConnected() async throws -> Bool { throw absent }
  func close() async throws { throw absent }
}
