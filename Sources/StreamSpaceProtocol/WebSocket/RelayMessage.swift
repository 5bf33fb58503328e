/// A text message of the relay between two replicas; RFB bytes go as binary messages (spec/00, Relay).
package enum RelayMessage: WireCodable, Hashable {
  /// The tunnel stands.
  case ready(vncPort: Int)
  /// The sender has passed that many bytes on.
  case credit(bytes: Int)
  /// The attachment ends.
  case close(code: WebSocketCloseCode, reason: String)

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    switch try reader.text("type") {
    case "ready": self = .ready(vncPort: try reader.integer("vncPort"))
    case "credit": self = .credit(bytes: try reader.integer("bytes"))
    case "close":
      guard let code = UInt16(exactly: try reader.integer("code")) else {
        throw .invalid(path: "code", reason: "not a close code")
      }
      self = .close(code: WebSocketCloseCode(rawValue: code), reason: try reader.text("reason", default: ""))
    case let type: throw .invalid(path: "type", reason: "unknown type '\(type)'")
    }
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    switch self {
    case .ready(let port):
      object.add("type", "ready")
      object.add("vncPort", port)
    case .credit(let bytes):
      object.add("type", "credit")
      object.add("bytes", bytes)
    case .close(let code, let reason):
      object.add("type", "close")
      object.add("code", Int(code.rawValue))
      object.add("reason", reason)
    }
    return .object(object)
  }

  package var estimatedByteCount: Int { 45 }

  /// Path of the relay on the owner (C22).
  package static func path(session: String) -> String { "/internal/v1/vnc/\(session)" }
}
