/// 200 of `GET /api/v1/vnc/:sessionId` for a session that is no RFB tunnel: where to find it (spec/02 §5.7).
package struct HTTPSessionAnswer: WireCodable, Hashable {
  package var message: String
  package var path: String
  package var port: Int
  package var streamingProtocol: String
  package var sessionID: String
  package var url: String

  package init(sessionID: String, streaming: StreamingProtocol, url: String) {
    message = "Access this session via the provided URL"
    path = streaming.path
    port = streaming.port
    streamingProtocol = streaming.name
    self.sessionID = sessionID
    self.url = url
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    guard try reader.text("type") == "http_session" else {
      throw .invalid(path: "type", reason: "not an http_session")
    }
    message = try reader.text("message")
    path = try reader.text("path")
    port = try reader.integer("port")
    streamingProtocol = try reader.text("protocol")
    sessionID = try reader.text("session_id")
    url = try reader.text("url")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 7)
    object.add("message", message)
    object.add("path", path)
    object.add("port", port)
    object.add("protocol", streamingProtocol)
    object.add("session_id", sessionID)
    object.add("type", "http_session")
    object.add("url", url)
    return .object(object)
  }

  package var estimatedByteCount: Int { 240 }
}

/// 202 of the same route while such a session has no url yet.
package struct HTTPSessionPendingAnswer: WireCodable, Hashable {
  package var message: String
  package var streamingProtocol: String
  package var sessionID: String
  /// Seconds.
  package var retryAfter: Int

  package init(sessionID: String, streamingProtocol: String, message: String) {
    self.message = message
    self.streamingProtocol = streamingProtocol
    self.sessionID = sessionID
    retryAfter = 5
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    message = try reader.text("message")
    streamingProtocol = try reader.text("protocol")
    sessionID = try reader.text("session_id")
    retryAfter = try reader.integer("retry_after")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 5)
    object.add("error", "Session URL not yet available")
    object.add("message", message)
    object.add("protocol", streamingProtocol)
    object.add("retry_after", retryAfter)
    object.add("session_id", sessionID)
    return .object(object)
  }

  package var estimatedByteCount: Int { 190 }
}
