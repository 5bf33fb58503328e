import Database
import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Messages between agents and the control plane: kept, repeated, made by the case itself (capability `frames`).
extension SimulatedCaseEnvironment {
  package func sendAsAgent(_ agent: String, _ frame: AgentFrame) async throws {
    guard let socket = try deployment.agentSocket(agent) else { throw EnvironmentError("\(agent) has no socket") }
    let wire = frame.onWire(at: simulation.now)
    socket.send(Frame(wire, byteCount: wire.byteCount))
  }

  package func sendToAgent(_ agent: String, text: [UInt8]) async throws {
    guard let socket = try deployment.holderSocket(agent) else { throw EnvironmentError("nobody holds \(agent)") }
    let frame = AgentSocketFrame.text(text)
    socket.send(Frame(frame, byteCount: frame.byteCount))
  }

  /// Sent from the holder's end of the agent's newest connection, as its dispatcher would send it.
  package func redeliver(command: String, to agent: String) async throws {
    let row = try await statements.run(EnvironmentStatements.command, [.text(command), .text(agent)]).rows.first
    guard let row else { throw EnvironmentError("\(agent) has no command \(command)") }
    guard let socket = try deployment.holderSocket(agent) else { throw EnvironmentError("nobody holds \(agent)") }
    let action = try row.text("action")
    let payload = try row.optionalText("payload").flatMap { try? JSONParser.parse(Array($0.utf8)) }
    let repeated = AgentCommand(
      commandID: command, actionName: action,
      payload: CommandPayload(action: AgentAction(rawValue: action), json: payload))
    let frame = AgentSocketFrame.fromServer(
      ServerEnvelope(at: Timestamp(trueTime: simulation.now), .command(repeated)))
    socket.send(Frame(frame, byteCount: frame.byteCount))
  }

  package func captureFrames(of agent: String) async throws { faults.capture.add(try deployment.agent(agent)) }

  package var capturedFrames: [CapturedFrame] { faults.capture.frames }
}
