import SimulationRuntime
import StreamSpaceProtocol

/// Sends every typed frame through its bytes and back: what arrives must say the same, and the run must have the same
/// fingerprint (DESIGN §3). Frames of the cluster API and of SQL have no byte form here and travel as they are. Of long
/// streams a sample is enough: base64 and JSON of 32 KiB cost 200 µs (spec/06 §10.4).
final class WireCheck {
  /// What did not survive the way through bytes, first come first; at most ``kept``.
  private(set) var differences: [String] = []
  /// Frames that went through bytes.
  private(set) var checked = 0

  private static let kept = 5
  /// Frames of an agent beyond this size carry pieces of a stream.
  private static let largeFrame = 4_096
  /// Of those the first are all checked, then one in so many.
  private static let firstLarge = 64
  private static let sampleEvery = 32
  private var largeFrames = 0

  private static let checkedTypes: [any Payload.Type] = [
    Frame<RESPCommandPayload>.self, Frame<RESPReplyPayload>.self, Frame<HTTPRequest>.self, Frame<HTTPResponse>.self,
    Frame<AgentSocketFrame>.self, Frame<DockerRequest>.self, Frame<DockerResponse>.self, Frame<DockerEvent>.self,
  ]

  func install(in network: Network) { network.transcode = { [unowned self] in passThrough($0) } }

  private func passThrough(_ payload: any Payload) -> any Payload {
    // Half of what travels has no byte form: comparing types tells sooner than trying the casts one by one.
    guard Self.checkedTypes.contains(where: { $0 == type(of: payload) }) else { return payload }
    switch payload {
    case let frame as Frame<HTTPRequest>:
      var request = frame.value
      request.body = request.body.asBytes
      return again(frame, request)
    case let frame as Frame<HTTPResponse>:
      var response = frame.value
      response.body = response.body.asBytes
      return again(frame, response)
    case let frame as Frame<AgentSocketFrame>:
      return isChecked(frame.byteCount) ? again(frame, decoded(frame.value)) : payload
    case let frame as Frame<WebSocketFrame>: return again(frame, decoded(frame.value))
    case let frame as Frame<WebSocketMessage>: return again(frame, frame.value.asBytes)
    case let frame as Frame<DockerRequest>: return again(frame, throughBytes(frame.value))
    case let frame as Frame<DockerResponse>: return again(frame, throughBytes(frame.value))
    case let frame as Frame<DockerEvent>:
      return again(frame, compare(frame.value) { try DockerEvent(decoding: $0.encoded) })
    case let frame as Frame<RESPCommandPayload>:
      return again(frame, compare(frame.value) { try RESPCommandPayload.decode($0.encoded) })
    case let frame as Frame<RESPReplyPayload>:
      return again(frame, compare(frame.value) { try RESPReplyPayload.decode($0.encoded, version: $0.version) })
    default: return payload
    }
  }

  private func isChecked(_ byteCount: Int) -> Bool {
    guard byteCount > Self.largeFrame else { return true }
    largeFrames += 1
    return largeFrames <= Self.firstLarge || largeFrames % Self.sampleEvery == 0
  }

  /// The length stays that of the typed frame: it must not be the bytes that change a run.
  private func again<Value>(_ frame: Frame<Value>, _ value: Value) -> Frame<Value> {
    checked += 1
    return Frame(value, byteCount: frame.byteCount)
  }

  private func decoded(_ frame: AgentSocketFrame) -> AgentSocketFrame {
    switch frame {
    case .fromAgent(let envelope): .fromAgent(compare(envelope) { try AgentEnvelope.decode($0.encoded) })
    case .fromServer(let envelopes):
      .fromServer(envelopes.map { compare($0) { try ServerEnvelope.decode($0.encoded) } })
    case .text, .binary, .ping, .pong, .close: frame
    }
  }

  /// Frames of viewers and of the relay: what was a document arrives as its text, and the receiver reads that.
  private func decoded(_ frame: WebSocketFrame) -> WebSocketFrame {
    guard case .message(let message) = frame else { return frame }
    if case .documents(let documents) = message, documents.count == 1, let document = documents[0] as? RelayMessage {
      _ = compare(document) { try RelayMessage(decoding: $0.encoded) }
    }
    return .message(message.asBytes)
  }

  private func compare<Value: Equatable>(_ value: Value, _ copy: (Value) throws -> Value?) -> Value {
    do {
      guard let read = try copy(value) else {
        note("\(value) was not complete")
        return value
      }
      if read != value { note("\(value) became \(read)") }
      return read
    } catch {
      note("\(value) could not be read: \(error)")
      return value
    }
  }

  func note(_ text: String) {
    if differences.count < Self.kept { differences.append(String(text.prefix(400))) }
  }
}
