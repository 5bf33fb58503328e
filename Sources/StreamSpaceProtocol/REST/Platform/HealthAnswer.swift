/// Answer of `GET /health`: 200 `healthy`, or under contract 503 with the reason (C8).
package struct HealthAnswer: WireCodable, Hashable {
  package var service: String
  /// `healthy`, `starting` or `draining`.
  package var status: String
  /// Only in the 503 of the contract.
  package var reason: String?

  private init(status: String, reason: String?) {
    service = "streamspace-api"
    self.status = status
    self.reason = reason
  }

  /// The 200.
  package static let healthy = HealthAnswer(status: "healthy", reason: nil)

  /// The 503 before a replica is ready.
  package static func starting(reason: String) -> HealthAnswer { HealthAnswer(status: "starting", reason: reason) }

  /// The 503 while a replica shuts down.
  package static func draining(reason: String) -> HealthAnswer { HealthAnswer(status: "draining", reason: reason) }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    service = try reader.text("service")
    status = try reader.text("status")
    reason = try reader.optionalText("reason")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.addIfPresent("reason", reason)
    object.add("service", service)
    object.add("status", status)
    return .object(object)
  }

  package var estimatedByteCount: Int { 51 + (reason.map { $0.utf8.count + 12 } ?? 0) }
}

/// 200 of `GET /version` [rec 01].
package struct VersionAnswer: WireCodable, Hashable {
  package var api: String
  package var phase: String
  package var version: String

  package static let current = VersionAnswer()

  private init() {
    api = "v1"
    phase = "2.2"
    version = "v0.1.0"
  }

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json)
    api = try reader.text("api")
    phase = try reader.text("phase")
    version = try reader.text("version")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.add("api", api)
    object.add("phase", phase)
    object.add("version", version)
    return .object(object)
  }

  package var estimatedByteCount: Int { 46 }
}
