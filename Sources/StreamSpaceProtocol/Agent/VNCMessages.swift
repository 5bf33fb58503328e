/// Payload of `vnc_open`, to the agent: open a tunnel for a viewer's attachment (contract, C21).
package struct VNCOpen: WireCodable, Hashable {
  package var sessionID: String
  /// `att-` + 16 hexadecimal digits.
  package var attachmentID: String
  /// Bytes that may be under way without credit in each direction.
  package var window: Int

  /// The window of the contract: 256 KiB.
  package static let standardWindow = 262_144

  package init(sessionID: String, attachmentID: String, window: Int = VNCOpen.standardWindow) {
    self.sessionID = sessionID
    self.attachmentID = attachmentID
    self.window = window
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessionID = try reader.text("sessionId")
    attachmentID = try reader.text("attachmentId")
    window = try reader.integer("window")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessionId", sessionID)
    object.add("attachmentId", attachmentID)
    object.add("window", window)
    return .object(object)
  }
}

/// Payload of `vnc_ready`, to the control plane: the tunnel stands.
package struct VNCReady: WireCodable, Hashable {
  package var sessionID: String
  /// Absent between peers without the contract's frames.
  package var attachmentID: String?
  package var vncPort: Int
  package var podName: String?

  package init(sessionID: String, attachmentID: String? = nil, vncPort: Int, podName: String? = nil) {
    self.sessionID = sessionID
    self.attachmentID = attachmentID
    self.vncPort = vncPort
    self.podName = podName
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessionID = try reader.text("sessionId")
    attachmentID = try reader.optionalText("attachmentId")
    vncPort = try reader.integer("vncPort")
    podName = try reader.optionalText("podName")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("sessionId", sessionID)
    object.addIfPresent("attachmentId", attachmentID)
    object.add("vncPort", vncPort)
    object.addIfPresent("podName", podName)
    return .object(object)
  }
}

/// Payload of `vnc_data`, both ways.
package struct VNCData: WireCodable, Hashable {
  package var sessionID: String
  /// Absent between peers without the contract's frames.
  package var attachmentID: String?
  package var data: VNCChunk

  package init(sessionID: String, attachmentID: String? = nil, data: VNCChunk) {
    self.sessionID = sessionID
    self.attachmentID = attachmentID
    self.data = data
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessionID = try reader.text("sessionId")
    attachmentID = try reader.optionalText("attachmentId")
    data = VNCChunk(text: try reader.text("data", default: ""))
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessionId", sessionID)
    object.addIfPresent("attachmentId", attachmentID)
    object.add("data", data.text)
    return .object(object)
  }

  /// Exact for ids without characters that JSON escapes.
  package var estimatedByteCount: Int {
    let attachment = attachmentID.map { $0.utf8.count + 18 } ?? 0
    return 26 + sessionID.utf8.count + attachment + data.encodedCount
  }
}

/// Payload of `vnc_credit`, both ways: the sender has passed that many bytes on (contract).
package struct VNCCredit: WireCodable, Hashable {
  package var sessionID: String
  package var attachmentID: String
  /// Bytes passed on since the last credit.
  package var bytes: Int

  /// Credit is returned each time that many bytes were passed on (spec/00, Streaming, rule 3).
  package static let step = 65_536

  package init(sessionID: String, attachmentID: String, bytes: Int) {
    self.sessionID = sessionID
    self.attachmentID = attachmentID
    self.bytes = bytes
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessionID = try reader.text("sessionId")
    attachmentID = try reader.text("attachmentId")
    bytes = try reader.integer("bytes")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessionId", sessionID)
    object.add("attachmentId", attachmentID)
    object.add("bytes", bytes)
    return .object(object)
  }
}

/// Payload of `vnc_close`, both ways.
package struct VNCClose: WireCodable, Hashable {
  package var sessionID: String
  /// Absent between peers without the contract's frames.
  package var attachmentID: String?
  /// One of ``Reason`` under contract; any text is carried.
  package var reason: String

  package init(sessionID: String, attachmentID: String? = nil, reason: String) {
    self.sessionID = sessionID
    self.attachmentID = attachmentID
    self.reason = reason
  }

  package init(sessionID: String, attachmentID: String? = nil, reason: Reason) {
    self.init(sessionID: sessionID, attachmentID: attachmentID, reason: reason.rawValue)
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessionID = try reader.text("sessionId")
    attachmentID = try reader.optionalText("attachmentId")
    reason = try reader.text("reason", default: "")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessionId", sessionID)
    object.addIfPresent("attachmentId", attachmentID)
    object.add("reason", reason)
    return .object(object)
  }

  /// Why an attachment ends (spec/00, Streaming).
  package enum Reason: String, Sendable, Hashable, CaseIterable {
    /// The only reason the shipped control plane gives.
    case clientDisconnect = "client_disconnect"
    case takenOver = "taken_over"
    case sessionEnded = "session_ended"
    case viewerStalled = "viewer_stalled"
    case agentLost = "agent_lost"
    case replicaShutdown = "replica_shutdown"
    /// End of the desktop's stream, from the agent.
    case desktopClosed = "desktop_closed"
  }
}

/// Payload of `vnc_error`, to the control plane: ends this attachment only (contract); texts in spec/03 §7.
package struct VNCError: WireCodable, Hashable {
  package var sessionID: String
  /// Absent between peers without the contract's frames.
  package var attachmentID: String?
  package var error: String

  package init(sessionID: String, attachmentID: String? = nil, error: String) {
    self.sessionID = sessionID
    self.attachmentID = attachmentID
    self.error = error
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessionID = try reader.text("sessionId")
    attachmentID = try reader.optionalText("attachmentId")
    error = try reader.text("error", default: "")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessionId", sessionID)
    object.addIfPresent("attachmentId", attachmentID)
    object.add("error", error)
    return .object(object)
  }
}
