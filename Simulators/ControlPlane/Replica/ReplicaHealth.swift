import StreamSpaceProtocol

/// Whether a replica may get requests, and why not (C8).
package struct ReplicaHealth: Sendable, Equatable {
  package enum State: Sendable, Equatable {
    /// Not yet: the reason names what is missing.
    case starting(reason: String)
    case ready
    /// SIGTERM came.
    case draining
  }

  package var state = State.starting(reason: "starting")

  package var isReady: Bool { state == .ready }

  /// The answer of `GET /health` (spec/00, Answers).
  func answer(_ policy: LifeCyclePolicies.Health) -> HTTPResponse {
    if policy == .alwaysHealthy { return HTTPResponse(.ok, Body(status: "healthy", reason: nil)) }
    switch state {
    case .ready: return HTTPResponse(.ok, Body(status: "healthy", reason: nil))
    case .starting(let reason): return HTTPResponse(.serviceUnavailable, Body(status: "starting", reason: reason))
    case .draining:
      return HTTPResponse(.serviceUnavailable, Body(status: "draining", reason: "shutting down"))
    }
  }

  private struct Body: WireEncodable {
    let status: String
    let reason: String?

    var json: JSONValue {
      var object = JSONObject(reserving: 3)
      object.addIfPresent("reason", reason)
      object.add("service", "streamspace-api")
      object.add("status", status)
      return .object(object)
    }
  }
}
