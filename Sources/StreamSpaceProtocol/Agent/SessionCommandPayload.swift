/// What the control plane sends with `stop_session`, `hibernate_session` and `wake_session` (spec/01 §1.4).
package struct SessionCommandPayload: WireCodable, Hashable {
  package var sessionID: String?
  package var namespace: String?
  /// Only in the reconciler's stop, which sends no namespace.
  package var deletePVC: Bool?

  package init(sessionID: String, namespace: String? = "streamspace", deletePVC: Bool? = nil) {
    self.sessionID = sessionID
    self.namespace = namespace
    self.deletePVC = deletePVC
  }

  /// The stop the reconciler sends: `{sessionId, deletePVC:false}`.
  package static func reconcilerStop(sessionID: String) -> SessionCommandPayload {
    SessionCommandPayload(sessionID: sessionID, namespace: nil, deletePVC: false)
  }

  static let keys = ["deletePVC", "namespace", "sessionId"]

  package init(json: JSONValue) throws(WireError) {
    let reader = try JSONReader(json, "map[string]interface {}")
    sessionID = try reader.optionalText("sessionId")
    namespace = try reader.optionalText("namespace")
    deletePVC = try reader.optionalFlag("deletePVC")
  }

  package var json: JSONValue {
    var object = JSONObject(reserving: 3)
    object.addIfPresent("deletePVC", deletePVC)
    object.addIfPresent("namespace", namespace)
    object.addIfPresent("sessionId", sessionID)
    return .object(object)
  }
}
