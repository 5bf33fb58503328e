/// Body of the batch routes, for example `POST /api/v1/batch/sessions/terminate` (spec/02 §5.15).
package struct BatchSessionsRequest: WireCodable, Hashable {
  package var sessionIDs: [String]

  package init(sessionIDs: [String]) { self.sessionIDs = sessionIDs }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "struct")
    guard let ids = try reader.optionalTexts("sessionIds") else { throw .missing(path: "sessionIds") }
    sessionIDs = ids
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 1)
    object.add("sessionIds", sessionIDs)
    return .object(object)
  }

  package var estimatedByteCount: Int { 20 + sessionIDs.count * 30 }
}

/// 200 of the batch routes under contract: an answer per item (C20).
package struct BatchAnswer: WireCodable, Hashable {
  package var total: Int
  package var succeeded: Int
  package var failed: Int
  package var errors: [ItemError]

  /// One item that failed.
  package struct ItemError: WireCodable, Hashable {
    package var id: String
    package var error: String

    package init(id: String, error: String) {
      self.id = id
      self.error = error
    }

    package init(json: JSONValue) throws(WireError) {
      let reader = try JSONReader(json)
      id = try reader.text("id")
      error = try reader.text("error")
    }

    package var json: JSONValue {
      var object = JSONObject(reserving: 2)
      object.add("id", id)
      object.add("error", error)
      return .object(object)
    }
  }

  package init(total: Int, errors: [ItemError]) {
    self.total = total
    self.errors = errors
    failed = errors.count
    succeeded = total - errors.count
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    total = try reader.integer("total")
    succeeded = try reader.integer("succeeded")
    failed = try reader.integer("failed")
    errors = try reader.list("errors")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 4)
    object.add("total", total)
    object.add("succeeded", succeeded)
    object.add("failed", failed)
    object.add("errors", errors)
    return .object(object)
  }

  package var estimatedByteCount: Int { 60 + errors.count * 90 }
}

/// 202 of the batch routes in the profile `shipped`.
package struct BatchJobAnswer: WireCodable, Hashable {
  /// `batchjob_` + nanoseconds.
  package var jobID: String
  package var message: String
  package var status: String

  package init(jobID: String, message: String) {
    self.jobID = jobID
    self.message = message
    status = "running"
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    jobID = try reader.text("jobId")
    message = try reader.text("message")
    status = try reader.text("status")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("jobId", jobID)
    object.add("message", message)
    object.add("status", status)
    return .object(object)
  }

  package var estimatedByteCount: Int { 110 }
}
