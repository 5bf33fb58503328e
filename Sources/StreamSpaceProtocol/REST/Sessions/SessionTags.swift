/// Body of `PATCH /api/v1/sessions/:id/tags` (spec/02 §5.5); an empty list passes.
package struct UpdateTagsRequest: WireCodable, Hashable {
  package var tags: [String]

  package init(tags: [String]) { self.tags = tags }

  package init(json: JSONValue) throws(WireError) {
    guard let tags = try JSONReader(json, "struct").optionalTexts("tags") else { throw .missing(path: "tags") }
    self.tags = tags
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 1)
    object.add("tags", tags)
    return .object(object)
  }

  package var estimatedByteCount: Int { 12 + tags.count * 10 }
}

/// 200 of `GET /api/v1/sessions/by-tags`.
package struct SessionsByTagsAnswer: WireCodable, Hashable {
  package var sessions: [RawSession]
  /// The tags that were asked for.
  package var tags: [String]

  package init(sessions: [RawSession], tags: [String]) {
    self.sessions = sessions
    self.tags = tags
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    sessions = try reader.optionalList("sessions") ?? []
    tags = try reader.optionalTexts("tags") ?? []
  }

  /// `sessions` is null when nothing matches.
  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessions", sessions.isEmpty ? .null : sessions.json)
    object.add("tags", tags)
    object.add("total", sessions.count)
    return .object(object)
  }

  package var estimatedByteCount: Int { 50 + sessions.count * 720 }
}

/// Body of `POST /api/v1/batch/sessions/update-tags` (spec/02 §5.15).
package struct BatchTagsRequest: WireCodable, Hashable {
  /// What happens to the tags of each session.
  package enum Operation: String, Sendable, Hashable, CaseIterable, JSONConvertible {
    case add
    case remove
    case replace
  }

  package var sessionIDs: [String]
  package var tags: [String]
  package var operation: Operation

  package init(sessionIDs: [String], tags: [String], operation: Operation = .replace) {
    self.sessionIDs = sessionIDs
    self.tags = tags
    self.operation = operation
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "struct")
    guard let ids = try reader.optionalTexts("sessionIds") else { throw .missing(path: "sessionIds") }
    guard let tags = try reader.optionalTexts("tags") else { throw .missing(path: "tags") }
    sessionIDs = ids
    self.tags = tags
    let text = try reader.text("operation", default: Operation.replace.rawValue)
    guard let operation = Operation(rawValue: text) else {
      throw .invalid(path: "operation", reason: "unknown operation '\(text)'")
    }
    self.operation = operation
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("sessionIds", sessionIDs)
    object.add("tags", tags)
    object.add("operation", operation)
    return .object(object)
  }

  package var estimatedByteCount: Int { 60 + sessionIDs.count * 30 + tags.count * 10 }
}
