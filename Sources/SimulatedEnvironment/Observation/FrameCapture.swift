import SimulationRuntime
import StreamSpaceProtocol
import TestEnvironment

/// Keeps the messages and control frames between some agents and the control plane (capability `frames`).
final class FrameCapture {
  /// Oldest first.
  private(set) var frames: [CapturedFrame] = []
  private var agents: [DeployedAgent] = []
  /// Told when there is something to keep.
  var onBegin: (() -> Void)?

  var isActive: Bool { !agents.isEmpty }

  /// Keeps the messages of an agent from now on.
  func add(_ agent: DeployedAgent) {
    if !agents.contains(where: { $0.id == agent.id }) { agents.append(agent) }
    onBegin?()
  }

  /// A payload is put on a socket.
  func see(_ socket: Socket, _ payload: any Payload, at time: Instant) {
    guard !agents.isEmpty, let frame = (payload as? Frame<AgentSocketFrame>)?.value else { return }
    let sender = socket.owner.host.name
    guard let agent = agents.first(where: { $0.instances.contains(sender) || $0.instances.contains(socket.remoteHost) })
    else { return }
    let isFromAgent = agent.instances.contains(sender)
    func keep(_ type: String, _ document: JSONValue?, _ text: String) {
      let payload = document?["payload"]
      frames.append(
        CapturedFrame(
          time: Duration(time), agent: agent.id, isFromAgent: isFromAgent, type: type,
          command: payload?["commandId"]?.text,
          session: payload?["sessionId"]?.text ?? payload?["payload"]?["sessionId"]?.text, text: text))
    }
    switch frame {
    case .fromAgent(let envelope):
      let document = envelope.json
      keep(envelope.message.type, document, JSONWriter.text(of: document))
    case .fromServer(let envelopes):
      for envelope in envelopes {
        let document = envelope.json
        keep(envelope.message.type, document, JSONWriter.text(of: document))
      }
    case .text(let bytes):
      let document = try? JSONParser.parse(bytes)
      keep(document?["type"]?.text ?? "text", document, String(decoding: bytes, as: UTF8.self))
    case .binary(let bytes): keep("binary", nil, String(decoding: bytes, as: UTF8.self))
    case .ping: keep("ping", nil, "")
    case .pong: keep("pong", nil, "")
    case .close(_, let reason): keep("close", nil, reason)
    }
  }
}
